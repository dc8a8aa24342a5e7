import { describe, expect, it } from 'vitest';
import type { DoorEffect } from '../../../src/core/objects/door.ts';
import type { DesiredObject, Observed } from '../../../src/core/objects/object.ts';
import type { AnyReconciler, Reconciler } from '../../../src/core/reconciler.ts';
import { brake } from '../../../src/plan/decisions/limits.ts';
import { draftPrunes } from '../../../src/plan/decisions/prune.ts';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import { draftOf, knownOf } from '../support/drafts.ts';
import { live, name, normal, place, type Route, route, type Thing, thing, want } from '../support/fakes.ts';
import { livePanel, type Panel, panel, wantPanel } from '../support/panel.ts';
import { host } from '../support/plan-text.ts';

/** Routes whose closed form has a field more, which no comparison looks at. */
const lane: Reconciler<Route> = {
  ...route,
  drift: (asked, have) => (asked.to === have.to ? [] : ['to']),
  route: { closed: ({ spec }, owner) => ({ ...spec, to: '503', gate: owner }) },
  siblings: {
    retain: ({ spec }, all) =>
      spec.to === 'stays' && all.every((each) => each.spec.to !== 'instead') ? 'stays' : undefined,
  },
};
const door = {
  ...panel,
  gate: { asking: ({ spec }) => (spec.claims === undefined ? undefined : { ...spec, claims: [] }) },
} satisfies Reconciler<Panel>;
const kinds = [lane, door, thing, place, name] as readonly unknown[] as readonly AnyReconciler[];

interface Asked {
  readonly wants?: readonly DesiredObject[];
  readonly wanted?: readonly Draft[];
  readonly covered?: readonly string[];
  readonly frozen?: readonly string[];
  readonly prune?: boolean;
}
const removed = (
  lives: readonly Observed[],
  { wants = [], wanted = [], covered = [], frozen = [], prune = true }: Asked = {},
) =>
  draftPrunes(
    knownOf(kinds, { lives, wants }),
    { wanted, duplicates: [] },
    {
      covered: new Set(covered),
      frozen: new Set(frozen),
      prune,
    },
  );
const idsOf = (drafts: readonly Draft[]) =>
  drafts.map(({ id, verb }) => (id.startsWith(verb) ? id : `${verb}: ${id}`));

const way = (to = 'app', more: Partial<Observed<Route>> = {}) =>
  live(lane, 'r', { host, via: 'old', to }, more);
const close = 'update: close cloudflare/route:r route-r';
const gone = 'prune cloudflare/route:r route-r';

describe('a route that the file does not ask for', () => {
  it('is closed before it is removed', () => {
    const [closing, removal, ...rest] = removed([way()]);
    expect(closing).toMatchObject({
      ...{ want: { host, via: 'old', to: '503', gate: 'home' }, drift: ['to', 'gate'] },
      ...{ doors: [{ host, step: 'close' }], reason: 'answers 503 before it is taken away' },
    });
    expect([removal?.id, removal?.needs, rest]).toEqual([gone, [closing?.id], []]);
  });

  it('is removed at once if it is closed, or if its host moves', () => {
    expect(removed([way('503')])).toMatchObject([{ id: gone, needs: [] }]);
    const moved = [want(lane, 'n', { host, via: 'new', to: 'app' })];
    expect(removed([way()], { wants: moved })).toMatchObject([{ id: gone, needs: [] }]);
    const beside = [want(lane, 'n', { host, via: 'old', to: 'app' })];
    expect(idsOf(removed([way()], { wants: beside }))).toEqual([close, gone]);
    const nameless = live(lane, 'r', { host, to: 'app' } as Route);
    expect(idsOf(removed([nameless], { wants: moved }))).toEqual([close, gone]);
    const named = [wantPanel('n', { admits: [], does: [{ host, step: 'publish' }] })];
    expect(idsOf(removed([way()], { wants: named }))).toEqual([close, gone]);
  });

  it('is closed for good where something else would answer', () => {
    const [closing, ...rest] = removed([way('stays')]);
    expect([closing?.doors, closing?.reason, rest]).toEqual([
      ...[[{ host, step: 'close' }], 'answers 503 for good: what stands behind it would answer instead', []],
    ]);
    const [moving] = removed([way('stays')], { wants: [want(lane, 'n', { host, via: 'new', to: 'app' })] });
    expect(moving?.doors).toEqual([{ host, step: 'unroute', via: 'old' }]);
  });

  it('goes if another of its kind is made instead', () => {
    const made = draftOf(lane, { verb: 'create', key: 'n', want: { to: 'instead' } });
    expect(idsOf(removed([way('stays')], { wanted: [made] }))).toEqual([close, gone]);
    for (const other of [
      { ...made, verb: 'update' as const },
      { ...made, address: { kind: name.kind, key: 'n' } },
    ])
      expect(idsOf(removed([way('stays')], { wanted: [other] }))).toEqual([close]);
  });
});

