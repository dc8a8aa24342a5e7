import { describe, expect, it } from 'vitest';
import { applyPlan } from '../../src/apply/apply.ts';
import type { Change, Plan } from '../../src/core/change.ts';
import { RejectedError, UnreachableError } from '../../src/core/errors.ts';
import type { Observed } from '../../src/core/objects/object.ts';
import type { AnyReconciler } from '../../src/core/reconciler.ts';
import { gate, live, type Route, route } from '../plan/support/fakes.ts';
import { MemorySystem, testWorld } from './memory.ts';

const host = 'a.example.dev';
const standing = { host, via: 'homelab', to: 'app' };
const liveRoute = live(route, 'r', standing);
const liveGate = live(gate, 'g', { host, admits: ['me'] });
const common = { phase: 'close', drift: [], needs: [] } as const;

const closing: Change = {
  ...common,
  id: 'close r',
  verb: 'update',
  address: liveRoute.address,
  want: { ...standing, to: '503' },
  have: liveRoute,
  doors: [{ host, step: 'close' }],
  interim: host,
};
const cover: Change = {
  ...common,
  id: 'cover',
  verb: 'create',
  address: { kind: gate.kind, key: 'cover' },
  want: { host, admits: ['probe'] },
  doors: [{ host, step: 'close' }],
  interim: host,
};
const change: Change = {
  ...common,
  id: 'update g',
  verb: 'update',
  phase: 'guard',
  address: liveGate.address,
  want: { host, admits: ['you'] },
  have: liveGate,
  needs: [cover.id, closing.id],
  doors: [{ host, step: 'change' }],
};
const opening: Change = {
  ...closing,
  id: 'open r',
  phase: 'open',
  want: { ...standing, to: 'app2' },
  needs: [change.id],
  doors: [{ host, step: 'route' }],
};
const check: Change = {
  ...common,
  id: 'verify',
  verb: 'verify',
  phase: 'prove',
  address: { kind: 'edge/proof', key: host },
  needs: [opening.id],
  doors: [{ host, step: 'prove' }],
};
const { interim: _, ...reopens } = opening;

interface Run {
  /** The write that is refused, counted from 0: the cover, the closing, the gate, the route. */
  readonly refused?: number;
  readonly changes?: readonly Change[];
  readonly around?: (reconcilers: readonly AnyReconciler[], system: MemorySystem) => readonly AnyReconciler[];
  readonly signal?: AbortSignal;
}

async function run({ refused, changes = [cover, closing, change, reopens], around, signal }: Run) {
  const system = new MemorySystem([liveRoute, liveGate], (write) => (write === refused ? 'reject' : 'none'));
  const plan: Plan = { owner: 'home', changes, warnings: [], attributes: {}, unknown: [] };
  const reconcilers = around?.(system.reconcilers(), system) ?? system.reconcilers();
  const world = testWorld(signal ?? new AbortController().signal);
  const outcomes = await applyPlan(plan, reconcilers, world);
  return {
    told: outcomes.map(({ change: id, status, reason }) => [status, id, reason].join(' ').trim()),
    errors: outcomes.flatMap(({ error }) => error?.message ?? []),
    route: system.objects.flatMap(({ address, spec }) => (address.key === 'r' ? (spec as Route).to : []))[0],
    objects: system.objects.map(({ address }) => address.key),
    writes: system.writes,
  };
}

const isOpenAgain = `gates has undone this, because a later step failed: ${host} is open as before`;

