const SERVER_ERROR = '<!DOCTYPE html><html><head><title>Server Error - authentik</title></head></html>';

/** What Authentik answers to a call that its code threw in. */
export interface CrashReply {
  status: 405 | 500;
  /** HTML, or nothing. */
  body: string;
  headers: Record<string, string>;
}

/** A handler that threw: part of the answers of a real server, not a mistake of the sandbox. */
export class Crash extends Error {}

/** Authentik's error page is a view that answers GET and HEAD alone, so a write that crashed is told 405, without a body. */
export function crashReply(method: string): CrashReply {
  const type = { 'content-type': 'text/html; charset=utf-8' };
  if (method === 'GET' || method === 'HEAD') return { status: 500, body: SERVER_ERROR, headers: type };
  return { status: 405, body: '', headers: { ...type, allow: 'GET, HEAD, OPTIONS' } };
}
