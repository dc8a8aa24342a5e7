import type { DynamicConfiguration } from '../../src/report/outputs/outputs-traefik.ts';

type Headers = Readonly<Record<string, string>>;

export interface Incoming {
  readonly method: string;
  readonly host: string;
  readonly uri: string;
  /** The headers under canonical names. */
  readonly headers: Headers;
}

/** The headers that an entry point removes from untrusted clients. */
const managed = new Set([
  'X-Forwarded-Proto',
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'X-Forwarded-Port',
  'X-Forwarded-Server',
  'X-Forwarded-Uri',
  'X-Forwarded-Method',
  'X-Forwarded-Prefix',
  'X-Real-Ip',
]);

/**
 * Models what Traefik does with a request over plain HTTP, as in its source at v3.7.9
 * (pkg/middlewares/forwardedheaders, headers and auth): the entry point, one middleware or chain, and forward auth that
 * gets 200 without headers. `asks`: the request to the outpost. `arrives`: the request to the application.
 */
export function passThrough(
  { method, host, uri, headers }: Incoming,
  { http }: DynamicConfiguration,
  middleware: string,
  trusted: boolean,
): { readonly asks: { readonly headers: Headers }; readonly arrives: { readonly headers: Headers } } {
  let now: Record<string, string> = Object.fromEntries(
    Object.entries(headers).filter(([name]) => trusted || !managed.has(name)),
  );
  now = { 'X-Forwarded-Proto': 'http', 'X-Forwarded-Port': '80', 'X-Forwarded-Host': host, ...now };
  let asks: Headers = {};
  const run = (name: string): void => {
    const found = http.middlewares[name];
    if (found === undefined) throw new Error(`there is no middleware ${name}`);
    if ('chain' in found) found.chain.middlewares.forEach(run);
    if ('headers' in found) {
      for (const [header, value] of Object.entries(found.headers.customRequestHeaders)) {
        if (value === '') delete now[canonical(header)];
        else now[canonical(header)] = value;
      }
    }
    if ('forwardAuth' in found) {
      const { trustForwardHeader, authResponseHeaders } = found.forwardAuth;
      const kept = Object.entries(now).filter(([header]) => trustForwardHeader || !managed.has(header));
      asks = {
        'X-Forwarded-Method': method,
        'X-Forwarded-Proto': 'http',
        'X-Forwarded-Host': host,
        'X-Forwarded-Uri': uri,
        ...Object.fromEntries(kept),
      };
      for (const header of authResponseHeaders) delete now[canonical(header)];
    }
  };
  run(middleware);
  return { asks: { headers: asks }, arrives: { headers: now } };
}

/** The name of a header in Go's form. */
function canonical(name: string): string {
  return name.toLowerCase().replaceAll(/(?:^|-)[a-z]/g, (letter) => letter.toUpperCase());
}
