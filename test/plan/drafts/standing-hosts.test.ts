import { describe, expect, it } from 'vitest';
import type { AddressId } from '../../../src/core/objects/address.ts';
import type { DesiredObject, Observed } from '../../../src/core/objects/object.ts';
import { knowledge } from '../../../src/plan/drafts/known.ts';
import { StandingHosts } from '../../../src/plan/drafts/standing-hosts.ts';
import { gate, live, name, route, thing, want } from '../support/fakes.ts';
import { host, liveName, liveRoute, wild } from '../support/plan-text.ts';

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

describe('a host of a domain whose login guards all hosts', () => {
  const login = live(gate, 'login', { host: '*.example.dev', admits: ['us'] });
  const part = live(gate, 'part', { host: '*.example.dev', admits: ['us'], partOf: 'wanted' });
  const rule = live(thing, 'rule', { value: 'stores nothing' });
  const wants = [want(gate, 'wanted', { host, admits: ['us'] })];

  function standingOf(lives: readonly Observed[], rules: readonly AddressId[] = ['cloudflare/thing:rule']) {
    const scope = { owner: 'home', account: 'account', zones: ['example.dev'], tunnels: ['homelab'] };
    const unstored = rules.map((each) => ({ host, rule: each, because: 'services.a' }));
    const desired = { scope, objects: wants, proofs: [], refusals: [], warnings: [], unstored };
    const observations = [gate, route, thing].map(({ kind }) => {
      const objects = [liveRoute(), ...lives].filter(({ address }) => address.kind === kind);
      return { kind, state: 'known', objects } as const;
    });
    return new StandingHosts(knowledge(desired, observations, [gate, route, thing]));
  }

  it.each([
    { because: 'joins it if nothing keeps its answers from the cache', lives: [login], joins: true },
    { because: 'joins it though the file puts it behind a part of that', lives: [login, part], joins: true },
    { because: 'is behind it if something does', lives: [login, rule], joins: false },
    { because: 'is behind it if the file needs no rule for that', lives: [login], rules: [], joins: false },
    {
      because: 'does not join it from a gate of its own',
      lives: [login, live(gate, 'own', { host, admits: ['us'] })],
      joins: false,
    },
  ])('$because', ({ lives, rules, joins }) => {
    const standing = standingOf(lives, rules);
    expect(standing.joinsLogin(host)).toBe(joins);
    expect(standing.isGuarded(host)).toBe(!joins);
  });

  it('joins no login that does not exist', () => {
    expect(standingOf([]).joinsLogin(host)).toBe(false);
    expect(standingOf([]).isGuarded(host)).toBe(false);
  });
});

describe('a host with a route', () => {
  const wildcard = live(name, 'wild', { host: '*.example.dev', target: 'homelab' }, { owner: undefined });
  const around = live(name, host, { host, target: 'around the edge' });
  const isLed = (...names: readonly Observed[]) => {
    const scope = { owner: 'home', account: 'account', zones: ['example.dev'], tunnels: ['homelab'] };
    const observations = [
      { kind: route.kind, state: 'known', objects: [liveRoute()] } as const,
      { kind: name.kind, state: 'known', objects: names } as const,
    ];
    const desired = { scope, objects: [], proofs: [], refusals: [], warnings: [] };
    return new StandingHosts(knowledge(desired, observations, [route, name])).isLed(host);
  };

  it.each([
    { because: 'is led to it by a name at the edge', names: [liveName()], is: true },
    { because: 'is led to it by a foreign wildcard', names: [wildcard], is: true },
    { because: 'is not without a name', names: [], is: false },
    { because: 'is not if its name leads around the edge', names: [around], is: false },
    {
      because: 'is not by a wildcard if it has a name of its own, which leads around the edge',
      names: [wildcard, around],
      is: false,
    },
  ])('$because', ({ names, is }) => {
    expect(isLed(...names)).toBe(is);
  });
});
