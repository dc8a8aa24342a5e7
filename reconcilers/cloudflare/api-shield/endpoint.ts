/**
 * An endpoint in Cloudflare's form: each `{name}` numbered by position, and the path as the edge reads a URL (RFC 3986:
 * no needless escapes, others in capitals; no dot segments, no double slashes).
 */
export function normalEndpoint(endpoint: string): string {
  let count = 0;
  const path = endpoint.replaceAll('\\', '/').replace(/\/{2,}/g, '/');
  const escapes = path.replace(/%([0-9a-f]{2})/gi, (written, digits: string) => {
    const letter = String.fromCharCode(Number.parseInt(digits, 16));
    return /[A-Za-z0-9._~-]/.test(letter) ? letter : written.toUpperCase();
  });
  const kept: string[] = [];
  const segments = escapes.split('/').slice(1);
  for (const [index, segment] of segments.entries()) {
    if (segment === '..') kept.pop();
    if (segment !== '.' && segment !== '..') kept.push(segment);
    else if (index === segments.length - 1) kept.push('');
  }
  return `/${kept.join('/')}`.replace(/\{[^{}]*\}/g, () => {
    count += 1;
    return `{var${count}}`;
  });
}

/** `GET api.example.dev /v1/items/{var1}`, which is unique in a zone. */
export function operationKey(operation: {
  readonly method: string;
  readonly host: string;
  readonly endpoint: string;
}): string {
  const { method, host, endpoint } = operation;
  return `${method} ${host} ${endpoint}`;
}
