import type { HistoryChange, HistoryRun } from '../core/history.ts';
import { harmlessLine } from './harmless.ts';
import { makePaint, type Paint } from './paint.ts';

export interface HistoryTextOptions {
  readonly color: boolean;
  /** Changes of this service alone. */
  readonly service?: string;
}

/** Runs for people, newest first. Runs in a row that say the same of the same revision are told once. */
export function formatHistory(newestFirst: readonly HistoryRun[], options: HistoryTextOptions): string {
  const paint = makePaint(options.color);
  const groups: { readonly said: string; readonly runs: HistoryRun[] }[] = [];
  for (const run of newestFirst) {
    const said = `${run.result} ${run.revision} ${bodyOf(run, options, paint).join('\n')}`;
    const last = groups.at(-1);
    if (last?.said === said) last.runs.push(run);
    else groups.push({ said, runs: [run] });
  }
  const lines = groups.flatMap(({ runs }) => groupLines(runs, options, paint));
  return lines.map((line) => `${line}\n`).join('');
}

/** Whether a run has to do with a service: it changed something of it, or failed to. */
export function concernsService(run: HistoryRun, service: string): boolean {
  return run.changes.some((change) => isOf(change, service));
}

function isOf({ because }: HistoryChange, service: string): boolean {
  return because === `services.${service}` || because?.startsWith(`services.${service}.`) === true;
}

function groupLines(runs: readonly HistoryRun[], options: HistoryTextOptions, paint: Paint) {
  const [newest] = runs;
  const oldest = runs.at(-1);
  if (newest === undefined || oldest === undefined) return [];
  const rest = runs.length === 1 ? '' : `, and ${runs.length - 1} before it since ${minute(oldest)}`;
  return [`${headOf(newest, paint)}${paint.quiet(rest)}`, ...bodyOf(newest, options, paint)];
}

function headOf(run: HistoryRun, paint: Paint): string {
  const result = run.result.padEnd('incomplete'.length);
  const bad = run.result === 'error' || run.result === 'incomplete';
  const painted = bad ? paint.bad(result) : run.result === 'done' ? paint.good(result) : paint.warn(result);
  const revision = run.revision === undefined ? '' : `, revision ${run.revision.slice(0, 8)}`;
  const by = run.by === undefined ? '' : ` by ${run.by}`;
  const about = `${run.triggers.join(', ')}${by}${revision}, ${spanOf(run.milliseconds)}${callsText(run)}`;
  return `${paint.strong(minute(run))}  ${painted}  ${harmlessLine(about)}`;
}

function bodyOf(run: HistoryRun, options: HistoryTextOptions, paint: Paint): readonly string[] {
  const { service } = options;
  const changes = service === undefined ? run.changes : run.changes.filter((one) => isOf(one, service));
  const done = harmlessLine(doneText(changes));
  const rejected =
    run.rejected === undefined
      ? []
      : [`revision ${run.rejected.slice(0, 8)} has mistakes: nothing of it was done`];
  const troubles = [
    ...rejected,
    ...(run.error === undefined ? [] : [run.error]),
    ...unreadTexts(run),
    ...changes.flatMap((change) => troubleText(change)),
  ];
  const notes = [...heldText(run), ...allowedText(run), ...pausedText(run)];
  return [
    ...notes.map((note) => `    ${paint.quiet(harmlessLine(note))}`),
    ...(done === '' && troubles.length > 0
      ? []
      : [`    ${done === '' ? paint.quiet('nothing to do') : done}`]),
    ...bounded(troubles).map((trouble) => `    ${paint.bad('✗')} ${harmlessLine(trouble)}`),
  ];
}

function heldText({ held, revision }: HistoryRun): readonly string[] {
  if (held === undefined) return [];
  const since = `${held.since.slice(0, 10)} ${held.since.slice(11, 16)} UTC`;
  return [
    `held at ${revision?.slice(0, 8)} by ${held.by} since ${since}, in place of ${held.head.slice(0, 8)}`,
  ];
}

