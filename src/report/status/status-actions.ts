import type { ActionSeen, Status } from './status.ts';
import type { StatusSection } from './status-section.ts';

/** One line for each action, with the result of its last call. */
export function actionSection(
  { actions = [] }: Status,
  ago: (time: string) => string,
): readonly StatusSection[] {
  if (actions.length === 0) return [];
  const width = Math.max(...actions.map(({ name }) => name.length));
  const items = actions.map((action) => ({
    lines: [`${action.name.padEnd(width)}  ${actionText(action, ago)}`],
  }));
  return [{ about: 'actions', title: 'Actions', items }];
}

/** Only the actions that failed or were interrupted. */
export function failedActionSection(
  { actions = [], ...status }: Status,
  ago: (time: string) => string,
): readonly StatusSection[] {
  const failed = actions.filter(({ state }) => state === 'failed' || state === 'interrupted');
  return actionSection({ ...status, actions: failed }, ago);
}

const words: Readonly<Record<ActionSeen['state'], string>> = {
  queued: 'waits, called',
  running: 'runs, begun',
  done: 'done',
  failed: 'FAILED',
  interrupted: 'INTERRUPTED',
};

function actionText({ state, at, reason, waits }: ActionSeen, ago: (time: string) => string): string {
  const why = reason === undefined ? '' : `: ${reason}`;
  return `${words[state]} ${ago(at)}${why}${waits === true ? ', and another call waits' : ''}`;
}
