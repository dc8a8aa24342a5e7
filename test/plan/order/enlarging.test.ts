import { describe, expect, it } from 'vitest';
import type { Desired, DesiredObject, Observed } from '../../../src/core/objects/object.ts';
import type { AnyReconciler, Reconciler } from '../../../src/core/reconciler.ts';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import { enlargingEdges } from '../../../src/plan/order/login-edges.ts';
import { makePlan } from '../../../src/plan/plan.ts';
import { gate, live, normal, thing, want } from '../support/fakes.ts';
import { host } from '../support/plan-text.ts';

/** A group that lies in another one: it enlarges what gates of other hosts admit. */
const parent: Reconciler<object> = {
  ...(thing as Reconciler<object>),
  kind: 'cloudflare/parent',
  title: 'parent',

  login: { enlarges: [gate.kind] },
  siblings: { retain: () => undefined },
  doors: () => [{ host, step: 'unguard' }],
};

function planWith(refusals: Desired['refusals'], prune = true) {
  const reconcilers = [parent, gate] as readonly AnyReconciler[];
  const desired: Desired = {
    scope: { owner: 'home', account: 'account', zones: ['example.dev'], tunnels: ['homelab'] },
    objects: [want(gate, 'other', { host: 'b.example.dev', admits: ['all'] })],
    ...{ proofs: [], refusals, warnings: [] },
  };
  const lives = [live(parent, 'admins < all', {})];
  const observations = reconcilers.map(({ kind }) => ({
    ...{ kind, state: 'known' as const },
    objects: lives.filter(({ address }) => address.kind === kind),
  }));
  const { changes } = makePlan(desired, observations, reconcilers, { ...normal, prune });
  return {
    removal: changes.find(({ address }) => address.kind === parent.kind),
    creation: changes.find(({ address }) => address.kind === gate.kind),
  };
}

it('is removed before gates that it enlarges are made', () => {
  const { removal, creation } = planWith([]);
  expect(removal?.verb).toBe('prune');
  expect(creation?.needs).toEqual([removal?.id]);
});

it('keeps these gates waiting as long as its removal is held, because a host of the same people is refused', () => {
  const { removal, creation } = planWith([{ service: 'a', host, reason: 'not built' }]);
  expect([removal?.verb, removal?.reason]).toEqual([
    'refuse',
    'it stays as long as gates changes nothing at a.example.dev',
  ]);
  expect(creation?.needs).toEqual([removal?.id]);
});

it('keeps no gate waiting if pruning is off', () => {
  const { removal, creation } = planWith([], false);
  expect(removal).toBeUndefined();
  expect(creation?.needs).toEqual([]);
});

it('holds up no closing, and nothing that a closing needs or waits for', () => {
  const draft = (id: string, more: Partial<Draft>): Draft => ({
    ...{ id, verb: 'create', reconciler: gate as AnyReconciler, address: { kind: gate.kind, key: id } },
    ...{ want: {}, drift: [], doors: [], needs: [], ...more },
  });
  const edges = enlargingEdges([
    draft('removal', {
      reconciler: parent as AnyReconciler,
      address: { kind: parent.kind, key: 'x' },
      want: undefined,
    }),
    ...[draft('policy', {}), draft('policy of a path', {})],
    draft('narrow', { leansOn: [`${gate.kind}:policy of a path`] }),
    draft('cover', { doors: [{ host, step: 'close' }], leansOn: [`${gate.kind}:policy`], needs: ['narrow'] }),
    draft('other', {}),
  ]);
  expect([...edges]).toEqual([['other', 'removal', 'door']]);
});

/** While pruning is off, `admins` lie in `staff` by an earlier file, and `staff` in `all` by this one. */
describe('an object that the file dropped, and by which others have more people', () => {
  const inner: Reconciler<{ readonly of: string; readonly by: string }> = {
    ...(parent as Reconciler<{ readonly of: string; readonly by: string }>),

    login: { enlarges: [gate.kind], enlargement: ({ of, by }) => ({ of: String(of), by: String(by) }) },
    doors: () => [],
  };
  const groups = ['admins', 'staff', 'all', 'guests'];
  const staff = { of: 'thing-all', by: 'thing-staff' };

  function needsOf(wants: readonly DesiredObject[], prune = false) {
    const reconcilers = [thing, inner, gate] as readonly unknown[] as readonly AnyReconciler[];
    const lives: readonly Observed[] = [
      ...groups.map((name) => live(thing, name, { value: name })),
      live(inner, 'admins < staff', { of: 'thing-staff', by: 'thing-admins' }),
      live(inner, 'staff < all', staff),
    ];
    const asked = groups.map((name) => want(thing, name, { value: name }));
    const desired: Desired = {
      scope: { owner: 'home', account: 'account', zones: ['example.dev'], tunnels: ['homelab'] },
      objects: [...asked, want(inner, 'staff < all', staff), ...wants],
      ...{ proofs: [], refusals: [], warnings: [] },
    };
    const observations = reconcilers.map(({ kind }) => ({
      ...{ kind, state: 'known' as const },
      objects: lives.filter(({ address }) => address.kind === kind),
    }));
    const { changes } = makePlan(desired, observations, reconcilers, { ...normal, prune });
    const removal = changes.find(({ address }) => address.key === 'admins < staff');
    const made = changes.find(({ address }) => address.key === 'new');
    return { removal, made, isAwaited: removal !== undefined && made?.needs.includes(removal.id) === true };
  }

  const admitting = (name: string) =>
    want(gate, 'new', { host, admits: [name] }, { needs: [`${thing.kind}:${name}`] });

  it.each(['staff', 'all'])('keeps what newly admits %s waiting: its removal is refused', (name) => {
    const { removal, isAwaited } = needsOf([admitting(name)]);
    expect([removal?.verb, isAwaited]).toEqual(['refuse', true]);
    expect(removal?.reason).toContain('let gates remove it (`reconcile.prune`)');
  });

  it('keeps a further object of its kind waiting that would bring its people in', () => {
    const further = want(inner, 'new', { of: 'thing-guests', by: 'thing-staff' });
    expect(needsOf([further]).isAwaited).toBe(true);
  });

  it.each([
    ['admits only its inner group', admitting('admins')],
    ['admits another group', admitting('guests')],
    ['lies in what has more people', want(inner, 'new', { of: 'thing-staff', by: 'thing-guests' })],
  ])('delays nothing new that %s', (_, made) => {
    const { removal, made: creation } = needsOf([made]);
    expect([removal, creation?.verb]).toEqual([undefined, 'create']);
  });

  it('is removed first if pruning is on', () => {
    const { removal, isAwaited } = needsOf([admitting('staff')], true);
    expect([removal?.verb, isAwaited]).toEqual(['prune', true]);
  });
});
