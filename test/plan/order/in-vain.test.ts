import { describe, expect, it } from 'vitest';
import type { DoorEffect } from '../../../src/core/objects/door.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { AnyReconciler } from '../../../src/core/reconciler.ts';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import { orderWithoutVain } from '../../../src/plan/order/in-vain.ts';
import { thing } from '../support/fakes.ts';

const kind = thing.kind;
const [a, b] = ['a.example.dev', 'b.example.dev'];

function draft(id: string, doors: readonly DoorEffect[], extra: Partial<Draft> = {}): Draft {
  return {
    id,
    verb: 'update',
    reconciler: thing as AnyReconciler,
    address: { kind, key: id },
    drift: [],
    doors,
    needs: [],
    ...extra,
  };
}

const closing = (host: string) => draft(`close ${host}`, [{ host, step: 'close' }], { interim: host });
const gate = (host: string) => draft(`gate ${host}`, [{ host, step: 'change' }]);
const look = (host: string) => draft(`look ${host}`, [{ host, step: 'prove' }], { verb: 'verify' });
const uncover = (host: string) => draft(`uncover ${host}`, [{ host, step: 'unguard', cover: true }]);
const host = (name: string) => [closing(name), gate(name), look(name), uncover(name)];
const refused = (id: string, doors: readonly DoorEffect[]) => draft(id, doors, { verb: 'refuse' });

/** The needs of each draft, by the draft's id. */
function needsOf(drafts: readonly Draft[]): Readonly<Record<string, readonly string[]>> {
  const ordered = orderWithoutVain(drafts, [kind]);
  return Object.fromEntries(ordered.map(({ draft: { id }, needs }) => [id, needs]));
}

describe('the closing of an open host', () => {
  it('waits for nothing if everything can be made', () => {
    expect(needsOf([...host(a), ...host(b)])[`close ${a}`]).toEqual([]);
  });

  it.each([
    ['the way to it', { step: 'route', via: 'homelab' }],
    ['a part of its gate', { step: 'guard' }],
  ] as const)('waits if %s is refused, and everything that follows waits', (_, effect) => {
    const refusal = refused('no', [{ host: a, ...effect }]);
    const needs = needsOf([...host(a), ...host(b), refusal]);
    expect(needs[`close ${a}`]).toEqual(['no']);
    expect(needs[`gate ${a}`]).toContain(`close ${a}`);
    expect(needs[`close ${b}`]).toEqual([]);
  });

  it('waits if its check needs a refused change', () => {
    const drafts = [...host(a), refused('no', [])].map((item) =>
      item.id === `look ${a}` ? { ...item, needs: ['no'] } : item,
    );
    expect(needsOf(drafts)[`close ${a}`]).toEqual(['no']);
  });

  it('waits if a change that it shares waits with another host', () => {
    const shared = draft('shared', [
      { host: a, step: 'guard' },
      { host: b, step: 'guard' },
    ]);
    const drafts = [
      ...host(a),
      ...host(b),
      shared,
      refused('no', [{ host: a, step: 'route', via: 'homelab' }]),
    ];
    expect(needsOf(drafts)[`close ${b}`]).toEqual(['no']);
  });

  it('does not wait for a refusal that concerns the time after the host is open again, or a kind of repair', () => {
    const after = refused('no', [{ host: a, step: 'unguard' }]);
    expect(needsOf([...host(a), after])[`close ${a}`]).toEqual([]);
    const repair = draft(`demand ${a}`, [{ host: a, step: 'close' }]);
    const refusal = refused('no', [{ host: a, step: 'route', via: 'homelab' }]);
    expect(needsOf([...host(a), repair, refusal])[repair.id]).toEqual([]);
  });

  describe('before which another host has to be checked', () => {
    const shared = (guarded: string, left: string) =>
      draft('shared', [
        { host: guarded, step: 'guard' },
        { host: left, step: 'unguard' },
      ]);

    it('waits for that check, which may fail in every run, and what guards the host waits with it', () => {
      const needs = needsOf([...host(a), ...host(b), shared(a, b)]);
      expect(needs[`close ${a}`]).toEqual([`look ${b}`]);
      expect(needs[`close ${b}`]).toEqual([]);
      expect(needs[`gate ${a}`]).toContain(`close ${a}`);
    });

    it('does not wait for a check that needs the closing', () => {
      const before = draft('before', [
        { host: a, step: 'change' },
        { host: b, step: 'guard' },
      ]);
      const last = draft('last', [
        { host: a, step: 'unguard', cover: true },
        { host: b, step: 'unguard' },
      ]);
      const needs = needsOf([...host(a), ...host(b), before, last]);
      expect(needs.last).toContain(`look ${b}`);
      expect(needs[`close ${a}`]).toEqual([]);
    });

    it('waits for it once if there are several closings', () => {
      const more = draft(`demand ${a}`, [{ host: a, step: 'close' }], { interim: a, needs: [`close ${a}`] });
      const needs = needsOf([...host(a), ...host(b), more, shared(a, b)]);
      expect(needs[`close ${a}`]).toEqual([`look ${b}`]);
      expect(needs[`demand ${a}`]).toEqual([`close ${a}`]);
    });
  });
});

describe('what takes a path from everybody', () => {
  const part = '/open';
  const no = refused('no', [{ host: a, step: 'route', via: 'homelab' }]);
  const have: Observed = {
    ...{ address: { kind, key: 'open' }, id: 'open', owner: 'home', spec: {}, attributes: {}, uses: [] },
  };
  /** A change of an object whose removal has this effect. */
  const taking = (verb: Draft['verb'], effect: DoorEffect, removal: DoorEffect, extra: Partial<Draft> = {}) =>
    draft('take', [effect], {
      verb,
      have,
      reconciler: { ...thing, doors: () => [removal] } as AnyReconciler,
      ...extra,
    });
  const guard: DoorEffect = { host: a, step: 'guard', part };

  it.each(['prune', 'update'] as const)('does not wait for a closing that waits in vain: %s', (verb) => {
    expect(needsOf([...host(a), taking(verb, guard, guard)]).take).toEqual([`close ${a}`]);
    const needs = needsOf([...host(a), taking(verb, guard, guard), no]);
    expect([needs[`close ${a}`], needs.take]).toEqual([['no'], []]);
    expect(needs[`gate ${a}`]).toEqual([`close ${a}`, 'take']);
  });

  it.each<[string, Draft]>([
    ['a gate that is made', taking('create', guard, guard)],
    ['a gate that admits somebody else then', taking('update', { ...guard, step: 'change' }, guard)],
    ['a gate that kept people out', taking('update', guard, { ...guard, step: 'unguard' })],
    [
      'a part of the gate of the whole host',
      taking('prune', { host: a, step: 'guard' }, { host: a, step: 'guard' }),
    ],
  ])('is not %s, which waits', (_, item) => {
    expect(needsOf([...host(a), item, no]).take).toContain(`close ${a}`);
  });

  it('waits for a closing for its own sake, and for whatever else it needs', () => {
    const repair = draft('repair', [{ host: a, step: 'close' }]);
    const before = draft('before', []);
    const item = taking('prune', guard, guard, { needs: ['before'] });
    expect(needsOf([...host(a), item, no, repair, before]).take).toEqual(['before', 'repair']);
  });
});
