import { describe, expect, it } from 'vitest';
import type { DoorEffect } from '../../../src/core/objects/door.ts';
import type { DesiredObject, GateCheck, Observed } from '../../../src/core/objects/object.ts';
import type { AnyReconciler, Reconciler } from '../../../src/core/reconciler.ts';
import { checkFirst } from '../../../src/plan/cover/check-first.ts';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import { draftOf, knownOf } from '../support/drafts.ts';
import { live, normal, type Route, route, thing, want } from '../support/fakes.ts';
import { old, pipe } from '../support/lanes.ts';
import { type Lock, lock } from '../support/locks.ts';
import { livePanel, panel, wantPanel } from '../support/panel.ts';
import { host } from '../support/plan-text.ts';

const lane: Reconciler<Route> = {
  ...route,
  route: {
    closed: ({ spec }) => ({ ...spec, to: '503' }),
    leadsElsewhere: (have, wanted) => have.to !== '503' && have.to !== wanted.to,
  },
};
const sight = { ...thing, kind: 'edge/sight', title: 'sight' } as AnyReconciler;
const kinds = [lock, lane, panel, thing, sight] as readonly unknown[] as readonly AnyReconciler[];

const cover = want(lock, 'c', { admits: 'probe' });
const proof: GateCheck = {
  ...{ address: { kind: sight.kind, key: host }, host, spec: {}, step: 'prove', because: 'services.a' },
  ...{ needs: ['cloudflare/panel:g'], cover },
};
const { cover: _, ...bare } = proof;

const effects = (key: string, ...gone: readonly DoorEffect[]) => livePanel(key, { admits: [], gone });
const named = effects('name', { host, step: 'publish', live: true });
const led = effects('way', { host, step: 'unroute', live: true, via: 'homelab' });
const guarded = effects('g', { host, step: 'unguard' });
const people = live(lock, 'c', { admits: 'people' });
const usual = [named, led, guarded, people];
const changes = (...doors: readonly DoorEffect[]) =>
  draftOf(panel, { verb: 'update', key: 'g', have: guarded, want: { admits: [] }, doors });
const exchanged = changes({ host, step: 'change' });
const stricter = changes({ host, step: 'guard' });
/** The object that the file asks for in the cover's place. */
const own = (verb: Draft['verb'], more: Partial<Draft> = {}) =>
  draftOf(lock, {
    verb,
    key: 'c',
    have: people,
    want: { admits: 'others' },
    doors: [{ host, step: 'change' }],
    ...more,
  });
const reroutes = (verb: Draft['verb'] = 'update', part?: string) => {
  const have = live(lane, 'r', { host, via: 'homelab', to: 'old' });
  const doors: readonly DoorEffect[] = [
    { host, step: 'route', via: 'homelab', ...(part !== undefined && { part }) },
  ];
  return draftOf(lane, { verb, key: 'r', have, want: { ...have.spec, to: 'new' }, doors });
};
const prunes = (...doors: readonly DoorEffect[]) =>
  draftOf(panel, { verb: 'prune', key: 'old', have: effects('old'), doors });
const closed = { host, step: 'unroute', via: 'x' } as const;

interface Plan {
  readonly lives?: readonly Observed[];
  readonly wants?: readonly DesiredObject[];
  readonly check?: GateCheck;
  readonly watch?: boolean;
}

function draftsIn(
  drafts: readonly Draft[],
  { lives = usual, wants = [], check = proof, watch = false }: Plan = {},
) {
  const file = [
    wantPanel('name', { admits: [] }),
    wantPanel('way', { admits: [] }),
    wantPanel('g', { admits: [] }),
    ...wants,
  ];
  const options = { ...normal, watch };
  return checkFirst(knownOf(kinds, { lives, wants: file }), [check], drafts, {
    attributes: new Map(),
    options,
  });
}

/** The draft that puts the cover up, among those of the plan. */
const coverIn = (...plan: Parameters<typeof draftsIn>) =>
  draftsIn(...plan).find(({ id }) => id.startsWith('cover '));
