import { describe, expect, it } from 'vitest';
import type { DoorEffect } from '../../../src/core/objects/door.ts';
import type { DesiredObject, Observed } from '../../../src/core/objects/object.ts';
import { ref } from '../../../src/core/objects/reference.ts';
import type { AnyReconciler, Reconciler } from '../../../src/core/reconciler.ts';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import { closeFirst, leadBackFirst } from '../../../src/plan/interim/close-first.ts';
import { draftOf, knownOf } from '../support/drafts.ts';
import { live, type Name, name, type Route, route, thing } from '../support/fakes.ts';
import { panel, wantPanel } from '../support/panel.ts';
import { host } from '../support/plan-text.ts';
import { way } from '../support/ways.ts';

const other = 'b.example.dev';

/** Routes of which a new one is made closed if a live one is called `live`, or if its name leads to `theirs` until then. */
const lane: Reconciler<Route> = {
  ...route,
  route: {
    closedFirst: (asked, siblings, owner, target) =>
      siblings.some(({ spec }) => spec.to === 'live') || target === 'theirs'
        ? live(lane, 'r', { ...asked, to: '503' } as Route, { owner, id: `closed ${target}` })
        : undefined,
  },
};
const label: Reconciler<Name> = {
  ...name,
  route: {
    otherTarget: (asked, siblings) => siblings.find(({ spec }) => spec.target !== asked.target)?.spec.target,
  },
};
const kinds = [lane, label, panel, way, thing] as readonly unknown[] as readonly AnyReconciler[];
const guarded = wantPanel('g', { admits: [], does: [{ host, step: 'guard' }] });
const worldOf = (lives: readonly Observed[], wants: readonly DesiredObject[] = [guarded]) =>
  knownOf(kinds, { lives, wants });

const spec = { host, via: 'homelab', to: 'app' };
const routing: readonly DoorEffect[] = [
  { host: other, step: 'route' },
  { host, step: 'route', via: 'homelab' },
];
const making = (more: Partial<Draft> = {}) =>
  draftOf(lane, {
    verb: 'create',
    key: 'r',
    want: spec,
    doors: routing,
    needs: ['first'],
    because: 'services.a',
    ...more,
  });
const naming = (more: Partial<Draft> = {}) =>
  draftOf(label, {
    ...{ verb: 'create', key: 'n', want: { host, target: 'ours' }, needs: ['before'] },
    ...{
      doors: [
        { host, step: 'guard' },
        { host, step: 'publish' },
      ],
      ...more,
    },
  });
const answering = live(lane, 'x', { ...spec, to: 'live' }, { owner: undefined });
const wildcard = live(label, 'w', { target: 'theirs' }, { owner: undefined });
const closeId = 'close cloudflare/route:r';

describe('a host that somebody else serves already', () => {
  it('gets its new route closed, and opens later', () => {
    const [close, open, ...rest] = closeFirst(worldOf([answering]), [making()]);
    expect(rest).toEqual([]);
    expect(close).toMatchObject({
      ...{
        id: closeId,
        verb: 'create',
        want: { ...spec, to: '503' },
        doors: [{ host, step: 'close' }],
        leansOn: [],
      },
      reason: 'answers 503 until its gate exists: something else would answer in its place',
    });
    expect(open).toMatchObject({
      ...{ id: 'update cloudflare/route:r closed undefined', verb: 'update', want: spec, drift: ['to'] },
      ...{ have: { id: 'closed undefined' }, needs: ['first', closeId], doors: routing },
    });
  });

  it('opens by its address, as long as nobody knows the id of the closed route', () => {
    const [close, open] = closeFirst(worldOf([answering]), [
      making({ want: { ...spec, via: ref('cloudflare/thing:t') } }),
    ]);
    expect(close?.leansOn).toEqual(['cloudflare/thing:t']);
    expect([open?.id, Object.keys(open ?? {}).includes('have')]).toEqual([
      'update cloudflare/route:r',
      false,
    ]);
  });

  it('follows with its name at once, where a wildcard leads it elsewhere', () => {
    const [, , named] = closeFirst(worldOf([wildcard]), [making(), naming()]);
    expect(named).toMatchObject({
      ...{
        needs: ['before', closeId],
        doors: [
          { host, step: 'close' },
          { host, step: 'close' },
        ],
      },
      reason: 'leads to a route that answers 503 until the gate exists: a wildcard leads elsewhere',
    });
    const have = (to: string) => live(lane, 'r', { ...spec, to });
    const opening = (to: string) => making({ verb: 'update', have: have(to) });
    expect(closeFirst(worldOf([wildcard]), [opening('503'), naming()])).toMatchObject([
      opening('503'),
      { needs: ['before'], doors: [{ step: 'close' }, { step: 'close' }] },
    ]);
    expect(closeFirst(worldOf([wildcard]), [opening('app'), naming()])).toEqual([opening('app'), naming()]);
    const kept = { ...opening('503'), verb: 'keep' as const };
    expect(closeFirst(worldOf([wildcard]), [kept, naming()])).toEqual([kept, naming()]);
    const fresh = making({ verb: 'update' });
    expect(closeFirst(worldOf([wildcard]), [fresh, naming()])).toEqual([fresh, naming()]);
  });

  it('follows with its name at once, where the name itself leads elsewhere', () => {
    const elsewhere = live(label, 'n', { target: 'theirs' });
    const [close, , named] = closeFirst(worldOf([elsewhere]), [making(), naming({ verb: 'update' })]);
    expect(close?.id).toBe(closeId);
    expect(named).toMatchObject({
      ...{ needs: ['before', closeId], doors: [{ step: 'close' }, { step: 'close' }] },
      reason: 'leads to a route that answers 503 until the gate exists: it leads elsewhere',
    });
  });

  it('does not follow at once if people of before would reach a path whose route is open there', () => {
    const elsewhere = live(label, 'n', { target: 'theirs' });
    const asked = {
      address: { kind: lane.kind, key: 'route' },
      spec,
      because: 'services.a',
    } as DesiredObject;
    const gate = draftOf(thing, { verb: 'update', key: 'people', doors: [{ host, step: 'change' }] });
    const path = (via: string) => live(lane, 'p', { ...spec, via, to: 'path' });
    const steps = (verb: 'create' | 'update', route: Observed, ...besides: readonly Draft[]) =>
      closeFirst(worldOf([elsewhere, route], [guarded, asked]), [making(), naming({ verb }), ...besides])
        .filter(({ address }) => address.kind === label.kind)
        .flatMap(({ doors }) => doors.map(({ step }) => step));
    const first = ['close', 'close'];
    expect(steps('update', path('homelab'), gate)).toEqual(naming().doors.map(({ step }) => step));
    expect(steps('update', path('homelab'))).toEqual(first);
    expect(steps('update', path('lab'), gate)).toEqual(first);
    expect(steps('create', path('homelab'), gate)).toEqual(first);
    const elsewhereChanged = { ...gate, doors: [{ host: other, step: 'change' as const }] };
    expect(steps('update', path('homelab'), elsewhereChanged)).toEqual(first);
  });

  it.each<
    [because: string, drafts: readonly Draft[], lives: readonly Observed[], wants?: readonly DesiredObject[]]
  >([
    ['nobody serves it', [making(), naming()], []],
    ['no gate guards it', [making(), naming()], [answering, wildcard], []],
    ['the route goes', [draftOf(lane, { verb: 'create', key: 'r', doors: routing })], [answering]],
    ['nothing leads there', [making({ doors: [{ host, step: 'divide', via: 'x' }] })], [answering]],
    [
      'its kind cannot be closed',
      [making({ reconciler: { ...lane, route: {} } as AnyReconciler })],
      [answering],
    ],
    ['its kind leads nowhere', [making({ reconciler: thing as AnyReconciler })], [answering]],
    ['the wildcard leads to the same place', [making(), naming()], [live(label, 'w', { target: 'ours' })]],
    ['its name goes', [making(), naming({ verb: 'prune' })], [wildcard]],
    ['its name is none', [making(), naming({ doors: [{ host, step: 'guard' }] })], [wildcard]],
    [
      'its name has no target',
      [making(), draftOf(label, { verb: 'create', key: 'n', doors: [{ host, step: 'publish' }] })],
      [wildcard],
    ],
    [
      'names of that kind have no wildcards',
      [making(), naming({ reconciler: { ...label, route: {} } as AnyReconciler })],
      [wildcard],
    ],
    ['that kind has no names', [making(), naming({ reconciler: thing as AnyReconciler })], [wildcard]],
  ])('is opened as usual if %s', (_, drafts, lives, wants) => {
    expect(closeFirst(worldOf(lives, wants), drafts)).toEqual(drafts);
  });
});