function allowedText({ allowed }: HistoryRun): readonly string[] {
  if (allowed === undefined) return [];
  const { limits, by, why } = allowed;
  const beyond = limits.filter((limit) => limit !== 'window');
  return [
    ...(beyond.length === 0 ? [] : [`${beyond.join(' and ')} beyond the limits allowed by ${by}: ${why}`]),
    ...(limits.includes('window') ? [`applied outside of the windows, allowed by ${by}: ${why}`] : []),
  ];
}

function pausedText({ paused }: HistoryRun): readonly string[] {
  if (paused === undefined) return [];
  const by = paused.by === undefined ? '' : ` by ${paused.by}`;
  return [`paused${by}: ${paused.reason ?? 'no reason was given'}`];
}

/** How many troubles of a run are told; JSON has all of them. */
const TOLD = 10;

function bounded(troubles: readonly string[]): readonly string[] {
  const more = troubles.length - TOLD;
  return more <= 1 ? troubles : [...troubles.slice(0, TOLD), `and ${more} more, see --output json`];
}

/** An API that does not answer has one reason for all its kinds. */
function unreadTexts({ unread }: HistoryRun): readonly string[] {
  return [...new Set(unread.map(({ reason }) => reason))].map((reason) => {
    const kinds = unread.filter((one) => one.reason === reason).map(({ kind }) => kind);
    const what = kinds.length <= NAMED ? kinds.join(' and ') : `${kinds.length} kinds, as ${kinds[0]},`;
    return `${what} could not be read: ${reason}`;
  });
}

const past: Readonly<Partial<Record<HistoryChange['verb'], string>>> = {
  create: 'created',
  adopt: 'adopted',
  update: 'updated',
  replace: 'replaced',
  prune: 'removed',
};

/** `created 2 for services.docs; updated cloudflare/tunnel:homelab; left 3 that differ` */
function doneText(changes: readonly HistoryChange[]): string {
  const parts = Object.entries(past).flatMap(([verb, word]) => {
    const some = changes.filter((change) => change.verb === verb && change.outcome === 'done');
    return some.length === 0 ? [] : [`${word} ${namesOf(some)}`];
  });
  const planned = changes.filter(({ outcome }) => outcome === 'planned');
  if (planned.length > 0) parts.push(`left ${namesOf(planned)} as it was`);
  return parts.join('; ');
}

/** How many names a line has room for. */
const NAMED = 2;

function namesOf(changes: readonly HistoryChange[]): string {
  const names = changes.map(({ what }) => what);
  if (names.length <= NAMED) return names.join(' and ');
  const because = [...new Set(changes.flatMap((change) => change.because ?? []))];
  if (because.length === 0) return `${names.length} objects`;
  const shown = because.slice(0, 3).join(', ');
  const more = because.length > 3 ? ` and ${because.length - 3} more` : '';
  return `${names.length} for ${shown}${more}`;
}

function troubleText({ outcome, what, because, reason }: HistoryChange): readonly string[] {
  if (outcome === 'done' || outcome === 'planned') return [];
  const of = because === undefined ? '' : ` (${because})`;
  return [`${outcome} ${what}${of}${reason === undefined ? '' : `: ${reason}`}`];
}

function callsText({ calls }: HistoryRun): string {
  if (calls === undefined) return '';
  const { cloudflare, authentik } = calls;
  const writes = cloudflare.writes + authentik.writes;
  const all = cloudflare.reads + authentik.reads + writes;
  return `, ${all} ${all === 1 ? 'call' : 'calls'}${writes === 0 ? '' : `, ${writes} of them writing`}`;
}

function minute({ startedAt }: HistoryRun): string {
  return `${startedAt.slice(0, 10)} ${startedAt.slice(11, 16)} UTC`;
}

function spanOf(milliseconds: number): string {
  return milliseconds < 60_000
    ? `${(milliseconds / 1000).toFixed(1)} s`
    : `${Math.floor(milliseconds / 60_000)} min ${Math.floor(milliseconds / 1000) % 60} s`;
}
