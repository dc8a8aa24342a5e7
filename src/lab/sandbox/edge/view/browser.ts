import { headerValues, type Visit } from './visit.ts';

/** True if the visitor is a browser, which solves a challenge and continues; so do the oracle's visitors. */
export function isBrowser(visit: Visit): boolean {
  return (
    visit.solvesChallenges === true ||
    headerValues(visit, 'user-agent').some((agent) => agent.startsWith('Mozilla/'))
  );
}
