import { describe, expect, it } from 'vitest';
import type { DoorEffect } from '../../../src/core/objects/door.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { AnyReconciler, Reconciler } from '../../../src/core/reconciler.ts';
import { waitForRoutes } from '../../../src/plan/decisions/staying-routes.ts';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import { draftOf, knownOf } from '../support/drafts.ts';
import { gate as door, type Gate, live, name, type Route, route, thing, want } from '../support/fakes.ts';
import { host } from '../support/plan-text.ts';

const other = 'b.example.dev';

/** Routes that take the token of the gate that they name. */
const lane = {
  ...route,
  route: {
    passes: ({ to, gate }, { attributes }) => to !== '503' && gate === attributes.id,
    leadsElsewhere: (have, wanted) => have.to !== wanted.to,
    target: ({ via }) => via,
  },
} satisfies Reconciler<Route>;
const kinds = [lane, thing] as readonly unknown[] as readonly AnyReconciler[];

const gate = live(thing, 'gate', { value: '' }, { attributes: { id: 'g' }, uses: ['policy'] });
const policy = live(thing, 'policy', { value: '' }, { id: 'policy' });
const old = live(lane, 'old', { host, via: 'home', to: 'app', gate: 'g' });
const wantTo = (to: string, at = host) => want(lane, `new ${to} ${at}`, { host: at, via: 'home', to });
const changing = (have: Observed, step: 'change' | 'unguard' | 'guard' = 'change'): Draft =>
  draftOf(thing, { verb: 'update', key: have.address.key, have, doors: [{ host, step }] });

interface Case {
  readonly lives?: readonly Observed[];
  readonly wants?: readonly ReturnType<typeof wantTo>[];
  readonly drafts?: readonly Draft[];
}

function waiting({ lives = [old], wants = [wantTo('next')], drafts = [changing(gate)] }: Case) {
  const known = knownOf(kinds, { wants, lives: [gate, policy, ...lives] });
  return waitForRoutes(known, drafts).slice(drafts.length);
}

describe('a route that stays, and leads the people of a gate elsewhere', () => {
  it.each<[because: string, drafts: readonly Draft[]]>([
    ['the gate comes to admit others', [changing(gate)]],
    ['its policy does', [changing(policy)]],
    ['the gate admits more', [changing(gate, 'unguard')]],
  ])('closes the host in the plan, refused, if %s', (_, drafts) => {
    expect(waiting({ drafts })).toMatchObject([
      {
        ...{ id: 'prune cloudflare/route:old route-old', verb: 'refuse', doors: [{ host, step: 'close' }] },
        reason: expect.stringContaining('people of gate at an origin to which the file does not lead them'),
      },
    ]);
  });

  it('names each gate whose people it leads', () => {
    const twin = live(thing, 'twin', { value: '' }, { attributes: { id: 'g' } });
    const both: readonly DoorEffect[] = [
      { host, step: 'guard' },
      { host, step: 'change' },
    ];
    expect(waiting({ lives: [twin, old], drafts: [{ ...changing(twin), doors: both }] })).toMatchObject([
      { reason: expect.stringContaining('people of gate and twin at') },
    ]);
  });

  it.each<[because: string, of: Case]>([
    ['the gate only narrows', { drafts: [changing(gate, 'guard')] }],
    ['the gate stays', { drafts: [] }],
    ['another gate changes', { drafts: [changing(live(thing, 'x', { value: '' }))] }],
    ['the file leads the host to its origin too', { wants: [wantTo('next'), wantTo('app')] }],
    ['the file asks for it', { wants: [want(lane, 'old', { host, via: 'home', to: 'next' })] }],
    ['it is closed', { lives: [live(lane, 'old', { ...old.spec, to: '503' })] }],
    ['it is not ours', { lives: [{ ...old, owner: 'other' }] }],
    [
      'the plan changes it',
      { drafts: [changing(gate), draftOf(lane, { verb: 'prune', key: 'old', have: old })] },
    ],
  ])('is no obstacle if %s', (_, of) => {
    expect(waiting(of)).toEqual([]);
  });

  it('is one if the file leads only another host to its origin', () => {
    expect(waiting({ wants: [wantTo('next'), wantTo('app', other)] })).toHaveLength(1);
  });
});

