import { describe, expect, it } from 'vitest';
import { applyPlan } from '../../src/apply/apply.ts';
import type { Change, Plan } from '../../src/core/change.ts';
import type { DoorStep } from '../../src/core/objects/door.ts';
import type { World } from '../../src/core/world.ts';
import { gate } from '../plan/support/fakes.ts';
import { MemorySystem, testWorld } from './memory.ts';

const host = 'a.example.dev';

function creation(key: string, step: DoorStep, more: Partial<Change> = {}): Change {
  return {
    ...{ id: `create ${key}`, verb: 'create', phase: 'guard', address: { kind: gate.kind, key } },
    ...{ want: { host, admits: ['me'] }, drift: [], needs: [], doors: [{ host, step }], ...more },
  };
}

/** A world on which runs follow each other, and the milliseconds for which each of them waits. */
function home() {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const waits: number[] = [];
  const clock: World['clock'] = {
    now: () => new Date(now),
    sleep: async (milliseconds) => {
      waits.push(milliseconds);
      now += milliseconds;
    },
  };
  const world: World = { ...testWorld(new AbortController().signal), clock };
  const run = async (changes: readonly Change[], more: Partial<World> = {}) => {
    waits.length = 0;
    const plan: Plan = { owner: 'home', changes, warnings: [], attributes: {}, unknown: [] };
    const outcomes = await applyPlan(plan, new MemorySystem([]).reconcilers(), { ...world, ...more });
    return { statuses: outcomes.map(({ status }) => status), waits: [...waits] };
  };
  const pass = (milliseconds: number) => {
    now += milliseconds;
  };
  return { run, world, pass };
}

describe('a run after another one', () => {
  it.each<[step: DoorStep, waits: readonly number[]]>([
    ['guard', []],
    ['divide', [29_000]],
    ['change', [29_000]],
    ['route', [29_000]],
    ['publish', [29_000]],
  ])(
    'waits until its writes have reached the edge before a step "%s" as long as is needed',
    async (step, waits) => {
      const { run, pass } = home();
      expect((await run([creation('a', 'route')])).waits).toEqual([]);
      pass(1_000);
      expect((await run([creation('b', step)])).waits).toEqual(waits);
    },
  );

  it('waits before it closes a host for later steps, and not before it closes one for good', async () => {
    const { run } = home();
    await run([creation('a', 'guard')]);
    expect((await run([creation('b', 'close')])).waits).toEqual([]);
    expect((await run([creation('c', 'close', { interim: host })])).waits).toEqual([30_000]);
  });

  it('waits for nothing if that wrote nothing, or long ago', async () => {
    const { run, pass } = home();
    await run([creation('r', 'guard', { verb: 'refuse', reason: 'it is in the way' })]);
    expect((await run([creation('a', 'route')])).waits).toEqual([]);
    pass(30_000);
    expect((await run([creation('b', 'route')])).waits).toEqual([]);
  });

  it('waits once', async () => {
    const { run } = home();
    await run([creation('a', 'guard')]);
    expect((await run([creation('b', 'route'), creation('c', 'publish')])).waits).toEqual([30_000]);
  });
});

it('writes nothing while it cannot note that it does', async () => {
  const { run, world } = home();
  const notes = { ...world.notes, put: () => Promise.reject('the disk is full') };
  const found = await run([creation('a', 'guard')], { notes });
  expect(found.statuses).toEqual(['failed']);
});
