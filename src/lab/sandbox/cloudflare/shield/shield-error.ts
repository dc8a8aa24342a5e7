import { CloudflareApiError } from '../api/reply.ts';

/** API Shield's answer to an invalid body. */
export function invalidShieldRequest(text: string): CloudflareApiError {
  return new CloudflareApiError(400, { code: 10400, message: `Invalid request: ${text}` });
}

export function noSuchShieldObject(what: string): CloudflareApiError {
  return new CloudflareApiError(404, { code: 10404, message: `${what} not found` });
}

/** The paging of API Shield's lists (facts §1). */
export const SHIELD_PAGES = { perPage: 20, max: 50, min: 5, totalPages: true } as const;
