import { headerValues, type Visit } from './visit.ts';

/** A browser solves a challenge and goes on, and so does whom the oracle plays. */
export function isBrowser(visit: Visit): boolean {
  return (
    visit.solvesChallenges === true ||
    headerValues(visit, 'user-agent').some((agent) => agent.startsWith('Mozilla/'))
  );
}
