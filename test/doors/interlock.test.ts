import { describe, expect, it } from 'vitest';
import type { Part } from '../../src/core/objects/part.ts';
import type { Selector } from '../../src/core/objects/parts/access-parts.ts';
import { Interlock } from '../../src/doors/interlock.ts';
import { PartStore } from '../../src/doors/state/part-store.ts';
import {
  application,
  binding,
  catchAll,
  edgeRule,
  email,
  login,
  name,
  origin,
  policy,
  provider,
  record,
  rule,
  served,
  tunnel,
  zone,
} from './parts.ts';

const host = 'app.example.dev';
const people = (...addresses: readonly string[]): readonly Selector[] => addresses.map(email);

/** A host behind Access, with foreign rules of unknown effect, each of which may block or skip the rest. */
function home(include: readonly Selector[], rules: readonly Part[]): readonly Part[] {
  return served(host, application('a', [host], ['p']), policy('p', 'allow', include), ...rules);
}

const theirs = (count: number): readonly Part[] =>
  Array.from({ length: count }, (_, place) =>
    edgeRule({ blocks: 'unknown', action: place % 2 === 0 ? 'skip' : 'block' }),
  );
const ours = edgeRule({ blocks: 'other-audiences', host, configuration: 'c', audience: 'api' });

describe('an interlock', () => {
  it.each([
    { because: 'whom the file admits may be let in', to: ['me@example.dev', 'you@example.dev'], held: false },
    { because: 'somebody else may not', to: ['them@example.dev'], held: true },
  ])('with forty foreign rules: $because', ({ to, held }) => {
    const rules = [...theirs(20), ours, ...theirs(20)];
    const parts = (...emails: readonly string[]) => home(people(...emails), rules);
    const store = (...emails: readonly string[]) => PartStore.of({ parts: parts(...emails) });
    const start = store('me@example.dev');
    const interlock = new Interlock([
      { store: start },
      { store: store('me@example.dev', 'you@example.dev') },
    ]);
    interlock.look(start);
    const changed = [...parts('me@example.dev'), ...parts(...to)].filter(
      ({ part }) => part === 'access-policy',
    );
    const { newcomersAt } = interlock.step(store(...to), changed, new Map());
    expect(newcomersAt.length > 0).toBe(held);
  });

  it.each([
    {
      because: 'whom Access lets past may reach more of an origin that asked before',
      guards: true,
      held: false,
    },
    { because: 'a visitor whom only the origin asked may not', guards: false, held: true },
  ])('with a path that Authentik no longer guards: $because', ({ guards, held }) => {
    const gate = guards
      ? [application('a', [host], ['p']), policy('p', 'allow', people('me@example.dev'))]
      : [];
    const asking = [
      ...[zone, tunnel, name(host), rule(host, 'http://traefik.lan'), catchAll],
      origin('http://traefik.lan', { who: 'outpost', outpost: 'o1' }),
    ];
    const parts = (skipPaths: string) => [
      ...[...asking, ...gate, provider('x', `https://${host}`, { skipPaths })],
      ...login('x', binding('x', 'admins')),
    ];
    const [start, after] = [parts(''), parts('^/')];
    const interlock = new Interlock([{ store: PartStore.of({ parts: start }) }]);
    interlock.look(PartStore.of({ parts: start }));
    const changed = [...start, ...after].filter(({ part }) => part === 'proxy-provider');
    const { newcomersAt } = interlock.step(PartStore.of({ parts: after }), changed, new Map());
    expect(newcomersAt.length > 0).toBe(held);
  });

  it('tells the origin of an open wildcard of others from the origin of a host that leaves', () => {
    const open = [rule('*.example.dev', 'http://theirs.lan'), catchAll, zone, tunnel, name('*.example.dev')];
    const gate = [application('a', [host], ['p']), policy('p', 'allow', people('me@example.dev'))];
    const own = rule(host, 'http://app.lan');
    const start = [own, ...open, name(host), ...gate];
    const interlock = new Interlock([start, open].map((parts) => ({ store: PartStore.of({ parts }) })));
    interlock.look(PartStore.of({ parts: start }));
    const newcomers = (changed: readonly Part[]) => {
      const parts = start.filter((part) => !changed.includes(part));
      return interlock.step(PartStore.of({ parts }), changed, new Map()).newcomersAt;
    };
    expect(newcomers([own]), 'people of the host reach the origin of the others').toEqual([]);
    expect(newcomers(gate), 'everybody reaches the origin of the host').not.toEqual([]);
  });

  it.each([
    { before: 'Authentik leads nowhere', service: 'http://auth.lan', isBehind: false },
    { before: 'an origin that may be Authentik leads there', service: 'http://app.lan', isBehind: true },
  ])(
    'holds back who comes to reach an application behind Authentik, where $before',
    ({ service, isBehind }) => {
      const led = (to: string, address: string) => [
        ...[zone, tunnel, name(host), rule(host, to), catchAll],
        origin('http://auth.lan', { who: 'authentik', outpost: 'o1' }),
        ...[application('a', [host], ['p']), policy('p', 'allow', people(address))],
      ];
      const behind = [
        provider('x', `https://${host}`, { mode: 'proxy', internalHost: 'http://next.lan', skipPaths: '^/' }),
        ...login('x', binding('x', 'admins')),
      ];
      const one = [...led(service, 'me@example.dev'), ...(isBehind ? behind : [])];
      const asks = [{ who: 'nobody' }, { who: 'authentik', outpost: 'o1' }] as const;
      const values = asks.map((each) => [origin('http://app.lan', each)]);
      const start = PartStore.of({ parts: one, choices: [{ name: 'app', reason: 'not checked', values }] });
      const two = [...led('http://auth.lan', 'me@example.dev'), ...behind];
      const next = PartStore.of({ parts: two });
      const isHeld = (goal: PartStore) => {
        const interlock = new Interlock([start, goal].map((store) => ({ store })));
        interlock.look(start);
        const { newcomersAt } = interlock.step(next, [...one, ...two], new Map());
        return newcomersAt.some(({ path }) => path === '/');
      };
      const others = PartStore.of({ parts: [...led('http://auth.lan', 'you@example.dev'), ...behind] });
      expect(isHeld(others)).toBe(true);
      expect(isHeld(next)).toBe(false);
    },
  );

  it.each([
    { led: 'the host leads to another place', to: 'elsewhere.example.net', held: false },
    { led: 'the tunnel serves the host', to: 't1.cfargotunnel.com', held: true },
  ])(
    'with rules of the file that refuse a path: people of the gate may come to reach it while $led',
    ({ to, held }) => {
      const parts = (address: string, ...rules: readonly Part[]) => [
        ...[
          zone,
          tunnel,
          record(host, to),
          ...rules,
          rule(host, 'http://app.lan'),
          catchAll,
          origin('http://app.lan'),
        ],
        ...[application('a', [host], ['p']), policy('p', 'allow', people(address))],
      ];
      const refusal = rule(host, 'http_status:400', { path: '^/health' });
      const [start, after] = [parts('me@example.dev'), parts('you@example.dev')];
      const goal = parts('you@example.dev', refusal).map((part) =>
        part.part === 'record' ? name(host) : part,
      );
      const interlock = new Interlock(
        [start, goal].map((each) => ({ store: PartStore.of({ parts: each }) })),
      );
      interlock.look(PartStore.of({ parts: start }));
      const changed = [...start, ...after].filter(({ part }) => part === 'access-policy');
      const at = interlock.step(PartStore.of({ parts: after }), changed, new Map()).newcomersAt;
      expect(at.some(({ path }) => path.startsWith('/health'))).toBe(held);
      expect(at.filter(({ path }) => !path.startsWith('/health'))).toEqual([]);
    },
  );

  it.each([
    { who: 'whoever logs in at a path', where: [], held: false },
    { who: 'who logs in there at some place', where: [{ ip: { ip: '192.0.2.0/24' } }], held: true },
  ])('with a tunnel that reads `/health/` as the path: $who may send that token there', ({ where, held }) => {
    const inside = rule(host, 'http://app.lan', { path: '(?i)^/health(/)?$', audiences: ['aud-h'] });
    const outside = rule(host, 'http://app.lan', { audiences: ['aud-a'] });
    const parts = (gate: Part, ...rules: readonly Part[]) => [
      ...[zone, tunnel, name(host), ...rules, outside, catchAll, origin('http://app.lan'), gate],
      application('a', [host, `${host}/health/*`], ['p']),
      application('h', [`${host}/health`], ['ph']),
      policy('ph', 'allow', people('me@example.dev'), { require: where }),
    ];
    const bypass = policy('p', 'bypass', [{ everyone: {} }]);
    const [start, after, goal] = [
      parts(bypass),
      parts(bypass, inside),
      parts(policy('p', 'allow', people('you@example.dev')), inside),
    ].map((each) => PartStore.of({ parts: each })) as [PartStore, PartStore, PartStore];
    const interlock = new Interlock([{ store: start }, { store: goal }]);
    interlock.look(start);
    const at = interlock.step(after, [inside], new Map()).newcomersAt.map(({ path }) => path);
    expect(at.includes('/health/')).toBe(held);
    expect(at.filter((path) => path !== '/health/')).toEqual([]);
  });

  it('with such a tunnel: nobody whom Access lets past there without the application around the path', () => {
    const inside = rule(host, 'http://app.lan', { path: '(?i)^/health(/)?$', audiences: ['aud-h'] });
    const parts = (...destinations: readonly string[]) => [
      ...[zone, tunnel, name(host), inside, rule(host, 'http://app.lan', { audiences: ['aud-a'] }), catchAll],
      ...[origin('http://app.lan'), application('a', destinations, ['p'])],
      application('h', [`${host}/health`], ['ph']),
      ...[policy('p', 'allow', people('you@example.dev')), policy('ph', 'allow', people('me@example.dev'))],
    ];
    const [start, after] = [parts(host, `${host}/health/*`), parts(host)];
    const interlock = new Interlock([{ store: PartStore.of({ parts: start }) }]);
    interlock.look(PartStore.of({ parts: start }));
    const changed = [...start, ...after].filter(({ part }) => part === 'access-application');
    const at = interlock.step(PartStore.of({ parts: after }), changed, new Map()).newcomersAt;
    expect(at.map(({ path }) => path)).toContain('/health/');
  });
});
