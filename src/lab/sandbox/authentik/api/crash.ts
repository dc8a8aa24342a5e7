const SERVER_ERROR = '<!DOCTYPE html><html><head><title>Server Error - authentik</title></head></html>';

/** Authentik's answer to a call in which its code threw. */
export interface CrashReply {
  status: 405 | 500;
  /** HTML, or empty. */
  body: string;
  headers: Record<string, string>;
}

/** An error of a handler, as real servers have them; not a mistake of the sandbox. */
export class Crash extends Error {}

/** A crash's answer. Authentik's error page accepts only GET and HEAD, so a write gets 405 without a body. */
export function crashReply(method: string): CrashReply {
  const type = { 'content-type': 'text/html; charset=utf-8' };
  if (method === 'GET' || method === 'HEAD') return { status: 500, body: SERVER_ERROR, headers: type };
  return { status: 405, body: '', headers: { ...type, allow: 'GET, HEAD, OPTIONS' } };
}
