import type { HistoryChange, HistoryRun } from '../../core/record/history.ts';
import { wordsOf } from '../screen/outside-words.ts';

/** Consecutive runs with the same result for the same revision, which are printed once. */
export interface RunStory {
  /** Newest first, at least one. */
  readonly runs: readonly [HistoryRun, ...HistoryRun[]];
  /** The people who held, lifted or paused something, and those who changed something outside gates. */
  readonly notes: readonly string[];
  /** `created 2 for services.docs`; empty if the run changed nothing and left no difference. */
  readonly done: string;
  /** The changes that failed, were skipped or refused, and the kinds that could not be read. */
  readonly troubles: readonly string[];
}

/** The stories of runs, newest first; with a service, only the parts that concern it. */
export function runStories(newestFirst: readonly HistoryRun[], service?: string): readonly RunStory[] {
  const stories: {
    readonly said: string;
    readonly runs: [HistoryRun, ...HistoryRun[]];
    readonly told: Told;
  }[] = [];
  for (const run of newestFirst) {
    const told = toldOf(run, service);
    const said = JSON.stringify([run.result, run.revision, told]);
    // Runs of several accounts alternate.
    const last = stories.findLast(({ runs: [newest] }) => newest.account === run.account);
    if (last?.said === said) last.runs.push(run);
    else stories.push({ said, runs: [run], told });
  }
  return stories.map(({ runs, told }) => ({ runs, ...told }));
}

type Told = Omit<RunStory, 'runs'>;

/** The text for a run without changes and troubles. */
export const NOTHING_DONE = 'nothing to do';

function toldOf(run: HistoryRun, service: string | undefined): Told {
  const changes = service === undefined ? run.changes : run.changes.filter((one) => isOf(one, service));
  const rejected =
    run.rejected === undefined
      ? []
      : [`revision ${run.rejected.slice(0, 8)} has mistakes: nothing of it was done`];
  return {
    notes: [...heldText(run), ...allowedText(run), ...pausedText(run), ...outsideTexts(changes)],
    done: doneText(changes),
    troubles: [
      ...rejected,
      ...(run.error === undefined ? [] : [run.error]),
      ...unreadTexts(run),
      ...changes.flatMap((change) => troubleText(change)),
    ],
  };
}

/** The triggers of a run and its duration: `schedule, revision 1a2b3c4d, 0.9 s, 16 calls` */
export function aboutRun(run: HistoryRun): string {
  const revision = run.revision === undefined ? '' : `, revision ${run.revision.slice(0, 8)}`;
  const by = run.by === undefined ? '' : ` by ${run.by}`;
  const account = run.account === undefined ? '' : `, account ${run.account}`;
  return `${run.triggers.join(', ')}${by}${account}${revision}, ${spanOf(run.milliseconds)}${callsText(run)}`;
}

/** True if a run concerns a service: it changed an object of it, or failed to. */
export function concernsService(run: HistoryRun, service: string): boolean {
  return run.changes.some((change) => isOf(change, service));
}

function isOf({ because }: HistoryChange, service: string): boolean {
  return because === `services.${service}` || because?.startsWith(`services.${service}.`) === true;
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

/** `cloudflare/dns-record:A nas.example.dev changed by me@example.dev in the dashboard, 14:05 UTC on 2026-11-27` */
function outsideTexts(changes: readonly HistoryChange[]): readonly string[] {
  const objects = new Map<string, Set<string>>();
  for (const { outside, what } of changes) {
    if (outside === undefined) continue;
    const words = wordsOf(outside);
    objects.set(words, (objects.get(words) ?? new Set()).add(what));
  }
  return [...objects].map(([words, what]) => {
    const names = [...what];
    return `${names.length <= NAMED ? names.join(' and ') : `${names.length} objects`} ${words}`;
  });
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

/** The most names in a line. */
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

/** One change: `updated cloudflare/dns-record:grafana.example.dev (services.grafana): proxied` */
export function changeText(change: HistoryChange): string {
  const { verb, what, because, fields = [], outcome } = change;
  const [trouble] = troubleText(change);
  if (trouble !== undefined) return trouble;
  const of = because === undefined ? '' : ` (${because})`;
  const named = fields.length === 0 ? '' : `: ${fields.join(', ')}`;
  return outcome === 'planned'
    ? `left ${what}${of} as it was${named}`
    : `${past[verb] ?? verb} ${what}${of}${named}`;
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

function spanOf(milliseconds: number): string {
  return milliseconds < 60_000
    ? `${(milliseconds / 1000).toFixed(1)} s`
    : `${Math.floor(milliseconds / 60_000)} min ${Math.floor(milliseconds / 1000) % 60} s`;
}
