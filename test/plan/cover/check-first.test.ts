import { describe, expect, it } from 'vitest';
import type { Change, Plan } from '../../../src/core/change.ts';
import type {
  Desired,
  DesiredObject,
  GateCheck,
  Observation,
  Observed,
} from '../../../src/core/objects/object.ts';
import { ref } from '../../../src/core/objects/reference.ts';
import type { PlanOptions } from '../../../src/plan/drafts/options.ts';
import { makePlan } from '../../../src/plan/plan.ts';
import { type Keeper, keeper, registry, sight } from '../support/cover-fakes.ts';
import { gate, live, name, normal, route, steps, thing, want } from '../support/fakes.ts';

const host = 'a.example.dev';
const because = 'services.a';
const probe = 'probe';
const cover: DesiredObject = {
  address: { kind: keeper.kind, key: host },
  spec: { host, admits: [ref('cloudflare/thing:probe')] },
  because,
};
const covered: GateCheck = {
  address: { kind: sight.kind, key: host },
  host,
  spec: { expect: ref('cloudflare/gate:g') },
  step: 'prove',
  needs: ['cloudflare/gate:g'],
  cover,
  because,
};
const { cover: _, ...bare } = covered;
const attested: GateCheck = { ...bare, step: 'attest' };

const wantThing = want(thing, probe, { value: 'token' }, { because: 'services' });
const wantGate = (admits: readonly string[] = ['me']) => want(gate, 'g', { host, admits }, { because });
const wantRoute = (to = 'app') => want(route, 'r', { host, via: 'homelab', to }, { because });
const wantName = want(name, 'n', { host, target: 'homelab' }, { because });
const wantKeeper = want(keeper, host, { host, admits: ['me'] }, { because });
const wants = [wantThing, wantGate(), wantRoute(), wantName];

const liveThing = live(thing, probe, { value: 'token' }, { id: 'probe' });
const liveGate = live(gate, 'g', { host, admits: ['me'] });
const liveRoute = live(route, 'r', { host, via: 'homelab', to: 'app' });
const liveName = live(name, 'n', { host, target: 'homelab' });
const liveKeeper = (admits: readonly string[], extra: Partial<Observed<Keeper>> = {}) =>
  live(keeper, host, { host, admits }, extra);
const old = (lets: readonly string[], at = host) =>
  live(gate, `old at ${at}`, { host: at, admits: ['you'], path: '/x', lets }, { id: `old ${lets}` });
const standing = [liveThing, liveGate, liveRoute, liveName];
const without = (...gone: readonly Observed[]) => standing.filter((item) => !gone.includes(item));

interface Row {
  readonly because: string;
  readonly want?: readonly DesiredObject[];
  readonly live: readonly Observed[];
  readonly proofs?: readonly GateCheck[];
  readonly options?: Partial<PlanOptions>;
  readonly steps: readonly string[];
}

function planFor({
  want = wants,
  live,
  proofs = [covered],
  options = {},
}: Omit<Row, 'because' | 'steps'>): Plan {
  const desired: Desired = {
    scope: { owner: 'home', account: 'account', zones: ['example.dev'], tunnels: ['homelab'] },
    objects: want,
    proofs,
    refusals: [],
    warnings: [],
  };
  const observations = registry.map(
    ({ kind }): Observation => ({
      kind,
      state: 'known',
      objects: live.filter(({ address }) => address.kind === kind),
    }),
  );
  return makePlan(desired, observations, registry, { ...normal, ...options });
}

function lookOf(plan: Plan): Change {
  const found = plan.changes.find(({ verb }) => verb === 'verify');
  if (found === undefined) throw new Error('nothing is looked at');
  return found;
}

/** The cover closes the host to everybody whom it does not admit, before the gate changes. */
const up = `close keeper ${host}`;
const look = `verify sight ${host}`;
/** The second check, without the cover. */
const again = look;
const off = `prune keeper ${host}`;
const token = `create thing ${probe}`;

