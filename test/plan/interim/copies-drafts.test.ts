import { describe, expect, it } from 'vitest';
import type { DoorEffect } from '../../../src/core/objects/door.ts';
import type { Desired, DesiredObject, Observed, Unstored } from '../../../src/core/objects/object.ts';
import type { AnyReconciler, Reconciler } from '../../../src/core/reconciler.ts';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import type { Known } from '../../../src/plan/drafts/known.ts';
import { dropCopies } from '../../../src/plan/interim/copies.ts';
import { draftOf, knownOf } from '../support/drafts.ts';
import { type Thing, thing } from '../support/fakes.ts';
import { livePanel, panel, wantPanel } from '../support/panel.ts';
import { host } from '../support/plan-text.ts';

const other = 'b.example.dev';
/** The copies in the cache of each host. */
const copies: Reconciler<Thing> = {
  ...thing,
  kind: 'cloudflare/copies',
  title: 'copies',
  traits: { copies: true },
};
const unmarked = { ...thing, kind: 'cloudflare/first', traits: {} } as AnyReconciler;
const kinds = [unmarked, copies, panel, thing] as readonly unknown[] as readonly AnyReconciler[];
const purgeId = (at = host) => `prune cloudflare/copies:${at} copies of ${at}`;
const served = livePanel('r', { admits: [], gone: [{ host, step: 'unroute' }] });

interface World {
  readonly lives?: readonly Observed[];
  readonly wants?: readonly DesiredObject[];
  readonly unstored?: readonly Unstored[];
  readonly refusals?: Desired['refusals'];
  readonly earlier?: readonly string[];
}
const scope = { owner: 'home', account: 'account', zones: ['example.dev'], tunnels: [] };
const ordered = (
  drafts: readonly Draft[],
  { lives = [served], wants = [], unstored = [], refusals = [], earlier }: World = {},
) => dropCopies(knownOf(kinds, { lives, wants }), { scope, unstored, refusals }, drafts, earlier);
const added = (drafts: readonly Draft[], world?: World) =>
  ordered(drafts, world).filter((draft) => !drafts.includes(draft));
const idsIn = (drafts: readonly Draft[], world?: World) => added(drafts, world).map(({ id }) => id);
const going = (effect: Partial<DoorEffect>, more: Partial<Draft> = {}) =>
  draftOf(panel, {
    verb: 'prune',
    key: 'r',
    have: served,
    doors: [
      { host: '*.example.dev', step: 'unroute' },
      { host, step: 'unroute', ...effect },
    ],
    ...more,
  });

