import { expect, it } from 'vitest';
import type { AnyReconciler, Reconciler } from '../../../src/core/reconciler.ts';
import { makePlan } from '../../../src/plan/plan.ts';
import { type Gate, gate, live, normal, steps, want } from '../support/fakes.ts';
import { type Way, way } from '../support/ways.ts';

const host = 'a.example.dev';

/** Gates of which one that admits everybody is removed before all others. */
const bypassing: Reconciler<Gate> = {
  ...gate,
  doors: (asked, have, address) =>
    (gate.doors?.(asked, have, address) ?? []).map((effect) =>
      asked === undefined && have?.spec.admits.includes('everybody') === true
        ? { ...effect, step: 'guard' }
        : effect,
    ),
};

const path: Way = { host, to: 'app', gate: 'p', part: '^/p(/)?$' };

function planWith(admits: readonly string[], demands: string | undefined) {
  const kinds = [bypassing, way] as readonly unknown[] as readonly AnyReconciler[];
  const main: Way = { host, to: 'app', ...(demands !== undefined && { gate: demands }) };
  const lives = [live(bypassing, 'g', { host, admits }), live(way, 'w', main)];
  const objects = [
    want(bypassing, 'g', { host, admits: ['ci'] }),
    want(bypassing, 'p', { host, path: '/p', admits: ['me'] }),
    ...[want(way, 'w', main), want(way, 'wp', path)],
  ];
  const observations = kinds.map(({ kind }) => {
    return { kind, state: 'known', objects: lives.filter(({ address }) => address.kind === kind) } as const;
  });
  const scope = { owner: 'home', account: 'account', zones: ['example.dev'], tunnels: ['homelab'] };
  return makePlan({ scope, objects, proofs: [], refusals: [], warnings: [] }, observations, kinds, normal);
}

it('the route of a path is made closed while the gate of its host admits everybody, and the route of the host demands its token', () => {
  const plan = planWith(['everybody'], 'gate-g');
  expect(steps(plan)).toEqual(['close way wp', 'update gate g', 'create gate p', 'update way wp']);
  expect(plan.changes.find(({ id }) => id.startsWith('close'))).toMatchObject({
    ...{ verb: 'create', want: { ...path, to: '503' } },
    reason: 'answers 503 until the gate of its host asks for a login',
  });
  const opening = plan.changes.find(({ id }) => id === 'update cloudflare/way:wp');
  expect(opening).toMatchObject({ verb: 'update', want: path });
  expect(opening?.have).toBeUndefined();
  expect(opening?.doors).toEqual([{ host, step: 'route', via: 'homelab', part: path.part }]);
});

it.each([
  { because: 'the route of the host demands nothing', admits: ['everybody'], demands: undefined },
  { because: 'the gate of the host issues tokens', admits: ['me'], demands: 'gate-g' },
])('the route of a path is made open if $because', ({ admits, demands }) => {
  expect(steps(planWith(admits, demands))).toContain('create way wp');
});
