import { expect, it } from 'vitest';
import type { DesiredObject, Observed } from '../../../src/core/objects/object.ts';
import { ref } from '../../../src/core/objects/reference.ts';
import type { AnyReconciler, Reconciler } from '../../../src/core/reconciler.ts';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import type { Known } from '../../../src/plan/drafts/known.ts';
import { demandOfNewGates } from '../../../src/plan/interim/demands.ts';
import { makePlan } from '../../../src/plan/plan.ts';
import { gate, live, name, normal, thing, want } from '../support/fakes.ts';
import { type Way, way } from '../support/ways.ts';

const host = 'a.example.dev';
const part = '^/p(/)?$';

const demandingWay: Reconciler<Way> = {
  ...way,

  route: {
    demanding: (have, { gate: demanded }) =>
      have.to === '503' || demanded === undefined || demanded === have.gate
        ? undefined
        : ({ ...have, gate: demanded } as Way),
  },
};

/** A thing that stands for a gate of the domain, which cannot be changed. */
const refusedLogin: Reconciler<{ readonly value: string }> = {
  ...thing,
  doors: () => [{ host, step: 'change' }],
} as Reconciler<{ readonly value: string }>;

const kinds = [refusedLogin, gate, demandingWay, name] as readonly unknown[] as readonly AnyReconciler[];
const login = [
  live(thing, 'login', { value: 'stubborn' }),
  want(thing, 'login', { value: 'other' }),
] as const;
const refusal = 'refuse cloudflare/thing:login thing-login';
const own = want(gate, 'g', { host, admits: ['me'] });
const outer = live(gate, 'g', { host, admits: ['me'] });
const inner = want(gate, 'p', { host, path: '/p', admits: ['you'] });
const wantWay = want(way, 'w', { host, to: 'app', gate: ref('cloudflare/gate:g') });

interface Row {
  readonly because: string;
  readonly wants: readonly DesiredObject[];
  readonly lives: readonly Observed[];
  /** The id of each change that is not refused, with its steps at the host, and all that it needs. */
  readonly changes: readonly string[];
}

const rows: readonly Row[] = [
  {
    because:
      'that a new gate guards demands its token right after the gate is made, although the rest has to wait',
    wants: [own, wantWay],
    lives: [live(way, 'w', { host, to: 'old' })],
    changes: [
      'create cloudflare/gate:g: guard after ',
      'demand cloudflare/way:w way-w: route after create cloudflare/gate:g',
      `update cloudflare/way:w way-w: route after create cloudflare/gate:g, demand cloudflare/way:w way-w, ${refusal}`,
    ],
  },
  {
    because: 'that only has to demand the token of a new gate waits for nothing else',
    wants: [own, wantWay],
    lives: [live(way, 'w', { host, to: 'app' })],
    changes: [
      'create cloudflare/gate:g: guard after ',
      'update cloudflare/way:w way-w: route after create cloudflare/gate:g',
    ],
  },
  {
    because: 'that only has to demand the token of a new gate is waited for like any route',
    wants: [own, wantWay, want(name, 'n', { host, target: 'homelab' })],
    lives: [live(way, 'w', { host, to: 'app' })],
    changes: [
      'create cloudflare/gate:g: guard after ',
      'update cloudflare/way:w way-w: route after create cloudflare/gate:g',
      `create cloudflare/name:n: publish after create cloudflare/gate:g, ${refusal}, update cloudflare/way:w way-w`,
    ],
  },
  {
    because: 'that demanded a token of its gate before demands it before everything else',
    wants: [own, want(way, 'w', { host, to: 'app', gate: 'gate-g' })],
    lives: [outer, live(way, 'w', { host, to: 'old' })],
    changes: [
      'demand cloudflare/way:w way-w: close after ',
      `update cloudflare/way:w way-w: route after demand cloudflare/way:w way-w, ${refusal}`,
    ],
  },
  {
    because: 'of a path demands the token of its new gate after that has divided another one',
    wants: [own, inner, want(way, 'wp', { host, part, to: 'app', gate: ref('cloudflare/gate:p') })],
    lives: [outer, live(way, 'wp', { host, part, to: 'old' })],
    changes: [
      'create cloudflare/gate:p: divide after ',
      'demand cloudflare/way:wp way-wp: route after create cloudflare/gate:p',
      `update cloudflare/way:wp way-wp: route after create cloudflare/gate:p, demand cloudflare/way:wp way-wp, ${refusal}`,
    ],
  },
  {
    because: 'that answers 503 demands nothing',
    wants: [own, wantWay],
    lives: [live(way, 'w', { host, to: '503' })],
    changes: [
      'create cloudflare/gate:g: guard after ',
      `update cloudflare/way:w way-w: route after create cloudflare/gate:g, ${refusal}`,
    ],
  },
];

it.each(rows)('a route $because', ({ wants, lives, changes }) => {
  const scope = { owner: 'home', account: 'account', zones: ['example.dev'], tunnels: ['homelab'] };
  const all = [login[0], ...lives];
  const observations = kinds.map(({ kind }) => {
    return { kind, state: 'known', objects: all.filter(({ address }) => address.kind === kind) } as const;
  });
  const desired = { scope, objects: [login[1], ...wants], proofs: [], refusals: [], warnings: [] };
  const plan = makePlan(desired, observations, kinds, normal);
  const moving = plan.changes.filter(({ verb }) => verb !== 'keep' && verb !== 'refuse');
  expect(
    moving.map(({ id, doors, needs }) => `${id}: ${doors.map(({ step }) => step)} after ${needs.join(', ')}`),
  ).toEqual(changes);
});

it('a route that answers 503 for a while does not demand the token of a new gate before', () => {
  const known = { guarded: new Set([host]), reconcilers: new Map() } as unknown as Known;
  const of = (reconciler: unknown, key: string) => ({
    ...{ reconciler: reconciler as AnyReconciler, address: { kind: gate.kind, key }, drift: [], needs: [] },
  });
  const create: Draft = {
    ...{ ...of(gate, 'g'), id: 'create g', verb: 'create', doors: [{ host, step: 'guard' }] },
  };
  const route: Draft = {
    ...{ ...of(demandingWay, 'w'), id: 'update w', verb: 'update', doors: [{ host, step: 'route' }] },
    want: { host, to: 'app', gate: ref('cloudflare/gate:g') },
    have: live(way, 'w', { host, to: 'old' }),
  };
  const close: Draft = { ...route, id: 'close w', doors: [{ host, step: 'close' }] };
  const idsOf = (drafts: readonly Draft[]) => demandOfNewGates(known, drafts).map(({ id }) => id);
  expect(idsOf([create, route])).toEqual(['create g', 'demand cloudflare/way:w way-w', 'update w']);
  expect(idsOf([create, close, route])).toEqual(['create g', 'close w', 'update w']);
});