describe('an object that the file does not ask for', () => {
  it.each<[because: string, have: Observed]>([
    ['of a kind that gates only reads', live(place, 'p', { status: 'x' })],
    ['of a kind that it does not know', live({ ...place, kind: 'cloudflare/unknown' }, 'p', { status: 'x' })],
    ['of somebody else', live(thing, 't', { value: 'x' }, { owner: 'other' })],
    ['that stays for a reason', live(thing, 't', { value: 'x' }, { staysBecause: 'people are in it' })],
  ])('stays: one %s', (_, have) => {
    expect(removed([have])).toEqual([]);
  });

  it('goes if an earlier run has begun with it, although nothing else does', () => {
    const begun = live(thing, 't', { value: 'x' }, { unfinished: true });
    expect(idsOf(removed([begun, live(thing, 'u', { value: 'x' })], { prune: false }))).toEqual([
      'prune cloudflare/thing:t thing-t',
    ]);
    const atHost = livePanel('p', { admits: [], gone: [{ host, step: 'guard' }] }, { unfinished: true });
    expect(idsOf(removed([atHost], { frozen: [host] }))).toEqual(['prune cloudflare/panel:p panel-p']);
  });

  it('stays where something says that it must, unless the file puts another one in its place', () => {
    const kept = live(thing, 'not-t', { value: 'keep me' });
    expect(removed([kept])).toEqual([]);
    expect(idsOf(removed([kept], { wants: [want(thing, 't', { value: 'x' })] }))).toHaveLength(1);
    expect(removed([kept], { wants: [want(name, 't', { target: 'x' })] })).toEqual([]);
    const plain = { ...thing, siblings: { retain: () => 'always' } } as AnyReconciler;
    const known = knownOf([plain], { lives: [kept], wants: [want(thing, 't', { value: 'x' })] });
    expect(
      draftPrunes(
        known,
        { wanted: [], duplicates: [] },
        { covered: new Set(), frozen: new Set(), prune: true },
      ),
    ).toEqual([]);
    const bare = { ...thing, siblings: {} } as AnyReconciler;
    const unbound = knownOf([bare], { lives: [kept], wants: [want(thing, 't', { value: 'x' })] });
    expect(
      idsOf(
        draftPrunes(
          unbound,
          { wanted: [], duplicates: [] },
          { covered: new Set(), frozen: new Set(), prune: true },
        ),
      ),
    ).toHaveLength(1);
  });

  it('that names a host of the file nowhere is closed first', () => {
    const named = (effects: readonly DoorEffect[]) => livePanel('n', { admits: [], gone: effects });
    const [leaving] = removed([
      named([
        { host, step: 'publish' },
        { host, step: 'unguard' },
      ]),
    ]);
    expect(leaving?.doors).toEqual([
      { host, step: 'close' },
      { host, step: 'unguard' },
    ]);
    const [staying] = removed([named([{ host, step: 'publish' }])], {
      wants: [want(lane, 'n', { host, via: 'x', to: 'a' })],
    });
    expect(staying?.doors).toEqual([{ host, step: 'publish' }]);
  });
});

describe('an open path under a cover of an earlier run, while nothing is removed', () => {
  const open = (more: Partial<Panel> = {}) =>
    livePanel('p', {
      admits: ['all'],
      claims: ['/x'],
      gone: [
        { host: 'b', step: 'guard' },
        { host, step: 'unguard' },
      ],
      ...more,
    });

  it('asks everybody for a login before the cover goes', () => {
    expect(removed([open()], { prune: false, covered: [host] })).toMatchObject([
      {
        ...{ id: 'close cloudflare/panel:p panel-p', want: { claims: [] }, drift: ['claims'] },
        doors: [{ host, step: 'unroute' }],
      },
    ]);
  });

  it.each<[because: string, have: Observed, covered: readonly string[]]>([
    ['it asks already', livePanel('p', { admits: [], gone: [{ host, step: 'unguard' }] }), [host]],
    ['the host is not covered', open(), ['c']],
    ['it is a route', way(), [host]],
    ['it affects no host', open({ gone: [] }), [host]],
  ])('stays as it is if %s', (_, have, covered) => {
    expect(removed([have], { prune: false, covered })).toEqual([]);
  });
});

