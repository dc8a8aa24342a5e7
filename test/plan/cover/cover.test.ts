import { describe, expect, it } from 'vitest';
import type { AddressId } from '../../../src/core/objects/address.ts';
import { addressId } from '../../../src/core/objects/address.ts';
import type { DesiredObject, GateCheck, Observed } from '../../../src/core/objects/object.ts';
import { ref } from '../../../src/core/objects/reference.ts';
import type { AnyReconciler, Reconciler } from '../../../src/core/reconciler.ts';
import {
  admitsOnlyProbe,
  coverUp,
  demandCover,
  takesFromLive,
  withReleasedLast,
} from '../../../src/plan/cover/cover.ts';
import { coverLeft } from '../../../src/plan/cover/covers-left.ts';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import { wantedByKind, wantedIn } from '../../../src/plan/drafts/draft-index.ts';
import { draftOf, knownOf } from '../support/drafts.ts';
import { live, thing, want } from '../support/fakes.ts';
import { type Lock, lock } from '../support/locks.ts';
import { host } from '../support/plan-text.ts';
import { type Way, way } from '../support/ways.ts';

const demanding: Reconciler<Way> = {
  ...way,
  remedy: () => ({ verb: 'update' }),
  siblings: {
    obstacle: (_, { key }, siblings) => siblings.find((each) => each.address.key === `not-${key}`),
  },
  route: {
    demanding: (have, { gate }) =>
      gate === undefined || gate === have.gate ? undefined : ({ ...have, gate } as Way),
  },
};
const kinds = [lock, thing, demanding] as readonly unknown[] as readonly AnyReconciler[];
const attributes = new Map<AddressId, Record<string, string>>([
  ['cloudflare/thing:probe', { id: 'probe-id' }],
]);
const none = { attributes, wantedOfKind: new Map(), prunes: new Map() };