const rows: readonly Row[] = [
  {
    because: 'a new host is opened under cover, looked at, and uncovered',
    live: [],
    steps: [token, up, 'create gate g', 'create route r', 'create name n', look, off, again],
  },
  {
    because: 'a gate that Access enforces needs no cover: it is looked at once the host is open',
    live: [],
    proofs: [bare],
    steps: [token, 'create gate g', 'create route r', 'create name n', look],
  },
  {
    because: 'a gate that nobody sees from outside is read back before anything routes to it',
    live: [],
    proofs: [attested],
    steps: [token, 'create gate g', look, 'create route r', 'create name n'],
  },
  {
    because: 'the cover itself lets go of what another takes, and comes first all the same',
    want: [...wants, want(keeper, 'inner', { host, admits: ['me'], claims: ['x'] }, { because })],
    live: [...without(liveGate), live(keeper, host, { host, admits: ['everybody'], claims: ['x', 'y'] })],
    steps: [up, 'create gate g', 'create keeper inner', look, off, again],
  },
  {
    because: 'what becomes something else in the place of the cover lets go as the cover',
    want: [...wants, wantKeeper, want(keeper, 'inner', { host, admits: ['me'], claims: ['x'] }, { because })],
    live: [...without(liveGate), live(keeper, host, { host, admits: ['everybody'], claims: ['x'] })],
    steps: [up, 'create gate g', 'create keeper inner', look, `update keeper ${host}`, again],
  },
  {
    because: 'what let everybody by goes as the cover that it has become: after the look',
    live: [...without(liveGate), liveKeeper(['everybody'])],
    steps: [up, 'create gate g', look, off, again],
  },
  {
    because:
      'what guarded the host until now goes only once the next is seen under cover, though that stands long since',
    live: [...standing, live(gate, 'old', { host, admits: ['me'] })],
    steps: [up, look, 'prune gate old', off, again],
  },
  {
    because: 'what guards it in part is no reason to close it',
    live: [...standing, live(gate, 'old', { host, admits: ['me'], path: '/a' })],
    steps: [look, 'prune gate old'],
  },
  {
    because: 'what let everybody by goes as the cover that it has become, also where pruning is off',
    live: [...without(liveGate), liveKeeper(['everybody'])],
    options: { prune: false },
    steps: [up, 'create gate g', look, off, again],
  },
  { because: 'a host that nothing happens to is not looked at', live: standing, steps: [] },
  {
    because: 'what happens elsewhere is no reason to look',
    want: [...wants, want(name, 'm', { host: 'b.example.dev', target: 'homelab' })],
    live: standing,
    steps: ['create name m'],
  },
  {
    because: 'a gate that is only narrowed keeps its host open, and is looked at',
    want: [wantThing, wantGate([]), wantRoute(), wantName],
    live: standing,
    steps: ['update gate g', look],
  },
  {
    because: 'a gate that is made anew was never seen: cover first',
    live: without(liveGate),
    steps: [up, 'create gate g', look, off, again],
  },
  {
    because: 'a route that leads elsewhere may lead around the gate: cover first',
    want: [wantThing, wantGate(), wantRoute('app2'), wantName],
    live: standing,
    steps: [up, 'update route r', look, off, again],
  },
  {
    because: 'a cover that an earlier pass left is looked through, and goes',
    live: [...standing, liveKeeper([probe])],
    steps: [look, off, again],
  },
  {
    because: 'it goes also where pruning is off: it was never meant to stay',
    live: [...standing, liveKeeper([probe])],
    options: { prune: false },
    steps: [look, off, again],
  },
  {
    because: 'before that, with pruning off, an old gate that stays loses what it lets by unasked',
    live: [...standing, liveKeeper([probe]), old(['/open'])],
    options: { prune: false },
    steps: [look, `update gate old at ${host}`, off, again],
  },
  {
    because: 'not one that lets nobody by, or of another host, or where a pass before covered nothing',
    live: [...standing, liveKeeper([probe]), old([]), old(['/open'], 'b.example.dev')],
    options: { prune: false },
    steps: [look, off, again],
  },
  {
    because:
      'nor where the cover is put up only now: what was open before stays so, where nothing is removed',
    live: [...without(liveGate), old(['/open'])],
    options: { prune: false },
    steps: [up, 'create gate g', look, off, again],
  },
  {
    because: 'a cover that an earlier pass left is not put up twice',
    live: [liveThing, liveGate, liveKeeper([probe])],
    steps: ['create route r', 'create name n', look, off, again],
  },
  {
    because: 'a cover that somebody widened admits the probe alone again',
    live: [liveThing, liveGate, liveRoute, liveName, liveKeeper(['eve'])],
    steps: [`update keeper ${host}`, look, off, again],
  },
  {
    because:
      'a host that goes from Access to another gate keeps the old one beside the probe until the new is seen',
    live: [liveThing, liveRoute, liveName, liveKeeper(['me'])],
    steps: ['create gate g', `update keeper ${host}`, look, off, again],
  },
  {
    because: 'with pruning off the old gate stays, and lets the probe in from then on',
    live: [liveThing, liveRoute, liveName, liveKeeper(['me'])],
    options: { prune: false },
    steps: ['create gate g', `update keeper ${host}`, look],
  },
  {
    because: 'a cover becomes what the file asks for in its place, once the gate is seen',
    want: [...wants, wantKeeper],
    live: [],
    steps: [
      token,
      up,
      'create gate g',
      'create route r',
      'create name n',
      look,
      `update keeper ${host}`,
      again,
    ],
  },
  {
    because: 'a host that a person vouches for is neither covered nor looked at',
    live: [],
    options: { unverified: [host] },
    steps: [token, 'create gate g', 'create route r', 'create name n'],
  },
  {
    because: 'a cover that stands goes on the word of a person too',
    live: [...standing, liveKeeper([probe])],
    options: { unverified: [host] },
    steps: [off],
  },
  {
    because: 'and also where pruning is off',
    live: [...standing, liveKeeper([probe])],
    options: { unverified: [host], prune: false },
    steps: [off],
  },
  {
    because: 'a word for another host is none for this one',
    live: without(liveGate),
    options: { unverified: ['b.example.dev'] },
    steps: [up, 'create gate g', look, off, again],
  },
  {
    because: 'one service alone comes with its cover, its look, and what the cover leans on',
    live: [],
    options: { service: 'a' },
    steps: [token, up, 'create gate g', 'create route r', 'create name n', look, off, again],
  },
  {
    because: 'another service alone comes with none of it',
    want: [...wants, want(name, 'm', { host: 'b.example.dev', target: 'homelab' })],
    live: [],
    options: { service: 'm' },
    steps: ['create name m'],
  },
  {
    because: 'a cover that an earlier pass left goes with its service',
    live: [...standing, liveKeeper([probe])],
    options: { service: 'a' },
    steps: [look, off, again],
  },
];

