import type { Verb } from '../../core/change.ts';

/**
 * The state of the daemon: stored in `status.json` of the state folder, served at `/api/status`, printed by `gates
 * status`. `schema/status.schema.json` describes it for other programs. Times are RFC 3339. No secrets.
 */
export interface Status {
  readonly version: string;
  readonly pid: number;
  readonly host: string;
  /** The time at which the process started. */
  readonly since: string;
  readonly updatedAt: string;
  readonly phase: 'starting' | 'idle' | 'running' | 'stopping' | 'stopped';
  readonly listening?: {
    readonly status: string;
    /** Absent if the status page is off. */
    readonly page?: string;
    readonly hooks: string;
    readonly signed: boolean;
  };
  readonly repository: RepositoryStatus;
  readonly inForce?: AppliedRevision;
  readonly rejected?: RejectedRevision;
  readonly upcoming?: Upcoming;
  readonly paused?: Paused;
  /** Triggers of a run that has not started: `push 1a2b3c4d`. */
  readonly waiting?: readonly string[];
  readonly running?: RunInProgress;
  /** The process that has the turn to write, while a run waits for its own turn. */
  readonly waitingFor?: string;
  readonly lastRun?: LastRun;
  /** The end of the last run after which everything was as the file says. */
  readonly succeededAt?: string;
  /** The gates by host, with the result of the last check of each. */
  readonly gates?: readonly GateSeen[];
  /** Our tokens that expire, from the last run that could read them. */
  readonly expiring?: readonly Expiring[];
  /** Our tokens with automatic rotation, and the time of the next one. */
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

/** The newest revision, if it has no mistakes and is not applied yet. */
export interface Upcoming {
  readonly revision: string;
  readonly subject?: string;
  readonly author?: string;
  /** The time since which it waits. */
  readonly since: string;
  /** `pause`: until `gates resume`. `window`: until one of `reconcile.windows` opens. */
  readonly for: 'pause' | 'window';
  /** The time at which the window opens. */
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
   * `done`: it succeeded. `failed`: it did not. `interrupted`: the daemon ended before it, and how far it came is
   * unknown.
   */
  readonly state: 'queued' | 'running' | 'done' | 'failed' | 'interrupted';
  /** The time at which it was called, began or ended, whichever was last. */
  readonly at: string;
  /** The reason why it failed or was interrupted: `exit status 1`. */
  readonly reason?: string;
  /** Another call waits for the end of this one. */
  readonly waits?: boolean;
}

/** The place where gates sets the status of commits. */
export interface CommitStatusReport {
  /** `you/home on https://api.github.com`; absent if it is unknown. */
  readonly place?: string;
  /** The reason why the last one could not be set. */
  readonly error?: string;
}

export interface RepositoryStatus {
  /** The address without credentials. */
  readonly url: string;
  readonly branch: string;
  readonly file: string;
  /** The time of the last reading of the branch. */
  readonly readAt?: string;
  /** The reason why the last attempt to read it failed. */
  readonly error?: string;
}

/** The revision with which gates compares the live systems. */
export interface AppliedRevision {
  readonly revision: string;
  readonly subject?: string;
  readonly author?: string;
  /** The time since which it is this one. */
  readonly since: string;
  /** True if a run carried out everything it asks for. */
  readonly applied: boolean;
  /**
   * Present if a person applied the revision in place of the head of the branch: until the branch moves on from `head`.
   */
  readonly held?: { readonly head: string; readonly by: string; readonly since: string };
}

/** The newest revision, if it has mistakes: gates applies nothing of it. */
export interface RejectedRevision {
  readonly revision: string;
  readonly subject?: string;
  readonly author?: string;
  readonly at: string;
  readonly mistakes: readonly StatusMistake[];
}

export interface StatusMistake {
  /** `gates.yaml:31:11`; only the file if the mistake has no line. */
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
   * `done`: everything is as the file says. `incomplete`: a change failed, was skipped or refused. `reported`: the run
   * found differences and left them, because of `drift: report` or a pause. `stopped`: the daemon was stopped, or
   * paused. `error`: the run itself failed.
   */
  readonly result: 'done' | 'incomplete' | 'reported' | 'stopped' | 'error';
  readonly error?: string;
  /** Changes of the plan, by verb. */
  readonly counts: Readonly<Partial<Record<Verb, number>>>;
  /** The number of updates that time alone causes; absent: none. */
  readonly foreseen?: number;
  readonly problems: readonly StatusProblem[];
  /** The objects that differ from the file after the run; absent if the run could not find out. */
  readonly drifted?: Drifted;
  readonly warnings: readonly string[];
  /** The result in each account, in the order of the file; absent in a file with one account. */
  readonly accounts?: readonly AccountResult[];
}

export interface AccountResult extends Pick<LastRun, 'result'> {
  readonly name: string;
}

export interface Drifted {
  readonly count: number;
  /** The first drifted objects. */
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
   * `guarded`: the gate answered. `closed`: it did not, and the host answers 503. `covered`: it did not, and the host
   * stays under its cover, or behind its previous gate. `open`: a stranger got through, and gates could not close the
   * host. `unproved`: the answer is unclear; gates closed and opened nothing.
   */
  readonly verdict: 'guarded' | 'closed' | 'covered' | 'open' | 'unproved';
  /** The time since which it is so; closed and covered count as one, since the first becomes the second. */
  readonly since: string;
  /** The time of the last check. */
  readonly at: string;
  /** Milliseconds of the last answer of the check. */
  readonly milliseconds?: number;
  /** The finding and the action to take; absent if it is guarded. */
  readonly reason?: string;
  /** The result of the last check of the origin from here, for a gate at the origin. */
  readonly origin?: OriginStatus;
}

export interface OriginStatus {
  /**
   * `asks`: it sent a stranger to the login. `silent`: it admitted a stranger. `unproved`: something else answered.
   * `unreachable`: nobody answered.
   */
  readonly verdict: 'asks' | 'silent' | 'unproved' | 'unreachable';
  /** The time since which it is so. */
  readonly since: string;
  /** The finding and the action to take; absent if it asks. */
  readonly reason?: string;
}

export interface StatusProblem {
  /** `lost`: a change that somebody else wrote at the same moment as gates is gone. */
  readonly status: 'failed' | 'refused' | 'skipped' | 'unknown' | 'lost';
  /** The object, or the kind that could not be read. */
  readonly what: string;
  /** The entry of the file that asks for it. */
  readonly because?: string;
  readonly reason: string;
}
