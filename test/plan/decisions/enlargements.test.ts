import { describe, expect, it } from 'vitest';
import type { AddressId } from '../../../src/core/objects/address.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { AnyReconciler, Reconciler } from '../../../src/core/reconciler.ts';
import { admitsMoreBy, leftoverEnlargements } from '../../../src/plan/decisions/enlargements.ts';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import { draftOf, knownOf } from '../support/drafts.ts';
import { live, place, type Thing, thing, want } from '../support/fakes.ts';

interface Nest {
  readonly of: string;
  readonly by: string;
}
interface Claim {
  readonly names: readonly AddressId[];
}

/** An object that admits people by name, such as a claim that names groups. */
const claim: Reconciler<Claim> = {
  ...(thing as unknown as Reconciler<Claim>),
  kind: 'authentik/claim',
  login: { admitsByName: ({ names }) => names as readonly AddressId[] },
};
/** A binding, which admits the group to which it refers. */
const binding: Reconciler<Thing> = { ...thing, kind: 'authentik/binding' };
/** A kind of groups that lie in others. */
const nest: Reconciler<Nest> = {
  ...(thing as unknown as Reconciler<Nest>),
  kind: 'authentik/nest',
  login: {
    enlarges: [claim.kind, binding.kind],
    enlargement: ({ of, by }) => ({ of: String(of), by: String(by) }),
  },
};
const kinds = [thing, claim, binding, nest, place] as readonly unknown[] as readonly AnyReconciler[];
const all = 'cloudflare/thing:all' as const;
const staff = 'cloudflare/thing:staff' as const;
const inside = (of: string, by: string, more: Partial<Observed<Nest>> = {}) =>
  live(nest, `${by} < ${of}`, { of: `thing-${of}`, by: `thing-${by}` }, more);
const left = inside('staff', 'admins');
const groups = ['all', 'staff', 'admins', 'guests'].map((key) => live(thing, key, { value: key }));
const leftIn = (lives: readonly Observed[], wants = [want(thing, 'all', { value: 'all' })]) =>
  leftoverEnlargements(
    knownOf(kinds, { lives: [...groups, live(place, 'p', { status: 'x' }), ...lives], wants }),
  );

describe('a group that lies in another one although the file does not say so', () => {
  it('enlarges that one, and each in which that lies in turn', () => {
    const wide = [
      inside('all', 'staff'),
      inside('top', 'all', { owner: 'other' }),
      inside('guests', 'admins'),
    ];
    const wants = [want(nest, 'staff < all', {} as never), want(nest, 'admins < guests', {} as never)];
    expect(leftIn([left, ...wide], wants)).toEqual([
      {
        have: left,
        kinds: [claim.kind, binding.kind],
        enlarged: new Set(['thing-staff', 'thing-all', 'thing-top']),
        addresses: new Set([staff, all]),
      },
    ]);
  });

  it.each<[because: string, lives: readonly Observed[], wanted?: string]>([
    ['the file says so', [left], 'admins < staff'],
    ['it belongs to somebody else', [inside('staff', 'admins', { owner: 'other' })]],
    ['nothing lies in another', []],
    ['no kind says so', [live({ ...nest, kind: 'authentik/unknown' }, 'x', { of: 'a', by: 'b' })]],
  ])('counts for nothing if %s', (_, lives, wanted) => {
    expect(leftIn(lives, wanted === undefined ? [] : [want(nest, wanted, {} as never)])).toEqual([]);
  });

  it('enlarges nothing that its kind does not name', () => {
    const silent = { ...nest, login: { enlargement: nest.login?.enlargement } } as AnyReconciler;
    const known = knownOf([silent], { lives: [left] });
    expect(leftoverEnlargements(known).map((each) => each.kinds)).toEqual([[]]);
  });
});

describe('a change by which somebody newly admits the people of such a group', () => {
  const [leftover] = leftIn([left, inside('all', 'staff')], [want(nest, 'staff < all', {} as never)]);
  const admitsMore = (draft: Draft) => leftover !== undefined && admitsMoreBy(leftover, draft);
  const naming = (...names: readonly AddressId[]) => ({ want: { names } });
  const standing = (...names: readonly AddressId[]) => live(claim, 'c', { names });
  const leaning = (...leansOn: readonly AddressId[]) => ({ want: { value: 'x' }, leansOn });
  const lying = (of: string, by: string) => ({ want: { of: `thing-${of}`, by: `thing-${by}` } });

  it.each<[because: string, draft: Draft]>([
    [
      'a new binding',
      draftOf(binding, { verb: 'create', key: 'b', ...leaning('cloudflare/thing:guests', all) }),
    ],
    [
      'a new claim',
      draftOf(claim, { verb: 'create', key: 'c', ...naming('cloudflare/thing:guests', staff) }),
    ],
    [
      'another name in a claim',
      draftOf(claim, { verb: 'update', key: 'c', have: standing(all), ...naming(all, staff) }),
    ],
    [
      'a group that comes to lie elsewhere',
      draftOf(nest, { verb: 'create', key: 'n', ...lying('guests', 'staff') }),
    ],
  ])('is %s', (_, draft) => {
    expect(admitsMore(draft)).toBe(true);
  });

  it.each<[because: string, draft: Draft]>([
    [
      'a binding of another group',
      draftOf(binding, { verb: 'create', key: 'b', ...leaning('cloudflare/thing:guests') }),
    ],
    ['a binding of nothing', draftOf(binding, { verb: 'create', key: 'b', want: { value: 'x' } })],
    [
      'a binding that changes otherwise',
      draftOf(binding, {
        verb: 'update',
        key: 'b',
        ...leaning(staff),
        have: live(binding, 'b', { value: 'y' }),
      }),
    ],
    [
      'a claim that is taken over',
      draftOf(claim, { verb: 'adopt', key: 'c', have: standing(), ...naming(staff) }),
    ],
    ['a claim that goes', draftOf(claim, { verb: 'update', key: 'c', have: standing(staff) })],
    [
      'a claim that has the name already',
      draftOf(claim, { verb: 'update', key: 'c', have: standing(staff), ...naming(staff) }),
    ],
    ['an object of another kind', draftOf(thing, { verb: 'create', key: 't', ...leaning(staff) })],
    [
      'another group in the larger one',
      draftOf(nest, { verb: 'create', key: 'n', ...lying('staff', 'guests') }),
    ],
    [
      'a group that is there already',
      draftOf(nest, {
        verb: 'update',
        key: 'n',
        have: inside('guests', 'staff'),
        ...lying('guests', 'staff'),
      }),
    ],
    [
      'a group of which nobody knows where it lies',
      {
        ...draftOf(nest, { verb: 'create', key: 'n', ...lying('guests', 'staff') }),
        reconciler: { ...nest, login: {} } as AnyReconciler,
      },
    ],
    [
      'a group of a kind that is no login',
      {
        ...draftOf(nest, { verb: 'create', key: 'n', ...lying('guests', 'staff') }),
        reconciler: { ...thing, kind: nest.kind } as AnyReconciler,
      },
    ],
  ])('is not %s', (_, draft) => {
    expect(admitsMore(draft)).toBe(false);
  });
});
