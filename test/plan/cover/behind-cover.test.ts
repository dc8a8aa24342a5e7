import { describe, expect, it } from 'vitest';
import type { AddressId } from '../../../src/core/objects/address.ts';
import { addressId } from '../../../src/core/objects/address.ts';
import type { GateCheck, Observed } from '../../../src/core/objects/object.ts';
import { ref } from '../../../src/core/objects/reference.ts';
import type { AnyReconciler, Reconciler } from '../../../src/core/reconciler.ts';
import { demandCover, withReleasedLast } from '../../../src/plan/cover/cover.ts';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import { wantedIn } from '../../../src/plan/drafts/draft-index.ts';
import { draftOf, knownOf } from '../support/drafts.ts';
import { live, thing, want } from '../support/fakes.ts';
import { lock } from '../support/locks.ts';
import { host } from '../support/plan-text.ts';
import { proofOf } from '../support/proof.ts';
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
