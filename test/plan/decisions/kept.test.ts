import { describe, expect, it } from 'vitest';
import type { AddressId } from '../../../src/core/objects/address.ts';
import type { DoorEffect } from '../../../src/core/objects/door.ts';
import type { DesiredObject, Observation, Observed } from '../../../src/core/objects/object.ts';
import type { AnyReconciler, Reconciler } from '../../../src/core/reconciler.ts';
import type { Traits } from '../../../src/core/reconciler-facets.ts';
import { keepOrRefuse } from '../../../src/plan/decisions/kept.ts';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import { knowledge } from '../../../src/plan/drafts/known.ts';
import { draftOf } from '../support/drafts.ts';
import { live, name, place, type Route, route, type Thing, thing, want } from '../support/fakes.ts';
import { livePanel, panel, wantPanel } from '../support/panel.ts';
import { host } from '../support/plan-text.ts';

/** A kind of another system, whose removal takes along what uses its objects. */
const tree = { ...panel, kind: 'authentik/tree', traits: { takesAlong: true } } as Reconciler<object>;
const leaf = { ...thing, kind: 'authentik/leaf' } as Reconciler<Thing>;
const kinds = [
  thing,
  leaf,
  tree,
  panel,
  route,
  name,
  place,
] as readonly unknown[] as readonly AnyReconciler[];

interface Removals {
  readonly wants?: readonly DesiredObject[];
  readonly beside?: readonly Observed[];
  readonly blind?: readonly string[];
  readonly wanted?: readonly Draft[];
  readonly closes?: readonly Draft[];
  readonly duplicates?: readonly Draft[];
}

/** The removals that are left of these, `prune x`, and the reasons of those that are refused. */
function removed(
  prunes: readonly Draft[],
  { wants = [], beside = [], blind = [], wanted = [], closes = [], duplicates = [] }: Removals = {},
) {
  const lives = [...prunes.flatMap(({ have }) => have ?? []), ...beside];
  const observations = kinds.map(({ kind }): Observation => {
    if (blind.includes(kind)) return { kind, state: 'unknown', error: new Error('403') };
    return { kind, state: 'known', objects: lives.filter(({ address }) => address.kind === kind) };
  });
  const scope = { owner: 'home', account: 'account', zones: ['example.dev'], tunnels: ['homelab'] };
  const desired = { scope, objects: wants, proofs: [], refusals: [], warnings: [] };
  return keepOrRefuse(knowledge(desired, observations, kinds), prunes, { wanted, closes, duplicates }).map(
    ({ verb, address, reason }) => `${verb} ${address.key}${reason === undefined ? '' : `: ${reason}`}`,
  );
}

const going = (have: Observed, more: Partial<Draft> = {}, kind: AnyReconciler = thing as AnyReconciler) =>
  draftOf(kind, { verb: 'prune', key: have.address.key, have, ...more });
const kindWith = (traits: Traits) => ({ ...thing, traits }) as AnyReconciler;
const item = (key: string, more: Partial<Observed<Thing>> = {}) => live(thing, key, { value: key }, more);

describe('the removal of a protected object', () => {
  const protection = { entry: 'record', carrier: 'cloudflare/thing:x' } as never;
  const guarded = item('x', { protection });

  it('is refused, with what is to be done about it, and waits for nothing', () => {
    expect(removed([going(guarded, { needs: ['close'] })])[0]).toMatch(
      /^refuse x: the file no longer has this record, and it is protected: /,
    );
  });

  it('is left out if it is a part of what carries the mark', () => {
    expect(removed([going(item('part', { protection }))])).toEqual([]);
  });

  it.each<[because: string, prune: Draft, more: Removals]>([
    ['an entry of the file changes', going(guarded), { wants: [want(thing, 'x', { value: 'y' })] }],
    ['an earlier run began it', going({ ...guarded, unfinished: true }), {}],
    [
      'the file puts a host with a gate in its place',
      going({ ...guarded, address: { kind: thing.kind, key: 'not-y' } }),
      { wants: [want(thing, 'y', { value: 'y' })] },
    ],
    ['nothing protects it', going(item('x')), {}],
  ])('is made if %s', (_, prune, more) => {
    expect(removed([prune], more)).toEqual([`prune ${prune.address.key}`]);
  });

  it.each<[because: string, wants: readonly DesiredObject[]]>([
    [
      'somebody else has to make what takes its place',
      [want(thing, 'y', { value: 'y' }, { mustExist: 'make it' })],
    ],
    ['another kind has that name', [want(leaf, 'y', { value: 'y' })]],
    ['something else takes its place', [want(thing, 'z', { value: 'z' })]],
  ])('is refused though %s', (_, wants) => {
    const have = item('not-y', {
      protection: { entry: 'record', carrier: 'cloudflare/thing:not-y' } as never,
    });
    expect(removed([going(have)], { wants })[0]).toMatch(/^refuse not-y/);
  });

  it('stays refused if something else refused it', () => {
    expect(removed([going(guarded, { verb: 'refuse', reason: 'a limit' })])).toEqual(['refuse x: a limit']);
  });

  it('is refused for a kind whose objects prevent no other', () => {
    const have = live(
      place,
      'x',
      { status: 'x' },
      { protection: { entry: 'record', carrier: 'cloudflare/place:x' } as never },
    );
    const wants = [want(place, 'y', { status: 'y' })];
    expect(removed([going(have, {}, place as AnyReconciler)], { wants })[0]).toMatch(/^refuse x/);
  });
});

