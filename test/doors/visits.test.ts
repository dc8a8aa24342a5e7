import { describe, expect, it } from 'vitest';
import { allow, host, led, newcomers, store } from './newcomers.ts';
import { application, binding, login, origin, provider, rule } from './parts.ts';

describe('a step', () => {
  it('leads people of one origin to another one only if the file does', () => {
    const at = (service: string, address: string) => [
      ...[...led(rule(host, service)), origin('http://old.lan'), origin('http://new.lan')],
      ...[application('a', [host], ['p']), allow('p', address)],
    ];
    const start = at('http://old.lan', 'me@example.dev');
    const after = at('http://new.lan', 'me@example.dev');
    const goal = (address: string) => [{ store: store(at('http://new.lan', address)) }];
    expect(newcomers({ start, after, goals: goal('you@example.dev') })).toEqual(['/', '/gates-other.css']);
    expect(newcomers({ start, after, goals: goal('me@example.dev') })).toEqual([]);
  });

  it('leads people behind an outpost to another origin only if the file does', () => {
    const at = (internalHost: string, group: string) => [
      ...[...led(rule(host, 'http://auth.lan')), ...login('x', binding('x', group))],
      origin('http://auth.lan', { who: 'authentik', outpost: 'o1' }),
      provider('x', `https://${host}`, { mode: 'proxy', internalHost }),
    ];
    const start = at('http://old.lan', 'admins');
    const after = at('http://new.lan', 'admins');
    const goal = (group: string) => [{ store: store(at('http://new.lan', group)) }];
    expect(newcomers({ start, after, goals: goal('family') })).toContain('/');
    expect(newcomers({ start, after, goals: goal('admins') })).toEqual([]);
  });

  describe('to another origin, and to another place that leads on to it', () => {
    const at = (service: string, internalHost: string, address = 'me@example.dev') => [
      ...led(rule(host, service), origin('http://auth.lan', { who: 'authentik', outpost: 'o1' })),
      origin('http://lost.lan', { who: 'authentik', outpost: 'o1' }),
      origin('http://other.lan', { who: 'authentik', outpost: 'o1' }),
      ...[application('a', [host], ['p']), allow('p', address)],
      provider('x', `https://${host}`, { mode: 'proxy', internalHost, skipPaths: '^/' }),
      ...login('x', binding('x', 'admins')),
    ];
    const start = at('http://lost.lan', 'http://old.lan');
    const moved = (service: string) => at(service, 'http://new.lan');
    const goals = (address?: string) => [{ store: store(at('http://auth.lan', 'http://new.lan', address)) }];

    it.each([
      ['http://auth.lan', 'http://old.lan'],
      ['http://lost.lan', 'http://new.lan'],
    ])('may come first: %s, %s', (service, internalHost) => {
      expect(newcomers({ start, after: at(service, internalHost), goals: goals() })).toEqual([]);
    });

    it('leads nobody else there, and by no third place', () => {
      expect(
        newcomers({ start, after: moved('http://lost.lan'), goals: goals('you@example.dev') }),
      ).toContain('/');
      expect(newcomers({ start, after: moved('http://other.lan'), goals: goals() })).toContain('/');
    });
  });

  it('admits whom a gate of Access lets past to more of an origin, unless that gate is not the whole one', () => {
    const asking = (skipPaths: string) => [
      ...[...led(rule(host, 'http://traefik.lan')), application('a', [host], ['p'])],
      ...[allow('p', 'me@example.dev'), provider('x', `https://${host}`, { skipPaths })],
      ...[
        origin('http://traefik.lan', { who: 'outpost', outpost: 'o1' }),
        ...login('x', binding('x', 'admins')),
      ],
    ];
    const step = { start: asking(''), after: asking('^/') };
    expect(newcomers(step)).toEqual([]);
    expect(newcomers({ ...step, options: { isAccessWhole: false } })).toContain('/');
  });
});
