import { expect, test } from 'vitest';
import { UnreachableError } from '../../src/core/errors.ts';
import type { TakenTurns } from '../../src/core/turn-taker.ts';
import type { Sandbox } from '../../src/lab/sandbox/index.ts';
import { Laboratory, livedInSandbox, stateOf } from './laboratory.ts';

async function heldBy(sandbox: Sandbox, owner: string): Promise<TakenTurns> {
  const taken = await new Laboratory(sandbox).takeTurn(owner);
  if ('waitsFor' in taken) throw new Error(taken.waitsFor);
  return taken;
}

test('a run refuses to begin while a gates with another state folder writes for 30 seconds', async () => {
  const sandbox = await livedInSandbox();
  await heldBy(sandbox, 'home');
  const [before, since, [{ n = 0 } = {}]] = [stateOf(sandbox), sandbox.now(), sandbox.calls().slice(-1)];
  const refused = await new Laboratory(sandbox).run().catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(UnreachableError);
  expect(refused).toMatchObject({
    message: 'Another gates writes the rules of this tunnel',
    facts: { detail: expect.stringContaining('a run of the owner "home" from another state folder') },
  });
  expect(sandbox.now() - since).toBeGreaterThanOrEqual(30_000);
  expect(stateOf(sandbox)).toEqual(before);
  const writes = sandbox.calls(n).filter(({ write }) => write);
  expect(writes.filter(({ status }) => status < 400)).toEqual([]);
  // The run tries every two seconds.
  expect(writes.length).toBeLessThanOrEqual(17);
});

test('a run begins once the other run has ended', async () => {
  const sandbox = await livedInSandbox();
  const held = await heldBy(sandbox, 'home');
  let tries = 0;
  const api = async (
    { method, path }: { readonly method: string; readonly path: string },
    reply: () => Promise<Response>,
  ) => {
    if (method === 'POST' && path.endsWith('/cfd_tunnel')) tries += 1;
    if (tries === 5) await held.release();
    return reply();
  };
  const { beliefs } = await new Laboratory(sandbox, { tamper: { api } }).run();
  expect(tries).toBe(5);
  expect(beliefs.filter(({ state }) => state !== 'as believed')).toEqual([]);
});

test('a gates with another state folder waits while a run lasts, and for nothing afterwards', async () => {
  const sandbox = await livedInSandbox();
  const before = stateOf(sandbox);
  const answers = new Set<string>();
  const api = async (
    { method, path }: { readonly method: string; readonly path: string },
    reply: () => Promise<Response>,
  ) => {
    const response = await reply();
    if (method !== 'PUT' || !path.endsWith('/configurations')) return response;
    const taken = await new Laboratory(sandbox).takeTurn('home');
    answers.add('waitsFor' in taken ? taken.waitsFor.replace(/tunnel .*/, 'tunnel') : 'taken');
    return response;
  };
  await new Laboratory(sandbox, { tamper: { api } }).run();
  expect([...answers]).toEqual([
    'a run of the owner "conformance-1a2b" from another state folder that writes tunnel',
  ]);
  expect(stateOf(sandbox)).toEqual(before);
  await (await heldBy(sandbox, 'home')).release();
});

test('a sweep releases the turn of a killed run, and of no other', async () => {
  const sandbox = await livedInSandbox();
  await heldBy(sandbox, 'conformance-7x2k');
  expect(await new Laboratory(sandbox).sweep()).toEqual(['turn of the tunnel homelab']);
  await heldBy(sandbox, 'home');
  expect(await new Laboratory(sandbox).sweep()).toEqual([]);
});
