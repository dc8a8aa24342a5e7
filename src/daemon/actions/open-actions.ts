import type { Redactor } from '../../clients/redaction.ts';
import { ownFilesOf } from '../../clients/state/own-files.ts';
import { createSecretReader, type SecretPlace } from '../../clients/state/secret-source.ts';
import type { Clock } from '../../core/world.ts';
import type { Lease } from '../lease/lease.ts';
import type { Log } from '../log/log.ts';
import { redactDeep } from '../log/redact-deep.ts';
import type { Metrics } from '../status/metrics.ts';
import type { StatusFile } from '../status/status-file.ts';
import type { Triggers } from '../triggers/triggers.ts';
import { type ActionQueue, openActionQueue } from './action-queue.ts';
import { actionStarter } from './action-start.ts';
import { actionsSeen } from './actions-seen.ts';
import type { AppliedActions } from './applied-actions.ts';
import { openCallStore } from './call-record.ts';

export interface ActionsOptions {
  readonly stateDir: string;
  /** The environment from which secrets and the variables of commands are read. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly redactor: Redactor;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'actions' | 'acted'>;
  readonly lease: Pick<Lease, 'confirm'>;
  readonly status: Pick<StatusFile, 'change'>;
  readonly triggers: Pick<Triggers, 'request'>;
  /** Called when an action has ended. */
  readonly onEnded: () => void;
  readonly signal: AbortSignal;
}

export interface Actions {
  readonly queue: ActionQueue;
  readonly readSecret: (place: SecretPlace) => Promise<string>;
  /** Sets the actions that calls may start from now on. */
  follow(inForce: AppliedActions): void;
}

/** The actions of the daemon that holds the lease, with their clients, record and status. */
export async function openActions(options: ActionsOptions): Promise<Actions> {
  const { stateDir, environment, redactor, clock, log, metrics, lease, status, triggers } = options;
  const readSecret = createSecretReader({
    environment,
    own: [stateDir, ...ownFilesOf(environment)],
    redactor,
  });
  const store = await openCallStore(stateDir, { isOurs: lease.confirm, clock, log });
  let listed: readonly string[] = [];
  const show = () => {
    const seen = actionsSeen(listed, store.current().calls);
    status.change({ actions: seen.length === 0 ? undefined : redactDeep(seen, redactor.redact) });
  };
  const queue = await openActionQueue({
    store,
    start: actionStarter({ environment, readSecret, redact: redactor.redact, clock }),
    reconcile: () => triggers.request({ type: 'action' }),
    clock,
    log,
    onEnded({ action, state }) {
      if (state === 'done' || state === 'failed' || state === 'interrupted') metrics.acted(action, state);
      show();
      options.onEnded();
    },
    onChange: show,
    signal: options.signal,
  });
  return {
    queue,
    readSecret,
    follow(inForce) {
      listed = inForce.gates.flatMap(({ actions }) => actions);
      metrics.actions(listed);
      queue.follow(inForce);
      show();
    },
  };
}
