import type { Status } from '../status/status.ts';
import { isOrAre, listed, type Trouble } from './trouble.ts';

/** Actions whose last finished call failed or was interrupted. */
export function actionTroubles({ actions = [] }: Status): readonly Trouble[] {
  return actions.flatMap(({ name, id, state, at, reason }): readonly Trouble[] => {
    if (state !== 'failed' && state !== 'interrupted') return [];
    return [
      {
        topic: `action ${name}`,
        state,
        tone: 'trouble',
        group: `action ${state} ${reason ?? ''}`,
        subject: name,
        title: titles[state],
        details: reason === undefined ? [] : [`${name}: ${reason}`],
        advice: `What it printed is in the state directory of the daemon: actions/${id}.txt`,
        since: at,
        passing: false,
        good: `Good again: the action ${name} came to its end`,
      },
    ];
  });
}

const titles = {
  failed: (names: readonly string[]) => `Failed: the action ${listed(names)}`,
  interrupted: (names: readonly string[]) =>
    `Interrupted: the action ${listed(names)} ${isOrAre(names)} not run again by itself`,
} as const;
