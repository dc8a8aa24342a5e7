import type { ActionSeen } from '../../report/status/status.ts';
import type { Call } from './call-record.ts';

/** The state of each of these actions that was ever called, for the status. */
export function actionsSeen(names: readonly string[], calls: readonly Call[]): readonly ActionSeen[] {
  return [...new Set(names)].sort().flatMap((name) => {
    const own = calls.filter(({ action }) => action === name);
    const waiting = own.find(({ state }) => state === 'queued');
    const latest = own.findLast(({ state }) => state !== 'queued') ?? waiting;
    return latest === undefined ? [] : [seen(latest, waiting !== undefined && waiting !== latest)];
  });
}

function seen(call: Call, waits: boolean): ActionSeen {
  const { action: name, id, state, askedAt, startedAt, endedAt } = call;
  const reason = state === 'failed' || state === 'interrupted' ? reasonOf(call) : undefined;
  return {
    name,
    id,
    state,
    at: endedAt ?? startedAt ?? askedAt,
    ...(reason !== undefined && { reason }),
    ...(waits && { waits }),
  };
}

function reasonOf({ exit, signal, status, reason }: Call): string | undefined {
  if (reason !== undefined) return reason;
  if (signal !== undefined) return `ended by ${signal}`;
  if (exit !== undefined) return `exit status ${exit}`;
  return status === undefined ? undefined : `the answer was ${status}`;
}