describe('a limit', () => {
  const options = { ...normal, limits: { prune: 0.5, change: 0.5, floor: 1 } };
  const counted: Reconciler<Thing> = { ...thing, traits: { counted: true } };
  const braked = (
    drafts: readonly Draft[],
    lives: readonly Observed[],
    wants: readonly DesiredObject[] = [],
  ) =>
    brake(
      knownOf([counted, door, place] as readonly unknown[] as readonly AnyReconciler[], { lives, wants }),
      ['example.dev'],
      drafts,
      options,
    ).map(({ verb, reason }) => `${verb} ${reason?.match(/\d+ of \d+/)?.[0] ?? ''}`.trim());
  const items = (count: number, more: Partial<Observed<Thing>> = {}) =>
    Array.from({ length: count }, (_, index) => live(counted, `t${index}`, { value: 'x' }, more));
  const changing = (verb: Draft['verb'], have: Observed, more: Partial<Draft> = {}) =>
    draftOf(counted, { verb, key: have.address.key, have, want: { value: 'y' }, drift: ['value'], ...more });

  it('counts what is rewritten among what is ours, and what the plan takes over', () => {
    const [a, b, c] = items(3) as [Observed, Observed, Observed];
    const foreign = items(5, { owner: undefined });
    const rest = [
      live(place, 'p', { status: 'x' }),
      livePanel('g', {
        admits: [],
        gone: [
          { host, step: 'unguard' },
          { host: 'b', step: 'unguard' },
        ],
      }),
    ];
    expect(braked([changing('update', a), changing('update', b)], [a, b, c, ...foreign])).toEqual([
      'refuse 2 of 3',
      'refuse 2 of 3',
    ]);
    expect(braked([changing('update', a), changing('update', b)], [a, b, c, ...rest])).toEqual([
      'update',
      'update',
    ]);
    const adopted = foreign.map((have, index) =>
      changing('adopt', { ...have, id: `f${index}` }, { drift: [] }),
    );
    expect(braked([changing('update', a), changing('update', b), ...adopted], [a, b, c])).toEqual([
      'update',
      'update',
      ...adopted.map(() => 'adopt'),
    ]);
    const plain = adopted.map((draft) => ({ ...draft, reconciler: thing as AnyReconciler }));
    expect(braked([changing('update', a), changing('replace', b), ...plain], [a, b, c]).slice(0, 2)).toEqual([
      'refuse 2 of 3',
      'refuse 2 of 3',
    ]);
  });

  it('applies to removals, also of plain objects, and to no object that is kept', () => {
    const [a, b, c] = items(3) as [Observed, Observed, Observed];
    const going = [a, b].map((have) => changing('prune', have));
    expect(braked([...going, changing('keep', c, { doors: [] })], [a, b, c])).toEqual([
      'refuse 2 of 3',
      'refuse 2 of 3',
      'keep',
    ]);
    const leaving = (key: string) =>
      draftOf(door, {
        verb: 'prune',
        key,
        have: livePanel(key, { admits: [] }),
        doors: [{ host: `${key}.example.dev`, step: 'unguard' }],
      });
    const atHost = (verb: Draft['verb']) =>
      draftOf(door, {
        verb,
        key: 'x',
        doors: [
          { host: 'c.example.dev', step: 'guard' },
          { host: 'a.example.dev', step: 'guard' },
        ],
      });
    expect(braked([leaving('a'), leaving('b'), atHost('update'), atHost('keep')], [])).toEqual([
      ...['refuse 2 of 0', 'refuse 2 of 0', 'refuse 2 of 0', 'keep'],
    ]);
    const elsewhere = draftOf(door, {
      verb: 'update',
      key: 'y',
      doors: [{ host: 'd.example.dev', step: 'guard' }],
    });
    expect(braked([leaving('a'), leaving('b'), elsewhere], [])[2]).toBe('update');
  });

  it('does not apply at its floor', () => {
    const [a] = items(1) as [Observed];
    expect(braked([changing('update', a)], [a])).toEqual(['update']);
  });
});
