import type { Verb } from '../../core/change.ts';
import { shortRevision } from '../screen/revision-words.ts';
import type { Expiring, LastRun, Status, StatusMistake } from '../status/status.ts';
import { actionTroubles } from './action-troubles.ts';
import { gateTroubles } from './gate-troubles.ts';
import { problemTroubles } from './problem-troubles.ts';
import { LOOK, type RunEnd, type Trouble } from './trouble.ts';

export interface RunJudgment {
  readonly troubles: readonly Trouble[];
  readonly absence: (topic: string) => Absence;
}

/**
 * The meaning of a topic without trouble. `good`: it was checked and is well. `gone`: it no longer exists, and there is
 * nothing to say. `unknown`: the run cannot tell, so the topic keeps its state.
 */
export type Absence = 'good' | 'gone' | 'unknown';

const DAY = 86_400_000;
/** The time before the end of a token at which it is reported, and reported again. */
const SOON = 14 * DAY;
const LAST_DAYS = 2 * DAY;
/** The most mistakes, which fit on a small screen. */
const MOST_MISTAKES = 5;

/** Everything that is wrong after a run, each thing once: consequences of another trouble are left to that one. */
export function judgeRun(end: RunEnd, now: Date): RunJudgment {
  const { status, expiring } = end;
  const blind = isBlind(status);
  const troubles = [
    ...mistakes(status),
    ...repository(status),
    ...failedRun(end),
    ...gateTroubles(end),
    ...actionTroubles(status),
    ...(blind ? [] : [...problemTroubles(end), ...drift(end)]),
    ...(expiring ?? []).flatMap((token) => expiry(token, now)),
  ];
  return { troubles, absence: (topic) => absenceOf(topic, end) };
}

function isBlind({ lastRun }: Status): boolean {
  return lastRun === undefined || lastRun.result === 'error' || lastRun.result === 'stopped';
}

function absenceOf(topic: string, { status, expiring }: RunEnd): Absence {
  const [sort = '', name] = topic.split(' ');
  const blind = isBlind(status);
  const goodUnless = (unknown: boolean): Absence => (unknown ? 'unknown' : 'good');
  const gate = status.gates?.find(({ host }) => host === name);
  const result = status.lastRun?.result;
  const rules: Readonly<Record<string, () => Absence>> = {
    problem: () =>
      goodUnless(blind || status.lastRun?.problems.some((problem) => problem.status === 'unknown') === true),
    unread: () => goodUnless(blind),
    drift: () => goodUnless(result !== 'done' && result !== 'reported'),
    run: () => goodUnless(result === undefined || result === 'stopped'),
    action: () => {
      const action = status.actions?.find((one) => one.name === name);
      return action === undefined ? 'gone' : goodUnless(action.state !== 'done');
    },
    gate: () => (gate === undefined ? 'gone' : 'good'),
    origin: () => (gate === undefined ? 'gone' : goodUnless(gate.origin?.verdict !== 'asks')),
    expiry: () => {
      if (expiring === undefined) return 'unknown';
      return expiring.some((token) => token.name === name) ? 'good' : 'gone';
    },
  };
  return rules[sort]?.() ?? 'good';
}

function mistakes(status: Status): readonly Trouble[] {
  const {
    rejected,
    repository: { file },
  } = status;
  if (rejected === undefined) return [];
  const { revision, author, at } = rejected;
  const errors = rejected.mistakes.filter(({ severity }) => severity === 'error');
  const by = author === undefined ? '' : ` by ${author}`;
  const more = errors.length - MOST_MISTAKES;
  return [
    {
      topic: 'file',
      state: revision,
      tone: 'trouble',
      group: 'file',
      subject: file,
      title: () => `Mistake in ${file}: gates applies nothing of revision ${shortRevision(revision)}${by}`,
      details: [
        ...errors.slice(0, MOST_MISTAKES).map(mistakeText),
        ...(more > 0 ? [`and ${more} more: \`gates validate\` shows all`] : []),
      ],
      advice: `${stillInForce(status)} Push a commit that fixes it.`,
      since: at,
      passing: false,
      good: `Good again: ${file} has no mistakes`,
    },
  ];
}

function mistakeText({ place, code, message, hint }: StatusMistake): string {
  const text = code === undefined ? message : `${code}: ${message}`;
  return `${place} ${text}${hint === undefined ? '' : ` (${hint})`}`;
}

