import type { Config } from '../../config/model/config.ts';
import type { Desired } from '../../core/objects/object.ts';
import type { Edge, Wire } from '../../core/world.ts';
import type { DoctorArea, FindingCode, FindingState } from '../../report/doctor/doctor.ts';

/** The reading half of a wire, with which nobody can write. */
export type Asker = Pick<Wire, 'get' | 'list'>;

/** The content of the file, and the time. */
export interface Need {
  /** Undefined if there is no valid file: then nobody knows what is needed. */
  readonly config: Config | undefined;
  readonly desired: Desired | undefined;
  /** The id of the account to examine if there is no file; undefined: the only one that the token sees. */
  readonly account?: string | undefined;
  /** Epoch milliseconds, by the clock of this machine. */
  readonly now: number;
  /** The address of Authentik's API; undefined if nobody gave one. */
  readonly authentikUrl: string | undefined;
  /** The variables that hold the tokens of the account and of the server. */
  readonly variables: TokenVariables;
}

/** Variables of the environment, for messages. */
export interface TokenVariables {
  readonly cloudflare: string;
  readonly workers: string;
  readonly authentik: string;
}

/** The systems to examine, and the ways to ask them. Every question is asked once. */
export interface Chart extends Need {
  readonly cloudflare: Asker;
  /** Cloudflare with the token for Workers; undefined without one. */
  readonly workers?: Asker | undefined;
  /** Cloudflare with the tokens that zones have of their own, by their names; a name without a token is missing. */
  readonly zoneTokens: ReadonlyMap<string, Asker>;
  readonly authentik: Asker;
  readonly edge: Edge;
  readonly signal: AbortSignal;
  /** Ids of the owner's objects that the state folder knows; undefined without a state folder. */
  readonly recordedIds: ((owner: string) => Promise<ReadonlySet<string>>) | undefined;
  /** Milliseconds that the clock of a system is ahead of this machine's; undefined before its first answer. */
  readonly ahead: (system: 'cloudflare' | 'authentik') => number | undefined;
}

/** The meaning of an answer, about one object. */
export interface CheckJudgment {
  readonly state: FindingState;
  readonly code?: FindingCode;
  readonly about?: string;
  readonly text: string;
  readonly hint?: string;
}

/** One question about a possible problem. `Answer`: the findings, as data. */
interface Check<Answer> {
  readonly name: string;
  readonly area: DoctorArea;
  /** The system without which the check cannot be made. */
  readonly asks?: 'cloudflare' | 'authentik';
  /** False if the file does not need the check at all; absent: it always does. */
  readonly isNeeded?: (need: Need) => boolean;
  /** @throws GatesError if the question could not be asked: then the check is unknown, for that reason. */
  ask(chart: Chart): Promise<Answer>;
  /** Pure. Empty if the file does not need the check. */
  judge(answer: Answer, need: Need): readonly CheckJudgment[];
}

export interface AnyCheck extends Pick<Check<unknown>, 'name' | 'area' | 'asks' | 'isNeeded'> {
  examine(chart: Chart): Promise<readonly CheckJudgment[]>;
}

/** A check of any answer, so that one list can contain them all. */
export function check<Answer>(definition: Check<Answer>): AnyCheck {
  const { name, area, asks, isNeeded } = definition;
  const examine = async (chart: Chart) => definition.judge(await definition.ask(chart), chart);
  return { name, area, ...(asks !== undefined && { asks }), ...(isNeeded && { isNeeded }), examine };
}

export function ok(text: string, about?: string): CheckJudgment {
  return { state: 'ok', text, ...(about !== undefined && { about }) };
}

interface Trouble {
  readonly about?: string | undefined;
  readonly text: string;
  readonly hint: string;
}

export function problem(code: FindingCode, { about, text, hint }: Trouble): CheckJudgment {
  return { state: 'problem', code, text, hint, ...(about !== undefined && { about }) };
}

export function warning(code: FindingCode, trouble: Trouble): CheckJudgment {
  return { ...problem(code, trouble), state: 'warning' };
}

export function notKnown({ about, text, hint }: Trouble): CheckJudgment {
  return { state: 'unknown', text, hint, ...(about !== undefined && { about }) };
}
