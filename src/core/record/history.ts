import type { Verb } from '../change.ts';
import type { OutsideChange } from './change-log.ts';

/**
 * One run, as the history keeps it: its triggers, its revision and its results. Values of fields and secrets are left
 * out. Times are RFC 3339.
 */
export interface HistoryRun {
  readonly id: string;
  /** `gates run`, `gates apply`, `gates adopt` */
  readonly command: string;
  /** The account that the run was about, if the file has several. */
  readonly account?: string;
  /** `schedule`, `push 1a2b3c4d`; the command itself if a person gave one. */
  readonly triggers: readonly string[];
  /** The revision of the run. */
  readonly revision?: string;
  /** The person who gave the command, `ada on vm`; absent for a run of the daemon. */
  readonly by?: string;
  /** The limits that a person lifted, in a run that did the work that they guard. */
  readonly allowed?: AllowedLimits;
  /** Present if a person held the revision in place of the head of the branch. */
  readonly held?: { readonly head: string; readonly by: string; readonly since: string };
  /** Present if a person had paused gates: the run changed nothing, or was ended. */
  readonly paused?: { readonly reason?: string; readonly by?: string; readonly since?: string };
  /** The newest revision, if it had mistakes and nothing of it was done. */
  readonly rejected?: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly milliseconds: number;
  /** As in the status. */
  readonly result: 'done' | 'incomplete' | 'reported' | 'stopped' | 'error';
  readonly error?: string;
  /** Changes of the plan, by verb, also those that `changes` leaves out. */
  readonly counts: Readonly<Partial<Record<Verb, number>>>;
  /** In the order of the plan, without kept objects, good checks, and changes that wait for `unread`. */
  readonly changes: readonly HistoryChange[];
  /** Kinds that could not be read. */
  readonly unread: readonly { readonly kind: string; readonly reason: string }[];
  readonly warnings: readonly string[];
  /** Requests to the APIs; absent if the run ended before they were counted. */
  readonly calls?: CallCounts;
  /** The number of further changes and warnings, beyond those that one entry holds. */
  readonly omitted?: number;
}

export interface HistoryChange {
  readonly verb: Verb;
  /** `cloudflare/dns-record:grafana.example.dev` */
  readonly what: string;
  /** The entry of the file that asks for it, `services.grafana`. */
  readonly because?: string;
  /** Names of the fields that differed. */
  readonly fields?: readonly string[];
  /** The people and programs that changed it outside gates; absent if nobody did, or if gates could not say. */
  readonly outside?: OutsideChange;
  /** `planned`: it was not tried. */
  readonly outcome: 'done' | 'failed' | 'skipped' | 'refused' | 'planned';
  readonly reason?: string;
}

export interface AllowedLimits {
  /** `window`: a revision was applied outside of the windows. */
  readonly limits: readonly ('prune' | 'change' | 'window')[];
  readonly by: string;
  /** The place where they said so: a commit and its subject, or the command. */
  readonly why: string;
}

/** Requests by system; every method but GET and HEAD is a write. */
export type CallCounts = Readonly<
  Record<'cloudflare' | 'authentik', { readonly reads: number; readonly writes: number }>
>;
