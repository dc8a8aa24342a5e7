import type { AuthentikPlace } from '../report.ts';
import type { Names } from './names.ts';

/** The average number of calls of a story that wait for each other; simultaneous calls count as one. */
const callsInTurn = 31;

/**
 * The announcement that a person agrees to. `answerTime` is the server's time for one call, in milliseconds; `passed`
 * is the number of stories that an earlier run has finished.
 */
export function announcementOf(
  { stories, passed }: { readonly stories: number; readonly passed: number },
  { url, release }: AuthentikPlace,
  { owner }: Names,
  answerTime: number,
): string {
  const storiesLeft = stories - passed;
  const minutes = Math.ceil((storiesLeft * callsInTurn * answerTime) / 60_000);
  const earlier =
    passed === 0 ? '' : ` ${passed} others passed in a run that was stopped; --fresh plays them again.`;
  return [
    `gates plays ${storiesLeft} stories at the Authentik ${release} at ${url}, in about ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.${earlier}`,
    'It makes scratch objects there, and removes them after each story:',
    '  groups, applications, bindings, providers, scope mappings and key pairs',
    '  1 outpost, which nobody runs',
    '  1 user with few rights, with 1 role, 1 group and 1 token',
    `Their names begin with gates-${owner} or gates:${owner}. Objects of others, the embedded outpost, flows and brands are not`,
    'changed. A story differs also where somebody else changes something meanwhile.',
    '',
  ].join('\n');
}
