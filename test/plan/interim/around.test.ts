import { describe, expect, it } from 'vitest';
import type { DesiredObject, GateCheck, Observed } from '../../../src/core/objects/object.ts';
import { type Gate, gate, live, name, planOf, route, thing, want } from '../support/fakes.ts';

const host = 'a.example.dev';
const outer = (admits: readonly string[], claims: readonly string[]) => ({ host, admits, claims });
const inner = (path: string) => ({ host, admits: ['you'], path });

interface Row {
  readonly because: string;
  readonly wants: readonly DesiredObject[];
  readonly lives: readonly Observed[];
  readonly prune?: boolean;
  readonly steps: readonly string[];
  /** The claims of the outer gate after each of its own steps. */
  readonly claims: readonly (readonly string[])[];
}

const rows: readonly Row[] = [
  {
    because: 'takes what lies below a path, and narrows, before the path has a gate',
    wants: [want(gate, 'g', outer(['you'], ['/a/*', '/b/*'])), want(gate, 'a', inner('/a'))],
    lives: [live(gate, 'g', outer(['me'], []))],
    steps: ['take g', 'update g', 'create a'],
    claims: [['/a/*'], ['/a/*', '/b/*']],
  },
  {
    because: 'has nothing left to change where that is all',
    wants: [want(gate, 'g', outer(['me'], ['/a/*'])), want(gate, 'a', inner('/a'))],
    lives: [live(gate, 'g', outer(['me'], []))],
    steps: ['take g', 'create a'],
    claims: [['/a/*']],
  },
  {
    because: 'keeps what lies below a path until the gate of that has gone',
    wants: [want(gate, 'g', outer(['you'], []))],
    lives: [live(gate, 'g', outer(['me'], ['/a/*'])), live(gate, 'a', inner('/a'))],
    steps: ['update g', 'prune a', 'give g'],
    claims: [['/a/*'], []],
  },
  {
    because: 'lets go alone where nothing else changes',
    wants: [want(gate, 'g', outer(['me'], []))],
    lives: [live(gate, 'g', outer(['me'], ['/a/*'])), live(gate, 'a', inner('/a'))],
    steps: ['prune a', 'give g'],
    claims: [[]],
  },
  {
    because: 'does both where one path takes the place of another',
    wants: [want(gate, 'g', outer(['me'], ['/b/*'])), want(gate, 'b', inner('/b'))],
    lives: [live(gate, 'g', outer(['me'], ['/a/*'])), live(gate, 'a', inner('/a'))],
    steps: ['take g', 'create b', 'prune a', 'give g'],
    claims: [['/a/*', '/b/*'], ['/b/*']],
  },
  {
    because: 'takes nothing of what belongs to another path until now',
    wants: [want(gate, 'g', outer(['me'], ['/a/x/*'])), want(gate, 'x', inner('/a/x'))],
    lives: [live(gate, 'g', outer(['me'], [])), live(gate, 'a', inner('/a'))],
    steps: ['update g', 'create x', 'prune a'],
    claims: [['/a/x/*']],
  },
  {
    because: 'keeps what belongs to another path from now on, until the gate of the path inside has gone',
    wants: [want(gate, 'g', outer(['me'], [])), want(gate, 'a', inner('/a'))],
    lives: [live(gate, 'g', outer(['me'], ['/a/x/*'])), live(gate, 'x', inner('/a/x'))],
    steps: ['create a', 'prune x', 'give g'],
    claims: [[]],
  },
  {
    because: 'keeps nothing of what belongs to another path inside from now on',
    wants: [want(gate, 'g', outer(['me'], [])), want(gate, 'y', inner('/a/x'))],
    lives: [live(gate, 'g', outer(['me'], ['/a/x/*'])), live(gate, 'x', inner('/a'))],
    steps: ['update g', 'create y', 'prune x'],
    claims: [[]],
  },
  {
    because:
      'takes what lies below two paths, one in the other, before either has a gate, and gives both back after',
    wants: [
      want(gate, 'g', outer(['me'], ['/a/*', '/a/x/*'])),
      want(gate, 'a', inner('/a')),
      want(gate, 'x', inner('/a/x')),
    ],
    lives: [
      live(gate, 'g', outer(['me'], ['/b/*', '/b/x/*'])),
      live(gate, 'b', inner('/b')),
      live(gate, 'y', inner('/b/x')),
    ],
    steps: ['take g', 'create x', 'create a', 'prune b', 'prune y', 'give g'],
    claims: [
      ['/a/*', '/a/x/*', '/b/*', '/b/x/*'],
      ['/a/*', '/a/x/*'],
    ],
  },
  {
    because: 'and a path that goes lets go of what lies in one inside it, before that one takes it',
    wants: [want(gate, 'g', outer(['me'], [])), want(gate, 'x', { ...inner('/a/x'), claims: ['/a/x/y/*'] })],
    lives: [live(gate, 'g', outer(['me'], [])), live(gate, 'a', { ...inner('/a'), claims: ['/a/x/y/*'] })],
    steps: ['release a', 'create x', 'prune a'],
    claims: [],
  },
  {
    because: 'takes what lies below a path without what it has released to another path',
    wants: [
      want(gate, 'g', outer(['you'], ['/b/*'])),
      want(gate, 'a', { ...inner('/a'), claims: ['/a/x/*'] }),
      want(gate, 'x', inner('/a/x')),
      want(gate, 'b', inner('/b')),
    ],
    lives: [live(gate, 'g', outer(['me'], ['/a/x/*'])), live(gate, 'x', inner('/a/x'))],
    steps: ['release g', 'take g', 'update g', 'create a', 'create b'],
    claims: [[], ['/b/*'], ['/b/*']],
  },
  {
    because: 'keeps what lies below a path whose gate stays, since nothing is removed',
    wants: [want(gate, 'g', outer(['you'], []))],
    lives: [live(gate, 'g', outer(['me'], ['/a/*', '/b/*'])), live(gate, 'a', inner('/a'))],
    prune: false,
    steps: ['update g'],
    claims: [['/a/*']],
  },
  {
    because: 'keeps it in each later plan, while the gate stays',
    wants: [want(gate, 'g', outer(['me'], []))],
    lives: [live(gate, 'g', outer(['me'], ['/a/*'])), live(gate, 'a', inner('/a'))],
    prune: false,
    steps: [],
    claims: [],
  },
  {
    because: 'releases what lies below a path whose gate is removed, but not below one whose gate stays',
    wants: [want(gate, 'g', outer(['me'], []))],
    lives: [
      live(gate, 'g', outer(['me'], ['/a/*', '/b/*'])),
      live(gate, 'a', inner('/a')),
      {
        ...live(gate, 'b', inner('/b')),
        protection: { entry: 'service', carrier: 'cloudflare/access-application:b' },
      },
    ],
    steps: ['prune a', 'give g'],
    claims: [['/b/*']],
  },
  {
    because: 'lets the new one around a path that stays have what lies below that',
    wants: [want(gate, 'g', outer(['me'], [])), want(gate, 'a', inner('/a'))],
    lives: [live(gate, 'g', outer(['me'], ['/a/x/*'])), live(gate, 'x', inner('/a/x'))],
    prune: false,
    steps: ['release g', 'create a'],
    claims: [[]],
  },
  {
    because: 'takes what lies below a new path after it releases what another new one takes over',
    wants: [
      want(gate, 'g', outer(['me', 'her'], ['/b/*'])),
      want(gate, 'a', { ...inner('/a'), claims: ['/a/x/*'] }),
      want(gate, 'x', inner('/a/x')),
      want(gate, 'b', inner('/b')),
    ],
    lives: [live(gate, 'g', outer(['me'], ['/a/x/*'])), live(gate, 'x', inner('/a/x'))],
    steps: ['release g', 'take g', 'create a', 'create b', 'update g'],
    claims: [[], ['/b/*'], ['/b/*']],
  },
  {
    because: 'and of two new ones the nearer',
    wants: [want(gate, 'g', outer(['me'], [])), want(gate, 'a', inner('/a')), want(gate, 'x', inner('/a/x'))],
    lives: [live(gate, 'g', outer(['me'], [])), live(gate, 'y', inner('/a/x/y'))],
    prune: false,
    steps: ['create x', 'create a'],
    claims: [],
  },
  {
    because: 'and none where what stays lies elsewhere, or beside it by its name',
    wants: [want(gate, 'g', outer(['me'], [])), want(gate, 'a', inner('/a'))],
    lives: [
      live(gate, 'g', outer(['me'], [])),
      live(gate, 'x', inner('/b/x')),
      live(gate, 'y', inner('/apian')),
      live(gate, 'z', { ...inner('/a/z'), host: 'b.example.dev' }),
    ],
    prune: false,
    steps: ['create a'],
    claims: [],
  },
  {
    because: 'has no steps more where the path stays as it is, or is elsewhere',
    wants: [
      want(gate, 'g', outer(['you'], ['/a/*', '/b/*'])),
      want(gate, 'a', inner('/a')),
      want(gate, 'b', { ...inner('/b'), host: 'b.example.dev' }),
    ],
    lives: [live(gate, 'g', outer(['me'], [])), live(gate, 'a', inner('/a'))],
    steps: ['create b', 'update g'],
    claims: [['/a/*', '/b/*']],
  },
  {
    because: 'is made of what lies below a path first, where both are new, and gets the rest after it',
    wants: [
      want(gate, 'g', { ...inner('/a'), claims: ['/a', '/a/*', '/a/x/*'] }),
      want(gate, 'x', { ...inner('/a/x'), claims: ['/a/x'] }),
    ],
    lives: [],
    steps: ['create g', 'create x', 'update g'],
    claims: [['/a/x/*'], ['/a', '/a/*', '/a/x/*']],
  },
  {
    because: 'is made whole where nothing of it lies below the path',
    wants: [
      want(gate, 'g', { ...inner('/a'), claims: ['/a', '/a/*'] }),
      want(gate, 'x', { ...inner('/a/x'), claims: ['/a/x', '/a/x/*'] }),
    ],
    lives: [],
    steps: ['create x', 'create g'],
    claims: [['/a', '/a/*']],
  },
  {
    because: 'leaves to what stays what that has, where nothing is removed, and has nothing to do then',
    wants: [want(gate, 'g', outer(['me'], ['/a/*', '/b/*']))],
    lives: [
      live(gate, 'g', outer(['me'], ['/b/*'])),
      live(gate, 'a', { ...inner('/a'), claims: ['/a', '/a/*'] }),
    ],
    prune: false,
    steps: [],
    claims: [],
  },
];

