import { RejectedError } from '../core/errors.ts';

/** True if Cloudflare refuses because the plan of the zone does not include it. */
export function isUnentitled(error: unknown): boolean {
  return error instanceof RejectedError && error.facts.code === '10403';
}

/** True if Cloudflare refuses because the token lacks the permission (code 9109 or 10000). */
export function isUnpermitted(error: unknown): boolean {
  if (!(error instanceof RejectedError) || error.facts.status !== 403) return false;
  return error.facts.code === '10000' || error.facts.code === '9109';
}
