import { secondsOf } from '../../config/model/duration.ts';

/** Seconds of `session`: 0 for `immediate`, which Cloudflare calls "No duration, expires immediately". */
export function sessionSeconds(session: string): number {
  return session === 'immediate' ? 0 : secondsOf(session);
}
