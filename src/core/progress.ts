import type { Change, Plan } from './change.ts';
import type { Kind } from './objects/address.ts';
import type { Outcome } from './outcome.ts';

/** An event that a run reports while it continues, for a terminal or a log. `kinds` are still being read. */
export type ProgressEvent =
  | { readonly type: 'reading'; readonly kinds: readonly Kind[]; readonly all: number }
  /** Work that takes a while, `visiting hosts: 12 of 617`; without words: it is done. */
  | { readonly type: 'working'; readonly words?: string }
  | { readonly type: 'planned'; readonly plan: Plan }
  | { readonly type: 'started'; readonly change: Change }
  | { readonly type: 'finished'; readonly change: Change; readonly outcome: Outcome };
