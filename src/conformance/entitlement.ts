import { RejectedError } from '../core/errors.ts';

/** Whether Cloudflare refuses because the plan of the zone does not include it. */
export function isUnentitled(error: unknown): boolean {
  return error instanceof RejectedError && error.facts.code === '10403';
}
