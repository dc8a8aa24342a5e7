import type { Answered } from './answers.ts';
import type { Measured } from './belief.ts';
import type { Ground } from './ground.ts';
import type { Group } from './group.ts';
import type { Conclusion } from './run.ts';

/** The output of `gates conformance --json` (schema/conformance.schema.json). No ids, and nothing secret. */
export interface ConformanceDocument {
  readonly version: 1;
  readonly set: 'quick' | 'full';
  /** Absent if Cloudflare was not asked. */
  readonly zone?: string;
  readonly tunnel?: string;
  /** Absent if Authentik was not asked. */
  readonly authentik?: AuthentikPlace;
  readonly beliefs: readonly ConformanceLine[];
  /** The reasons why groups ended early, by their names. */
  readonly failures: Readonly<Record<string, string>>;
}

/** The Authentik that was asked. */
export interface AuthentikPlace {
  readonly url: string;
  /** Year and month, `2025.12`. */
  readonly release: string;
}

/** The places that were asked: a zone and a tunnel, an Authentik, or all of them. */
export interface AskedPlaces {
  readonly ground?: Ground;
  readonly authentik?: AuthentikPlace;
}

interface ConformanceLine {
  readonly belief: string;
  readonly says: string;
  readonly where: string;
  readonly state: 'as believed' | 'otherwise' | 'not asked';
  readonly seen?: string;
  readonly why?: string;
  readonly measured?: Measured;
  readonly earlier?: true;
}

export function conformanceDocument(
  conclusions: readonly Conclusion[],
  { ground, authentik }: AskedPlaces,
  set: 'quick' | 'full',
): ConformanceDocument {
  const answered = conclusions.flatMap((conclusion) => conclusion.answered);
  const beliefs = answered.map(({ belief: { id, says, where }, answer }) => ({
    belief: id,
    says,
    where,
    ...answer,
  }));
  const failures = Object.assign({}, ...conclusions.map((conclusion) => conclusion.failures));
  return {
    ...{ version: 1, set },
    ...(ground && { zone: ground.zone.name, tunnel: ground.tunnel.name }),
    ...(authentik && { authentik }),
    ...{ beliefs, failures },
  };
}

/** 0: all as believed; 2: something differs; 1: a group could not continue, and nothing differs. */
export function exitCodeOf({ beliefs, failures }: ConformanceDocument): 0 | 1 | 2 {
  if (beliefs.some(({ state }) => state === 'otherwise')) return 2;
  return Object.keys(failures).length > 0 ? 1 : 0;
}

/** `cache/extension  as believed`, or the difference, and the file of gates that relies on the belief. */
export function lineOf({ belief, answer }: Answered): string {
  const head = belief.id.padEnd(width);
  const found = 'earlier' in answer ? ', in an earlier run' : '';
  if (answer.state === 'as believed') return `${head} as believed${numbers(answer.measured)}${found}`;
  if (answer.state === 'not asked') return `${head} not asked: ${answer.why}${found}`;
  return `${head} otherwise: ${answer.seen} (gates believes: ${belief.says}; ${belief.where})`;
}

/** The length of the longest id. */
const width = 26;

function numbers({ ms, median, longest }: Measured = {}): string {
  if (median !== undefined && longest !== undefined)
    return `, median ${seconds(median)}, longest ${seconds(longest)}`;
  return ms === undefined ? '' : `, after ${seconds(ms)}`;
}

function seconds(ms: Measured[string]): string {
  return `${Number(ms) / 1_000} s`;
}

/** The counts, and each differing line again, because many lines without an answer may come in between. */
export function summaryOf({ beliefs }: ConformanceDocument): string {
  const count = (state: ConformanceLine['state']) => beliefs.filter((line) => line.state === state).length;
  const counts = `${count('as believed')} as believed, ${count('otherwise')} otherwise, ${count('not asked')} not asked.`;
  const different = beliefs.filter(({ state }) => state === 'otherwise');
  if (different.length === 0) return counts;
  return [
    counts,
    ...different.map(({ belief, seen = '' }) => `  ${belief}: ${seen}`),
    'docs/conformance.md says what to do about each of these.',
  ].join('\n');
}

/** The announcement that a person agrees to: the place, the objects, and the duration. */
export function announcement(groups: readonly Group[], { zone, tunnel }: Ground, host: string): string {
  const objects = [...new Set(groups.flatMap(({ makes }) => makes))];
  return [
    `gates asks Cloudflare about ${groups.flatMap(({ beliefs }) => beliefs).length} beliefs, in ${durationOf(groups)}.`,
    `It makes scratch objects in the zone ${zone.name}, in its account and in the tunnel ${tunnel.name}, and removes them:`,
    ...objects.map((what) => `  ${what}`),
    `All of them are of the host ${host}, which is open to everybody while a check needs it. Behind it is`,
    'the page of cloudflared itself. No setting of the organization or of the zone is changed.',
    'Until it ends, a tunnel without connectors tells every other gates that writes these rules to wait.',
    '',
  ].join('\n');
}

/** `about 3 minutes`. */
function durationOf(groups: readonly Group[]): string {
  const minutes = Math.ceil(groups.reduce((sum, { seconds: each }) => sum + each, 0) / 60);
  return `about ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`;
}
