import type { DriftedObject, LastRun, StatusProblem } from '../../report/status/status.ts';
import { type AccountEnding, EMPTY, type Ending } from './run-ending.ts';

/** From the worst to the best. */
const results: readonly LastRun['result'][] = ['error', 'stopped', 'incomplete', 'reported', 'done'];

/** The most drifted objects in a status. */
const MOST_DRIFTED = 50;

/** The result of a run in several accounts: the worst of them, with the name of the account at each trouble. */
export function joinedEnding(accounts: readonly AccountEnding[]): Ending {
  const endings = accounts.map(({ ending }) => ending);
  const of = <T>(part: (ending: Ending) => readonly T[] | undefined, named: (value: T, name: string) => T) =>
    accounts.flatMap(({ name, ending }) => (part(ending) ?? []).map((value) => named(value, name)));
  const errors = accounts.flatMap(({ name, ending: { error } }) =>
    error === undefined ? [] : [`account ${name}: ${error}`],
  );
  const delays = endings.flatMap(({ retryAfter }) => retryAfter ?? []);
  const drifted = endings.flatMap((ending) => ending.drifted ?? []);
  const foreseen = endings.reduce((sum, ending) => sum + (ending.foreseen ?? 0), 0);
  const paused = endings.find((ending) => ending.paused !== undefined)?.paused;
  const isKnown = endings.every(({ expiring }) => expiring !== undefined);
  return {
    ...EMPTY,
    result: results.find((result) => endings.some((ending) => ending.result === result)) ?? 'done',
    ...(errors.length > 0 && { error: errors.join('; ') }),
    counts: sumOf(endings.map(({ counts }) => counts)),
    ...(foreseen > 0 && { foreseen }),
    problems: of((ending) => ending.problems, inAccount),
    // Without the differences of one account, nobody knows how many there are.
    ...(drifted.length === endings.length && {
      drifted: {
        count: drifted.reduce((sum, { count }) => sum + count, 0),
        objects: of((ending) => ending.drifted?.objects, inAccount).slice(0, MOST_DRIFTED),
      },
    }),
    warnings: [
      ...new Set(
        of(
          (ending) => ending.warnings,
          (text, name) => `account ${name}: ${text}`,
        ),
      ),
    ],
    retryAfter: delays.length === 0 ? undefined : Math.max(...delays),
    ...(endings.some(({ again }) => again) && { again: true as const }),
    ...(paused && { paused }),
    ...(isKnown && { expiring: endings.flatMap(({ expiring }) => expiring ?? []) }),
    accounts,
  };
}

/** The trouble with its account. A service is in one account alone, so its name says which. */
function inAccount<Trouble extends StatusProblem | DriftedObject>(trouble: Trouble, name: string): Trouble {
  const { because } = trouble;
  if (because?.startsWith('services.')) return trouble;
  const account = `account ${name}`;
  return { ...trouble, because: because === undefined ? account : `${because}, ${account}` };
}

function sumOf(counts: readonly LastRun['counts'][]): LastRun['counts'] {
  const sum: Record<string, number> = {};
  for (const [verb, count] of counts.flatMap((each) => Object.entries(each)))
    sum[verb] = (sum[verb] ?? 0) + count;
  return sum;
}
