import { describe, expect, it } from 'vitest';
import type { Change, NeedReason, Plan } from '../../../src/core/change.ts';
import type { DoorEffect } from '../../../src/core/objects/door.ts';
import { ref } from '../../../src/core/objects/reference.ts';
import { StepPositions } from '../../../src/report/screen/step-position.ts';
import { gate, live, name, planOf, route, thing, want } from '../../plan/support/fakes.ts';

const host = 'a.example.dev';

function positions(plan: Plan): Readonly<Record<string, string>> {
  const found = new StepPositions(plan);
  return Object.fromEntries(plan.changes.map((change) => [change.id, found.reasonOf(change)]));
}

/** A change that comes after others, in a plan with them. */
function changeOf(
  id: string,
  {
    doors = [],
    ...needs
  }: { doors?: readonly DoorEffect[]; needs?: readonly string[]; needReasons?: readonly NeedReason[] },
): Change {
  const address = { kind: thing.kind, key: id };
  return { id, verb: 'create', phase: 'guard', address, drift: [], needs: [], doors, ...needs };
}

const planned = (changes: readonly Change[]): Plan => ({ ...planOf([], []), changes });

describe('the reason for the position of a step', () => {
  it('names the steps before it, and why', () => {
    const wants = [
      want(thing, 'policy', { value: 'v' }),
      want(gate, 'g', { host, admits: ['me'], policy: ref('cloudflare/thing:policy') }),
      want(route, 'r', { host, via: 'homelab', to: 'app' }),
      want(name, 'n', { host, target: 'homelab' }),
    ];
    expect(positions(planOf(wants, []))).toEqual({
      'create cloudflare/thing:policy': 'waits for no other step',
      'create cloudflare/gate:g': 'after step 1: it refers to what is made there',
      'create cloudflare/route:r': `after step 2: on ${host}, what guards comes before what routes`,
      'create cloudflare/name:n': `after step 3: on ${host}, what routes comes before what gives the name`,
    });
  });

  it('says that an object goes once nothing uses it, and that a host is closed before its route goes', () => {
    const lives = [
      live(thing, 'policy', { value: 'v' }),
      live(gate, 'g', { host, admits: ['me'], policy: 'thing-policy' }, { uses: ['thing-policy'] }),
      live(route, 'r', { host, via: 'homelab', to: 'app' }),
    ];
    expect(positions(planOf([], lives))).toMatchObject({
      'prune cloudflare/thing:policy thing-policy': 'after step 3: what it removes is in use until then',
      'prune cloudflare/route:r route-r': `after step 1: on ${host}, what closes comes before what ends a route`,
    });
  });

  it.each<readonly [NeedReason, string]>([
    ['reference', 'it refers to what is made there'],
    ['use', 'what it removes is in use until then'],
    ['part', 'a part of it is put right there'],
    ['outlasts', 'what it removes has to stay until then'],
    ['revival', 'it may put to work again what is put right there'],
    ['series', 'both are steps of one change'],
  ])('has words for %s', (reason, words) => {
    const plan = planned([changeOf('a', {}), changeOf('b', { needs: ['a'], needReasons: [reason] })]);
    expect(positions(plan).b).toBe(`after step 1: ${words}`);
  });

  it('combines steps with one reason', () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    const first = ids.map((id) => changeOf(id, {}));
    const needs = ['a', 'c', 'd', 'e'];
    const last = changeOf('z', { needs, needReasons: needs.map(() => 'reference') });
    expect(positions(planned([...first, last])).z).toBe(
      'after steps 1 and 3–5: it refers to what is made there',
    );
  });

  it('says for nested paths that the gate of the inner one comes first and goes last', () => {
    const at = (step: 'guard' | 'unguard', part: string) => ({ doors: [{ host, step, part }] });
    const after = { needs: ['a'], needReasons: ['door'] } as const;
    const made = [changeOf('a', at('guard', '/x/y')), changeOf('b', { ...at('guard', '/x'), ...after })];
    expect(positions(planned(made)).b).toBe(
      `after step 1: on ${host}, the gate of the inner path comes first`,
    );
    const gone = [changeOf('a', at('unguard', '/x')), changeOf('b', { ...at('unguard', '/x/y'), ...after })];
    expect(positions(planned(gone)).b).toBe(
      `after step 1: on ${host}, the gate of the outer path goes first`,
    );
  });

  it('names the host of a step for all hosts of a domain', () => {
    const plan = planned([
      changeOf('a', { doors: [{ host: '*.example.dev', step: 'guard' }] }),
      changeOf('b', { doors: [{ host, step: 'route' }], needs: ['a'], needReasons: ['door'] }),
    ]);
    expect(positions(plan).b).toBe(`after step 1: on ${host}, what guards comes before what routes`);
  });

  it('names a change without a number, because it is refused', () => {
    const refused: Change = { ...changeOf('a', {}), verb: 'refuse' };
    const plan = planned([refused, changeOf('b', { needs: ['a'], needReasons: ['reference'] })]);
    expect(positions(plan).b).toBe('after refuse cloudflare/thing a: it refers to what is made there');
  });

  it('says how many more reasons there are', () => {
    const hosts = ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => `${letter}.example.dev`);
    const first = hosts.map((each) => changeOf(each, { doors: [{ host: each, step: 'guard' }] }));
    const doors = hosts.map((each): DoorEffect => ({ host: each, step: 'route' }));
    const last = changeOf('z', { doors, needs: hosts, needReasons: hosts.map(() => 'door') });
    const text = positions(planned([...first, last])).z ?? '';
    expect(text.split('; ')).toHaveLength(5);
    expect(text).toMatch(/; and 2 more reasons$/);
  });
});
