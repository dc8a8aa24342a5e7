import type { Clock } from '../../core/world.ts';
import { identityOf } from '../lease/process-identity.ts';
import type { Log } from '../log/log.ts';
import type { Ended, StartAction } from './action-start.ts';
import { type AppliedActions, appliedAction } from './applied-actions.ts';
import { type CallParts, withCall, withParts } from './call-book.ts';
import type { Call, CallStore } from './call-record.ts';
import { endLeftover } from './leftover.ts';

export interface CallExecutionOptions {
  readonly store: CallStore;
  readonly start: StartAction;
  /** Asks for a run. */
  readonly reconcile: () => void;
  readonly clock: Clock;
  readonly log: Log;
  /** Called for each call that has ended, after it was written to disk. */
  readonly onEnded: (call: Call) => void;
  /** Called after every change. */
  readonly onChange: () => void;
  /** Aborted: stop the running calls, and start no others. */
  readonly signal: AbortSignal;
}

/** Records that a call runs now. */
export async function recordStart({ id, action }: Call, options: CallExecutionOptions): Promise<void> {
  await change(id, { state: 'running', startedAt: options.clock.now().toISOString() }, options);
  options.log.info('action started', { action, id });
}

/** Carries out a call with the actions of the applied file. */
export async function carryOutCall(
  { id, action: name }: Call,
  inForce: AppliedActions,
  options: CallExecutionOptions,
): Promise<Ended> {
  const action = appliedAction(name, inForce);
  if (action === undefined)
    return { state: 'failed', reason: 'no gate of the applied file lists it any more', output: '' };
  // A run reads the keys, and treats changed keys with the same order and limits as any change.
  if (action === 'reconcile' || action === 'sync-jwks') {
    options.reconcile();
    return { state: 'done', output: 'A run was asked for: `gates status` says what comes of it.\n' };
  }
  let noting: Promise<unknown> = Promise.resolve();
  const onStart = (pid: number) => {
    // The command does not wait for the note. Without a note, it is only not ended after a crash.
    noting = identityOf(pid)
      .then((process) => change(id, { process }, options))
      .catch((error) => options.log.warn('process of an action not saved', { action: name, id, error }));
  };
  const end = await options.start(action, { signal: options.signal, onStart });
  await noting;
  return end;
}

/** Records and reports the end of a call. */
export async function recordEnd(
  { id, action }: Call,
  { output, ...end }: Ended,
  options: CallExecutionOptions,
): Promise<void> {
  const { store, clock, log, signal } = options;
  await store
    .keepOutput(id, output)
    .catch((error) => log.warn('output of an action not kept', { action, id, error }));
  const state = signal.aborted && end.state === 'failed' ? 'interrupted' : end.state;
  const endedAt = clock.now().toISOString();
  const call = await change(id, { ...end, state, endedAt, process: undefined }, options);
  log[state === 'done' ? 'info' : 'error']('action ended', { ...end, action, id, state });
  options.onEnded(call);
}

async function change(
  id: string,
  parts: CallParts,
  { store, onChange }: Pick<CallExecutionOptions, 'store' | 'onChange'>,
): Promise<Call> {
  const call = await store.change((book) => withParts(book, id, parts));
  onChange();
  return call;
}

/** Ends the commands that ran when the daemon was killed, and reports them. */
export async function interruptLeftovers({
  store,
  clock,
  log,
  onEnded,
}: CallExecutionOptions): Promise<void> {
  for (const { process: leftover, ...call } of store.current().calls) {
    if (call.state !== 'running') continue;
    if (leftover !== undefined) await endLeftover(leftover, clock);
    const reason = 'the daemon was killed while it ran: see how far it came, then call it again';
    const ended: Call = { ...call, state: 'interrupted', endedAt: clock.now().toISOString(), reason };
    await store.change((book) => ({ book: withCall(book, ended), answer: undefined }));
    log.error('action ended', { action: call.action, id: call.id, state: ended.state, reason });
    onEnded(ended);
  }
}
