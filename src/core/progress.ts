import type { Change, Plan } from './change.ts';
import type { Outcome } from './outcome.ts';

/** What a pass tells while it goes on, for a terminal or a log. */
export type ProgressEvent =
  | { readonly type: 'planned'; readonly plan: Plan }
  | { readonly type: 'started'; readonly change: Change }
  | { readonly type: 'finished'; readonly change: Change; readonly outcome: Outcome };
