import { expect, it } from 'vitest';
import { ClosingObstacles } from '../../src/apply/closing-obstacles.ts';
import type { Change } from '../../src/core/change.ts';
import { UnsafeError } from '../../src/core/errors.ts';
import type { DoorEffect } from '../../src/core/objects/door.ts';
import type { AnyReconciler } from '../../src/core/reconciler.ts';
import { gate } from '../plan/support/fakes.ts';
import { testWorld } from './memory.ts';

const [a, b] = ['a.example.dev', 'b.example.dev'] as const;

function change(id: string, { host, step }: DoorEffect, needs: readonly string[] = []): Change {
  return {
    ...{ id, verb: 'create', phase: 'guard', address: { kind: gate.kind, key: id } },
    ...{ want: { host, admits: [] }, drift: [], needs, doors: [{ host, step }] },
  };
}

const closing = change('close a', { host: a, step: 'close' });
const planned = [
  change('route a', { host: a, step: 'route' }, ['change a']),
  change('change a', { host: a, step: 'change' }),
  change('prove b', { host: b, step: 'prove' }),
];

/** The obstacles where the interlock would hold these changes of a plan back, and nobody can check these. */
function obstacles(held: readonly string[], blind: readonly string[] = [], plan = planned) {
  const asked: string[][] = [];
  const reconciler = {
    ...gate,
    moments: {
      blind: async ({ address: { key } }: Pick<Change, 'address'>) =>
        blind.includes(key) ? new UnsafeError('nobody can look') : undefined,
    },
  } as AnyReconciler;
  const interlock = {
    foreseen: (groups: readonly (readonly Change[])[]) => {
      asked.push(groups.flat().map(({ id }) => id));
      return new Map(held.map((id) => [id, new UnsafeError(`${id} is held back.`)]));
    },
    ...{ withheld: async () => new Map(), wrote: () => {}, unmade: () => {}, settled: () => {} },
    arrivesBy: () => undefined,
  };
  const world = testWorld(new AbortController().signal);
  const reconcilers = new Map([[gate.kind, reconciler]]);
  const found = new ClosingObstacles({ pending: { all: plan }, reconcilers, world, interlock });
  const at = async (host?: string) => (await found.at(host, [closing]))?.message;
  return { at, asked };
}

it('a host is not closed if the interlock would hold back a later change there, and each is asked about once', async () => {
  const { at, asked } = obstacles(['change a']);
  const error =
    'a.example.dev stays as it is, because a later step would be held back (change a). change a is held back.';
  expect([await at(a), await at(a), await at(b), await at()]).toEqual([error, error, undefined, undefined]);
  expect(asked).toEqual([['close a', 'change a', 'route a', 'prove b']]);
});

it('a host is not closed if nobody can check it, whatever the interlock foresees', async () => {
  const { at, asked } = obstacles(['prove b'], ['prove b', 'change a']);
  expect(await at(b)).toBe('nobody can look');
  expect(asked).toEqual([]);
  expect(await at(a)).toBeUndefined();
});

it('a host is not closed if all its changes wait for another one that stays as it is', async () => {
  const c = 'c.example.dev';
  const waiting = change('route c', { host: c, step: 'route' }, ['login']);
  const plan = [
    { ...closing, interim: a },
    { ...change('close c', { host: c, step: 'close' }), interim: c },
    ...planned,
    change('login', { host: '*.example.dev', step: 'change' }, ['close a']),
    waiting,
    change('prove c', { host: c, step: 'prove' }, ['route c']),
  ];
  const own =
    'a.example.dev stays as it is, because a later step would be held back (change a). change a is held back.';
  const { at } = obstacles(['change a'], [], plan);
  expect(await at(c)).toBe(`c.example.dev stays as it is, because its changes wait for others. ${own}`);
  expect(await at(a)).toBe(own);
  expect(await obstacles([], [], plan).at(c)).toBeUndefined();
  // It opens with another change, for which it waits for nobody.
  const beside = change('guard c', { host: c, step: 'guard' });
  expect(await obstacles(['change a'], [], [...plan, beside]).at(c)).toBeUndefined();
});