describe('a gate around a path with its own gate', () => {
  it('counts as unchanged while it keeps what lies below a path whose gate stays', () => {
    const wants = [want(gate, 'g', outer(['me'], []))];
    const lives = [live(gate, 'g', outer(['me'], ['/a/*'])), live(gate, 'a', inner('/a'))];
    const { changes } = planOf(wants, lives, { prune: false });
    expect(changes.map(({ verb, address, drift }) => [verb, address.key, drift])).toEqual([
      ['keep', 'g', []],
    ]);
  });

  it('takes what lies below a path only after it has released what is in the way of another gate', () => {
    const below = { ...inner('/a'), claims: ['/a/x/*'] };
    const wants = [
      want(gate, 'g', outer(['me'], ['/b/*'])),
      want(gate, 'a', below),
      want(gate, 'b', inner('/b')),
    ];
    const [release, take] = planOf(wants, [live(gate, 'g', outer(['me'], ['/a/x/*']))]).changes;
    expect([release?.id, take?.id]).toEqual([
      'release cloudflare/gate:g gate-g',
      'take cloudflare/gate:g gate-g',
    ]);
    expect(take?.needs).toContain(release?.id);
  });

  it.each(rows)('$because', ({ wants, lives, steps, claims, prune = true }) => {
    const changes = planOf(wants, lives, { prune }).changes.filter(({ verb }) => verb !== 'keep');
    expect(changes.map(({ id, address }) => `${id.split(' ')[0]} ${address.key}`)).toEqual(steps);
    const own = changes.filter(({ address }) => address.key === 'g');
    expect(own.map(({ want: made }) => [...(made as { claims: string[] }).claims].sort())).toEqual(claims);
  });
});