const idsIn = (...plan: Parameters<typeof draftsIn>) => draftsIn(...plan).map(({ id }) => id);
const isShutIn = (...plan: Parameters<typeof draftsIn>) =>
  (coverIn(...plan)?.want as Lock | undefined)?.alone;
const look = `verify edge/sight:${host}`;

describe('a gate that is checked', () => {
  const adopted = live(lock, 'c', { admits: 'people' }, { owner: undefined });

  it.each<[because: string, drafts: readonly Draft[], plan?: Plan]>([
    ['another object comes in the place of the cover', [own('update')]],
    [
      'a foreign one in its place is taken over, and changes',
      [own('adopt', { have: adopted })],
      { lives: [named, led, guarded, adopted] },
    ],
    ['an object in its place goes', [own('prune', { want: undefined as never })]],
    ['a route opens', [stricter, reroutes()]],
    [
      'a part of the gate is made anew',
      [own('keep'), draftOf(panel, { verb: 'create', key: 'g', want: {}, doors: [{ host, step: 'guard' }] })],
    ],
    ['the route of the gate is refused', [own('keep'), stricter, reroutes('refuse')]],
    [
      'something behind it changes',
      [own('keep'), stricter],
      { check: { ...proof, inner: ['cloudflare/panel:w', 'cloudflare/panel:g'] } },
    ],
    ['a guard of the host goes', [own('keep'), prunes({ host, step: 'unroute' }, { host, step: 'unguard' })]],
    ['what answered before it goes', [own('keep'), prunes({ host, step: 'vacate' })]],
  ])('is covered until then if %s', (_, drafts, plan) => {
    expect(coverIn(drafts, plan)).toBeDefined();
  });

  it.each<[because: string, drafts: readonly Draft[], plan?: Plan]>([
    ['it gets stricter', [own('keep'), stricter]],
    ['an object in its place is only marked', [own('adopt', { doors: [] }), stricter]],
    [
      'only others behind it change',
      [own('keep'), stricter],
      { check: { ...proof, inner: ['cloudflare/panel:w'] } },
    ],
    ['the guard of a path goes', [own('keep'), prunes({ host, step: 'unguard', part: '/a' })]],
    ['the guard of another host goes', [own('keep'), stricter, prunes({ host: 'b', step: 'unguard' })]],
    ['a guard gets stricter before it goes', [own('keep'), changes({ host, step: 'unguard' })]],
    ['a route goes', [own('keep'), prunes({ host, step: 'unroute' })]],
    [
      'a route is refused, while the gate stays',
      [own('keep'), prunes({ host, step: 'unroute' }), reroutes('refuse')],
    ],
  ])('is not covered if %s', (_, drafts, plan) => {
    expect([coverIn(drafts, plan), idsIn(drafts, plan).includes(look)]).toEqual([undefined, true]);
  });

  it('is not checked behind an object that stays in the place of the cover', () => {
    expect(draftsIn([stricter])).toEqual([stricter]);
    expect(coverIn([stricter, prunes({ host, step: 'unguard' })])).toBeDefined();
  });

  it('is checked if what stays there is a cover of an earlier run', () => {
    const left = live(lock, 'c', { admits: 'probe', beside: [], alone: false });
    expect(idsIn([stricter], { lives: [named, led, guarded, left] })).toEqual([
      ...[stricter.id, look, 'prune cloudflare/lock:c lock-c', `${look} without its cover`],
    ]);
  });
});

it('puts the cover up in the place of a foreign object that the file takes over', () => {
  const theirs = live(lock, 'c', { admits: 'people' }, { owner: undefined });
  const draft = coverIn([own('adopt', { have: theirs })], { lives: [named, led, guarded, theirs] });
  expect([draft?.verb, draft?.have]).toEqual(['update', theirs]);
});

it('watches a gate through its cover, and not again without it', () => {
  const looks = draftsIn([own('update'), reroutes()], { watch: true }).filter(
    ({ verb }) => verb === 'verify',
  );
  expect(looks.map(({ want }) => want)).toEqual([
    { covered: true, opened: true, changed: true, stands: true, watched: true },
    { covered: false, opened: false, changed: true },
  ]);
  const alone = draftsIn([stricter, reroutes()], { check: bare }).find(({ id }) => id === look);
  expect(alone?.want).toEqual({ covered: false, opened: true, changed: true, stands: true });
});