describe('a name that somebody has led elsewhere', () => {
  const asked = [
    guarded,
    { address: { kind: lane.kind, key: 'route' }, spec, because: 'services.a' } as DesiredObject,
  ];
  const [whole, path] = [live(lane, 'r', spec), live(lane, 'p', { ...spec, to: 'path' })];
  const closes = (have: Observed) =>
    draftOf(lane, { verb: 'update', key: have.address.key, have, doors: [{ host, step: 'close' }] });
  const names = (more: Partial<Draft> = {}) =>
    naming({ verb: 'update', have: live(label, 'n', { host, target: 'theirs' }), ...more });
  const led = (
    lives: readonly Observed[],
    drafts: readonly Draft[],
    wants: readonly DesiredObject[] = asked,
  ) => leadBackFirst(worldOf(lives, wants), drafts).at(-1);

  it('comes back at once, if all routes to which it comes back are closed meanwhile', () => {
    expect(led([whole, path], [closes(whole), closes(path), names()])).toMatchObject({
      ...{
        needs: ['before', closes(whole).id, closes(path).id],
        doors: [
          { host, step: 'close' },
          { host, step: 'close' },
        ],
      },
      reason: 'leads to a route that answers 503 until the gate exists: it leads elsewhere',
    });
  });

  it.each<
    [because: string, lives: readonly Observed[], drafts: readonly Draft[], wants?: readonly DesiredObject[]]
  >([
    ['a route stays open', [whole, path], [closes(whole), names()]],
    ['it has no route yet', [], [names()]],
    ['its route is closed already', [live(lane, 'r', { ...spec, to: '503' })], [names()]],
    ['its route is not ours', [{ ...whole, owner: 'other' }], [closes(whole), names()]],
    ['its route is one of another host', [live(lane, 'r', { ...spec, host: other })], [names()]],
    [
      'another tunnel has the closed route',
      [live(lane, 'r', { ...spec, via: 'lab' })],
      [closes(whole), names()],
    ],
    [
      'one of its routes is only opened',
      [whole],
      [draftOf(lane, { verb: 'update', key: 'r', have: whole, doors: routing }), names()],
    ],
    ['no gate guards its host', [whole], [closes(whole), names()], asked.slice(1)],
    ['it is new', [whole], [closes(whole), names({ verb: 'create' })]],
    [
      'it leads around the edge',
      [whole],
      [closes(whole), names({ have: live(label, 'n', { host, target: 'around the edge' }) })],
    ],
    ['it leads where it led before', [whole], [closes(whole), names({ doors: [{ host, step: 'guard' }] })]],
  ])('stays where it is until the end if %s', (_, lives, drafts, wants) => {
    expect(led(lives, drafts, wants)).toEqual(drafts.at(-1));
  });
});