describe('a host that leaves the file', () => {
  it.each(['unroute', 'unguard'] as const)(
    'loses its copies, and does so again if the run ends: %s',
    (step) => {
      const purge = added([going({ step }), going({ step }, { id: 'again' })]);
      expect(purge).toEqual([
        {
          ...{ id: purgeId(), verb: 'prune', reconciler: copies, address: { kind: copies.kind, key: host } },
          have: {
            address: { kind: copies.kind, key: host },
            id: `copies of ${host}`,
            owner: 'home',
            spec: {},
            attributes: {},
            uses: [],
          },
          ...{ drift: [], doors: [{ host, step: 'purge' }], needs: [], repeats: true },
          reason: 'copies of earlier answers may remain where the token has no "Cache Purge"',
        },
      ]);
    },
  );

  it('loses them once, if its route stays closed', () => {
    const closes = going({ step: 'close' }, { verb: 'update', needs: ['first'] });
    const elsewhere = going({ host: other, step: 'close' }, { verb: 'update', id: 'elsewhere' });
    const guards = going({ step: 'guard' }, { verb: 'update', id: 'guards' });
    const found = ordered([closes, elsewhere, guards]);
    expect(found.map(({ id, needs }) => [id, ...needs])).toEqual([
      [closes.id, 'first'],
      ['elsewhere'],
      ['guards'],
      ...[purgeId(), purgeId(other)].map((id) => [id]),
    ]);
    expect(Object.keys(found[3] ?? {})).not.toContain('repeats');
    const closesFirst = going({ step: 'close' }, { verb: 'update', id: 'close' });
    expect(added([closesFirst, going({})])).toMatchObject([{ id: purgeId(), repeats: true }]);
  });

  it('loses them once, though nothing of it is left, if an earlier run served it', () => {
    const earlier = [host, other];
    const [first, ...others] = added([], { lives: [], earlier });
    expect(first).toMatchObject({ id: purgeId(), doors: [{ host, step: 'purge' }], needs: [] });
    expect(Object.keys(first ?? {})).not.toContain('repeats');
    expect(others.map(({ id }) => id)).toEqual([purgeId(other)]);
    expect(idsIn([going({})], { earlier: [host] })).toEqual([purgeId()]);
  });

  it('keeps those of earlier runs while nobody can say whether a route leads to it', () => {
    const way = { ...thing, kind: 'cloudflare/way', route: { closed: () => ({}) } } as AnyReconciler;
    const known = knownOf([...kinds, way], {});
    const purged = (of: Known) => dropCopies(of, { scope, refusals: [] }, [], [host]).map(({ id }) => id);
    expect(purged(known)).toEqual([purgeId()]);
    expect(purged({ ...known, unknown: new Map([[panel.kind, 'no answer']]) })).toEqual([purgeId()]);
    expect(purged({ ...known, unknown: new Map([[way.kind, 'no answer']]) })).toEqual([]);
  });

  it.each<[because: string, world: World]>([
    [
      'the file serves it',
      { wants: [wantPanel('n', { admits: [], does: [{ host, step: 'route', via: 'x' }] })] },
    ],
    ['the file guards it', { wants: [wantPanel('n', { admits: [], does: [{ host, step: 'guard' }] })] }],
    [
      'a route still leads to it',
      { lives: [livePanel('r', { admits: [], gone: [{ host, step: 'unroute', live: true }] })] },
    ],
    ['its service is refused', { refusals: [{ host, service: 'a', reason: 'another has it' }] }],
    ['its zone has left the file', { earlier: ['a.example.net', 'badexample.dev'] }],
  ])('keeps those of earlier runs if %s', (_, world) => {
    expect(idsIn([], { lives: [], earlier: [host], ...world })).toEqual([]);
  });

  it('takes the place of a purge that is planned already', () => {
    const owed = draftOf(copies, { verb: 'prune', key: host, id: purgeId() });
    expect(ordered([owed, going({})]).map(({ id }) => id)).toEqual([going({}).id, purgeId()]);
  });

  const routes = wantPanel('n', { admits: [], does: [{ host, step: 'route', via: 'x' }] });
  const names = wantPanel('n', { admits: [], does: [{ host, step: 'publish' }] });
  const guards = wantPanel('n', { admits: [], does: [{ host, step: 'guard' }] });
  it.each<[because: string, draft: Draft, wants?: readonly DesiredObject[]]>([
    ['the file leads it elsewhere', going({}), [routes]],
    ['the file guards it', going({}), [guards]],
    ['something else goes', going({ step: 'publish' })],
    ['the removal is refused', going({}, { verb: 'refuse' })],
    ['nothing changes', going({ step: 'close' }, { verb: 'keep' })],
    ['a route is opened', going({ step: 'unroute' }, { verb: 'update' })],
    ['something is made', going({ step: 'close' }, { verb: 'create' })],
  ])('keeps its copies if %s', (_, draft, wants = []) => {
    expect(ordered([draft], { wants })).toEqual([draft]);
  });

  it('loses them though the file names it', () => {
    expect(idsIn([going({})], { wants: [names] })).toEqual([purgeId()]);
  });

  it('keeps them if no kind removes copies', () => {
    expect(dropCopies(knownOf([panel, thing] as never, {}), { scope, refusals: [] }, [going({})])).toEqual([
      going({}),
    ]);
  });
});

