/** Topic of the notes about quotas that refused an object; a note is named after the quota. */
export const fullQuotaTopic = 'full-quotas';

/** A quota that refused an object, as the state folder remembers it. */
export interface FullQuota {
  /** Objects that counted against it then, whoever made them. */
  readonly count: number;
  /** RFC 3339; when it refused. */
  readonly at: string;
}

/** Milliseconds after which gates tries again although nothing was removed: no API reports that a limit was raised. */
const patience = 86_400_000;

/** True if trying again would be the same refused write. `count`: objects that count against the quota now. */
export function isStillFull({ count: before, at }: FullQuota, count: number, now: Date): boolean {
  return count >= before && now.getTime() - Date.parse(at) < patience;
}

/** The text that people read about an object that waits. */
export function waitsForQuota(quota: string, { count, at }: FullQuota): string {
  return `waits for the quota of ${quota}: ${count} exist, and at ${at} the API refused another. gates tries again as soon as there are fewer, and once a day; remove what nobody needs, or have the limit raised`;
}
