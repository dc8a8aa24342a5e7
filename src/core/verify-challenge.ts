/** A request as the proxy says that it was made. */
export interface AskedFor {
  /** `GET` */
  readonly method: string;
  /** Path and query, as sent. */
  readonly uri: string;
}

/**
 * `WWW-Authenticate` of a request that `/verify` refuses: for which host it was asked, and what it took the request for.
 * By this the probe knows who refused, and whether it can be told of another request than the one that was made.
 */
export function verifyChallenge(host: string, asked: AskedFor): string {
  return `Gates realm="verify", host="${host}", asked="${inOneLine(asked)}"`;
}

/** The method and path, in characters that fit between quotes in a header; at most 400 of the path. */
function inOneLine({ method, uri }: AskedFor): string {
  const path = (uri.split(/[?#]/, 1)[0] ?? '').slice(0, 400);
  const plain = [...path].filter((character) => /[\x21\x23-\x5b\x5d-\x7e]/.test(character)).join('');
  return `${/^[A-Z]{1,20}$/.test(method) ? method : '?'} ${plain}`;
}
