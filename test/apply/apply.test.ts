import { describe, expect, it } from 'vitest';
import { applyPlan } from '../../src/apply/apply.ts';
import { writeConfirmed } from '../../src/apply/write.ts';
import type { Plan } from '../../src/core/change.ts';
import { UnreachableError } from '../../src/core/errors.ts';
import { ref } from '../../src/core/objects/reference.ts';
import type { ProgressEvent } from '../../src/core/progress.ts';
import type { AnyReconciler } from '../../src/core/reconciler.ts';
import { gate, kinds, live, name, planOf, route, thing, want } from '../plan/support/fakes.ts';
import { type Fault, MemorySystem, testWorld } from './memory.ts';

const host = 'a.example.dev';
const hostWants = [
  want(gate, 'g', { host, admits: ['me'] }),
  want(route, 'r', { host, via: 'homelab', to: 'app' }),
  want(name, 'n', { host, target: 'homelab' }),
];
const other = want(thing, 'x', { value: 'v' });
const nth = (write: number, fault: Fault) => (at: number) => (at === write ? fault : 'none');
const told = (outcomes: Awaited<ReturnType<MemorySystem['pass']>>) =>
  outcomes.map(({ address, status }) => `${status} ${address.key}`);

describe('applying', () => {
  it('does everything once, and then nothing', async () => {
    const system = new MemorySystem([]);
    expect(told(await system.pass([...hostWants, other]))).toEqual(['done x', 'done g', 'done r', 'done n']);
    const { writes } = system;
    expect(await system.pass([...hostWants, other])).toEqual([]);
    expect(system.writes).toBe(writes);
  });

  it('skips only what depends on a change that the API refused', async () => {
    const system = new MemorySystem([], nth(1, 'reject'));
    const outcomes = await system.pass([...hostWants, other]);
    expect(told(outcomes)).toEqual(['done x', 'failed g', 'skipped r', 'skipped n']);
    expect(outcomes[2]?.reason).toBe('waits for: create cloudflare/gate:g');
  });

  it('skips also what depends only on a skipped change', async () => {
    const system = new MemorySystem([], nth(0, 'reject'));
    const outcomes = await system.pass([
      want(thing, 'a', { value: 'v' }),
      want(thing, 'b', { value: 'v' }, { needs: ['cloudflare/thing:a'] }),
      want(thing, 'c', { value: 'v' }, { needs: ['cloudflare/thing:b'] }),
    ]);
    expect(told(outcomes)).toEqual(['failed a', 'skipped b', 'skipped c']);
    expect(outcomes[2]?.reason).toBe('waits for: create cloudflare/thing:b');
    expect(system.objects).toEqual([]);
  });

  it.each<Fault>(['lose-reply', 'drop'])('checks the live state before it tries again: %s', async (fault) => {
    for (let write = 0; write < 4; write += 1) {
      const system = new MemorySystem([], nth(write, fault));
      expect(told(await system.pass([...hostWants, other]))).toEqual([
        'done x',
        'done g',
        'done r',
        'done n',
      ]);
      expect(system.objects).toHaveLength(4);
    }
  });

  it('gives up on an unreachable system after four tries, and goes on with the rest', async () => {
    const system = new MemorySystem([], (write) => (write > 0 ? 'drop' : 'none'));
    expect(told(await system.pass([...hostWants, other]))).toEqual([
      'done x',
      'failed g',
      'skipped r',
      'skipped n',
    ]);
    expect(system.writes).toBe(5);
  });

  it('checks the live state after a lost removal and a lost update too', async () => {
    const lives = [live(thing, 'old', { value: 'v' }), live(thing, 'x', { value: 'was' })];
    for (const write of [0, 1]) {
      const system = new MemorySystem(lives, nth(write, 'lose-reply'));
      expect(told(await system.pass([other]))).toEqual(['done x', 'done old']);
      expect(system.objects.map((object) => object.address.key)).toEqual(['x']);
    }
  });

  it('fills references with the ids of objects that it has just created', async () => {
    const system = new MemorySystem([]);
    await system.pass([
      want(thing, 'a', { value: 'v', link: ref('cloudflare/thing:b', 'to {id}') }),
      want(thing, 'b', { value: 'v' }),
    ]);
    expect(system.objects[1]?.spec).toEqual({ value: 'v', link: `to ${system.objects[0]?.id}` });
  });

  it('does not start another step once it is told to stop', async () => {
    const controller = new AbortController();
    const system = new MemorySystem(
      [],
      () => 'none',
      () => controller.abort(),
    );
    const outcomes = await system.pass([...hostWants, other], controller.signal);
    expect(told(outcomes)).toEqual(['done x', 'skipped g', 'skipped r', 'skipped n']);
    expect(outcomes[1]?.reason).toMatch(/stopped/);
  });

  it('does not report as failed a change that a stop interrupted', async () => {
    const controller = new AbortController();
    const stopping = { ...thing, write: async () => controller.signal.throwIfAborted() as never };
    const plan = planOf([other, want(thing, 'y', { value: 'v' })], []);
    controller.abort(new Error('stopped by SIGTERM'));
    const changes = plan.changes.map(({ id, address }) => ({
      id,
      verb: 'create' as const,
      address,
      want: { value: 'v' },
      have: undefined,
      drift: [],
    }));
    const outcomes = await writeConfirmed(changes, stopping as AnyReconciler, testWorld(controller.signal));
    expect(told(outcomes)).toEqual(['skipped x', 'skipped y']);
    expect(outcomes[0]?.reason).toMatch(/stopped/);
  });

  it('reports refused changes as skipped, with their reason', async () => {
    const system = new MemorySystem([live(thing, 'x', { value: 'theirs' }, { owner: 'work' })]);
    const [outcome] = await system.pass([other]);
    expect(outcome).toMatchObject({ status: 'skipped', reason: expect.stringContaining('"work"') });
  });

  it('fails a change whose reference is never filled', async () => {
    const plan = planOf([want(thing, 'a', { value: ref('cloudflare/thing:ghost') })], []);
    const outcomes = await applyPlan(
      plan,
      new MemorySystem([]).reconcilers(),
      testWorld(new AbortController().signal),
    );
    expect(outcomes[0]?.error?.message).toMatch(/not known/);
  });

  it('fails a change whose reconciler is silent, throws, or does not exist', async () => {
    const plan: Plan = planOf([other], []);
    const world = testWorld(new AbortController().signal);
    const [silent] = await applyPlan(plan, kinds, world);
    expect(silent?.error?.message).toMatch(/reported no outcome/);
    const throwing = kinds.map((kind) => ({ ...kind, write: async () => Promise.reject(new Error('bug')) }));
    expect((await applyPlan(plan, throwing, world))[0]?.error?.message).toBe('bug');
    expect((await applyPlan(plan, [], world))[0]?.error?.message).toMatch(/No reconciler/);
  });

  it('removes nothing before earlier writes have taken effect', async () => {
    const wants = [
      want(route, 'r', { host, via: 'homelab', to: 'app2' }),
      want(name, 'n', { host, target: 'homelab' }),
    ];
    const lives = [
      live(gate, 'g', { host, admits: ['me'] }),
      live(route, 'r', { host, via: 'homelab', to: 'app' }),
      live(name, 'n', { host, target: 'homelab' }),
    ];
    const system = new MemorySystem(lives);
    const plan = planOf(wants, lives);
    const lagging = system.reconcilers().map((kind) => ({
      ...kind,
      moments: {
        settle: async () => Promise.reject(new UnreachableError('connector a still runs version 3 of 4')),
      },
    }));
    const outcomes = await applyPlan(plan, lagging, testWorld(new AbortController().signal));
    expect(outcomes.map(({ status, address }) => `${status} ${address.key}`)).toEqual(['done r', 'failed g']);
  });

  it('waits for propagation before it publishes a name and before it removes anything, once a write needs it', async () => {
    const settled: string[] = [];
    const lives = [
      live(gate, 'g', { host, admits: ['me'] }),
      live(route, 'r', { host, via: 'homelab', to: 'app' }),
      live(name, 'n', { host, target: 'homelab' }),
    ];
    const run = async (wants: Parameters<typeof planOf>[0], from: typeof lives) => {
      settled.length = 0;
      const system = new MemorySystem(from);
      const reconcilers = system
        .reconcilers()
        .map((kind) =>
          kind.kind === route.kind
            ? { ...kind, moments: { settle: async () => void settled.push('settle') } }
            : kind,
        );
      await applyPlan(planOf(wants, from), reconcilers, testWorld(new AbortController().signal));
      return settled.length;
    };
    expect(await run(hostWants.slice(0, 2), [])).toBe(0);
    expect(await run(hostWants, [])).toBe(1);
    expect(await run([], lives)).toBe(2);
  });

  it('reports each change while it makes it', async () => {
    const events: ProgressEvent[] = [];
    const plan = planOf([other], []);
    await applyPlan(
      plan,
      new MemorySystem([]).reconcilers(),
      testWorld(new AbortController().signal),
      (event) => events.push(event),
    );
    expect(events.map((event) => event.type)).toEqual(['started', 'finished']);
  });
});
