import { describe, expect, it } from 'vitest';
import type { DoorEffect } from '../../../src/core/objects/door.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { AnyReconciler, Reconciler } from '../../../src/core/reconciler.ts';
import { admitsOthers } from '../../../src/plan/cover/elsewhere.ts';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import { draftOf, knownOf } from '../support/drafts.ts';
import { live, type Route, route, thing } from '../support/fakes.ts';
import { at, livePanel, type Panel, panel, shutter } from '../support/panel.ts';
import { host } from '../support/plan-text.ts';

const other = 'b.example.dev';

const kinds = [panel, thing] as readonly unknown[] as readonly AnyReconciler[];
const worldOf = (lives: readonly Observed[]) => knownOf(kinds, { wants: [], lives });

describe('a new gate', () => {
  const made = draftOf(panel, { verb: 'create', key: 'g', doors: [{ host, step: 'guard' }] });
  const wild = (at: string, owner: string) =>
    livePanel('wild', { admits: [], gone: [{ host: at, step: 'unguard' }] }, { owner });

  it.each([
    ['of somebody else for all hosts of its domain', '*.example.dev', 'other', true],
    ['of ours, which its people passed before', '*.example.dev', 'home', false],
    ['of somebody else for another domain', '*.example.org', 'other', false],
    ['of somebody else at the same host', host, 'other', false],
  ])('admits others than a gate %s: %s', (_, at, owner, others) => {
    expect(admitsOthers(worldOf([wild(at, owner)]), host, [made])).toBe(others);
  });

  it('admits others if it is at several hosts, and the gate of somebody else is too', () => {
    const gone: readonly DoorEffect[] = [
      { host, step: 'unguard' },
      { host: '*.example.dev', step: 'unguard' },
    ];
    const known = worldOf([livePanel('wild', { admits: [], gone }, { owner: 'other' })]);
    const everywhere: Draft = { ...made, doors: [{ host: other, step: 'guard' }, ...made.doors] };
    expect(admitsOthers(known, host, [everywhere])).toBe(true);
  });

  it.each<[because: string, draft: Draft]>([
    ['it exists', { ...made, verb: 'update' }],
    ['it is at another host', { ...made, doors: [{ host: other, step: 'guard' }] }],
    ['it guards nothing', { ...made, doors: [{ host, step: 'attest' }] }],
  ])('admits no others than a gate of somebody else for all hosts of its domain if %s', (_, draft) => {
    expect(admitsOthers(worldOf([wild('*.example.dev', 'other')]), host, [draft])).toBe(false);
  });
});

describe('a new gate of a path', () => {
  const made = (verb: Draft['verb'], ...doors: readonly DoorEffect[]) =>
    draftOf(panel, { verb, key: 'p', doors });
  const atPath: DoorEffect = { host, step: 'guard', part: '/a' };
  const standing = (effect: Partial<DoorEffect>, owner = 'home') =>
    worldOf([livePanel('g', { admits: [], gone: [{ host, step: 'unguard', ...effect }] }, { owner })]);

  it('admits others than the live gate of its host', () => {
    expect(admitsOthers(standing({}), host, [made('create', atPath)])).toBe(true);
  });

  it.each([
    ['no gate guards the host', worldOf([]), made('create', atPath)],
    ['a gate of somebody else does', standing({}, 'other'), made('create', atPath)],
    ['the live gate is of another host', standing({ host: other }), made('create', atPath)],
    ['the live gate is of a path', standing({ part: '/b' }), made('create', atPath)],
    ['the live gate is a part', standing({ step: 'unroute' }), made('create', atPath)],
    ['it is of another host', standing({}), made('create', { ...atPath, host: other })],
    ['it is the gate of the host', standing({}), made('create', { host, step: 'guard' })],
    ['it exists', standing({}), made('update', atPath)],
  ])('admits no others if %s', (_, known, draft) => {
    expect(admitsOthers(known, host, [draft])).toBe(false);
  });
});