describe('a host that nothing may store from now on', () => {
  const unstored: readonly Unstored[] = [{ host, rule: 'cloudflare/thing:rule', because: 'services.a' }];
  const rule = (verb: Draft['verb'] = 'create') => draftOf(thing, { verb, key: 'rule', id: 'rule' });
  const look = (want: object, more: Partial<Draft> = {}) =>
    draftOf(panel, {
      verb: 'verify',
      key: 'look',
      id: 'look',
      want,
      doors: [
        { host: other, step: 'attest' },
        { host, step: 'prove' },
      ],
      ...more,
    });

  it('loses its copies once the edge is seen to obey', () => {
    const checked = look({ cache: 'none', covered: true });
    expect(added([rule(), checked], { unstored })).toMatchObject([
      {
        id: purgeId(),
        doors: [{ host, step: 'purge' }],
        needs: ['look'],
        because: 'services.a',
        repeats: true,
      },
    ]);
    const [open] = added([rule(), look({ cache: 'none', covered: false })], { unstored });
    expect([open?.needs, Object.keys(open ?? {}).includes('repeats')]).toEqual([['look'], false]);
  });

  it('loses them once the rule is written, where nobody can see that', () => {
    for (const drafts of [
      [rule()],
      [rule(), look({})],
      [rule(), look({ cache: 'none' }, { verb: 'update' })],
      [rule(), look({ cache: 'none' }, { doors: [{ host, step: 'attest' }] })],
    ])
      expect(added(drafts, { unstored })).toMatchObject([
        { id: purgeId(), doors: [{ host, step: 'guard' }], needs: ['rule'] },
      ]);
  });

  it('loses them under a cover, though the rule exists', () => {
    expect(added([look({ covered: true })], { unstored })).toMatchObject([
      { doors: [{ host, step: 'guard' }], needs: [], repeats: true },
    ]);
    const byOrigin = [{ host, rule: undefined, because: 'services.a' }];
    expect(added([look({ covered: true, cache: 'none' })], { unstored: byOrigin })).toMatchObject([
      { needs: ['look'] },
    ]);
    expect(idsIn([rule()], { unstored: byOrigin })).toEqual([]);
  });

  it('loses them before something releases or takes a path there', () => {
    const have = livePanel('g', { admits: [] });
    const moving = (at: string, verb = 'release') =>
      draftOf(panel, {
        verb: 'update',
        key: 'g',
        have,
        id: `${verb} cloudflare/panel:g panel-g`,
        doors: [{ host: at, step: 'guard' }],
        needs: ['first'],
      });
    const needs = (draft: Draft, drafts: readonly Draft[] = [rule()]) =>
      ordered([draft, ...drafts], { unstored })[0]?.needs;
    expect(needs(moving(host))).toEqual(['first', purgeId()]);
    expect(needs(moving(host, 'take'))).toEqual(['first', purgeId()]);
    expect(needs(moving(other))).toEqual(['first']);
    expect(needs(moving(host, 'update'))).toEqual(['first']);
    expect(needs(moving(host), [rule(), look({ cache: 'none' })])).toEqual(['first']);
  });

  it.each<[because: string, drafts: readonly Draft[], world?: World]>([
    ['its rule goes', [rule('prune')]],
    ['its rule is kept', [rule('keep')]],
    ['its rule is another', [draftOf(thing, { verb: 'create', key: 'else' })]],
    ['nothing served it before', [rule()], { lives: [] }],
    ['only others served it before', [rule()], { lives: [{ ...served, owner: 'other' }] }],
    [
      'another host was served before',
      [rule()],
      { lives: [livePanel('r', { admits: [], gone: [{ host: other, step: 'unroute' }] })] },
    ],
  ])('keeps them if %s', (_, drafts, world) => {
    expect(idsIn(drafts, { unstored, ...world })).toEqual([]);
  });
});