describe('the check of a gate', () => {
  it.each(rows)('$because', (row) => {
    expect(steps(planFor(row))).toEqual(row.steps);
  });

  it.each(rows)('has ids that no two steps share: $because', (row) => {
    const ids = planFor(row).changes.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('the cover', () => {
  it('that still admits earlier visitors first releases the claims of another, and does not claim them again', () => {
    const inner = want(keeper, 'inner', { host, admits: ['you'], claims: ['x'] }, { because });
    const old = live(keeper, host, { host, admits: ['me'], claims: ['x', 'y'] });
    const { changes } = planFor({ want: [...wants, inner], live: [...without(liveGate), old] });
    const wanted = changes.flatMap(({ id, want: made }) =>
      id.includes('keeper') ? [[id.split(' ')[0], made]] : [],
    );
    expect(wanted).toEqual([
      ['release', { host, admits: ['me'], claims: ['y'] }],
      ['create', { host, admits: ['you'], claims: ['x'] }],
      ['cover', { host, admits: ['me', probe], claims: ['y'] }],
      ['prune', undefined],
    ]);
  });

  it.each([
    { because: 'while the host can be reached', gone: [], admits: ['me', probe] },
    { because: 'but not of a host without a name', gone: [liveName], admits: [probe] },
    { because: 'but not of a host without a route', gone: [liveRoute], admits: [probe] },
  ])('keeps the people of the previous gate, $because', ({ gone, admits }) => {
    const { changes } = planFor({ live: [...without(liveGate, ...gone), liveKeeper(['me'])] });
    expect(changes.find(({ id }) => id.startsWith('cover '))?.want).toMatchObject({ admits });
  });
});

describe('the check', () => {
  it.each([
    { because: 'a new host', live: [], seen: { covered: true, opened: true } },
    { because: 'a gate made anew', live: without(liveGate), seen: { covered: true, opened: false } },
    {
      because: 'a gate that is only narrowed',
      want: [wantThing, wantGate([]), wantRoute(), wantName],
      live: standing,
      seen: { covered: false, opened: false },
    },
    { because: 'no cover', live: [], proofs: [bare], seen: { covered: false, opened: true } },
  ])('knows its target: $because', ({ seen, ...row }) => {
    expect(lookOf(planFor(row)).want).toMatchObject(seen);
  });

  it('resolves existing objects from their attributes, and waits for the others', () => {
    expect(lookOf(planFor({ live: without(liveName) })).want).toMatchObject({ expect: 'gate-g' });
    expect(lookOf(planFor({ live: [] })).want).toMatchObject({ expect: ref('cloudflare/gate:g') });
  });

  it('reports the finding of the previous check', () => {
    const noted = live(sight, host, { finding: 'it was open' }, { owner: undefined });
    expect(lookOf(planFor({ live: [noted, ...without(liveGate)] })).reason).toBe(
      'the last time: it was open',
    );
  });

  it('waits for a refused gate, and the cover stays with it', () => {
    const theirs = live(gate, 'g', { host, admits: ['eve'] }, { owner: undefined });
    const plan = planFor({ live: [liveThing, theirs] });
    const refused = plan.changes.find(({ verb }) => verb === 'refuse')?.id ?? '';
    const uncovering = plan.changes.find(({ verb }) => verb === 'prune');
    expect(lookOf(plan).needs).toContain(refused);
    expect(uncovering?.needs).toContain(lookOf(plan).id);
  });

  it('keeps a host closed if its cover belongs to somebody else', () => {
    const theirs = liveKeeper(['eve'], { owner: undefined });
    const plan = planFor({ live: [theirs] });
    const refused = plan.changes.find(({ verb }) => verb === 'refuse');
    expect(refused).toMatchObject({ address: { key: host }, because });
    for (const opening of plan.changes.filter(({ phase }) => phase === 'open')) {
      expect(opening.needs).toContain(refused?.id);
    }
  });

  it('alone separates a cover from its removal', () => {
    const plan = planFor({ live: [] });
    const uncovering = plan.changes.find(({ verb }) => verb === 'prune');
    expect(uncovering?.needs).toContain(lookOf(plan).id);
  });

  it('that a person skips is mentioned in the plan', () => {
    expect(planFor({ live: [], options: { unverified: [host] } }).warnings).toEqual([
      `${host} is opened without a check, because of --unverified`,
    ]);
  });
});