describe('the removal of a name or a gate', () => {
  const unguards: DoorEffect = { host, step: 'unguard' };
  const old = livePanel('old', { admits: [], gone: [unguards] });
  const leaving = (doors: readonly DoorEffect[] = [unguards], have = old) =>
    going(have, { doors }, panel as AnyReconciler);
  const serving = (more: Partial<Route> = {}) =>
    live(route, 'r', { host, via: 'x', to: 'app', ...more }, { owner: undefined });
  const refusal = 'cloudflare/route:r is not ours and still serves a.example.dev: remove it first';

  it.each<[because: string, doors: readonly DoorEffect[]]>([
    ['a gate', [unguards]],
    [
      'a name',
      [
        { host: 'b.example.dev', step: 'route' },
        { host, step: 'publish' },
      ],
    ],
  ])('is refused where a route of others serves the host: %s', (_, doors) => {
    expect(removed([leaving(doors)], { beside: [serving()] })).toEqual([`refuse old: ${refusal}`]);
  });

  const wildcard = serving({ host: '*.example.dev' });
  const leads = (target: string) => live(name, 'name', { host, target });
  const own = (more: Partial<Route> = {}) => live(route, 'own', { host, via: 'x', to: '503', ...more });

  it('is refused where a wildcard of others serves a name that stays, and no route of ours does', () => {
    expect(removed([leaving()], { beside: [wildcard, leads('x')] })).toEqual([`refuse old: ${refusal}`]);
  });

  it('is refused where such a wildcard serves the name, and a route of ours at another tunnel', () => {
    const beside = [wildcard, leads('x'), own({ via: 'y' })];
    expect(removed([leaving()], { beside })).toEqual([`refuse old: ${refusal}`]);
  });

  it('is refused where routes could not be read', () => {
    expect(removed([leaving()], { blind: [place.kind, route.kind] })).toEqual([
      'refuse old: cloudflare/route could not be read: something may still serve a.example.dev',
    ]);
  });

  const handled = draftOf(route, { verb: 'prune', key: 'r', have: serving() });
  it.each<[because: string, prune: Draft, more: Removals]>([
    ['nothing serves the host', leaving(), {}],
    ['a wildcard of others serves a name that is gone', leaving(), { beside: [wildcard] }],
    ['a route of ours stands before such a wildcard', leaving(), { beside: [wildcard, leads('x'), own()] }],
    ['the name leads to another tunnel', leaving(), { beside: [wildcard, leads('y')] }],
    ['the route is closed', leaving(), { beside: [serving({ to: '503' })] }],
    ['the route serves another host', leaving(), { beside: [serving({ host: 'b.example.dev' })] }],
    [
      'only a gate of others is there',
      leaving(),
      {
        beside: [
          livePanel('g', { admits: [], gone: [{ host, step: 'unguard', live: true }] }, { owner: undefined }),
        ],
      },
    ],
    ['the plan changes the route', leaving(), { beside: [serving()], wanted: [handled] }],
    ['the plan closes the route', leaving(), { beside: [serving()], closes: [handled] }],
    [
      'the file leads the host',
      leaving(),
      { beside: [serving()], wants: [want(route, 'n', { host, via: 'y', to: 'app' })] },
    ],
    ['it is a route', leaving([{ host, step: 'unroute' }]), { beside: [serving()] }],
    [
      'it is a part of what the file asks for',
      leaving([unguards], livePanel('old', { admits: [], gone: [] }, { partOf: 'cloudflare/panel:g' })),
      { beside: [serving()], wants: [wantPanel('g', { admits: [] })] },
    ],
    ['a kind that leads nowhere could not be read', leaving(), { blind: [place.kind] }],
  ])('is made if %s', (_, prune, more) => {
    expect(removed([prune], more)).toEqual(['prune old']);
  });
});

