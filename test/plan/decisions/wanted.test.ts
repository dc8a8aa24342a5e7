import { describe, expect, it } from 'vitest';
import type { AddressId } from '../../../src/core/objects/address.ts';
import type { DesiredObject, Observed } from '../../../src/core/objects/object.ts';
import { ref } from '../../../src/core/objects/reference.ts';
import type { AnyReconciler, Reconciler } from '../../../src/core/reconciler.ts';
import { type DecideInput, decide } from '../../../src/plan/decisions/decide.ts';
import { draftOne, draftWanted } from '../../../src/plan/decisions/wanted.ts';
import type { Known } from '../../../src/plan/drafts/known.ts';
import { knownOf } from '../support/drafts.ts';
import { gate, live, place, type Thing, thing, want } from '../support/fakes.ts';
import { livePanel, panel, wantPanel } from '../support/panel.ts';
import { host } from '../support/plan-text.ts';

const rooms: Reconciler<Thing> = { ...thing, words: { quota: ({ value }) => `rooms of ${value}` } };
const kinds = [rooms, gate, panel, place] as readonly unknown[] as readonly AnyReconciler[];
const drafted = (
  asked: DesiredObject,
  lives: readonly Observed[] = [],
  {
    used = () => false,
    known = {},
  }: {
    readonly used?: (have: Observed) => boolean;
    readonly known?: Partial<Known>;
  } = {},
) =>
  draftOne({ ...knownOf(kinds, { lives, wants: [asked] }), ...known }, asked, {
    adopt: false,
    staying: new Map(),
    attributes: new Map(),
    used,
  });

describe('a new object of which a quota has no room', () => {
  const full = { full: new Map([['rooms of a', { at: '2026-01-01T00:00:00Z', limit: 1 } as never]]) };
  const unused = { ...full, used: () => false };
  const [a, b] = ['a', 'b'].map((value) => want(thing, 'x', { value })) as [DesiredObject, DesiredObject];

  it('is refused until there may be room', () => {
    const [draft, ...rest] = drafted(a, [], { known: full });
    expect([draft?.verb, draft?.id, rest]).toEqual(['refuse', 'refuse cloudflare/thing:x', []]);
    expect(draft?.reason).toBeTruthy();
    const replaced = want(thing, 'x', { value: 'a', link: 'new' });
    expect(drafted(replaced, [live(thing, 'x', { value: 'a', link: 'old' })], { known: full })[0]?.verb).toBe(
      'refuse',
    );
  });

  it('counts against no other quota, and a change against none', () => {
    expect(drafted(b, [], { known: full })[0]?.verb).toBe('create');
    expect(drafted(a, [live(thing, 'x', { value: 'b' })], { known: unused })[0]?.verb).toBe('update');
    expect(drafted(a, [live(thing, 'x', { value: 'a' })], { known: full })[0]?.verb).toBe('keep');
    const anything = { full: new Map([['', { at: '2026-01-01T00:00:00Z' } as never]]) };
    expect(drafted(a, [], { known: anything })[0]?.verb).toBe('create');
    for (const words of [{}, undefined]) {
      const silent = knownOf([{ ...thing, words } as AnyReconciler], { wants: [a] });
      const context = { adopt: false, staying: new Map(), attributes: new Map(), used: () => false };
      expect(draftOne({ ...silent, ...full }, a, context)[0]?.verb).toBe('create');
    }
  });
});