describe('a cover in the place of an object that admits people', () => {
  it.each<[because: string, drafts: readonly Draft[], plan?: Plan]>([
    ['something behind the gate changes', [stricter], { check: { ...proof, inner: ['cloudflare/panel:g'] } }],
    [
      'another carrier still leads to the host',
      [exchanged],
      {
        lives: [...usual, live(lane, 'r', { host, via: 'other', to: 'app' })],
        wants: [want(lane, 'n', { host, via: 'homelab', to: 'app' })],
      },
    ],
    ['a route comes to lead elsewhere', [reroutes()]],
    [
      'Authentik comes to lead elsewhere behind the route',
      [
        draftOf(pipe, {
          verb: 'update',
          key: 'behind',
          have: live(pipe, 'behind', old.spec),
          want: old.spec,
          doors: stricter.doors,
        }),
      ],
    ],
    [
      'the name comes to lead elsewhere',
      [draftOf(panel, { verb: 'update', key: 'name', have: named, doors: [{ host, step: 'publish' }] })],
    ],
    [
      'a route of another carrier stays closed for good, because a wildcard would answer in its place',
      [
        draftOf(panel, {
          verb: 'update',
          key: 'old',
          have: effects('old'),
          doors: [{ host, step: 'unroute', via: 'x' }],
        }),
      ],
    ],
    [
      'the host was closed by an earlier run, and its route goes',
      [stricter, prunes({ host, step: 'publish' }, closed)],
    ],
    [
      'its only route is closed',
      [exchanged],
      {
        lives: [
          ...usual.filter((each) => each !== led),
          effects('x', { host, step: 'unroute', via: 'x' }),
          effects('wild', { host: '*.example.dev', step: 'unroute', live: true }),
        ],
      },
    ],
    ['no name leads to the host', [exchanged], { lives: [led, guarded, people] }],
    [
      'it takes what another one answers for now',
      [exchanged],
      { lives: [...usual, live(lock, 'd', { admits: 'heir' })] },
    ],
  ])('admits only the probe if %s', (_, drafts, plan) => {
    expect(isShutIn([own('update'), ...drafts], plan)).toBe(true);
  });

  it.each<[because: string, drafts: readonly Draft[]]>([
    ['nothing else changes', []],
    ['the gate comes to admit others', [exchanged]],
    ['the closed route of a path goes', [prunes({ ...closed, part: '/a' })]],
    ['an open route goes', [prunes({ ...closed, live: true })]],
    ['a rule without a carrier goes', [prunes({ host, step: 'unroute' })]],
    ['a closed name goes', [prunes({ ...closed, step: 'publish' })]],
    ['a closed route stays', [{ ...prunes(closed), verb: 'keep' }]],
  ])('admits its people too if %s', (_, drafts) => {
    expect(isShutIn([own('update'), ...drafts])).toBe(false);
  });

  it('keeps the route of a path closed, if the gate admits others', () => {
    const path = reroutes('update', '^/a$');
    const close = 'close cloudflare/route:r route-r';
    expect(idsIn([own('update'), exchanged, path])).toContain(close);
    expect(idsIn([own('update', { doors: stricter.doors }), path])).not.toContain(close);
    expect(idsIn([own('update'), exchanged, reroutes()])).not.toContain(close);
  });

  it('is exchanged for what the file asks for, or goes with the object in its place', () => {
    const using = { ...people, uses: ['policy'] };
    const lives = [named, led, guarded, using];
    const end = (draft: Draft, ...others: readonly Draft[]) =>
      draftsIn([{ ...draft, have: using }, ...others], { lives }).find(({ id }) =>
        /^(uncover|prune) /.test(id),
      );
    expect(end(own('update'))?.have?.uses).toEqual(['policy']);
    expect(end(own('update'), reroutes())?.have?.uses).toEqual([]);
    const { want: __, ...gone } = own('prune', { doors: [{ host, step: 'guard', part: '/a' }] });
    const left = end(gone, reroutes());
    expect([left?.have?.uses, left?.because]).toEqual([[], 'services.a']);
    expect(left?.doors).toEqual([{ host, step: 'unguard', part: '/a', cover: true }]);
    expect(end({ ...gone, have: using })?.doors).toEqual([{ host, step: 'unguard', part: '/a' }]);
  });

  it('releases what the object used for everybody', () => {
    const open = live(lock, 'c', { admits: 'everybody' }, { uses: ['policy'] });
    const drafts = draftsIn([own('update', { have: open })], { lives: [named, led, guarded, open] });
    expect(drafts.find(({ id }) => id.startsWith('uncover '))?.have?.uses).toEqual([]);
  });

  it('is exchanged for nothing that is refused', () => {
    const refusal = own('refuse', { reason: 'a limit', needs: ['first'] });
    expect(draftsIn([refusal, exchanged])).toContainEqual(refusal);
  });
});