describe('a cover', () => {
  const probe = ref('cloudflare/thing:probe');
  const cover = want(lock, 'c', { admits: probe }, { needs: ['cloudflare/thing:more'] });
  const standing = live(lock, 'c', { admits: 'people' });
  const up = (
    lives: readonly Observed[],
    {
      asked = cover,
      have,
      drafts = [],
      removed = [],
      isShut = false,
    }: {
      readonly asked?: DesiredObject;
      readonly have?: Observed;
      readonly drafts?: readonly Draft[];
      readonly removed?: readonly Observed[];
      readonly isShut?: boolean;
    } = {},
  ) =>
    coverUp(knownOf(kinds, { lives }), asked, have, {
      attributes: new Map(attributes),
      wantedOfKind: wantedByKind(drafts),
      prunes: new Map(removed.map(({ id }) => [id, draftOf(lock, { verb: 'prune', key: id })])),
      isShut,
    });

  it('is made in a form that leaves what other objects of ours have, or are to have', () => {
    const removed = live(lock, 'd', { admits: 'ours' });
    const beside = [
      removed,
      live(lock, 'e', { admits: 'theirs' }, { owner: 'other' }),
      live(lock, 'c', { admits: 'own' }, { owner: 'other' }),
      live(thing, 't', { value: 'other kind' }),
    ];
    const drafts = [
      draftOf(lock, { verb: 'create', key: 'f', want: { admits: 'new' } }),
      draftOf(lock, { verb: 'create', key: 'c', want: { admits: 'own' } }),
      draftOf(thing, { verb: 'create', key: 'g', want: { admits: 'other kind' } }),
    ];
    expect(
      up(
        beside.filter(({ address }) => address.key !== 'c'),
        { drafts, removed: [removed] },
      ),
    ).toMatchObject([
      {
        ...{
          id: 'cover cloudflare/lock:c',
          verb: 'create',
          want: { admits: 'probe-id', beside: ['ours', 'new'] },
        },
        ...{
          reason: 'admits only our own probe until the gate has been checked',
          leansOn: ['cloudflare/thing:probe', 'cloudflare/thing:more'],
        },
        doors: [{ host, step: 'close' }],
      },
    ]);
  });

  it('is an object of any kind, as the file asks for it', () => {
    const plain = up([], { asked: want(thing, 'c', { value: 'cover' }) });
    expect(plain).toMatchObject([{ id: 'cover cloudflare/thing:c', want: { value: 'cover' }, doors: [] }]);
    const have = live(thing, 'c', { value: 'old' });
    expect(up([have], { asked: want(thing, 'c', { value: 'cover' }), have })).toMatchObject([
      { verb: 'update', want: { value: 'cover' }, drift: ['value'], doors: [], leansOn: [] },
    ]);
  });

  it('is refused for its own reason, under the same name', () => {
    const [refusal, ...rest] = up([live(lock, 'x', { admits: 'obstacle' }, { owner: undefined })]);
    expect([refusal?.id, refusal?.verb, rest]).toEqual(['cover cloudflare/lock:c', 'refuse', []]);
    expect(refusal?.reason).toContain('exists in its place');
    expect(refusal?.doors.map(({ step }) => step)).not.toContain('guard');
  });

  it.each<[because: string, isShut: boolean, steps: readonly string[]]>([
    ['with the other changes', false, ['change']],
    ['before everything else', true, ['close']],
  ])('takes the place of a live object %s', (_, isShut, steps) => {
    const [draft, ...rest] = up([standing], { have: standing, isShut });
    expect(rest).toEqual([]);
    expect(draft).toMatchObject({
      ...{ id: 'cover cloudflare/lock:c', verb: 'update', have: standing, needs: [] },
      want: { admits: 'probe-id', beside: [], alone: isShut },
      leansOn: ['cloudflare/thing:probe', 'cloudflare/thing:more'],
      reason: 'admits the probe of gates until the new gate has been checked',
    });
    expect(draft?.doors.map(({ step }) => step)).toEqual(steps);
  });

  it('takes nothing from an object that goes, in the place of a live one', () => {
    const beside = [live(lock, 'd', { admits: 'ours' }), live(lock, 'e', { admits: 'going' })];
    const [draft] = up([standing, ...beside], { have: standing, removed: beside.slice(1) });
    expect(draft?.want).toMatchObject({ beside: ['ours'] });
  });

  it('is there already if the live object has that form', () => {
    const have = live(lock, 'c', { admits: 'probe-id', beside: [], alone: false });
    expect(up([have], { have })).toEqual([]);
  });

  it('takes from a live object what that answers for now', () => {
    const takes = (lives: readonly Observed[], asked = cover) =>
      takesFromLive(knownOf(kinds, { lives }), asked, standing, none);
    const heir = live(lock, 'd', { admits: 'heir' });
    expect([takes([standing, heir]), takes([standing]), takes([])]).toEqual([true, false, false]);
    expect(takes([standing, heir], want(thing, 'c', { value: 'cover' }))).toBe(false);
  });

  it('is left from an earlier run if it admits only the probe, and nothing else removes it', () => {
    const alone = live(lock, 'c', { admits: 'probe-id' });
    const proof = proofOf({ cover });
    const left = (
      lives: readonly Observed[],
      {
        prunes = [],
        wanted = [],
        check = proof,
      }: {
        readonly prunes?: readonly string[];
        readonly wanted?: readonly Draft[];
        readonly check?: GateCheck;
      } = {},
    ) =>
      coverLeft(knownOf(kinds, { lives }), check, {
        ...none,
        prunes: new Map(prunes.map((id) => [id, draftOf(lock, { verb: 'prune', key: 'c' })])),
        wanted: wantedIn(wanted),
      });
    expect(left([alone])).toEqual({ cover, standing: alone });
    expect(left([standing])).toBeUndefined();
    expect(left([])).toBeUndefined();
    expect(left([{ ...alone, owner: undefined }])).toBeUndefined();
    expect(left([alone], { prunes: [alone.id] })).toBeUndefined();
    expect(left([alone], { prunes: ['another'] })).toBeDefined();
    expect(
      left([alone], { wanted: [draftOf(lock, { verb: 'update', key: 'c', want: { admits: 'x' } })] }),
    ).toBeUndefined();
    expect(left([alone], { check: proofOf({}) })).toBeUndefined();
  });

  it('is known by what its kind says, or by its form', () => {
    const byName = { ...lock, gate: { isCover: ({ admits }: Lock) => admits === 'anyone' } } as AnyReconciler;
    const admits = (kind: AnyReconciler, spec: object) =>
      admitsOnlyProbe(knownOf([kind], {}), cover, { spec }, attributes);
    expect([admits(byName, { admits: 'anyone' }), admits(byName, { admits: 'probe-id' })]).toEqual([
      true,
      false,
    ]);
    const [, plain] = [byName, { ...lock, gate: {} } as AnyReconciler];
    expect([admits(plain, { admits: 'anyone' }), admits(plain, { admits: 'probe-id', alone: true })]).toEqual(
      [false, true],
    );
    const { gate: _, ...bare } = lock;
    expect(admits(bare as AnyReconciler, { admits: 'probe-id' })).toBe(true);
  });
});

