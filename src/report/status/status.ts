import type { Verb } from '../../core/change.ts';

/**
 * The daemon as it stands: kept in `status.json` of the state directory, served at `/api/status`, printed by
 * `gates status`. `schema/status.schema.json` describes it for other programs. Times are RFC 3339. No secrets.
 */
export interface Status {
  readonly version: string;
  readonly pid: number;
  readonly host: string;
  /** When the process started. */
  readonly since: string;
  readonly updatedAt: string;
  readonly phase: 'starting' | 'idle' | 'running' | 'stopping' | 'stopped';
  readonly listening?: {
    readonly status: string;
    /** Absent: the status page is off. */
    readonly page?: string;
    readonly hooks: string;
    readonly signed: boolean;
  };
  readonly repository: RepositoryStatus;
  readonly inForce?: RevisionInForce;
  readonly rejected?: RejectedRevision;
  readonly upcoming?: Upcoming;
  readonly paused?: Paused;
  /** Triggers of a run that has not begun: `push 1a2b3c4d`. */
  readonly waiting?: readonly string[];
  readonly running?: RunInProgress;
  /** The process that has the turn to write, while a run waits for its own turn. */
  readonly waitingFor?: string;
  readonly lastRun?: LastRun;
  /** When the last run ended that left everything as the file says. */
  readonly succeededAt?: string;
  /** The gates by host, with the result of the last check of each. */
  readonly gates?: readonly GateSeen[];
  /** Tokens of ours that end by themselves, as the last run saw them that could. */
  readonly expiring?: readonly Expiring[];
  /** Tokens of ours whose secret is changed by itself, and when it is the next time. */
  readonly rotations?: readonly Rotating[];
  /** The actions that calls may start and that were ever called, each with the call that runs or ended last. */
  readonly actions?: readonly ActionSeen[];
  readonly commitStatus?: CommitStatusReport;
  readonly schedule?: {
    readonly cron: string;
    readonly timezone: string;
    readonly next?: string;
    readonly jitter?: number;
  };
}

/** The newest revision, when it has no mistakes and is not put in force yet. */
export interface Upcoming {
  readonly revision: string;
  readonly subject?: string;
  readonly author?: string;
  /** Since when it waits. */
  readonly since: string;
  /** `pause`: until `gates resume` · `window`: until one of `reconcile.windows` opens. */
  readonly for: 'pause' | 'window';
  /** When the window opens. */
  readonly until?: string;
}

/** `gates pause`: nothing is written until `gates resume`. */
export interface Paused {
  readonly reason?: string;
  readonly by?: string;
  readonly since?: string;
}

export interface Expiring {
  /** `ci` */
  readonly name: string;
  /** RFC 3339. */
  readonly at: string;
}

export interface Rotating {
  /** `ci` */
  readonly name: string;
  /** RFC 3339. */
  readonly at: string;
}

export interface ActionSeen {
  readonly name: string;
  /** The id of the call. */
  readonly id: string;
  /**
   * `done`: it came to its end · `failed`: it did not, or said so · `interrupted`: the daemon ended before it, and
   * nobody knows how far it came.
   */
  readonly state: 'queued' | 'running' | 'done' | 'failed' | 'interrupted';
  /** When it was called, began or ended, whichever was last. */
  readonly at: string;
  /** Why it failed or was interrupted: `exit status 1`. */
  readonly reason?: string;
  /** Another call waits for the end of this one. */
  readonly waits?: boolean;
}

/** The place where gates sets the status of commits. */
export interface CommitStatusReport {
  /** `you/home on https://api.github.com`; absent where it is not known. */
  readonly place?: string;
  /** Why the last one could not be set. */
  readonly error?: string;
}

export interface RepositoryStatus {
  /** Without credentials. */
  readonly url: string;
  readonly branch: string;
  readonly file: string;
  /** When the branch was last read. */
  readonly readAt?: string;
  /** Why it could not be read the last time it was tried. */
  readonly error?: string;
}

/** The revision that the live systems are held to. */
export interface RevisionInForce {
  readonly revision: string;
  readonly subject?: string;
  readonly author?: string;
  /** Since when it is the one. */
  readonly since: string;
  /** True once a run carried out everything it asks for. */
  readonly applied: boolean;
  /**
   * Present if a person applied the revision in place of the head of the branch: until the branch moves on from
   * `head`.
   */
  readonly held?: { readonly head: string; readonly by: string; readonly since: string };
}