describe('a gate', () => {
  const changing = (effects: readonly DoorEffect[]) =>
    draftOf(panel, { verb: 'update', key: 'g', doors: effects });

  it('comes to admit others if it is exchanged at the host', () => {
    const drafts = [
      changing([{ host, step: 'guard' }]),
      changing([
        { host: other, step: 'change' },
        { host, step: 'change' },
      ]),
    ];
    expect(admitsOthers(worldOf([]), host, drafts)).toBe(true);
  });

  it.each<[because: string, effects: readonly DoorEffect[]]>([
    ['at another host', [{ host: other, step: 'change' }]],
    ['if it gets stricter', [{ host, step: 'guard' }]],
    ['without an effect', []],
  ])('comes to admit nobody else %s', (_, effects) => {
    expect(admitsOthers(worldOf([]), host, [changing(effects)])).toBe(false);
  });

  const own = livePanel('g', { admits: ['me'], gone: [{ host, step: 'unguard', part: '/g' }], path: '/g' });
  const outer = (claim: string, more: Partial<Draft> = {}) =>
    draftOf(panel, { verb: 'create', key: 'g', want: { admits: ['you'], claims: [claim] }, ...more });
  const inner = (more: Partial<Panel> = {}) => livePanel('i', at('/a', more));

  it.each<[because: string, lives: readonly Observed[], draft: Draft]>([
    ['as a new one', [inner()], outer('/a/b')],
    ['as a new one beside others', [livePanel('f', at('/f')), inner()], outer('/a/b')],
    [
      'as one that had less',
      [own, inner({ claims: ['/a/b'] })],
      outer('/a/b', { verb: 'update', have: own }),
    ],
  ])('comes to admit others if it takes what lies below the path of a live one, %s', (_, lives, draft) => {
    expect(admitsOthers(worldOf(lives), host, [changing([]), draft])).toBe(true);
  });

  it.each<[because: string, lives: readonly Observed[], draft: Draft]>([
    ['no gate is live', [], outer('/a/b')],
    ['it takes what lies below no path', [inner()], outer('/b/b')],
    ['it takes only what lies below its own path', [own], outer('/g/b', { verb: 'update', have: own })],
    ['it has that already', [inner({ claims: ['/a/b'] })], outer('/a/b')],
    [
      'the live one is at another host',
      [inner({ gone: [{ host: other, step: 'unguard', part: '/a' }] })],
      outer('/a/b'),
    ],
    ['the live one guards the whole host', [inner({ gone: [{ host, step: 'unguard' }] })], outer('/a/b')],
    [
      'the live one does not guard',
      [inner({ gone: [{ host, step: 'unroute', part: '/a' }] })],
      outer('/a/b'),
    ],
    ['it goes', [inner()], draftOf(panel, { verb: 'prune', key: 'g', have: own })],
    [
      'no gate of its kind can be around another',
      [inner()],
      outer('/a/b', { reconciler: shutter as AnyReconciler }),
    ],
  ])('takes nothing from others if %s', (_, lives, draft) => {
    expect(admitsOthers(worldOf(lives), host, [draft])).toBe(false);
  });
});

describe('a gate that somebody opened for everybody', () => {
  const atPath: DoorEffect = { host, step: 'guard', part: '/a' };
  const openedAt = (effect: DoorEffect) => livePanel('p', { admits: ['everybody'], gone: [effect] });
  const repairOf = (effect: DoorEffect) =>
    draftOf(panel, {
      ...{ verb: 'update', key: 'p', have: openedAt(effect) },
      ...{ want: { admits: ['me'] }, doors: [effect] },
    });
  const [opened, repair] = [openedAt(atPath), repairOf(atPath)];
  const lane = {
    ...route,
    route: { demands: ({ gate }: Route) => gate === 'token' },
    doors: (_, have) => [{ host: have?.spec.host ?? '', step: 'unroute', part: have?.spec.via }],
  } as Reconciler<Route>;
  const routes = (spec: Partial<Route>, owner = 'home') =>
    live(lane, 'r', { host, via: '/a', to: 'app', gate: 'token', ...spec }, { owner });
  const ofWholeHost = live(lane, 'r', { host, to: 'app', gate: 'token' } as Route);
  const world = (...lives: readonly Observed[]) =>
    knownOf([panel, lane] as readonly unknown[] as readonly AnyReconciler[], { wants: [], lives });

  it('comes to admit others where a live route demands its token', () => {
    expect(admitsOthers(world(opened, routes({})), host, [repair])).toBe(true);
    const whole: DoorEffect = { host, step: 'guard' };
    const known = world(openedAt(whole), ofWholeHost);
    expect(admitsOthers(known, host, [repairOf(whole)])).toBe(true);
  });

  it.each<[because: string, routed: readonly Observed[], drafts: readonly Draft[]]>([
    ['the route demands nothing', [routes({ gate: 'nothing' })], [repair]],
    ['its path has another route', [ofWholeHost], [repair]],
    ['the route is of another host', [routes({ host: other })], [repair]],
    ['the route is not ours', [routes({}, 'other')], [repair]],
    ['no route is live', [], [repair]],
    ['the gate stays', [routes({})], []],
  ])('comes to admit nobody else if %s', (_, routed, drafts) => {
    expect(admitsOthers(world(opened, ...routed), host, drafts)).toBe(false);
  });
});
