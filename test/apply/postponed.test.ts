import { describe, expect, it } from 'vitest';
import { applyPlan } from '../../src/apply/apply.ts';
import type { Change, Plan } from '../../src/core/change.ts';
import { UnsafeError } from '../../src/core/errors.ts';
import type { WriteInterlock } from '../../src/core/interlock.ts';
import type { Clock } from '../../src/core/world.ts';
import { gate } from '../plan/support/fakes.ts';
import { MemorySystem, testWorld } from './memory.ts';

function creation(key: string, needs: readonly string[] = []): Change {
  return {
    ...{ id: `create ${key}`, verb: 'create', phase: 'guard', address: { kind: gate.kind, key } },
    ...{ want: { host: `${key}.example.dev`, admits: ['me'] }, drift: [], needs, doors: [] },
  };
}

const changes = [creation('a'), creation('b', ['create a']), creation('c'), creation('d', ['create c'])];

/** An interlock that holds `a` back until all of these are written, and have arrived at the edge. */
async function run(until: readonly string[], arrival = 0, arrivesBy = arrival, planned = changes) {
  const written = new Set<string>();
  let now = 0;
  const waits: number[] = [];
  const clock: Clock = {
    now: () => new Date(now),
    sleep: async (milliseconds) => {
      waits.push(milliseconds);
      now += milliseconds;
    },
  };
  const interlock: WriteInterlock = {
    foreseen: () => new Map(),
    withheld: async (asked) => {
      const isFree = until.every((id) => written.has(id)) && now >= arrival;
      const held = asked.filter(({ id }) => id === 'create a' && !isFree);
      return new Map(held.map(({ id }) => [id, new UnsafeError('it would let somebody in')]));
    },
    wrote: (changed) => changed.forEach(({ change }) => void written.add(change.id)),
    unmade: () => {},
    settled: () => {},
    arrivesBy: () => (now < arrival ? new Date(arrivesBy) : undefined),
  };
  const system = new MemorySystem([]);
  const plan: Plan = { owner: 'home', changes: planned, warnings: [], attributes: {}, unknown: [] };
  const events: string[] = [];
  const outcomes = await applyPlan(
    plan,
    system.reconcilers(),
    { ...testWorld(new AbortController().signal), clock },
    (event) => {
      if (event.type === 'started' || event.type === 'finished')
        events.push(`${event.type} ${event.change.id}`);
    },
    interlock,
  );
  return {
    told: outcomes.map(({ change, status, reason }) => [status, change, reason].join(' ').trim()),
    written: [...written],
    waits,
    events,
  };
}

describe('a change that the interlock holds back', () => {
  it('is made once the changes that it waits for are made, and the changes that need it follow; it begins once', async () => {
    const { told, written, events } = await run(['create c', 'create d']);
    expect(told).toEqual(['done create a', 'done create b', 'done create c', 'done create d']);
    expect(written).toEqual(['create c', 'create d', 'create a', 'create b']);
    expect(events.filter((event) => event.endsWith('create a'))).toEqual([
      'started create a',
      'finished create a',
    ]);
  });

  it('is tried once more when the edge applies all that is written', async () => {
    const { told, written, waits } = await run(['create c', 'create d'], 30_000);
    expect(told).toEqual(['done create a', 'done create b', 'done create c', 'done create d']);
    expect(written).toEqual(['create c', 'create d', 'create a', 'create b']);
    expect(waits).toEqual([30_000]);
  });

  it('fails after one wait if that shows nothing new', async () => {
    const { told, waits } = await run(['create c', 'create d'], Number.POSITIVE_INFINITY, 30_000);
    expect(told[0]).toBe('failed create a');
    expect(waits).toEqual([30_000]);
  });

  const waits = ['failed create a', 'skipped create b waits for: create cloudflare/gate:a'];
  it.each([
    { reason: 'door', told: ['done create a', 'done create b'], written: ['create b', 'create a'] },
    { reason: 'reference', told: waits, written: [] },
    { reason: 'series', told: waits, written: [] },
  ] as const)(
    'lets another go first that waits for it because of the $reason',
    async ({ reason, told, written }) => {
      const waiting: Change = { ...creation('b', ['create a']), needReasons: [reason] };
      const made = await run(['create b'], 0, 0, [creation('a'), waiting]);
      expect([made.told, made.written]).toEqual([told, written]);
    },
  );

  it('lets no removal go first', async () => {
    const removal: Change = { ...creation('b', ['create a']), verb: 'prune', needReasons: ['door'] };
    expect((await run(['create b'], 0, 0, [creation('a'), removal])).written).toEqual([]);
  });

  it('fails once nothing else can be made, and what needs it waits for another run', async () => {
    const { told, written } = await run(['nothing of the plan']);
    expect(told).toEqual([
      'failed create a',
      'skipped create b waits for: create cloudflare/gate:a',
      'done create c',
      'done create d',
    ]);
    expect(written).toEqual(['create c', 'create d']);
  });
});
