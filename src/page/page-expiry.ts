import type { Status } from '../report/status/status.ts';
import { isSoon } from '../report/status/status-attention.ts';
import { type Moment, momentAt } from './moment.ts';

/** A secret of ours that expires, or that gates replaces by itself. */
export interface PageExpiry {
  /** `ci` */
  readonly name: string;
  /** `ends`: it stops working · `rotates`: gates makes a new secret then. */
  readonly what: 'ends' | 'rotates';
  readonly when: Moment;
  /** It has ended, or ends soon. */
  readonly isSoon: boolean;
}

/** Sorted, the first to end on top. */
export function expiries({ expiring = [], rotations = [] }: Status, now: Date): readonly PageExpiry[] {
  return [
    ...expiring.map((token) => ({ ...token, what: 'ends' as const, isSoon: isSoon(token, now) })),
    ...rotations.map((token) => ({ ...token, what: 'rotates' as const, isSoon: false })),
  ]
    .sort((left, right) => Date.parse(left.at) - Date.parse(right.at))
    .map(({ name, at, what, isSoon: soon }) => ({ name, what, when: momentAt(at, now), isSoon: soon }));
}
