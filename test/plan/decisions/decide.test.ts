import { describe, expect, it } from 'vitest';
import type { Verb } from '../../../src/core/change.ts';
import type { DesiredObject, Observed } from '../../../src/core/objects/object.ts';
import { ref } from '../../../src/core/objects/reference.ts';
import { type DecideInput, decide } from '../../../src/plan/decisions/decide.ts';
import type { PlanOptions } from '../../../src/plan/drafts/options.ts';
import { live, place, planOf, route, thing, want } from '../support/fakes.ts';

interface Row {
  readonly because: string;
  readonly want?: DesiredObject;
  readonly live?: readonly Observed[];
  readonly options?: Partial<PlanOptions>;
  readonly verbs: readonly Verb[];
  readonly reason?: RegExp;
}

const one = want(thing, 'a', { value: 'new' });
const equal = (extra: Partial<Observed<{ value: string }>> = {}) => live(thing, 'a', { value: 'new' }, extra);
const drifted = (extra: Partial<Observed<{ value: string }>> = {}) =>
  live(thing, 'a', { value: 'old' }, extra);

const rows: readonly Row[] = [
  { because: 'what is not there is made', want: one, verbs: ['create'] },
  { because: 'what is as it should be is left alone', want: one, live: [equal()], verbs: ['keep'] },
  { because: 'our own drift is healed', want: one, live: [drifted()], verbs: ['update'] },
  {
    because: 'a field that the API cannot change needs a new object',
    want: want(thing, 'a', { value: 'new', link: 'x' }),
    live: [live(thing, 'a', { value: 'new', link: 'y' })],
    verbs: ['replace'],
  },
  {
    because: 'a kind may say that only a person can heal it',
    want: one,
    live: [live(thing, 'a', { value: 'stubborn' })],
    verbs: ['refuse'],
    reason: /cannot be changed/,
  },
  {
    because: 'an equal one of nobody serves as well',
    want: one,
    live: [equal({ owner: undefined })],
    verbs: ['keep'],
  },
  {
    because: 'marking is all that is missing, and adoption was asked for',
    want: one,
    live: [equal({ owner: undefined })],
    options: { adopt: true },
    verbs: ['adopt'],
  },
  {
    because: 'a different one of nobody may be somebody’s work',
    want: one,
    live: [drifted({ owner: undefined })],
    verbs: ['refuse'],
    reason: /gates adopt/,
  },
  {
    because: 'adoption heals what it takes over',
    want: one,
    live: [drifted({ owner: undefined })],
    options: { adopt: true },
    verbs: ['adopt'],
  },
  {
    because: 'another owner’s object is never ours, even when it is equal',
    want: one,
    live: [equal({ owner: 'work' })],
    options: { adopt: true },
    verbs: ['refuse'],
    reason: /"work"/,
  },
  {
    because: 'an equal twin is superfluous: the oldest stays',
    want: one,
    live: [equal({ id: 'young', createdAt: '2026-02-01' }), equal({ id: 'old', createdAt: '2026-01-01' })],
    verbs: ['prune', 'keep'],
  },
  {
    because: 'of two different ones that nothing uses the equal one is meant',
    want: one,
    live: [drifted({ id: '1' }), equal({ id: '2' })],
    verbs: ['prune', 'keep'],
  },
  {
    because: 'a twin that is not ours is not ours to remove',
    want: one,
    live: [equal({ id: '1' }), equal({ id: '2', owner: undefined })],
    verbs: ['refuse'],
    reason: /unmarked/,
  },
  {
    because: 'something of another shape stands in its place, and is not ours',
    want: one,
    live: [live(thing, 'not-a', { value: '' }, { owner: undefined })],
    verbs: ['refuse'],
    reason: /not-a \(not marked as ours\)/,
  },
  {
    because: 'another owner stands in its place',
    want: one,
    live: [live(thing, 'not-a', { value: '' }, { owner: 'work' })],
    verbs: ['refuse'],
    reason: /owned by "work"/,
  },
  {
    because: 'our own is to get what an object of others has',
    want: one,
    live: [drifted(), live(thing, 'not-a', { value: '' }, { owner: undefined })],
    verbs: ['refuse'],
    reason: /not-a \(not marked as ours\)/,
  },
  {
    because: 'what we put in its place ourselves goes with the same plan, before it',
    want: one,
    live: [live(thing, 'not-a', { value: '' })],
    verbs: ['prune', 'create'],
  },
  {
    because: 'what has to exist is not made',
    want: want(thing, 'a', { value: 'new' }, { mustExist: 'make it first' }),
    verbs: ['refuse'],
    reason: /make it first/,
  },
  {
    because: 'a kind that is only looked up cannot be made',
    want: want(place, 'a', { status: 'active' }),
    verbs: ['refuse'],
    reason: /does not exist/,
  },
  {
    because: 'a kind that is only looked up cannot be healed',
    want: want(place, 'a', { status: 'active' }),
    live: [live(place, 'a', { status: 'pending' }, { owner: undefined })],
    verbs: ['refuse'],
    reason: /only looked up/,
  },
  {
    because: 'what was looked up and is right serves, adoption or not',
    want: want(place, 'a', { status: 'active' }),
    live: [live(place, 'a', { status: 'active' })],
    options: { adopt: true },
    verbs: ['keep'],
  },
  { because: 'what nobody asks for any more goes', live: [equal()], verbs: ['prune'] },
  { because: 'pruning may be off', live: [equal()], options: { prune: false }, verbs: [] },
  { because: 'what nobody marked is never touched', live: [equal({ owner: undefined })], verbs: [] },
  { because: 'what another owner marked is never touched', live: [equal({ owner: 'work' })], verbs: [] },
  {
    because: 'a kind may know why its object has to stay',
    live: [live(thing, 'a', { value: 'keep me' })],
    verbs: [],
  },
  {
    because: 'and that it need not, once another stands beside it, which this pass makes',
    want: want(thing, 'b', { value: 'heir' }),
    live: [live(thing, 'a', { value: 'keep me' })],
    verbs: ['create', 'prune'],
  },
];

