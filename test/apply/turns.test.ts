import { describe, expect, it } from 'vitest';
import { applyPlan } from '../../src/apply/apply.ts';
import { stepNumbers, stepsOf, waiting } from '../../src/apply/turns.ts';
import { ref } from '../../src/core/objects/reference.ts';
import { gate, live, name, planOf, route, thing, want } from '../plan/support/fakes.ts';
import { MemorySystem, testWorld } from './memory.ts';

const hosts = ['a.example.dev', 'b.example.dev', 'c.example.dev'];
const at = (host: string) => [
  want(gate, host, { host, admits: ['me'], policy: ref(`cloudflare/thing:${host}`) }),
  want(route, host, { host, via: 'homelab', to: 'app' }),
  want(name, host, { host, target: 'homelab' }),
  want(thing, host, { value: 'v' }),
];
/** One host opens, one admits more people, one leaves, and a route waits for a name, so their steps are mixed. */
const wants = [
  ...at('a.example.dev'),
  want(
    route,
    'd',
    { host: 'd.example.dev', via: 'homelab', to: 'app' },
    { needs: ['cloudflare/name:a.example.dev'] },
  ),
  want(route, 'e', { host: 'e.example.dev', via: 'homelab', to: 'app' }),
  ...at('b.example.dev').map((object) =>
    object.address.kind === gate.kind
      ? { ...object, spec: { host: 'b.example.dev', admits: ['me', 'you'] } }
      : object,
  ),
];
const lives = hosts
  .slice(1)
  .flatMap((host) => [
    live(gate, host, { host, admits: ['me'] }),
    live(route, host, { host, via: 'homelab', to: 'app' }),
    live(name, host, { host, target: 'homelab' }),
  ]);

describe('the step numbers of a plan', () => {
  it('follow the numbers that the plan shows when it is applied', async () => {
    const plan = planOf(wants, lives, { allow: ['prune', 'change'] });
    const taken: string[] = [];
    const system = new MemorySystem(lives);
    const { signal } = new AbortController();
    await applyPlan(plan, system.reconcilers(), testWorld(signal), (event) => {
      if (event.type === 'started') taken.push(event.change.id);
    });
    expect(taken.length).toBeGreaterThan(8);
    expect(taken).toEqual(stepsOf(plan).map(({ id }) => id));
    expect([...stepNumbers(plan)]).toEqual(taken.map((id, index) => [id, index + 1]));
    // The list of the plan keeps every need, but is not the order itself.
    expect(taken).not.toEqual(plan.changes.map(({ id }) => id).filter((id) => taken.includes(id)));
  });

  it('leave out refused changes, and everything that depends on them however indirectly', () => {
    const plan = planOf(
      [
        want(thing, 'theirs', { value: 'v' }),
        want(thing, 'near', { value: ref('cloudflare/thing:theirs') }),
        want(thing, 'far', { value: ref('cloudflare/thing:near') }),
        want(thing, 'free', { value: 'v' }),
      ],
      [live(thing, 'theirs', { value: 'v' }, { owner: 'work' })],
    );
    expect(stepsOf(plan).map(({ address }) => address.key)).toEqual(['free']);
    expect([...waiting(plan)]).toEqual([
      ['create cloudflare/thing:near', 'refuse cloudflare/thing:theirs thing-theirs'],
      ['create cloudflare/thing:far', 'create cloudflare/thing:near'],
    ]);
  });

  it('are none where nothing is to be done', () => {
    const same = live(thing, 'a', { value: 'v' });
    expect(stepsOf(planOf([want(thing, 'a', { value: 'v' })], [same]))).toEqual([]);
  });
});