describe('an object that exists several times', () => {
  const twins = (...gone: readonly ('same' | 'other')[]) =>
    gone.map((sort, index) =>
      livePanel('g', { admits: [sort], gone: [{ host, step: 'unguard' }] }, { id: `id-${index}` }),
    );
  const asked = wantPanel('g', { admits: ['same'], gone: [{ host, step: 'unguard' }] });
  const rest = (sorts: readonly ('same' | 'other')[]) => {
    const [first, second] = drafted(asked, twins(...sorts));
    return [first?.verb, second];
  };

  it('loses an equal copy without an effect at doors', () => {
    expect(rest(['same', 'same'])).toMatchObject([
      'keep',
      {
        id: 'prune cloudflare/panel:g id-1',
        verb: 'prune',
        doors: [],
        needs: [],
        reason: 'the same object exists several times: one is kept',
      },
    ]);
  });

  it('loses a different copy like any leftover', () => {
    expect(rest(['same', 'other'])).toMatchObject([
      'keep',
      { doors: [{ host, step: 'unguard' }], needs: [] },
    ]);
    const changed = rest(['other', 'other']);
    expect(changed).toMatchObject(['update', { needs: ['update cloudflare/panel:g id-0'] }]);
  });

  it('keeps a used copy, and loses the others', () => {
    const used =
      (...ids: readonly string[]) =>
      (have: Observed) =>
        ids.includes(have.id);
    const ids = (sorts: readonly ('same' | 'other')[], ...using: readonly string[]) =>
      drafted(asked, twins(...sorts), { used: used(...using) })
        .map(({ verb, have }) => `${verb} ${have?.id}`)
        .sort();
    expect(ids(['same', 'same', 'same'], 'id-1', 'id-2')).toEqual(['keep id-1', 'prune id-0', 'prune id-2']);
    expect(ids(['same', 'other', 'other'], 'id-1', 'id-2')).toEqual([
      'prune id-0',
      'prune id-2',
      'update id-1',
    ]);
  });
});

describe('a draft for an object of the file', () => {
  it('names no live object if there is none, and leaves out fields that the file leaves open', () => {
    const [made] = drafted(want(thing, 'x', { value: 'a', link: undefined as never }));
    expect(Object.keys(made ?? {})).not.toContain('have');
    const [kept] = drafted(want(thing, 'x', { value: 'a', link: undefined as never }), [
      live(thing, 'x', { value: 'a', link: 'b' }),
    ]);
    expect([kept?.verb, kept?.drift]).toEqual(['keep', []]);
    const [open] = drafted(want(thing, 'x', { value: ref('cloudflare/thing:y'), link: 'b' }), [
      live(thing, 'x', { value: 'a', link: 'b' }),
    ]);
    expect(open?.drift).toEqual(['value']);
  });

  it('waits for the objects that it refers to, and for those that it needs', () => {
    const asked = want(thing, 'x', { value: ref('cloudflare/thing:y') }, { needs: ['cloudflare/thing:z'] });
    expect(drafted(asked)[0]?.leansOn).toEqual(['cloudflare/thing:y', 'cloudflare/thing:z']);
    expect(drafted(want(thing, 'x', { value: 'a' }))[0]?.leansOn).toEqual([]);
  });

  it('is refused for its own reason, though it refers to what could not be read', () => {
    const unknown = { unknown: new Map([['cloudflare/gate' as const, '403']]) };
    const asked = want(thing, 'x', { value: 'new', link: ref('cloudflare/gate:g') });
    const reason = (value: string) =>
      drafted(asked, [live(thing, 'x', { value, link: 'y' })], { known: unknown })[0]?.reason;
    expect(reason('stubborn')).toBe('it cannot be changed');
    expect(reason('old')).toBe('live objects of kind cloudflare/gate could not be read: 403');
  });

  it('leaves what others of ours have, as long as these stay', () => {
    const asked = wantPanel('g', { admits: [], claims: ['/a', '/b', '/c'] });
    const wants = [asked, wantPanel('wanted', { admits: [], claims: ['/b'] })];
    const lives = [
      livePanel('left', { admits: [], claims: ['/a'] }),
      livePanel('wanted', { admits: [], claims: ['/b'] }),
      livePanel('theirs', { admits: [], claims: ['/c'] }, { owner: 'other' }),
    ];
    const claims = (...gone: readonly (Observed | undefined)[]) =>
      draftWanted(knownOf(kinds, { lives, wants }), {
        ...{ adopt: false, leaves: (have) => gone.includes(have) },
      }).drafts.map(({ want: spec }) => (spec as { readonly claims: readonly string[] }).claims);
    expect(claims()).toEqual([['/b', '/c'], ['/b']]);
    expect(claims(lives[0])).toEqual([['/a', '/b', '/c'], ['/b']]);
    const held = { lives: [live(place, 'p', { status: 'x' })], wants: [want(place, 'p', { status: 'x' })] };
    expect(
      draftWanted(knownOf(kinds, held), { adopt: false, leaves: () => false }).drafts.map(({ verb }) => verb),
    ).toEqual(['keep']);
    const bare = { ...panel, gate: {} } as AnyReconciler;
    const known = knownOf([bare], { lives, wants: [asked] });
    expect(draftWanted(known, { adopt: false, leaves: () => false }).drafts[0]?.want).toEqual(asked.spec);
  });

  it('comes after what it needs, in an order that does not follow the file', () => {
    const named = (key: string, ...needs: readonly AddressId[]) =>
      want(thing, key, { value: key }, { needs });
    const wants = [
      named('m', 'cloudflare/thing:z', 'cloudflare/thing:y'),
      named('z'),
      named('y'),
      named('b'),
    ];
    const { drafts } = draftWanted(knownOf(kinds, { wants }), { adopt: false, leaves: () => true });
    expect(drafts.map(({ address }) => address.key)).toEqual(['b', 'y', 'z', 'm']);
  });
});