function repository(status: Status): readonly Trouble[] {
  const { error, url, branch } = status.repository;
  if (error === undefined) return [];
  return [
    {
      topic: 'repository',
      state: 'unread',
      tone: 'trouble',
      group: 'repository',
      subject: 'repository',
      title: () => 'Cannot read the repository: gates misses new pushes',
      details: [`${url}, branch ${branch}`, error],
      advice: `${stillInForce(status)} Check that the forge answers and that the token of gates is still valid.`,
      passing: true,
      good: 'Good again: the repository is readable',
    },
  ];
}

/** The trouble of a run that failed. Without a last good revision, the file or the repository is the trouble. */
function failedRun({ status, passing }: RunEnd): readonly Trouble[] {
  const {
    lastRun,
    inForce,
    rejected,
    repository: { error },
  } = status;
  if (lastRun?.result !== 'error') return [];
  if (inForce === undefined && (rejected !== undefined || error !== undefined)) return [];
  return [
    {
      topic: 'run',
      state: 'error',
      tone: 'trouble',
      group: 'run',
      subject: 'run',
      title: () => 'The run failed: gates applied nothing',
      details: [lastRun.error ?? 'no reason was given'],
      advice: LOOK,
      passing,
      good: 'Good again: runs succeed',
    },
  ];
}

const CHANGES: readonly Verb[] = ['create', 'adopt', 'update', 'replace', 'prune'];

/** Drift: live objects that matched the file and no longer do. If gates repaired it, its end is no news. */
function drift({ status, settled, paused }: RunEnd): readonly Trouble[] {
  const run = status.lastRun;
  // A change that a pause prevents is no drift: it never existed.
  if (paused !== undefined && status.inForce?.applied !== true) return [];
  if (run?.result !== 'reported' && !(run?.result === 'done' && settled)) return [];
  const details = countsOf(run);
  if (details === undefined) return [];
  const repaired = run.result === 'done';
  return [
    {
      topic: 'drift',
      state: run.result,
      tone: 'trouble',
      group: 'drift',
      subject: 'drift',
      title: () =>
        repaired
          ? 'Drift: live objects differed from the file, and gates reverted them'
          : 'Drift: live objects differ from the file',
      details: [details],
      advice: repaired
        ? 'If none of you changed them, look into the audit logs of Cloudflare and Authentik.'
        : `\`gates plan\` shows the difference, \`gates apply\` reverts it; ${
            paused === undefined
              ? '`reconcile.drift` is `report`'
              : 'so does `gates resume`, since gates is paused'
          }.`,
      passing: false,
      good: repaired ? undefined : 'Good again: live objects are as the file says',
    },
  ];
}

/** The changes by verb; undefined if there are none. Changes that time causes count only if they were not made. */
function countsOf({ result, counts, foreseen = 0 }: LastRun): string | undefined {
  const parts = CHANGES.flatMap((verb) => {
    const count = (counts[verb] ?? 0) - (verb === 'update' && result === 'done' ? foreseen : 0);
    return count > 0 ? [`${count} ${verb}`] : [];
  });
  return parts.length === 0 ? undefined : parts.join(', ');
}

function expiry({ name, at }: Expiring, now: Date): readonly Trouble[] {
  const remaining = Date.parse(at) - now.getTime();
  if (!(remaining <= SOON)) return [];
  const over = remaining <= 0;
  const state = over ? 'over' : remaining <= LAST_DAYS ? 'last days' : 'soon';
  const days = Math.ceil(remaining / DAY);
  const when = over ? 'has expired' : `expires in ${days} day${days === 1 ? '' : 's'}`;
  return [
    {
      topic: `expiry ${name}`,
      state,
      tone: 'trouble',
      group: `expiry ${name}`,
      subject: name,
      title: () =>
        `The service token ${name} ${when}: Cloudflare ${over ? 'refuses' : 'will refuse'} its users`,
      details: [`It ${over ? 'ended' : 'ends'} on ${at.slice(0, 10)}.`],
      advice:
        'Refresh it in the dashboard of Cloudflare (Access, service tokens), which keeps its secret; or give it another `duration` in the file.',
      passing: false,
      good: `Good again: the service token ${name} is good for longer`,
    },
  ];
}

function stillInForce({ inForce }: Status): string {
  return inForce === undefined
    ? 'No revision has been applied yet; gates changes nothing.'
    : `gates keeps revision ${shortRevision(inForce.revision)}.`;
}
