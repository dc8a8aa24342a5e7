import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openCallStore } from '../../../src/daemon/actions/call-record.ts';
import { quietLog } from '../quiet-log.ts';
import { FILE, inForceOf, playedActions, signatureOf } from './played-actions.ts';

const DONE = { state: 'done', exit: 0, output: '' } as const;

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turn();
}

async function idOf(response: Response | Promise<Response>): Promise<string> {
  return ((await (await response).json()) as { id: string }).id;
}

describe('calls of one action', () => {
  it('made at once run one at a time, and calls that arrive meanwhile share the next run', async () => {
    const { call, queue, started, store } = await playedActions();
    queue.follow(inForceOf());
    const first = await idOf(call('tidy', '{"n":0}'));
    await until(() => started.length === 1);
    const rest = await Promise.all(
      Array.from({ length: 20 }, (_, n) => idOf(call('tidy', `{"n":${n + 1}}`))),
    );
    expect([new Set(rest).size, rest.includes(first)]).toEqual([1, false]);
    expect(started).toHaveLength(1);
    started[0]?.end.resolve(DONE);
    await until(() => started.length === 2);
    started[1]?.end.resolve(DONE);
    await queue.settled();
    expect(started).toHaveLength(2);
    expect(store.current().calls.map(({ id, state }) => [id, state])).toEqual([
      [first, 'done'],
      [rest[0], 'done'],
    ]);
  });

  it('do not wait for calls of another action', async () => {
    const { call, queue, started } = await playedActions();
    queue.follow(inForceOf());
    await call('tidy');
    await call('call', '{"action":"call"}');
    await until(() => started.length === 2);
    expect(started.map(({ action }) => action.name).sort()).toEqual(['call', 'tidy']);
  });

  it('are remembered: the last 20 that ended', async () => {
    const { call, queue, store } = await playedActions();
    queue.follow(inForceOf());
    for (let n = 0; n < 25; n += 1) {
      await call('reconcile', `{"n":${n}}`);
      await queue.settled();
    }
    expect(store.current().calls).toHaveLength(20);
  });
});

describe('reconcile', () => {
  it('requests a run', async () => {
    const { call, queue, reconciled, ask } = await playedActions();
    queue.follow(inForceOf());
    const id = await idOf(call('reconcile'));
    await queue.settled();
    expect(reconciled()).toBe(1);
    expect(await (await ask('reconcile', id)).json()).toMatchObject({ state: 'done' });
  });
});

describe('a daemon that was killed', () => {
  it('reports the interrupted action and does not repeat it, and runs the waiting one', async () => {
    const before = await playedActions();
    before.queue.follow(inForceOf());
    const ran = await idOf(before.call('tidy', '1'));
    await until(() => before.started.length === 1);
    const waited = await idOf(before.call('tidy', '2'));
    const after = await playedActions(before.stateDir, before.clock);
    expect(after.ended).toMatchObject([{ id: ran, state: 'interrupted' }]);
    expect(after.started).toEqual([]);
    after.queue.follow(inForceOf());
    await until(() => after.started.length === 1);
    after.started[0]?.end.resolve(DONE);
    await after.queue.settled();
    expect(after.queue.calls().map(({ id, state }) => [id, state])).toEqual([
      [ran, 'interrupted'],
      [waited, 'done'],
    ]);
  });

  it('does not run a waiting action that the file no longer lists', async () => {
    const before = await playedActions();
    before.queue.follow(inForceOf());
    before.stop.abort();
    const id = await idOf(before.call('tidy'));
    const after = await playedActions(before.stateDir, before.clock);
    after.queue.follow(inForceOf(FILE.replace(', tidy', '')));
    await after.queue.settled();
    expect(after.ended).toMatchObject([{ id, state: 'failed', reason: expect.stringContaining('no gate') }]);
    expect(after.started).toEqual([]);
  });

  it('starts new calls with a damaged record, but not those signed before the damage', async () => {
    const { stateDir, clock } = await playedActions();
    const file = path.join(stateDir, 'actions.json');
    writeFileSync(file, '{"calls":[');
    const old = signatureOf('{}', clock.now());
    await clock.advance(2000);
    const { call, queue, reconciled } = await playedActions(stateDir, clock);
    queue.follow(inForceOf());
    expect((await call('reconcile', '{}', old)).status).toBe(401);
    expect((await call('reconcile')).status).toBe(202);
    await queue.settled();
    const again = await playedActions(stateDir, clock);
    again.queue.follow(inForceOf());
    expect((await again.call('reconcile', '{}', old)).status).toBe(401);
    expect([reconciled(), again.reconciled()]).toEqual([1, 0]);
    expect(readFileSync(`${file}.broken`, 'utf8')).toBe('{"calls":[');
  });
});

describe('a daemon that is stopping', () => {
  it('begins nothing more, and reports what it ended as interrupted', async () => {
    const { call, queue, started, stop, ended } = await playedActions();
    queue.follow(inForceOf());
    await call('tidy', '1');
    await until(() => started.length === 1);
    await call('tidy', '2');
    stop.abort();
    started[0]?.end.resolve({ state: 'failed', signal: 'SIGTERM', reason: 'told to end', output: '' });
    await queue.settled();
    expect([started.length, ended.map(({ state }) => state)]).toEqual([1, ['interrupted']]);
    expect(queue.calls().map(({ state }) => state)).toEqual(['interrupted', 'queued']);
  });
});

describe('the state directory of another daemon', () => {
  it('is not written: the call is rejected, and leaves no trace', async () => {
    const { stateDir, queue, call, clock } = await playedActions();
    queue.follow(inForceOf());
    await call('reconcile');
    await queue.settled();
    const store = await openCallStore(stateDir, { isOurs: async () => false, clock, log: quietLog() });
    const before = store.current();
    const change = store.change((book) => ({ book: { ...book, calls: [] }, answer: undefined }));
    await expect(change).rejects.toThrow('Another daemon has taken over');
    expect(store.current()).toBe(before);
  });
});