describe('a host that was closed for later steps', () => {
  it('is opened again, and loses its cover, when the API refuses the first of them', async () => {
    const { told, route: to, objects } = await run({ refused: 2 });
    expect(told).toEqual([
      `skipped cover ${isOpenAgain}`,
      `skipped close r ${isOpenAgain}`,
      'failed update g',
      'skipped open r waits for: update cloudflare/gate:g',
    ]);
    expect(to).toBe('app');
    expect(objects).toEqual(['r', 'g']);
  });

  it('loses its cover when the API refuses the closing after it, which reports that itself', async () => {
    const { told, objects } = await run({ refused: 1 });
    expect(told.slice(0, 2)).toEqual([`skipped cover ${isOpenAgain}`, 'failed close r']);
    expect(objects).toEqual(['r', 'g']);
  });

  it('stays closed once its gate has changed', async () => {
    const { told, route: to } = await run({ refused: 3 });
    expect(told).toEqual(['done cover', 'done close r', 'done update g', 'failed open r']);
    expect(to).toBe('503');
  });

  it('stays closed when the write of its gate failed and took effect', async () => {
    const { told, route: to } = await run({
      around: failing(gate.kind, 'update g', async (write, changes, world) => {
        await write(changes, world);
        return new RejectedError('the sessions could not be ended');
      }),
    });
    expect(told.slice(0, 3)).toEqual(['done cover', 'done close r', 'failed update g']);
    expect(to).toBe('503');
  });

  it('stays closed when gates cannot find out what became of its gate', async () => {
    let isLost = false;
    const { route: to } = await run({
      around: (reconcilers, system) =>
        failing(gate.kind, 'update g', async () => {
          isLost = true;
          return new UnreachableError('lost', { facts: { applied: 'maybe' } });
        })(reconcilers, system).map((item) => ({
          ...item,
          observe: async (world) => {
            if (isLost) throw new UnreachableError('no answer');
            return item.observe(world);
          },
        })),
    });
    expect(to).toBe('503');
  });

  it('stays closed when somebody else has meanwhile changed the route that closes it', async () => {
    const { errors, route: to } = await run({
      refused: 2,
      around: (reconcilers, system) =>
        reconcilers.map((item) => ({
          ...item,
          observe: async (world) => {
            const theirs = (object: Observed) =>
              object.address.key === 'r' ? { ...object, spec: { ...standing, to: 'theirs' } } : object;
            if (system.writes > 2) system.objects = system.objects.map(theirs);
            return item.observe(world);
          },
        })),
    });
    expect(errors).toContain('Somebody else has changed what closes the host, so gates leaves it closed');
    expect(to).toBe('theirs');
  });

  it('stays closed when the run is stopped: the next run goes on', async () => {
    const stop = new AbortController();
    const { route: to } = await run({
      signal: stop.signal,
      around: failing(gate.kind, 'update g', async () => {
        stop.abort(new Error('stopped'));
        return new RejectedError('no');
      }),
    });
    expect(to).toBe('503');
  });

  it('is not closed at all when its gate cannot be checked', async () => {
    const blind = async () => new UnreachableError('nobody answers');
    const { told, writes } = await run({
      changes: [cover, closing, change, reopens, check],
      around: (reconcilers) => [
        ...reconcilers,
        {
          kind: 'edge/proof',
          title: 'check',
          observe: async () => [],
          write: async () => [],

          moments: {
            blind,
          },
        },
      ],
    });
    expect(told).toEqual([
      'failed cover',
      'failed close r',
      'skipped update g waits for: create cloudflare/gate:cover',
      'skipped open r waits for: update cloudflare/gate:g',
      'skipped verify waits for: update cloudflare/route:r',
    ]);
    expect(writes).toBe(0);
  });
});

type Write = NonNullable<AnyReconciler['write']>;

/** Reconcilers of which `kind` fails at the change `at`, with the error that `how` returns. */
function failing(
  kind: string,
  at: string,
  how: (write: Write, ...args: Parameters<Write>) => Promise<Error>,
): NonNullable<Run['around']> {
  return (reconcilers) =>
    reconcilers.map((item) => {
      const { write } = item;
      if (item.kind !== kind || write === undefined) return item;
      return {
        ...item,
        write: async (changes, world) => {
          const [first] = changes;
          if (first?.id !== at) return write(changes, world);
          const error = await how(write, changes, world);
          return [{ change: first.id, address: first.address, status: 'failed', error }];
        },
      };
    });
}
