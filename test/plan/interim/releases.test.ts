import { describe, expect, it } from 'vitest';
import type { DesiredObject, Observed } from '../../../src/core/objects/object.ts';
import type { AnyReconciler, Reconciler } from '../../../src/core/reconciler.ts';
import { makePlan } from '../../../src/plan/plan.ts';
import { type Gate, gate, live, normal, steps, want } from '../support/fakes.ts';
import { type Way, way } from '../support/ways.ts';

/** Gates of which one at a path answers for what lies below it, if no other claims that. One that admits everybody is made last. */
const nested: Reconciler<Gate> = {
  ...gate,
  doors: (asked, have, address) =>
    (gate.doors?.(asked, have, address) ?? []).map((effect) =>
      asked?.admits.includes('everybody') === true ? { ...effect, step: 'unguard' } : effect,
    ),

  gate: {
    ...gate.gate,
    heirs: ({ spec }, { claims = [] }, siblings) =>
      siblings.filter(({ spec: { path } }) =>
        spec.claims?.some((claim) => !claims.includes(claim) && claim.startsWith(`${path}/`)),
      ),
  },
};

const host = 'a.example.dev';
const outer = (...claims: string[]): Gate => ({ host, admits: ['you'], claims });
const inner = (path: string, admits: readonly string[], claims: readonly string[] = []): Gate => ({
  ...{ host, path, admits, claims },
});
const open: Way = { host, to: 'app', gate: 'gate-p', part: '^/a/p(/)?$' };

function planOf(wants: readonly DesiredObject[], lives: readonly Observed[], prune = true, kind = nested) {
  const kinds = [kind, way] as readonly unknown[] as readonly AnyReconciler[];
  const scope = { owner: 'home', account: 'account', zones: ['example.dev'], tunnels: ['homelab'] };
  const observations = kinds.map(({ kind }) => {
    return { kind, state: 'known', objects: lives.filter(({ address }) => address.kind === kind) } as const;
  });
  const desired = { scope, objects: wants, proofs: [], refusals: [], warnings: [] };
  return makePlan(desired, observations, kinds, { ...normal, prune });
}

/** The gate at /a/p stays or changes, and what lies below it moves from the gate of the host to a new one at /a. */
function handOver(taker: Gate, wanted: Way = open, people: readonly string[] = ['me'], had: Way = open) {
  const lives = [
    live(nested, 'g', outer('/a/p/*')),
    live(nested, 'p', inner('/a/p', ['me'])),
    live(way, 'w', had),
  ];
  const wants = [
    want(nested, 'g', outer()),
    want(nested, 'p', inner('/a/p', people)),
    want(nested, 'a', taker),
    want(way, 'w', wanted),
  ];
  return planOf(wants, lives);
}

describe('the route of a gate below which another object takes over', () => {
  const guarded = inner('/a', ['you'], ['/a/p/*']);

  it('is closed before anything is released, and opens after the taker exists', () => {
    const plan = handOver(guarded);
    expect(steps(plan)).toEqual(['close way w', 'update gate g', 'create gate a', 'update way w']);
    const [close] = plan.changes;
    expect([close?.want, close?.interim]).toEqual([{ ...open, to: '503' }, host]);
    expect(plan.changes.find(({ id }) => id === 'update cloudflare/way:w way-w')).toMatchObject({
      want: open,
      drift: [{ field: 'to', after: 'app' }],
    });
  });

  it('opens with its other changes', () => {
    const plan = handOver(guarded, { ...open, to: 'other' });
    expect(steps(plan)).toEqual(['close way w', 'update gate g', 'create gate a', 'update way w']);
  });

  it('is closed before it is removed, if its host moves to another carrier', () => {
    const lives = [
      live(nested, 'g', outer('/a/p/*')),
      live(nested, 'p', inner('/a/p', ['me'])),
      live(way, 'w', open),
    ];
    const moved: Way = { host, to: 'app', via: 'elsewhere' };
    const wants = [want(nested, 'g', outer()), want(nested, 'a', guarded), want(way, 'new', moved)];
    const plan = planOf(wants, lives);
    expect(steps(plan)).toEqual([
      ...['close way w', 'update gate g', 'create gate a', 'create way new', 'prune way w', 'prune gate p'],
    ]);
    expect(
      plan.changes.find(({ verb, address }) => verb === 'prune' && address.key === 'w')?.needs,
    ).toContain(plan.changes[0]?.id);
  });

  it.each([
    { because: 'if it is closed already', had: { ...open, to: '503' } },
    {
      because: 'if it lets requests through with the token of another gate',
      had: { ...open, gate: 'other' },
    },
    { because: 'if it leads to all paths of the host', had: { host, to: 'app', gate: 'gate-p' } },
  ])('is not closed $because', ({ had }) => {
    expect(steps(handOver(guarded, had, ['me'], had))).not.toContain('close way w');
  });
});

describe('the route of a gate below which an object takes over that admits everybody', () => {
  const everybody: Gate = { ...inner('/a', ['everybody'], ['/a/p/*']) };

  it('is not closed as long as its people stay the same', () => {
    expect(steps(handOver(everybody))).toEqual(['update gate g', 'create gate a']);
  });

  it('is closed if its people change', () => {
    expect(steps(handOver(everybody, open, ['us']))).toContain('close way w');
  });
});

