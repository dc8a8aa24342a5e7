import { expect, it } from 'vitest';
import { createForge } from './forge.ts';
import { github, type HostileCall, hostileCall, seeded } from './hostile-calls.ts';
import { deferred, startDaemon, textOf } from './running-daemon.ts';

const SEED = 20_261_125;

/** Sends all slow calls at once, and the others in order, `width` at a time. */
async function sendAll(calls: readonly HostileCall[], hooks: string, width: number): Promise<string[]> {
  const wrong: string[] = [];
  const send = async (call: HostileCall) => {
    const status = await call.send(hooks);
    if (!call.right.includes(status)) wrong.push(`${call.name}: ${status}`);
  };
  const queue = calls.filter((call) => !isSlow(call));
  const worker = async () => {
    for (let call = queue.shift(); call !== undefined; call = queue.shift()) await send(call);
  };
  await Promise.all([...calls.filter(isSlow).map(send), ...Array.from({ length: width }, worker)]);
  return wrong;
}

function isSlow({ name }: HostileCall): boolean {
  return name.startsWith('slow');
}

it('1,000 hostile calls get the right statuses, start nothing and delay nothing', async () => {
  const forge = createForge();
  forge.push({ 'gates.yaml': 'one' });
  // The timeout suffices for a call that is not slow, even on a busy machine.
  const settings = { requestTimeout: 3_000 };
  const { requests, runs, push, hangup, listening, status } = await startDaemon(forge, settings);
  await runs.at(0);
  const seen = { id: 'seen', body: JSON.stringify({ ref: 'refs/heads/main' }) };
  expect(await github(seen.id, seen.body)(listening.hooks)).toBe(202);
  await runs.at(1);

  const random = seeded(SEED);
  const calls = Array.from({ length: 1_000 }, (_, n) => hostileCall(n, random, seen));
  // No hostile call makes the daemon read this revision before the push announces it.
  const revision = forge.push({ 'gates.yaml': 'two' });
  const before = sendAll(calls.slice(0, 500), listening.hooks, 50);
  expect(await push(revision)).toBe(202);
  expect(textOf(await requests.at(2))).toBe('two');
  await runs.at(2);
  const after = sendAll(calls.slice(500), listening.hooks, 50);
  expect([...(await before), ...(await after)]).toEqual([]);

  // A run that a hostile call had started would be waiting now.
  expect((await status()).waiting).toBeUndefined();
  hangup();
  await runs.at(3);
  expect((await status()).lastRun?.triggers).toEqual(['signal']);
  expect(requests.all.map(textOf)).toEqual(['one', 'one', 'two', 'two']);
});

it('500 pushes at once cause at most two runs, the last of the newest revision', async () => {
  const forge = createForge();
  forge.push({ 'gates.yaml': 'one' });
  const { requests, runs, push, hold, hangup } = await startDaemon(forge);
  await runs.at(0);
  const gate = deferred<void>();
  hold(gate.promise);
  const first = forge.push({ 'gates.yaml': 'two' });
  const statuses = [await push(first)];
  await requests.at(1);
  const newest = forge.push({ 'gates.yaml': 'newest' });
  // Each push has its own connection, and none is answered before the last is sent.
  statuses.push(...(await Promise.all(Array.from({ length: 499 }, () => push(newest)))));
  expect(statuses).toEqual(Array.from({ length: 500 }, () => 202));
  gate.resolve();
  await runs.at(2);
  // The next run comes from the signal, so nothing of the burst is left.
  hangup();
  await runs.at(3);
  expect(requests.all.map(textOf)).toEqual(['one', 'two', 'newest', 'newest']);
});
