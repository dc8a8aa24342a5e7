import type { NeedReason } from '../../core/change.ts';

/** A change, one that has to be done before it, and why. */
export type NeedEdge = readonly [later: string, earlier: string, reason: NeedReason];
