import { describe, expect, it } from 'vitest';
import type { AddressId } from '../../../src/core/objects/address.ts';
import type { DoorEffect } from '../../../src/core/objects/door.ts';
import type { DesiredObject, GateCheck, Observed } from '../../../src/core/objects/object.ts';
import type { AnyReconciler, Reconciler } from '../../../src/core/reconciler.ts';
import { heldRemoval, waitForLeftovers, waitForParts } from '../../../src/plan/decisions/staying-parts.ts';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import { draftOf, knownOf } from '../support/drafts.ts';
import { live, route, thing, want } from '../support/fakes.ts';
import { host, liveRoute } from '../support/plan-text.ts';

const other = 'b.example.dev';

interface Login {
  readonly asks: number;
}
/** A login, which an update may loosen. */
const login: Reconciler<Login> = {
  ...(thing as unknown as Reconciler<Login>),
  kind: 'authentik/login',
  login: { loosens: ({ asks }, { spec }) => Number(asks) < spec.asks },
};

interface Badge {
  /** The login asks for it besides others. */
  readonly besides?: number;
  readonly gone?: readonly DoorEffect[];
}
/** A part of a login, by which people get in. */
const badge: Reconciler<Badge> = {
  ...(thing as unknown as Reconciler<Badge>),
  kind: 'authentik/badge',
  login: { strictness: (_, { spec }) => spec.besides ?? 0 },
  doors: (asked, have) =>
    asked === undefined ? (have?.spec.gone ?? [{ host: other, step: 'unguard' }]) : [],
};
const stamp: Reconciler<Badge> = { ...badge, kind: 'authentik/stamp' };

interface Nest {
  readonly of: string;
  readonly by: string;
}
/** A group that lies in another one: badges that use that admit its people too. */
const nest: Reconciler<Nest> = {
  ...(thing as unknown as Reconciler<Nest>),
  kind: 'authentik/nest',
  login: { enlarges: [badge.kind], enlargement: ({ of, by }) => ({ of: String(of), by: String(by) }) },
};

const kinds = [login, badge, stamp, nest, thing, route] as readonly unknown[] as readonly AnyReconciler[];
const gate = live(login, 'gate', { asks: 2 });
const gateId = 'authentik/login:gate';
const part = live(badge, 'left', {}, { partOf: gateId });
const removalId = 'prune authentik/badge:left thing-left';
const loosening = draftOf(login, {
  verb: 'update',
  key: 'gate',
  have: gate,
  want: { asks: 1 },
  needs: ['first'],
});

describe('a part of a login that stays although the file does not ask for it', () => {
  const waiting = (
    drafts: readonly Draft[],
    lives: readonly Observed[] = [gate, part],
    wants: readonly DesiredObject[] = [],
  ) => waitForParts(knownOf(kinds, { lives, wants }), drafts);

  it.each([
    ['lies in a group of the login', 'group-1', ['first', 'prune authentik/nest:left thing-left']],
    ['lies in another group', 'group-2', ['first']],
  ])('keeps the login waiting too if it is a group that %s', (_, of, needs) => {
    const wanted = live(badge, 'b', {}, { partOf: gateId, uses: ['group-1'] });
    const inside = live(nest, 'left', { of, by: 'group-3' });
    const drafts = waiting([loosening], [gate, wanted, inside], [want(badge, 'b', {})]);
    expect(drafts[0]?.needs).toEqual(needs);
  });

  it('is a refused removal, for which the login waits before it asks for less', () => {
    const drafts = waiting([loosening]);
    expect(drafts).toMatchObject([
      { ...loosening, needs: ['first', removalId] },
      {
        ...{
          id: removalId,
          verb: 'refuse',
          address: part.address,
          have: part,
          drift: [],
          doors: [],
          needs: [],
        },
        reason:
          'it stays, and would admit people whom no file has admitted there: let gates remove it (`reconcile.prune`), or remove it in Authentik',
      },
    ]);
    const { reconciler } = drafts[1] ?? {};
    expect([reconciler?.kind, reconciler?.login]).toEqual([badge.kind, undefined]);
  });

  it('is refused once, whatever waits for it', () => {
    const rule = live(login, 'rule', { asks: 2 }, { id: 'used' });
    const user = { ...gate, uses: ['used'] };
    const second = draftOf(login, { verb: 'adopt', key: 'rule', have: rule, want: { asks: 1 } });
    const drafts = waiting([loosening, second], [user, rule, part]);
    expect(drafts.map(({ id, needs }) => [id, ...needs])).toEqual([
      [loosening.id, 'first', removalId],
      [second.id, removalId],
      [removalId],
    ]);
  });

  it('is what the login waits for if its removal is refused already', () => {
    const removal = draftOf(badge, { verb: 'refuse', key: 'left', have: part, reason: 'a limit' });
    const drafts = waiting([loosening, removal]);
    expect(drafts).toEqual([{ ...loosening, needs: ['first', removal.id] }, removal]);
  });

  it.each<
    [because: string, drafts: readonly Draft[], lives?: readonly Observed[], wants?: readonly DesiredObject[]]
  >([
    ['it is removed', [loosening, draftOf(badge, { verb: 'prune', key: 'left', have: part })]],
    ['it belongs to somebody else', [loosening], [gate, { ...part, owner: 'other' }]],
    [
      'it is a part of another login',
      [loosening],
      [gate, live(badge, 'left', {}, { partOf: 'authentik/login:other' })],
    ],
    ['it is no part', [loosening], [gate, live(badge, 'left', {})]],
    ['the file asks for it', [loosening], [gate, part], [want(badge, 'left', {})]],
    ['the login asks for more', [{ ...loosening, want: { asks: 3 } }]],
    ['the login is made anew', [{ ...loosening, verb: 'replace' }]],
    ['the login goes', [draftOf(login, { verb: 'update', key: 'gate', have: gate })]],
    ['the login is new', [draftOf(login, { verb: 'update', key: 'gate', want: { asks: 1 } })]],
    [
      'something else changes',
      [draftOf(thing, { verb: 'update', key: 'gate', have: gate, want: { asks: 1 } })],
    ],
  ])('delays nothing if %s', (_, drafts, lives, wants) => {
    expect(waiting(drafts, lives, wants)).toEqual(drafts);
  });
});

