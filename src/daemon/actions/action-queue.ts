import { type AppliedActions, NO_ACTIONS } from './applied-actions.ts';
import { type Accepted, type Signed, waitingCalls, withAccepted, withAsked } from './call-book.ts';
import {
  type CallExecutionOptions,
  carryOutCall,
  interruptLeftovers,
  recordEnd,
  recordStart,
} from './call-execution.ts';
import type { Call } from './call-record.ts';

export interface ActionQueue {
  /** Sets the actions that calls may start from now on, and starts calls that waited for them. */
  follow(inForce: AppliedActions): void;
  inForce(): AppliedActions;
  /** Resolves once the call is on disk. @throws if it cannot be written. */
  accept(action: string, signed: Signed): Promise<Accepted>;
  /** A call with its output, for a question with a signature that can start nothing afterwards. */
  ask(action: string, id: string, signed: Signed): Promise<(Call & { readonly output?: string }) | undefined>;
  calls(): readonly Call[];
  /** Resolves once no call is running. */
  settled(): Promise<void>;
}

/**
 * The queue of action calls. For each action, one call runs and at most one waits. The waiting call starts after all
 * earlier calls were made, so it answers for them. A call that the daemon's end interrupted is not started again.
 */
export async function openActionQueue(options: CallExecutionOptions): Promise<ActionQueue> {
  const { store, clock, log, signal, onChange } = options;
  let inForce: AppliedActions = NO_ACTIONS;
  let isFollowing = false;
  const working = new Map<string, Promise<void>>();
  await interruptLeftovers(options);

  const nextOf = (action: string) => waitingCalls(store.current()).find((call) => call.action === action);

  function work(action: string): void {
    if (!isFollowing || signal.aborted || working.has(action)) return;
    const done = runWaiting(action).then(
      () => {
        working.delete(action);
        // A call may have arrived since the last check.
        if (nextOf(action) !== undefined) work(action);
      },
      (error) => {
        // The next call, and each run, tries again.
        working.delete(action);
        log.error('action not run', { action, error });
      },
    );
    working.set(action, done);
  }

  async function runWaiting(action: string): Promise<void> {
    for (let next = nextOf(action); next !== undefined && !signal.aborted; next = nextOf(action)) {
      await recordStart(next, options);
      // The file may have changed while the call waited.
      const end = await carryOutCall(next, inForce, options);
      await recordEnd(next, end, options);
    }
  }

  return {
    follow(wanted) {
      inForce = wanted;
      isFollowing = true;
      for (const { action } of waitingCalls(store.current())) work(action);
    },
    inForce: () => inForce,
    async accept(action, signed) {
      const answer = await store.change((book) => withAccepted(book, action, signed, clock.now()));
      if (answer.type === 'accepted') {
        onChange();
        work(action);
      }
      return answer;
    },
    async ask(action, id, signed) {
      const call = store.current().calls.find((one) => one.id === id && one.action === action);
      await store.change((book) => withAsked(book, action, signed, clock.now()));
      const output = call && (await store.output(id));
      return call && { ...call, ...(output !== undefined && { output }) };
    },
    calls: () => store.current().calls,
    settled: () => Promise.all(working.values()).then(() => undefined),
  };
}