describe('a closing for the check', () => {
  const created = draftOf(panel, { verb: 'create', key: 'g', want: {}, doors: [{ host, step: 'guard' }] });
  const lives = [named, led, guarded];
  const isInterim = (drafts: readonly Draft[], plan: Plan = { lives }) =>
    coverIn(drafts, plan)?.interim === host;

  it.each<[because: string, drafts: readonly Draft[], plan?: Plan]>([
    ['a route that leads elsewhere', [reroutes()]],
    ['a new gate and a route', [created, reroutes()]],
    ['a new gate and a route that is refused', [created, reroutes('refuse')]],
    [
      'a new gate in the place of an old one',
      [created],
      { lives: [...lives, effects('old', { host, step: 'unguard' })] },
    ],
  ])('locks out people for a time because of %s', (_, drafts, plan) => {
    expect(isInterim(drafts, plan)).toBe(true);
  });

  it.each<[because: string, drafts: readonly Draft[], plan?: Plan]>([
    ['a part of the gate was removed', [created]],
    ['nothing led to the host', [reroutes()], { lives: [named, guarded] }],
    ['nothing guarded the host', [reroutes()], { lives: [named, led] }],
  ])('locks out nobody if %s', (_, drafts, plan) => {
    expect(isInterim(drafts, plan)).toBe(false);
  });
});

describe('a gate that is checked without a cover', () => {
  const close = 'close cloudflare/route:r route-r';
  const closings = (drafts: readonly Draft[], plan: Plan = {}) =>
    draftsIn(drafts, { check: bare, ...plan }).filter(({ id }) => id.startsWith('close '));

  it('has its host closed first if it admits others than the old origin', () => {
    const [closing, ...rest] = closings([exchanged, reroutes()]);
    expect([closing?.id, closing?.interim, rest]).toEqual([close, host, []]);
    const open = draftsIn([exchanged, reroutes()], { check: bare }).find(({ id }) => id === reroutes().id);
    expect(open?.needs).toEqual([close]);
  });

  it('has its host closed for good where nothing led to it', () => {
    expect(
      closings([exchanged, reroutes()], { lives: [named, guarded] }).map(({ interim }) => interim),
    ).toEqual([undefined]);
  });

  it('has a route closed that another carrier has left', () => {
    const staying = live(lane, 'r', { host, via: 'other', to: 'app' });
    const plan = {
      lives: [...usual, staying],
      wants: [want(lane, 'n', { host, via: 'homelab', to: 'app' })],
    };
    expect(closings([exchanged], plan).map(({ id }) => id)).toEqual([close]);
    const moving = draftOf(lane, {
      verb: 'update',
      key: 'r',
      have: staying,
      want: staying.spec,
      doors: [closed],
    });
    expect(draftsIn([exchanged, moving], { check: bare })[1]?.doors).toEqual([{ host, step: 'close' }]);
    expect(draftsIn([stricter, moving], { check: bare })[1]?.doors).toEqual([closed]);
  });

  it.each<[because: string, drafts: readonly Draft[]]>([
    ['nobody else gets in', [stricter, reroutes()]],
    ['it stays where it is', [exchanged]],
  ])('closes nothing if %s', (_, drafts) => {
    expect(closings(drafts)).toEqual([]);
  });
});
