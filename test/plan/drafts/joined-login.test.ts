import { describe, expect, it } from 'vitest';
import type { AddressId } from '../../../src/core/objects/address.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import { knowledge } from '../../../src/plan/drafts/known.ts';
import { StandingHosts } from '../../../src/plan/drafts/standing-hosts.ts';
import { gate, live, route, thing, want } from '../support/fakes.ts';
import { host, liveRoute } from '../support/plan-text.ts';

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
