import type { NeedReason } from '../../core/change.ts';

/** A change, one that has to be done before it, and why. */
export type NeedEdge = readonly [later: string, earlier: string, reason: NeedReason];

/** True if a change for many hosts need not wait for an earlier step at one of them, because that step waits for a refused one. */
export type IsApart = (later: string, earlier: string, host: string) => boolean;
