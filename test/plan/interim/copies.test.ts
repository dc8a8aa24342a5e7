import { expect, it } from 'vitest';
import type {
  Desired,
  DesiredObject,
  GateCheck,
  Observation,
  Observed,
  Unstored,
} from '../../../src/core/objects/object.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import { makePlan } from '../../../src/plan/plan.ts';
import { registry, sight } from '../support/cover-fakes.ts';
import { gate, live, name, normal, route, steps, thing, want } from '../support/fakes.ts';

const host = 'a.example.dev';

const copies: Reconciler<object> = {
  kind: 'cloudflare/copies',
  title: 'copies',
  traits: { unfinished: true, copies: true },
  doors: (_want, have) => (have === undefined ? [] : [{ host: have.address.key, step: 'guard' }]),
  observe: async () => [],
  write: async () => [],
};

const known = [...registry, copies];
const at = (key = host) => ({ host: key, via: 'homelab', to: 'app' });
const standing = [
  live(gate, 'g', { host, admits: ['me'] }),
  live(route, 'r', at()),
  live(name, 'n', { host, target: 'homelab' }),
];
const wants = [
  want(gate, 'g', { host, admits: ['me'] }),
  want(route, 'r', at()),
  want(name, 'n', { host, target: 'homelab' }),
];
/** A thing that plays the cache rule. */
const rule = want(thing, 'rule', { value: 'bypass' });
const unstored: Unstored = { host, rule: 'cloudflare/thing:rule', because: 'services.a' };
const look: GateCheck = {
  address: { kind: sight.kind, key: host },
  host,
  spec: { cache: 'rule' },
  step: 'prove',
  needs: [],
  because: 'services.a',
};

interface Row {
  readonly because: string;
  readonly wants?: readonly DesiredObject[];
  readonly lives: readonly Observed[];
  readonly proofs?: readonly GateCheck[];
  readonly unstored?: readonly Unstored[];
  readonly steps: readonly string[];
}

const rows: readonly Row[] = [
  {
    because: 'that leaves is purged once its route is closed, before anything goes',
    lives: standing,
    steps: ['close route r', 'close name n', `prune copies ${host}`, 'prune route r', 'prune gate g'],
  },
  {
    because: 'that leaves is purged again as long as anything of it stands',
    lives: [live(gate, 'g', { host, admits: ['me'] })],
    steps: [`prune copies ${host}`, 'prune gate g'],
  },
  {
    because: 'of which a closed route stays for good is purged once that closes',
    lives: [live(route, 'r', { ...at('wild.example.dev'), to: 'stays' })],
    steps: ['close route r', 'prune copies wild.example.dev'],
  },
  {
    because: 'of which a closed route stays is purged in no later run',
    lives: [live(route, 'r', { ...at('wild.example.dev'), to: '503' })],
    steps: [],
  },
  {
    because: 'that has had its rule is not purged for another gate',
    wants: [want(gate, 'g', { host, admits: ['you'] }), ...wants.slice(1), rule],
    lives: [...standing, live(thing, 'rule', { value: 'bypass' })],
    proofs: [look],
    unstored: [unstored],
    steps: ['update gate g', `verify sight ${host}`],
  },
  {
    because: 'that gets a rule is purged once the edge is seen to obey, and a path is opened after that',
    wants: [...wants, rule],
    lives: [...standing, live(gate, 'x', { host, admits: ['me'], path: '/x' })],
    proofs: [look],
    unstored: [unstored],
    steps: ['create thing rule', `verify sight ${host}`, `prune copies ${host}`, 'prune gate x'],
  },
  {
    because: 'that is new has nothing to be purged',
    wants: [...wants, rule],
    lives: [],
    proofs: [look],
    unstored: [unstored],
    steps: ['create thing rule', 'create gate g', 'create route r', 'create name n', `verify sight ${host}`],
  },
  {
    because: 'whose rule nobody can see is purged behind it, before a gate lets go of a path',
    wants: [
      want(gate, 'g', { host, admits: ['me'], claims: [] }),
      want(gate, 'x', { host, admits: ['you'], path: '/x', claims: ['/x/*'] }),
      ...wants.slice(1),
      rule,
    ],
    lives: [live(gate, 'g', { host, admits: ['me'], claims: ['/x/*'] }), ...standing.slice(1)],
    unstored: [unstored],
    steps: ['create thing rule', `prune copies ${host}`, 'update gate g', 'create gate x'],
  },
  {
    because:
      'whose rule nobody can see is purged before a gate takes what lies below the path of a gate that leaves',
    wants: [want(gate, 'g', { host, admits: ['me'], claims: ['/x/*'] }), ...wants.slice(1), rule],
    lives: [...standing, live(gate, 'x', { host, admits: ['you'], path: '/x' })],
    unstored: [unstored],
    steps: ['create thing rule', `prune copies ${host}`, 'update gate g', 'prune gate x'],
  },
];

it.each(rows)('a host $because', (row) => {
  const desired: Desired = {
    scope: { owner: 'home', account: 'account', zones: ['example.dev'], tunnels: ['homelab'] },
    ...{ objects: row.wants ?? [], proofs: row.proofs ?? [], unstored: row.unstored ?? [] },
    ...{ refusals: [], warnings: [] },
  };
  const observations = known.map(({ kind }): Observation => {
    return { kind, state: 'known', objects: row.lives.filter(({ address }) => address.kind === kind) };
  });
  expect(steps(makePlan(desired, observations, known, normal))).toEqual(row.steps);
});
