import type { Turn } from '../lease/lease-turn.ts';
import type { RunReport } from './run-report.ts';
import type { AccountName } from './verdicts.ts';

export interface RunRequest {
  /** The bytes of gates.yaml, packed with the files that it includes. */
  readonly text: Uint8Array;
  /** The account of the file; undefined if it has one without a name. */
  readonly account?: AccountName;
  readonly revision: string;
  /** False: stop after the plan, or, if the run watches, after the checks. */
  readonly apply: boolean;
  /** True: check every gate, even if nothing changes. */
  readonly watch: boolean;
  /** The limits that the commit lifts. */
  readonly allow: readonly ('prune' | 'change')[];
  /** Its signal is aborted: finish the current step and return. Every write confirms the turn first. */
  readonly turn: Turn;
  readonly onProgress: (progress: { readonly done: number; readonly total: number }) => void;
}

/** One reconcile of one revision, carried out by the layers below. */
export type Reconcile = (request: RunRequest) => Promise<RunReport>;