function proofOf(more: Partial<GateCheck>): GateCheck {
  return {
    ...{ address: { kind: 'edge/sight', key: host }, host, spec: {}, step: 'prove', needs: [] },
    ...{ because: 'services.a', ...more },
  };
}

describe('an object behind a cover', () => {
  const cover = want(lock, 'c', { admits: 'probe' });
  const standing = live(lock, 'c', { admits: 'people' }, { attributes: { id: 'live-cover' } });
  const form = { host, to: 'app', gate: ref('cloudflare/lock:c') };
  const final: Way = { host, to: 'app', gate: 'own' };
  const object = want(demanding, 'w', form as never);
  const asked = (verb: Draft['verb'], have?: Observed) =>
    draftOf(demanding, { verb, key: 'w', want: final, ...(have !== undefined && { have }), reason: 'mine' });
  const behind = (
    lives: readonly Observed[],
    wanted: readonly Draft[],
    more: Partial<GateCheck> = { cover },
  ) =>
    demandCover(
      knownOf(kinds, { lives }),
      proofOf({ behind: [object], ...more }),
      { attributes, wanted: wantedIn(wanted) },
      false,
    );
  const under = (gate: string, more: Partial<Way> = {}) =>
    live(demanding, 'w', { host, to: 'app', gate, ...more });
  const demandId = 'demand cloudflare/way:w way-w';

  it('demands its token first, then takes its other changes, and is freed after the check', () => {
    const have = under('own', { to: 'old' });
    const draft = asked('update', have);
    const { first, instead, freed } = behind([standing, have], [draft]);
    expect(first).toMatchObject([
      {
        ...{ id: demandId, want: { host, to: 'old', gate: 'live-cover' }, because: 'services.a' },
        reason: 'demands a token of the cover, until the gate has been checked',
      },
    ]);
    expect([...instead]).toMatchObject([
      [draft.id, { want: { host, to: 'app', gate: 'live-cover' }, needs: [demandId] }],
    ]);
    expect(freed).toEqual([
      {
        ...{ ...draft, id: 'uncover cloudflare/way:w', verb: 'update', have, drift: ['gate'], needs: [] },
        ...{ doors: [{ host, step: 'unguard' }], because: 'services.a' },
        reason: 'demands no token of the cover any more: the gate has been checked',
      },
    ]);
  });

  it('demands only its token, if nothing else changes', () => {
    const have = under('own');
    const draft = asked('keep', have);
    const { first, instead, freed } = behind([standing, have], [draft]);
    expect([first.map(({ id }) => id), [...instead], freed.length]).toEqual([
      [demandId],
      [[draft.id, undefined]],
      1,
    ]);
  });

  it('stays in that form if it has it from an earlier run', () => {
    const have = under('live-cover');
    const draft = asked('update', have);
    const { first, instead, freed } = behind([standing, have], [draft]);
    expect([first, [...instead]]).toEqual([[], [[draft.id, undefined]]]);
    expect(freed).toMatchObject([{ id: 'uncover cloudflare/way:w', have, drift: ['gate'] }]);
  });

  it('is made in that form, and freed in its place', () => {
    const draft = asked('create');
    const { first, instead, freed } = behind([standing], [draft]);
    expect(first).toEqual([]);
    expect([...instead]).toMatchObject([
      [draft.id, { verb: 'create', want: { gate: 'live-cover' }, needs: [] }],
    ]);
    expect(freed.map((each) => ['have' in each, each.verb])).toEqual([[false, 'update']]);
  });

  it('waits for a cover that does not exist yet, whoever has an object in its place', () => {
    const draft = asked('create');
    for (const lives of [[], [{ ...standing, owner: 'other' }]]) {
      const [[, made] = []] = [...behind(lives, [draft]).instead];
      expect(made).toMatchObject({
        want: { gate: ref('cloudflare/lock:c') },
        leansOn: ['cloudflare/lock:c'],
      });
    }
    const [[, plain] = []] = [...behind([standing], [draft], {}).instead];
    expect(plain).toMatchObject({ want: { gate: ref('cloudflare/lock:c') } });
  });

  it.each<[because: string, wanted: readonly Draft[]]>([
    ['does not ask for it', []],
    ['could not have it', [asked('refuse')]],
  ])('is left alone if the file %s', (_, wanted) => {
    expect(behind([standing, under('own')], wanted)).toEqual({ first: [], instead: new Map(), freed: [] });
  });

  it('is refused in that form, unless nothing changes', () => {
    const foreign = live(demanding, 'w', { host, to: 'app', gate: 'own' }, { owner: 'other' });
    const [update, kept] = [asked('update', foreign), asked('keep', foreign)];
    const { first, instead, freed } = behind([standing, foreign], [update]);
    expect([...instead]).toMatchObject([
      [update.id, { verb: 'refuse', reason: expect.stringContaining('it belongs to "other"') }],
    ]);
    expect([first, freed]).toEqual([[], []]);
    expect(behind([standing, foreign], [kept])).toEqual({ first: [], instead: new Map(), freed: [] });
  });
});

