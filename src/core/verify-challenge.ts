/** A request, as the proxy reports it. */
export interface AskedFor {
  /** `GET` */
  readonly method: string;
  /** Path and query, as sent. */
  readonly uri: string;
}

/**
 * The `WWW-Authenticate` header when `/verify` refuses a request: the host and the request that it was asked about. It
 * tells the probe who refused, and whether a visitor can make the proxy report another request than the real one.
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
