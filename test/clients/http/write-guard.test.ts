import { describe, expect, it } from 'vitest';
import { createAuthentikWire } from '../../../src/clients/authentik/authentik.ts';
import { createBudget } from '../../../src/clients/cloudflare/budget.ts';
import { createCloudflareWire } from '../../../src/clients/cloudflare/cloudflare.ts';
import { guardedDisk, nobodyWrites } from '../../../src/clients/http/write-guard.ts';
import { createRedactor } from '../../../src/clients/redaction.ts';
import { UnsafeError } from '../../../src/core/errors.ts';
import type { Disk, Wire } from '../../../src/core/world.ts';
import { virtualClock } from '../../daemon/virtual-clock.ts';

const lost = new UnsafeError('The lease was lost');

/** A wire to each system that records the methods it sends, under a guard that the test closes. */
function wires() {
  const sent: string[] = [];
  const play = { held: true, answer: () => Response.json({ success: true, result: {} }) };
  const guard = {
    async mayWrite() {
      if (!play.held) throw lost;
    },
  };
  const fetch = async (_: unknown, init?: RequestInit) => {
    sent.push(init?.method?.toUpperCase() ?? 'GET');
    return play.answer();
  };
  const clock = virtualClock();
  const parts = {
    token: 't',
    clock,
    redactor: createRedactor(),
    signal: new AbortController().signal,
    guard,
    fetch,
  };
  const made: Record<string, Wire> = {
    cloudflare: createCloudflareWire({
      ...parts,
      baseUrl: 'http://cf.test/client/v4',
      budget: createBudget(clock),
    }),
    authentik: createAuthentikWire({ ...parts, url: 'http://ak.test' }),
  };
  return { made, sent, play, clock };
}

const writes: readonly [string, (wire: Wire) => Promise<unknown>][] = [
  ['POST', (wire) => wire.post('/x', {})],
  ['PUT', (wire) => wire.put('/x', {})],
  ['PATCH', (wire) => wire.patch('/x', {})],
  ['DELETE', (wire) => wire.delete('/x')],
];

describe.each(['cloudflare', 'authentik'])('the wire to %s', (system) => {
  it.each(writes)('sends no %s once the turn to write is over, and reports that', async (method, write) => {
    const { made, sent, play } = wires();
    const wire = made[system] as Wire;
    await write(wire);
    expect(sent).toEqual([method]);
    play.held = false;
    await expect(write(wire)).rejects.toBe(lost);
    expect(sent).toEqual([method]);
    await wire.get('/x');
    expect(sent).toEqual([method, 'GET']);
  });

  it('asks the guard again before it repeats a write that the API deferred', async () => {
    const { made, sent, play, clock } = wires();
    play.answer = () => new Response('{}', { status: 429, headers: { 'retry-after': '5' } });
    const written = (made[system] as Wire).post('/x', {}).catch((error: unknown) => error);
    await clock.asleep(1);
    play.held = false;
    await clock.advance(10_000);
    expect(await written).toBe(lost);
    expect(sent).toEqual(['POST']);
  });
});

it('a guard also prevents writes to the disk, and allows all reads', async () => {
  const done: string[] = [];
  const does = (what: string) => async () => void done.push(what);
  const disk = {
    vault: { get: does('get'), put: does('put'), remove: does('remove'), list: does('list') },
    notes: { list: does('topic'), text: does('text'), put: does('note'), clear: does('clear') },
    sinks: { holds: does('holds'), write: does('write') },
  } as unknown as Disk;
  const act = async ({ vault, notes, sinks }: Disk) => {
    const attempts = [
      () => vault.put('a', {}),
      () => vault.remove('a'),
      () => notes.put('a', 'b'),
      () => notes.clear('a', 'b'),
      () => sinks.write('a', {}),
    ];
    for (const attempt of attempts) await attempt().catch(() => done.push('refused'));
    await vault.get('a');
    await notes.list('a');
    await sinks.holds('a', {});
  };
  await act(guardedDisk(disk, nobodyWrites));
  expect(done).toEqual([...Array(5).fill('refused'), 'get', 'topic', 'holds']);
  done.length = 0;
  await act(guardedDisk(disk, { mayWrite: async () => {} }));
  expect(done).toEqual(['put', 'remove', 'note', 'clear', 'write', 'get', 'topic', 'holds']);
});