describe('whatever a new cover depends on', () => {
  const leansOn: readonly AddressId[] = ['cloudflare/thing:x', 'cloudflare/thing:probe'];
  const address = { kind: lock.kind, key: 'c' };
  const up = draftOf(lock, { verb: 'create', key: 'c', id: `cover ${addressId(address)}`, leansOn });
  const down = draftOf(lock, { verb: 'update', key: 'c', id: `uncover ${addressId(address)}` });
  const probe = draftOf(thing, { verb: 'prune', key: 'probe', needs: ['before'] });
  const needsOf = (drafts: readonly Draft[]) =>
    withReleasedLast(drafts).map(({ id, needs }) => [id, ...needs]);
  const alone = (draft: Draft) => [draft.id, ...draft.needs];

  it('is removed after the cover', () => {
    const other = draftOf(thing, { verb: 'prune', key: 'other' });
    const changed = draftOf(thing, { verb: 'update', key: 'x' });
    const silent = { ...up, id: 'cover cloudflare/lock:d', address: { kind: lock.kind, key: 'd' } };
    const { leansOn: _, ...bare } = silent;
    const uncovered = { ...down, id: 'uncover cloudflare/lock:d', address: silent.address };
    expect(needsOf([bare, up, down, uncovered, probe, other, changed])).toEqual([
      ...[bare, up, down, uncovered].map(alone),
      [probe.id, 'before', down.id],
      ...[other, changed].map(alone),
    ]);
  });

  it.each<[because: string, drafts: readonly Draft[]]>([
    ['a cover goes without a successor', [up, probe]],
    ['there is no cover', [{ ...up, id: 'create' }, down, probe]],
  ])('is removed at once if %s', (_, drafts) => {
    expect(withReleasedLast(drafts)).toEqual(drafts);
  });
});