describe('a decision about a live object', () => {
  const spec = { value: 'new', link: 'new' };
  const written = (want: object, have: object) => ({ id: 'thing-x', want, have }) as never;
  const decided = (have: Observed, more: Partial<DecideInput> = {}) =>
    decide({
      ...{ reconciler: thing as AnyReconciler, want: want(thing, 'x', spec), known: spec, unknownFields: [] },
      ...{ haves: [have], siblings: [have], owner: 'home', adopt: false, used: () => false, ...more },
    });
  const stuck = (value: string, link: string) =>
    live(thing, 'x', { value, link }, { ineffective: written({ value: 'new' }, { value: 'old' }) });

  it('does not repeat a write that had no effect', () => {
    expect(decided(stuck('old', 'new'))).toMatchObject({
      ...{ verb: 'keep', drift: [] },
      reason:
        'an earlier write of value had no effect, and is not repeated until the file or the object changes',
    });
    const atDoor = { ...thing, doors: () => [{ host, step: 'guard' }] } as unknown as AnyReconciler;
    expect(decided(stuck('old', 'new'), { reconciler: atDoor })).toMatchObject({
      verb: 'refuse',
      drift: ['value'],
    });
    const nowhere = { ...thing, doors: () => [] } as unknown as AnyReconciler;
    expect(decided(stuck('old', 'new'), { reconciler: nowhere }).verb).toBe('keep');
  });

  it('writes again what else differs, and what has changed since', () => {
    expect(decided(stuck('old', 'old'))).toMatchObject({ verb: 'replace', drift: ['link'] });
    expect(decided(stuck('older', 'new'))).toMatchObject({ verb: 'update', drift: ['value'] });
    expect(decided(stuck('new', 'new'))).toEqual({
      verb: 'keep',
      have: stuck('new', 'new'),
      drift: [],
      duplicates: [],
    });
  });

  it('replaces a protected object only if the old one stays for a time', () => {
    const replacing = (remedy: object) => ({ ...thing, remedy: () => remedy }) as unknown as AnyReconciler;
    const have = live(thing, 'x', { value: 'old', link: 'old' });
    const verb = (remedy: object, protect: boolean) =>
      decided(have, {
        reconciler: replacing(remedy),
        want: want(thing, 'x', spec, protect ? { protect: 'record' as never } : {}),
      }).verb;
    expect(verb({ verb: 'replace' }, true)).toBe('refuse');
    expect(verb({ verb: 'replace' }, false)).toBe('replace');
    expect(verb({ verb: 'replace', rotates: true }, true)).toBe('replace');
    expect(verb({ verb: 'update' }, true)).toBe('update');
  });

  it('says by which name it takes over an object', () => {
    const foreign = (more: Partial<Observed<Thing>>) => live(thing, 'x', spec, { owner: undefined, ...more });
    expect(decided(foreign({ foundAs: 'theirs' }), { adopt: true })).toMatchObject({
      ...{ verb: 'adopt', reason: 'it does what the file asks for, under the name "theirs"' },
    });
    expect(Object.keys(decided(foreign({}), { adopt: true }))).not.toContain('reason');
  });
});