describe('a new object that enlarges what a part admits', () => {
  const admins = live(thing, 'admins', { value: 'admins' });
  const using = (kind: Reconciler<Badge>, ...uses: readonly string[]) =>
    live(kind, 'left', {}, { partOf: gateId, uses });
  const adding = (more: Partial<Draft> = {}) =>
    draftOf(nest, {
      ...{ verb: 'create', key: 'n', want: { of: 'thing-admins', by: 'thing-staff' } },
      ...{ leansOn: ['cloudflare/thing:new'] as readonly AddressId[], ...more },
    });
  const needsIn = (lives: readonly Observed[], draft: Draft) =>
    waitForParts(knownOf(kinds, { lives }), [draft])[0]?.needs;

  it('waits for the removal of the part that uses such an object', () => {
    const left = using(badge, 'something', admins.id);
    expect(needsIn([admins, left], adding())).toEqual([`prune authentik/badge:left ${left.id}`]);
  });

  it.each<[because: string, lives: readonly Observed[], draft: Draft]>([
    ['of a kind that it does not enlarge', [admins, using(stamp, admins.id)], adding()],
    ['that uses something else', [admins, using(badge, 'something')], adding()],
    ['if it refers to nothing', [admins, using(badge, admins.id)], adding({ leansOn: undefined as never })],
    ['if nothing of that kind is live', [using(badge, admins.id)], adding()],
    [
      'if it exists already',
      [admins, using(badge, admins.id)],
      adding({ verb: 'update', have: live(nest, 'n', { of: '', by: '' }) }),
    ],
    [
      'if it enlarges nothing',
      [admins, using(badge, admins.id)],
      { ...adding(), reconciler: thing as AnyReconciler },
    ],
  ])('waits for no part %s', (_, lives, draft) => {
    expect(needsIn(lives, draft)).toEqual([]);
  });
});