describe('the route of a gate that leaves, below which a path stays open to everybody', () => {
  const planWith = (...wanted: readonly DesiredObject[]) =>
    planOf(
      [want(nested, 'g', outer('/a/p/*')), want(nested, 'p', inner('/a/p', ['everybody'])), ...wanted],
      [
        ...[
          live(nested, 'a', inner('/a', ['me'], ['/a/p/*'])),
          live(nested, 'p', inner('/a/p', ['everybody'])),
        ],
        live(way, 'w', { host, to: 'app', gate: 'gate-a', part: '^/a(/.*)?$' }),
      ],
    );

  it('is closed before the gate releases that, also if its host moves: nobody asks any more from where a token comes', () => {
    const moved = want(way, 'new', { host, to: 'app', via: 'elsewhere' });
    expect(steps(planWith(moved))).toEqual([
      ...['close way w', 'update gate a', 'create gate g', 'create way new', 'prune way w', 'prune gate a'],
    ]);
  });

  it('is not closed if the gate stays', () => {
    const stays = [
      want(nested, 'a', inner('/a', ['me'])),
      want(way, 'w', { host, to: 'app', gate: 'gate-a', part: '^/a(/.*)?$' }),
    ];
    expect(steps(planWith(...stays))).toEqual(['update gate a', 'create gate g']);
  });
});

describe('a gate at a path that takes over what lies below the path', () => {
  /** One that admits everybody at its path may go, or ask for more, at any time. */
  const exact: Reconciler<Gate> = {
    ...nested,
    doors: (asked, have, address) =>
      have?.spec.path !== undefined && have.spec.admits.includes('everybody')
        ? [{ host, step: 'guard', part: have.spec.path }]
        : (nested.doors?.(asked, have, address) ?? []),
  };
  const planWith = (admitted: string, ways: readonly Observed[] = []) =>
    planOf(
      [want(nested, 'g', outer()), want(nested, 'p', inner('/a/p', ['you'], ['/a/p/*']))],
      [live(nested, 'g', outer('/a/p/*')), live(nested, 'p', inner('/a/p', [admitted])), ...ways],
      false,
      exact,
    );

  it('asks its people first if it gave no token, since it would answer there in between', () => {
    const plan = planWith('everybody');
    expect(steps(plan)).toEqual(['update gate p', 'update gate g', 'update gate p']);
    const [first, release, last] = plan.changes;
    expect(first).toMatchObject({ want: inner('/a/p', ['you']), drift: [{ field: 'admits' }] });
    expect(release?.needs).toContain(first?.id);
    expect(last?.drift.map(({ field }) => field)).toEqual(['claims']);
  });

  it('changes once if it gave a token', () => {
    const changed = steps(planWith('me', [live(way, 'w', open)]));
    expect(changed.filter((step) => step === 'update gate p')).toHaveLength(1);
  });
});

describe('a gate at a path that the file does not name any more', () => {
  const [main, taker] = [{ host, to: 'app', gate: 'gate-g' }, inner('/a', ['you'], ['/a/p/*'])];
  const planWith = (left: Way, prune: boolean) =>
    planOf(
      [want(nested, 'g', outer()), want(nested, 'a', taker), want(way, 'h', main)],
      [
        live(nested, 'g', outer('/a/p/*')),
        live(nested, 'p', inner('/a/p', ['me'])),
        ...[live(way, 'h', main), live(way, 'w', left)],
      ],
      prune,
    );
  const removal = 'prune cloudflare/gate:p gate-p';

  it('is refused if it stays, and nothing is released to another around it', () => {
    const { changes } = planWith(open, false);
    expect(changes.find(({ id }) => id === removal)).toMatchObject({
      verb: 'refuse',
      reason:
        'it stays, and would admit people below p whom no file has admitted there: let gates remove it (`reconcile.prune`), or remove it in Cloudflare',
    });
    const release = changes.find(({ address }) => address.key === 'g');
    expect(release?.needs).toEqual([removal]);
    const creation = changes.find(({ address, verb }) => address.key === 'a' && verb === 'create');
    expect(creation?.needs).toContain(release?.id);
  });

  it.each([
    { because: 'if gates removes it', route: open, prune: true },
    { because: 'if its route is closed', route: { ...open, to: '503' }, prune: false },
  ])('is in the way of nothing $because', ({ route, prune }) => {
    expect(planWith(route, prune).changes.filter(({ verb }) => verb === 'refuse')).toEqual([]);
  });
});

describe('a route that the file does not name any more, to a gate that it names', () => {
  const main = { host, to: 'app', gate: 'gate-g' };
  const planWith = (people: string, prune: boolean) =>
    planOf(
      [
        ...[want(nested, 'g', outer()), want(nested, 'p', inner('/a/p', [people]))],
        ...[want(nested, 'a', inner('/a', ['you'], ['/a/p/*'])), want(way, 'h', main)],
      ],
      [
        ...[live(nested, 'g', outer('/a/p/*')), live(nested, 'p', inner('/a/p', ['me']))],
        ...[live(way, 'h', main), live(way, 'w', open)],
      ],
      prune,
    );
  const removal = 'prune cloudflare/way:w way-w';

  it('is refused if it stays and the gate changes whom it admits, and nothing is released to another around it', () => {
    const { changes } = planWith('us', false);
    expect(changes.find(({ id }) => id === removal)).toMatchObject({
      verb: 'refuse',
      reason: expect.stringContaining('would admit people below p whom no file has admitted there'),
    });
    expect(changes.find(({ address }) => address.key === 'g')?.needs).toEqual([removal]);
  });

  it.each([
    { because: 'if gates removes it', people: 'us', prune: true },
    { because: 'if the gate keeps its people', people: 'me', prune: false },
  ])('is in the way of nothing $because', ({ people, prune }) => {
    expect(planWith(people, prune).changes.filter(({ verb }) => verb === 'refuse')).toEqual([]);
  });
});