describe('the removal of an object that another one uses', () => {
  const used = item('used');
  const user = (more: Partial<Observed<Thing>> = {}) => item('user', { uses: ['else', used.id], ...more });

  it('is left out if ours stays, and refused if it belongs to others', () => {
    expect(removed([going(used)], { beside: [user()] })).toEqual([]);
    expect(removed([going(used)], { beside: [user({ owner: undefined })] })).toEqual([
      'refuse used: cloudflare/thing:user is not ours and still uses it',
    ]);
  });

  it('is left out if ours stays for another one that stays', () => {
    const last = item('last', { uses: ['thing-user'] });
    expect(removed([going(used), going(user())], { beside: [last] })).toEqual([]);
  });

  it.each(['update', 'replace', 'adopt'] as const)('is made if the plan has, for that one: %s', (verb) => {
    const change = draftOf(thing, { verb, key: 'user', have: user() });
    expect(removed([going(used)], { beside: [user()], wanted: [change] })).toEqual(['prune used']);
  });

  it.each(['keep', 'refuse'] as const)('is left out if the plan has, for that one: %s', (verb) => {
    const change = draftOf(thing, { verb, key: 'user', have: user() });
    expect(removed([going(used)], { beside: [user()], wanted: [change] })).toEqual([]);
  });

  it('decides in the same way about what exists several times', () => {
    const duplicates = [going(used)];
    const change = (verb: 'update' | 'keep') => draftOf(thing, { verb, key: 'user', have: user() });
    expect(removed([], { duplicates, beside: [user()], wanted: [change('update')] })).toEqual(['prune used']);
    expect(removed([], { duplicates, beside: [user()], wanted: [change('keep')] })).toEqual([]);
    expect(removed([going(user())], { duplicates })).toEqual(['prune user', 'prune used']);
    expect(removed([], { duplicates, beside: [user({ owner: undefined })] })).toEqual([
      'refuse used: cloudflare/thing:user is not ours and still uses it',
    ]);
  });

  it('is made if it uses only itself, and if nothing of it is live', () => {
    expect(removed([going(item('x', { uses: ['thing-x'] }))])).toEqual(['prune x']);
    expect(removed([draftOf(thing, { verb: 'prune', key: 'new' })], { beside: [user()] })).toEqual([
      'prune new',
    ]);
  });

  it('stays refused for its own reason', () => {
    const refusal = going(used, { verb: 'refuse', reason: 'a limit' });
    expect(removed([refusal], { beside: [user()] })).toEqual(['refuse used: a limit']);
  });
});

describe('the removal of an object while a kind could not be read', () => {
  const unread = 'cloudflare/panel could not be read: one may still use it';
  const have = item('x');

  it('is refused, because one of that kind may use it', () => {
    expect(removed([going(have)], { blind: [place.kind, panel.kind] })).toEqual([`refuse x: ${unread}`]);
    const outer = live(leaf, 'x', { value: 'x' });
    expect(removed([going(outer, {}, leaf as AnyReconciler)], { blind: [panel.kind] })).toEqual([
      `refuse x: ${unread}`,
    ]);
  });

  const oak = live(tree, 'x', {});
  const inTree = going(oak, { doors: [{ host: 'b', step: 'unroute' }] }, tree as AnyReconciler);
  it('is refused at a door only if its system takes along what uses it, and by that system', () => {
    expect(removed([inTree], { blind: [leaf.kind] })).toEqual([
      'refuse x: authentik/leaf could not be read: one may still use it',
    ]);
    expect(removed([inTree], { blind: [thing.kind] })).toEqual(['prune x']);
    const gate = livePanel('x', { admits: [] });
    const leaving = going(gate, { doors: [{ host: 'b', step: 'unroute' }] }, panel as AnyReconciler);
    expect(removed([leaving], { blind: [thing.kind] })).toEqual(['prune x']);
  });

  it.each<[because: string, prune: Draft, blind: string]>([
    ['gates cannot write that kind', going(have), place.kind],
    ['it is of that kind', draftOf(panel, { verb: 'prune', key: 'x' }), panel.kind],
    ['each of its kind counts by itself', going(have, {}, kindWith({ counted: true })), panel.kind],
    ['it is unfinished', going(have, {}, kindWith({ unfinished: true })), panel.kind],
  ])('is made if %s', (_, prune, blind) => {
    expect(removed([prune], { blind: [blind] })).toEqual(['prune x']);
  });

  it('stays refused for its own reason', () => {
    expect(removed([going(have, { verb: 'refuse', reason: 'a limit' })], { blind: [panel.kind] })).toEqual([
      'refuse x: a limit',
    ]);
  });
});

describe('the removal of an object that outlives another', () => {
  const outlives: readonly AddressId[] = ['cloudflare/thing:a', 'cloudflare/thing:b'];
  const later = going(item('x', { outlives }));
  const b = item('b');

  it('waits for a later run if that is refused or could not be read', () => {
    const reason = 'it goes once cloudflare/thing:b is seen to be gone';
    expect(removed([later, going(b, { verb: 'refuse', reason: 'a limit' })])).toEqual([
      `refuse x: ${reason}`,
      'refuse b: a limit',
    ]);
    const login = going(item('y', { outlives: ['authentik/leaf:b'] }), {}, kindWith({ counted: true }));
    expect(removed([login], { blind: [leaf.kind] })).toEqual([
      'refuse y: it goes once authentik/leaf:b is seen to be gone',
    ]);
  });

  it('is made together with it', () => {
    expect(removed([later, going(b)])).toEqual(['prune x', 'prune b']);
    expect(removed([draftOf(thing, { verb: 'prune', key: 'new' })])).toEqual(['prune new']);
  });

  it('stays refused for its own reason', () => {
    const refusals = [
      going(item('x', { outlives }), { verb: 'refuse', reason: 'mine' }),
      going(b, { verb: 'refuse', reason: 'a limit' }),
    ];
    expect(removed(refusals)).toEqual(['refuse x: mine', 'refuse b: a limit']);
  });
});