describe('a host that comes behind a login with a part that stays', () => {
  const proof: GateCheck = {
    ...{
      address: { kind: 'edge/sight', key: host },
      host,
      spec: {},
      step: 'prove',
      needs: ['authentik/x:y', gateId],
    },
    because: 'services.a',
  };
  const heldIn = ({
    lives = [gate, part],
    wants = [],
    proofs = [proof],
    drafts = [],
  }: {
    readonly lives?: readonly Observed[];
    readonly wants?: readonly DesiredObject[];
    readonly proofs?: readonly GateCheck[];
    readonly drafts?: readonly Draft[];
  }) => waitForLeftovers(knownOf(kinds, { lives, wants, proofs }), proofs, drafts);
  const guards = (...hosts: readonly string[]) => hosts.map((each) => ({ host: each, step: 'guard' }));

  it('waits for its removal, which is refused', () => {
    const held = heldIn({ drafts: [loosening], proofs: [proof, { ...proof, host: 'c.example.dev' }] });
    expect(held).toMatchObject([
      loosening,
      {
        ...{ id: removalId, verb: 'refuse', doors: guards(host, 'c.example.dev') },
        reason:
          'it stays, and would admit people at a.example.dev, c.example.dev whom no file has admitted there: let gates remove it (`reconcile.prune`), or remove it in Authentik',
      },
    ]);
  });

  it('waits also if the login asks for the part besides others: an older Authentik takes one for enough', () => {
    const lives = [gate, live(badge, 'left', { besides: 1 }, { partOf: gateId })];
    expect(heldIn({ lives })).toMatchObject([{ id: removalId, doors: guards(host) }]);
  });

  it('waits for the removal that is refused already, for its own reason', () => {
    const doors: readonly DoorEffect[] = [{ host: other, step: 'unguard' }];
    const removal = draftOf(badge, { verb: 'refuse', key: 'left', have: part, reason: 'a limit', doors });
    expect(heldIn({ drafts: [removal, loosening] })).toEqual([
      loosening,
      { ...removal, doors: [...doors, ...guards(host)] },
    ]);
  });

  it('waits for what stays and enlarges a part of the login', () => {
    const [admins, staff] = ['admins', 'staff'].map((key) => live(thing, key, { value: key }));
    const inside = live(nest, 'n', { of: 'thing-staff', by: 'thing-admins' });
    const asked = live(badge, 'asked', { gone: [] }, { partOf: gateId, uses: ['x', 'thing-staff'] });
    const loose = live(badge, 'loose', {}, { uses: ['thing-staff'] });
    const beside = live(badge, 'beside', {}, { partOf: 'authentik/login:other', uses: ['thing-admins'] });
    const lives = [gate, asked, loose, inside, ...[admins, staff].flatMap((each) => each ?? [])];
    const wants = ['asked', 'loose', 'beside'].map((key) => want(badge, key, {}));
    const [held, ...rest] = heldIn({ lives: [...lives, beside], wants });
    expect([held?.id, held?.doors, rest]).toEqual([`prune authentik/nest:n ${inside.id}`, guards(host), []]);
    const further = { ...proof, needs: ['authentik/login:other' as const] };
    expect(heldIn({ lives: [...lives, beside], wants, proofs: [further] })).toEqual([]);
  });

  const standing = live(thing, 'cover', { value: 'guard' });
  const guarding = {
    ...(thing as AnyReconciler),
    doors: () => [{ host, step: 'unguard' }],
  } as unknown as AnyReconciler;
  it.each<[because: string, verb: Draft['verb'], waits: boolean]>([
    ['exchanged', 'update', true],
    ['kept', 'keep', false],
  ])('is new there if its old gate is %s: %s', (_, verb, waits) => {
    const cover = want(thing, 'cover', { value: 'cover' });
    const known = knownOf([guarding, ...kinds.filter(({ kind }) => kind !== thing.kind)], {
      ...{
        lives: [gate, part, liveRoute(), standing],
        wants: [cover, want(route, `homelab/${host}`, {} as never)],
      },
    });
    const change = draftOf(thing, { verb, key: 'cover', have: standing, want: { value: 'x' } });
    const held = waitForLeftovers(known, [{ ...proof, cover }], [change]);
    expect(held.map(({ id }) => id)).toEqual([change.id, ...(waits ? [removalId] : [])]);
  });

  it.each<[because: string, world: Parameters<typeof heldIn>[0]]>([
    ['it is removed', { drafts: [draftOf(badge, { verb: 'prune', key: 'left', have: part })] }],
    [
      'it was at the host before',
      { lives: [gate, live(badge, 'left', { gone: [{ host, step: 'unguard' }] }, { partOf: gateId })] },
    ],
    ['its removal has no effect', { lives: [gate, live(badge, 'left', { gone: [] }, { partOf: gateId })] }],
    ['it is no part', { lives: [gate, live(badge, 'left', {})] }],
    ['it belongs to somebody else', { lives: [gate, { ...part, owner: 'other' }] }],
    ['the file asks for it', { wants: [want(badge, 'left', {})] }],
    ['the host is not checked from outside', { proofs: [{ ...proof, step: 'attest' }] }],
    ['the host has another login', { proofs: [{ ...proof, needs: ['authentik/x:y'] }] }],
    [
      'the host is behind that login already',
      { lives: [gate, part, liveRoute()], wants: [want(route, `homelab/${host}`, {} as never)] },
    ],
  ])('waits for nothing if %s', (_, world) => {
    expect(heldIn(world)).toEqual(world.drafts ?? []);
  });

  it('waits although the part is changed, because that does not remove it', () => {
    const change = draftOf(badge, { verb: 'update', key: 'left', have: part, want: {} });
    expect(heldIn({ drafts: [change] }).map(({ id }) => id)).toEqual([change.id, removalId]);
  });
});

it('refuses no removal of a kind that this version does not know', () => {
  expect(heldRemoval(knownOf([thing as AnyReconciler], {}), part, 'there')).toBeUndefined();
});
