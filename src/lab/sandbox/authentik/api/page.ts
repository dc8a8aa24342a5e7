/** An answer of Authentik or an outpost to a browser or an OAuth2 client. */
export interface AuthentikPage {
  status: number;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  body: string;
}

const SERVED = { 'x-powered-by': 'authentik' } as const;

/** An HTML page of the core, which names itself (facts §4). */
export function htmlPage(status: number, title: string, text: string): AuthentikPage {
  return {
    status,
    headers: { ...SERVED, 'content-type': 'text/html; charset=utf-8' },
    body: `<!DOCTYPE html><html><head><title>${escaped(title)} - authentik</title></head><body>${text}</body></html>\n`,
  };
}

export function jsonPage(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): AuthentikPage {
  return {
    status,
    headers: { ...SERVED, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}

/** A redirect, always with 302, whatever the method (facts §4). */
export function redirect(location: string, headers: Readonly<Record<string, string>> = {}): AuthentikPage {
  return { status: 302, headers: { location, 'cache-control': 'no-store', ...headers }, body: '' };
}

export const notFoundPage: AuthentikPage = htmlPage(404, 'Not Found', 'Not Found');

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