/** The newest revision, when it has mistakes: gates applies nothing of it. */
export interface RejectedRevision {
  readonly revision: string;
  readonly subject?: string;
  readonly author?: string;
  readonly at: string;
  readonly mistakes: readonly StatusMistake[];
}

export interface StatusMistake {
  /** `gates.yaml:31:11`; the file alone when the whole of it is the mistake. */
  readonly place: string;
  readonly severity: 'error' | 'warning';
  readonly code?: string;
  readonly message: string;
  readonly hint?: string;
}

export interface RunInProgress {
  readonly id: string;
  readonly triggers: readonly string[];
  readonly startedAt: string;
  readonly revision?: string;
  readonly step: 'fetch' | 'validate' | 'plan' | 'apply';
  readonly done?: number;
  readonly total?: number;
}

export interface LastRun {
  readonly id: string;
  /** The triggers of the run: `start`, `schedule`, `signal`, `retry`, `resume`, `action`, `push 1a2b3c4d`. */
  readonly triggers: readonly string[];
  readonly revision?: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  /**
   * `done`: everything asked for holds · `incomplete`: something failed, was skipped or refused · `reported`:
   * differences were found and left, for `drift: report` or in a pause · `stopped`: the daemon was told to stop, or was
   * paused · `error`: the run itself could not be made.
   */
  readonly result: 'done' | 'incomplete' | 'reported' | 'stopped' | 'error';
  readonly error?: string;
  /** Changes of the plan, by verb. */
  readonly counts: Readonly<Partial<Record<Verb, number>>>;
  /** The number of updates that time alone causes; absent: none. */
  readonly foreseen?: number;
  readonly problems: readonly StatusProblem[];
  /** The objects that are not as the file says after the run; absent if the run could not find out. */
  readonly drifted?: Drifted;
  readonly warnings: readonly string[];
}

export interface Drifted {
  readonly count: number;
  /** The first of them. */
  readonly objects: readonly DriftedObject[];
}

export interface DriftedObject {
  /** The change that would repair it. */
  readonly verb: Verb;
  /** `cloudflare/dns-record:grafana.example.dev` */
  readonly what: string;
  /** The entry of the file that asks for it. */
  readonly because?: string;
  /** Names of the fields that differ. */
  readonly fields?: readonly string[];
}

export interface GateSeen {
  readonly host: string;
  /**
   * `guarded`: the gate answered · `closed`: it did not, and the host answers 503 · `covered`: it did not, and the host
   * stays under its cover, or behind the gate that it had · `open`: a stranger got by, and the host could not be closed ·
   * `unproved`: nobody can say; nothing was closed and nothing opened.
   */
  readonly verdict: 'guarded' | 'closed' | 'covered' | 'open' | 'unproved';
  /** Since when it is so; closed and covered count as one, since the first becomes the second. */
  readonly since: string;
  /** When it was looked at the last time. */
  readonly at: string;
  /** How long the last answer of the look took. */
  readonly milliseconds?: number;
  /** Unless it is guarded: what was seen, and what to do. */
  readonly reason?: string;
  /** The result of the last check of the origin from here, for a gate at the origin. */
  readonly origin?: OriginStatus;
}

export interface OriginStatus {
  /**
   * `asks`: it sent a stranger to the login · `silent`: it let a stranger by · `unproved`: something else answered ·
   * `unreachable`: nobody did.
   */
  readonly verdict: 'asks' | 'silent' | 'unproved' | 'unreachable';
  /** Since when it is so. */
  readonly since: string;
  /** Unless it asks: what was seen, and what to do. */
  readonly reason?: string;
}

export interface StatusProblem {
  /** `lost`: what somebody else wrote at the same moment as gates is gone. */
  readonly status: 'failed' | 'refused' | 'skipped' | 'unknown' | 'lost';
  /** The object, or the kind that could not be read. */
  readonly what: string;
  /** The entry of the file that asks for it. */
  readonly because?: string;
  readonly reason: string;
}
