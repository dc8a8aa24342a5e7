import { describe, expect, it } from 'vitest';
import type { Kind } from '../../../src/core/objects/address.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import { errand, gate, live, name, place, planOf, route, steps, thing, want } from '../support/fakes.ts';

const host = 'a.example.dev';
const liveGate = (admits: readonly string[]) => live(gate, 'g', { host, admits });
const liveRoute = (extra: Partial<Observed<never>> = {}) =>
  live(route, 'r', { host, via: 'homelab', to: 'app' }, extra as object);
const liveName = () => live(name, 'n', { host, target: 'homelab' });

describe('objects that the file does not ask for', () => {
  it('finishes an unfinished change, even if pruning is off', () => {
    const lives = [live(errand, 'e', { value: 'v' }), live(thing, 't', { value: 'v' })];
    expect(steps(planOf([], lives, { prune: false }))).toEqual(['prune errand e']);
  });

  it('finishes an unfinished change even at a refused host, or beyond the limits', () => {
    const begun = live(errand, 'e', { value: 'v', link: host });
    const refusals = [{ service: 'a', host, reason: 'not built' }];
    expect(steps(planOf([], [begun, liveGate(['me'])], { refusals }))).toContain('prune errand e');
    const none = { limits: { prune: 0, change: 0, floor: 0 } };
    expect(steps(planOf([], [begun, liveGate(['me'])], none))).toEqual(['prune errand e', 'refuse gate g']);
    expect(planOf([], [begun], { prune: false }).warnings).toEqual([]);
  });

  it('removes what another object replaces, even if pruning is off, once the file asks for that one', () => {
    const wrong = live(thing, 'wrong', { value: 'v' }, { replacedBy: 'cloudflare/thing:right' });
    const prune = false;
    expect(steps(planOf([want(thing, 'right', { value: 'v' })], [wrong], { prune }))).toEqual([
      'create thing right',
      'prune thing wrong',
    ]);
    expect(steps(planOf([want(thing, 'other', { value: 'v' })], [wrong], { prune }))).toEqual([
      'create thing other',
    ]);
  });

  it('removes no name and no gate while a foreign route serves the host', () => {
    const foreign = liveRoute({ owner: undefined });
    const plan = planOf([], [liveGate(['me']), foreign, liveName()]);
    expect(plan.changes.map(({ verb, address }) => [verb, address.key])).toEqual([
      ['refuse', 'n'],
      ['refuse', 'g'],
    ]);
    expect(plan.changes[0]?.reason).toMatch(/still serves a\.example\.dev/);
  });

  it('removes neither while routes cannot be read', () => {
    const plan = planOf([], [liveGate(['me']), liveName()], { unknown: route.kind });
    expect(plan.changes.map(({ verb }) => verb)).toEqual(['refuse', 'refuse']);
  });

  it('removes nothing that others may use while its users cannot be read, but finishes an unfinished change', () => {
    const lives = [
      live(thing, 't', { value: 'v' }),
      live(name, 'text', { target: 'x' }),
      live(errand, 'e', { value: 'v' }),
    ];
    const plan = planOf([], lives, { unknown: gate.kind });
    expect(plan.changes.map(({ verb, address }) => [verb, address.key])).toEqual([
      ['refuse', 't'],
      ['prune', 'text'],
      ['prune', 'e'],
    ]);
    expect(plan.changes[0]?.reason).toContain('cloudflare/gate could not be read');
  });

  it('keeps what should go after a refused or unreadable change', () => {
    const outlives = ['cloudflare/thing:t'] as const;
    const lives = [live(name, 'last', { target: 'x' }, { outlives }), live(thing, 't', { value: 'v' })];
    const because = 'it goes once cloudflare/thing:t is seen to be gone';
    const told = (unknown: Kind) =>
      planOf([], lives, { unknown }).changes.map(({ verb, address, reason }) => [verb, address.key, reason]);
    expect(steps(planOf([], lives))).toEqual(['prune thing t', 'prune name last']);
    expect(told(gate.kind)).toContainEqual(['refuse', 'last', because]);
    expect(told(thing.kind)).toEqual([['refuse', 'last', because]]);
  });

  it('keeps the objects of a refused service unchanged, and says why', () => {
    const refusals = [{ service: 'a', host, reason: 'gate `jwt` is not built yet' }];
    const lives = [
      liveGate(['me']),
      liveRoute(),
      liveName(),
      live(thing, 't', { value: 'v' }, { id: 'policy' }),
    ];
    const guarded = { ...liveGate(['me']), uses: ['policy'] };
    const plan = planOf([], [guarded, ...lives.slice(1)], { refusals });
    expect(plan.changes).toEqual([
      expect.objectContaining({
        verb: 'refuse',
        reason: expect.stringContaining('jwt'),
        because: 'services.a',
      }),
    ]);
  });

  it('also keeps the gate of a domain that has the host of a refused service', () => {
    const refusals = [{ service: 'a', host, reason: 'gate `jwt` is not built yet' }];
    const domain = live(gate, 'domain', { host: '*.example.dev', admits: ['me'] });
    expect(steps(planOf([], [domain], { refusals }))).toEqual([`refuse service ${host}`]);
  });

  it('does not remove an object that a foreign object still uses', () => {
    const plan = planOf(
      [],
      [
        live(thing, 'x', { value: 'v' }, { owner: undefined, uses: ['thing-y'] }),
        live(thing, 'y', { value: 'v' }),
      ],
    );
    expect(plan.changes).toEqual([
      expect.objectContaining({ verb: 'refuse', reason: expect.stringContaining('thing:x is not ours') }),
    ]);
  });

  it('keeps the objects that a remaining object uses, link after link', () => {
    const chain = [
      live(thing, 'x', { value: 'keep me' }, { uses: ['thing-y'] }),
      live(thing, 'y', { value: 'v' }, { uses: ['thing-z'] }),
      live(thing, 'z', { value: 'v' }),
    ];
    expect(planOf([], chain).changes).toEqual([]);
  });

  it('removes the parts of what closes its host by its own removal after that, and for nothing else', () => {
    const wrong = live(gate, 'part', { host, admits: ['me'] }, { partOf: 'cloudflare/name:n' });
    const lives = [liveName(), wrong, liveGate(['us']), liveRoute()];
    const removals = planOf([], lives).changes.filter(({ verb }) => verb === 'prune');
    const of = (key: string) => removals.find(({ address }) => address.key === key);
    expect(of('n')?.doors).toEqual([expect.objectContaining({ host, step: 'close' })]);
    expect([of('part')?.doors, of('part')?.needs]).toEqual([[], [of('n')?.id]]);
    expect(of('g')?.doors).toEqual([{ host, step: 'unguard' }]);
    const stays = planOf([want(name, 'n', { host, target: 'homelab' })], lives).changes;
    expect(stays.find(({ address }) => address.key === 'part')?.doors).not.toEqual([]);
  });

  it('removes an object that an update releases, after the update', () => {
    const lives = [
      live(thing, 'a', { value: 'old' }, { uses: ['thing-y'] }),
      live(thing, 'y', { value: 'v' }),
    ];
    const plan = planOf([want(thing, 'a', { value: 'new' })], lives);
    expect(steps(plan)).toEqual(['update thing a', 'prune thing y']);
    expect(plan.changes[1]?.needs).toEqual([plan.changes[0]?.id]);
  });

  it('does not change objects of a kind that gates only looks up', () => {
    expect(planOf([], [live(place, 'p', { status: 'active' })]).changes).toEqual([]);
  });
});