describe('a route that stays at a tunnel to which the file leads its host', () => {
  const sign = { ...thing, route: { target: ({ value }) => value } } satisfies typeof thing;
  const led = (from: string, more: Partial<Draft> = {}): Draft =>
    draftOf(sign, {
      ...{ verb: 'update', key: 'name', have: live(sign, 'name', { value: from }) },
      ...{ doors: [{ host, step: 'publish' }], ...more },
    });

  it('closes the host in the plan, refused, if its name comes to lead there', () => {
    expect(waiting({ drafts: [led('lab')] })).toMatchObject([
      {
        ...{ id: 'prune cloudflare/route:old route-old', verb: 'refuse', doors: [{ host, step: 'close' }] },
        reason: expect.stringContaining(`admit people at ${host} whom the file does not admit`),
      },
    ]);
  });

  it.each<[because: string, of: Case]>([
    ['its name leads there already', { drafts: [led('home')] }],
    ['its name stays', { drafts: [led('lab', { verb: 'keep' })] }],
    ['another name does', { drafts: [led('lab', { doors: [{ host: other, step: 'publish' }] })] }],
    [
      'the file leads it elsewhere',
      { drafts: [led('lab')], wants: [want(lane, 'new', { host, via: 'attic', to: 'app' })] },
    ],
    ['it is closed', { drafts: [led('lab')], lives: [live(lane, 'old', { ...old.spec, to: '503' })] }],
  ])('is no obstacle if %s', (_, of) => {
    expect(waiting(of)).toEqual([]);
  });
});

describe('a gate that stays and admits everybody at a path', () => {
  /** A gate that admits nobody by name admits everybody. */
  const lock = {
    ...door,
    doors: (wanted, have) => {
      const { host: at = host, path, admits = [] } = wanted ?? have?.spec ?? {};
      const isOpen = admits.length === 0;
      const step = isOpen === (wanted === undefined) ? 'guard' : 'unguard';
      return [{ host: String(at), step, ...(path !== undefined && { part: String(path) }) }];
    },
  } satisfies Reconciler<Gate>;
  const all = [...kinds, lock, name] as readonly unknown[] as readonly AnyReconciler[];
  const open = live(lock, 'open', { host, path: '/open', admits: [] });
  const wanted = want(lock, host, { host, admits: ['ada'] });
  const sign = live(name, host, { host, target: 'lab' });
  const closed = live(lane, 'old', { ...old.spec, to: '503' });
  const publish: readonly DoorEffect[] = [{ host, step: 'publish' }];
  const moved = draftOf(name, { verb: 'update', key: host, have: sign, doors: publish });
  const made = draftOf(name, { verb: 'create', key: host, doors: publish });

  const held = ({ lives = [open, sign, closed], wants = [wanted], drafts = [moved] }: Case) =>
    waitForRoutes(knownOf(all, { wants, lives }), drafts).slice(drafts.length);

  it.each<[because: string, of: Case]>([
    ['its name is led elsewhere, and no route of the host is open', {}],
    ['its name is made', { drafts: [made], lives: [open, old] }],
  ])('closes the host in the plan, refused, if %s', (_, of) => {
    expect(held(of)).toMatchObject([
      {
        ...{ id: 'prune cloudflare/gate:open gate-open', verb: 'refuse', doors: [{ host, step: 'close' }] },
        reason: expect.stringContaining(`admit people at ${host}/open whom the file does not admit`),
      },
    ]);
  });

  it.each<[because: string, of: Case]>([
    ['the host is open already', { lives: [open, sign, old] }],
    ['its name stays', { drafts: [] }],
    ['its name is refused', { drafts: [{ ...moved, verb: 'refuse' }] }],
    ['the name of another host moves', { drafts: [{ ...moved, doors: [{ host: other, step: 'publish' }] }] }],
    ['it asks its visitors', { lives: [{ ...open, spec: { ...open.spec, admits: ['bob'] } }, sign, closed] }],
    ['it is a part of a login', { lives: [{ ...open, partOf: 'cloudflare/gate:login' }, sign, closed] }],
    ['it is not ours', { lives: [{ ...open, owner: 'other' }, sign, closed] }],
    ['the file guards the host by none of its kind', { wants: [] }],
    ['the plan removes it', { drafts: [moved, draftOf(lock, { verb: 'prune', key: 'open', have: open })] }],
  ])('is no obstacle if %s', (_, of) => {
    expect(held(of)).toEqual([]);
  });
});