describe('the decision about one address', () => {
  it.each(rows)('$because', (row) => {
    const plan = planOf(row.want === undefined ? [] : [row.want], row.live ?? [], row.options);
    expect(plan.changes.map((change) => change.verb)).toEqual(row.verbs);
    if (row.reason !== undefined) {
      expect(plan.changes.find((change) => change.verb === 'refuse')?.reason).toMatch(row.reason);
    }
  });

  it('lists every field that differs, before and after', () => {
    const plan = planOf([one], [drifted()]);
    expect(plan.changes[0]?.drift).toEqual([{ field: 'value', before: 'old', after: 'new' }]);
  });

  it('counts a field that another object will supply as drift, known after apply', () => {
    const wants = [
      want(thing, 'a', { value: 'v', link: ref('cloudflare/thing:b') }),
      want(thing, 'b', { value: 'v' }),
    ];
    const plan = planOf(wants, [live(thing, 'a', { value: 'v', link: 'gone' }, { uses: [] })]);
    const change = plan.changes.find(({ address }) => address.key === 'a');
    expect(change?.drift).toEqual([{ field: 'link', before: 'gone', after: ref('cloudflare/thing:b') }]);
    expect(change?.needs).toEqual(['create cloudflare/thing:b']);
  });

  it('resolves a reference to an existing object, and finds no drift', () => {
    const wants = [
      want(thing, 'a', { value: 'v', link: ref('cloudflare/thing:b', 'to {id}') }),
      want(thing, 'b', { value: 'v' }),
    ];
    const lives = [live(thing, 'a', { value: 'v', link: 'to thing-b' }), live(thing, 'b', { value: 'v' })];
    expect(planOf(wants, lives).changes.map((change) => change.verb)).toEqual(['keep', 'keep']);
  });

  it('refuses a kind that could not be read, and says so', () => {
    const plan = planOf([want(route, 'r', { host: 'a.example.dev', via: 't', to: 'x' })], [], {
      unknown: route.kind,
    });
    expect(plan.changes[0]).toMatchObject({ verb: 'refuse', reason: expect.stringContaining('403') });
    expect(plan.unknown).toEqual([{ kind: route.kind, reason: '403' }]);
  });

  it('recognizes a leftover of its own even if pruning is off', () => {
    const plan = planOf([], [live(route, 'r', { host: 'a.example.dev', via: 't', to: 'x' })], {
      prune: false,
    });
    expect(plan.warnings).toEqual([expect.stringContaining('1 object ')]);
  });

  it('rejects desired objects that refer to each other in a circle', () => {
    const wants = [
      want(thing, 'a', { value: 'v', link: ref('cloudflare/thing:b') }),
      want(thing, 'b', { value: 'v', link: ref('cloudflare/thing:a') }),
    ];
    expect(() => planOf(wants, [])).toThrow(/circle/);
  });
});

describe('an object that owners may share', () => {
  const shareable = { ...thing, traits: { shareable: true as const } };
  const decided = (have: Observed, reconciler: typeof thing = shareable) =>
    decide({
      reconciler: reconciler as unknown as DecideInput['reconciler'],
      want: one,
      known: { value: 'new' },
      unknownFields: [],
      haves: [have],
      siblings: [have],
      owner: 'home',
      adopt: false,
      used: () => false,
    });

  it('is used unchanged if it is as the file wants it, and never adopted or changed', () => {
    expect(decided(equal({ owner: 'work' }))).toMatchObject({ verb: 'keep', drift: [] });
    expect(decided(drifted({ owner: 'work' }))).toMatchObject({ verb: 'refuse' });
  });

  it('belongs to the other owner alone for any other kind', () => {
    expect(decided(equal({ owner: 'work' }), thing)).toMatchObject({ verb: 'refuse' });
  });
});