const proof = {
  address: { kind: thing.kind, key: 'look' },
  ...{ host, spec: { value: 'gate' }, step: 'prove', needs: ['cloudflare/gate:g'], because: 'services.a' },
} satisfies GateCheck;
const outerGate: Gate = { host, admits: ['me', 'you'], claims: ['/x/*'] };
const innerGate = live(gate, 'x', { host, admits: ['me'], path: '/x' });

const movedWants = (claims = outerGate.claims ?? []) => [
  want(gate, 'g', { ...outerGate, claims }),
  want(gate, 'x', { host, admits: ['me'], path: '/x' }),
  want(route, 'r', { host, via: 'second', to: 'app' }),
  want(name, 'n', { host, target: 'second' }),
];

/** The changes of a host that moves to another tunnel, in order. */
function moved(gates: readonly Observed[], asked = movedWants()): readonly string[] {
  const lives = [
    ...gates,
    live(route, 'old', { host, via: 'homelab', to: 'app' }),
    live(name, 'n', { host, target: 'homelab' }),
  ];
  return planOf(asked, lives, { proofs: [proof] })
    .changes.filter(({ verb }) => verb !== 'keep' && verb !== 'verify')
    .map(({ id }) => id.replace(/cloudflare\/| name-n| gate-\w| route-\w+/g, ''));
}

describe('a host that moves to another tunnel', () => {
  it.each([
    { because: 'a new gate takes what lies below the path of a live one', gates: [innerGate] },
    {
      because: 'a gate takes more of it',
      gates: [innerGate, live(gate, 'g', { ...outerGate, claims: [] })],
    },
  ])('no longer answers through the old one while $because', ({ gates }) => {
    const [first] = moved(gates);
    expect(first).toBe('close route:old');
  });

  it.each([
    { because: 'both gates are new', gates: [] },
    { because: 'the outer gate has it already', gates: [innerGate, live(gate, 'g', outerGate)] },
    { because: 'it takes none of it', gates: [innerGate], asked: movedWants([]) },
    { because: 'it takes what lies below another path', gates: [innerGate], asked: movedWants(['/y/*']) },
    {
      because: 'the inner gate is at another host',
      gates: [live(gate, 'x', { host: 'b.example.dev', admits: ['me'], path: '/x' })],
    },
    {
      because: 'the outer gate admits fewer people there than the inner one',
      gates: [live(gate, 'x', { host, admits: ['me'], path: '/x', partOf: 'y' })],
    },
  ])('answers until the name has moved if $because', ({ gates, asked }) => {
    const steps = moved(gates, asked);
    expect(steps).toContain('prune route:old');
    expect(steps).not.toContain('close route:old');
  });
});
