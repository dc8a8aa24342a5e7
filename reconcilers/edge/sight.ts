import { UnreachableError } from '../../src/core/errors.ts';
import type { World } from '../../src/core/world.ts';
import { describeFinding, type Expectation } from './finding.ts';
import { askOrigin } from './origin.ts';
import { askOnce, waits } from './prober.ts';
import { isForeign } from './reading/reading.ts';
import { type EdgeVerdict, verdictOn } from './reading/verdict.ts';

/** The number of attempts that confirm an obstacle. */
const mostAttempts = 4;

/**
 * The obstacle that would stop every check of a host before its gate: nobody answers, or something in front of the host
 * does. Undefined if a check would reach the host, whatever that answers. Undefined too if the origin, asked from here,
 * admits strangers, so that gates closes the host although it cannot check it from outside.
 */
export async function obstacleBefore(
  host: string,
  expect: Expectation | undefined,
  world: World,
): Promise<Error | undefined> {
  const question = { host, looks: [{ path: '/' }], expect: { type: 'anybody' } as const, headers: {} };
  let obstacle: string | undefined;
  for await (const attempt of waits(world)) {
    const answers: EdgeVerdict[] = [];
    const judge: typeof verdictOn = (...answer) => {
      const verdict = verdictOn(...answer);
      answers.push(verdict);
      return verdict;
    };
    const finding = await askOnce({ ...question, judge }, world);
    if (finding === undefined || answers.some((answer) => !isObstacle(answer))) return undefined;
    obstacle = describeFinding(finding);
    if (attempt + 1 >= mostAttempts) break;
  }
  if (expect !== undefined) {
    const origin = await askOrigin({ ...question, expect }, world);
    if (origin?.verdict === 'silent') return undefined;
  }
  return new UnreachableError('gates cannot check this host from outside now, and leaves it as it is', {
    ...(obstacle !== undefined && { hint: obstacle }),
    facts: { detail: host, applied: 'no' },
  });
}

/** True if the obstacle may concern only the probe, or this machine. */
function isObstacle(verdict: EdgeVerdict): boolean {
  if (verdict.by === 'block') return verdict.status === 429 || isForeign(verdict);
  return verdict.by === 'elsewhere' || verdict.by === 'challenge';
}
