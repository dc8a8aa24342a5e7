import { isBrowser } from './browser.ts';
import { type Answer, answer, headerValues, type Visit } from './visit.ts';

const TITLES = {
  1006: 'Access denied: your IP address has been banned',
  1009: 'Access denied: country or region banned',
  1010: 'The owner of this website has banned your access based on your browser signature',
  1020: 'Access denied',
  1050: "This resource is blocked by this account's Default-Deny policy",
} as const;

/** A code of Cloudflare's own 1xxx errors. */
export type ErrorCode = keyof typeof TITLES;

/** True if a client gets HTML: a browser, or any client that accepts it by name. */
export function wantsPage(visit: Visit): boolean {
  return isBrowser(visit) || headerValues(visit, 'accept').some((accept) => accept.includes('text/html'));
}

/** A page for a client that wants HTML, else one line: both show the client who refuses. */
export function errorPage(visit: Visit, code: ErrorCode, reason: string): Answer {
  const headers = { 'x-sandbox-error': reason, 'cache-control': 'private, no-store' };
  if (!wantsPage(visit)) {
    return answer('edge', 403, `error code: ${code}`, {
      ...headers,
      'content-type': 'text/plain; charset=UTF-8',
    });
  }
  const page = `<!DOCTYPE html><html><head><title>Access denied | Cloudflare</title></head><body><h1>Error ${code}</h1><p>${TITLES[code]}</p></body></html>\n`;
  return answer('edge', 403, page, { ...headers, 'content-type': 'text/html; charset=UTF-8' });
}
