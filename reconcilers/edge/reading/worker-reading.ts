import { type EdgeReading, inTheWay } from './reading.ts';
import type { EdgeVerdict } from './verdict.ts';
import type { WorkerAnswer } from './worker-answer.ts';

/** The Worker that has to answer at a host; `none`: the file no longer asks for one. */
export type ExpectedWorker = Omit<WorkerAnswer, 'passes'> | 'none';

/**
 * The fault in an answer to a request that passed the cover with forged identity headers, at the path where the Worker
 * answers itself.
 */
export function atWorker(verdict: EdgeVerdict, expected: ExpectedWorker): EdgeReading | undefined {
  if (verdict.by === 'worker') return ofWorker(verdict.answer, expected);
  if (verdict.by === 'access-login' || verdict.by === 'access-refusal') {
    return {
      answered: 'was stopped by Access',
      advice:
        'the cover does not admit the probe (yet), or another Access application stands before the host',
      weight: 'passing',
    };
  }
  if (verdict.by === 'elsewhere' || verdict.by === 'challenge' || verdict.by === 'cache')
    return inTheWay(verdict);
  if (expected === 'none') return undefined;
  return {
    answered: 'got past the Worker to the application',
    advice:
      'the Workers route has not reached the edge (yet), or a more specific route of somebody else is there: look at the Workers routes of the zone',
    weight: 'passing',
  };
}

function ofWorker(answer: WorkerAnswer | 'refused', expected: ExpectedWorker): EdgeReading | undefined {
  if (expected === 'none') {
    return {
      answered: 'was answered by the Worker, which the file no longer asks for',
      advice: 'its removal has not reached the edge yet',
      weight: 'passing',
    };
  }
  if (answer === 'refused') {
    return {
      answered: "was refused by the Worker: the token of Access is not the one of the host's application",
      advice:
        'the newest settings of the Worker have not reached the edge yet, or it cannot read the keys of the team',
      weight: 'passing',
    };
  }
  const { version, team, audience, removes, passes } = answer;
  const isCurrent =
    version === expected.version &&
    team === expected.team &&
    audience === expected.audience &&
    removes.join() === expected.removes.join();
  if (!isCurrent) {
    return {
      answered: 'was answered by the Worker in an earlier version',
      advice: 'the newest version has not reached the edge yet',
      weight: 'passing',
    };
  }
  if (passes.length === 0) return undefined;
  return {
    answered: `would have reached the application with a forged ${passes.join(', ')}`,
    advice: 'this is a bug in gates: please report it',
    weight: 'person',
  };
}
