import { describe, expect, it } from 'vitest';
import type { DesiredObject, Observed } from '../../src/core/objects/object.ts';
import { knowledge } from '../../src/plan/known.ts';
import { StandingHosts } from '../../src/plan/standing-hosts.ts';
import { route, want } from './support/fakes.ts';
import { host, liveRoute, wild } from './support/plan-text.ts';

describe('a host whose only route of ours is closed', () => {
  const closed = liveRoute(host, 'other', '503');
  const isLeftClosed = (lives: readonly Observed[], wants: readonly DesiredObject[] = []) => {
    const scope = { owner: 'home', account: 'account', zones: ['example.dev'], tunnels: ['homelab'] };
    const desired = { scope, objects: wants, proofs: [], refusals: [], warnings: [] };
    const observations = [{ kind: route.kind, state: 'known', objects: lives } as const];
    return new StandingHosts(knowledge(desired, observations, [route])).isLeftClosed(host);
  };

  it.each([
    { because: 'is left closed', lives: [closed], is: true },
    { because: 'is left closed below a foreign wildcard', lives: [closed, wild], is: true },
    { because: 'is not if another route is open', lives: [closed, liveRoute()], is: false },
    { because: 'is not without a route', lives: [wild], is: false },
    { because: 'is not by a closed route of others', lives: [{ ...closed, owner: 'other' }], is: false },
    {
      because: 'is not by the closed route of another host',
      lives: [liveRoute('b.example.dev', 'other', '503')],
      is: false,
    },
  ])('$because', ({ lives, is }) => {
    expect(isLeftClosed(lives)).toBe(is);
  });

  it('is not left closed if the file asks for the route', () => {
    const asked = want(route, `other/${host}`, { host, via: 'other', to: 'app' });
    expect(isLeftClosed([closed], [asked])).toBe(false);
  });
});
