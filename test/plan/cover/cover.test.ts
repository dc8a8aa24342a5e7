import { describe, expect, it } from 'vitest';
import type { AddressId } from '../../../src/core/objects/address.ts';
import type { DesiredObject, GateCheck, Observed } from '../../../src/core/objects/object.ts';
import { ref } from '../../../src/core/objects/reference.ts';
import type { AnyReconciler } from '../../../src/core/reconciler.ts';
import { admitsOnlyProbe, coverUp, takesFromLive } from '../../../src/plan/cover/cover.ts';
import { coverLeft } from '../../../src/plan/cover/covers-left.ts';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import { wantedByKind, wantedIn } from '../../../src/plan/drafts/draft-index.ts';
import { draftOf, knownOf } from '../support/drafts.ts';
import { live, thing, want } from '../support/fakes.ts';
import { type Lock, lock } from '../support/locks.ts';
import { host } from '../support/plan-text.ts';
import { proofOf } from '../support/proof.ts';

const kinds = [lock, thing] as readonly unknown[] as readonly AnyReconciler[];
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
      want: { admits: isShut ? 'probe-id' : 'people and probe-id', beside: [], alone: isShut },
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
