import { randomUUID } from 'node:crypto';
import type { Clock } from '../../core/world.ts';
import { identityOf } from '../lease/process-identity.ts';
import type { Log } from '../log/log.ts';
import type { Ended, StartAction } from './action-start.ts';
import { type AppliedActions, appliedAction, NO_ACTIONS } from './applied-actions.ts';
import { SKEW } from './call-proof.ts';
import type { Call, CallBook, CallStore, Spent } from './call-record.ts';
import { endLeftover } from './leftover.ts';

export interface ActionQueueOptions {
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

/** A valid signature, with what the record keeps of it. */
export interface Signed {
  readonly digest: string;
  readonly time: Date;
}

/** `seen`: the same call came before. `spent`: its signature was used for something else. */
export type Accepted =
  | { readonly type: 'accepted' | 'seen'; readonly call: string }
  | { readonly type: 'spent' };

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
export async function openActionQueue(options: ActionQueueOptions): Promise<ActionQueue> {
  const { store, clock, log, signal } = options;
  let inForce: AppliedActions = NO_ACTIONS;
  let isFollowing = false;
  const working = new Map<string, Promise<void>>();
  await interruptLeftovers(options);

  const now = () => clock.now().toISOString();
  const fresh = (spent: readonly Spent[]) => spent.filter(({ until }) => until >= clock.now().getTime());
  const untilOf = ({ time }: Signed) => time.getTime() + SKEW;
  const waiting = () => store.current().calls.filter(({ state }) => state === 'queued');

  function work(action: string): void {
    if (!isFollowing || signal.aborted || working.has(action)) return;
    const done = runWaiting(action).then(
      () => {
        working.delete(action);
        // A call may have arrived since the last check.
        if (waiting().some((call) => call.action === action)) work(action);
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
    for (;;) {
      const next = waiting().find((call) => call.action === action);
      if (next === undefined || signal.aborted) return;
      await runOne(next);
    }
  }

  async function runOne({ id, action }: Call): Promise<void> {
    await change(id, { state: 'running', startedAt: now() });
    log.info('action started', { action, id });
    const { output, ...end } = await carryOut(id, action);
    await store
      .keepOutput(id, output)
      .catch((error) => log.warn('output of an action not kept', { action, id, error }));
    const state = signal.aborted && end.state === 'failed' ? 'interrupted' : end.state;
    const call = await change(id, { ...end, state, endedAt: now(), process: undefined });
    log[state === 'done' ? 'info' : 'error']('action ended', { ...end, action, id, state });
    options.onEnded(call);
  }

  async function carryOut(id: string, name: string): Promise<Ended> {
    // The file may have changed while the call waited.
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
        .then((process) => change(id, { process }))
        .catch((error) => log.warn('process of an action not saved', { action: name, id, error }));
    };
    const end = await options.start(action, { signal, onStart });
    await noting;
    return end;
  }

  async function change(id: string, parts: { readonly [Part in keyof Call]?: Call[Part] | undefined }) {
    const call = await store.change((book) => {
      const before = book.calls.find((one) => one.id === id);
      const known = Object.entries({ ...before, ...parts }).filter(([, value]) => value !== undefined);
      const answer = Object.fromEntries(known) as unknown as Call;
      return {
        book: { ...book, calls: book.calls.map((one) => (one.id === id ? answer : one)) },
        answer,
      };
    });
    options.onChange();
    return call;
  }

  function accepting(action: string, signed: Signed, book: CallBook): { book: CallBook; answer: Accepted } {
    const spent = fresh(book.spent);
    const before = spent.find(({ digest }) => digest === signed.digest);
    if (before !== undefined) {
      const { id } = before;
      const isSame = id !== undefined && before.action === action;
      return { book, answer: isSame ? { type: 'seen', call: id } : { type: 'spent' } };
    }
    if (signed.time.getTime() < (book.unknownBefore ?? 0)) return { book, answer: { type: 'spent' } };
    const waits = book.calls.find((call) => call.action === action && call.state === 'queued');
    const id = waits?.id ?? randomUUID();
    const call: Call = { id, action, state: 'queued', askedAt: now() };
    return {
      book: {
        ...book,
        calls: waits === undefined ? [...book.calls, call] : book.calls,
        spent: [...spent, { digest: signed.digest, until: untilOf(signed), action, id }],
      },
      answer: { type: 'accepted', call: id },
    };
  }

  return {
    follow(wanted) {
      inForce = wanted;
      isFollowing = true;
      for (const { action } of waiting()) work(action);
    },
    inForce: () => inForce,
    async accept(action, signed) {
      const answer = await store.change((book) => accepting(action, signed, book));
      if (answer.type === 'accepted') {
        options.onChange();
        work(action);
      }
      return answer;
    },
    async ask(action, id, signed) {
      const call = store.current().calls.find((one) => one.id === id && one.action === action);
      await store.change((book) => {
        const spent = fresh(book.spent);
        const isKnown = spent.some(({ digest }) => digest === signed.digest);
        const { digest } = signed;
        const more = isKnown ? [] : [{ digest, until: untilOf(signed), action }];
        return { book: isKnown ? book : { ...book, spent: [...spent, ...more] }, answer: undefined };
      });
      const output = call && (await store.output(id));
      return call && { ...call, ...(output !== undefined && { output }) };
    },
    calls: () => store.current().calls,
    async settled() {
      await Promise.all(working.values());
    },
  };
}

/** Ends the commands that ran when the daemon was killed, and reports them. */
async function interruptLeftovers({ store, clock, log, onEnded }: ActionQueueOptions): Promise<void> {
  for (const { process: leftover, ...call } of store.current().calls) {
    if (call.state !== 'running') continue;
    if (leftover !== undefined) await endLeftover(leftover, clock);
    const reason = 'the daemon was killed while it ran: see how far it came, then call it again';
    const ended: Call = { ...call, state: 'interrupted', endedAt: clock.now().toISOString(), reason };
    await store.change((book) => ({
      book: { ...book, calls: book.calls.map((one) => (one.id === call.id ? ended : one)) },
      answer: undefined,
    }));
    log.error('action ended', { action: call.action, id: call.id, state: ended.state, reason });
    onEnded(ended);
  }
}
