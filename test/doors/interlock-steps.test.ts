import { describe, expect, it } from 'vitest';
import type { Part } from '../../src/core/objects/part.ts';
import type { AccessPolicyPart } from '../../src/core/objects/parts/access-parts.ts';
import { Interlock, type InterlockOptions } from '../../src/doors/interlock.ts';
import { allow, changes, host, led, newcomers, store } from './newcomers.ts';
import {
  application,
  binding,
  catchAll,
  edgeRule,
  email,
  everyone,
  login,
  name,
  origin,
  policy,
  provider,
  rule,
  served,
  tunnel,
  zone,
} from './parts.ts';

describe('a step', () => {
  const guarded = (...addresses: readonly string[]) =>
    served(host, application('a', [host], ['p']), allow('p', ...addresses));
  const [mine, theirs] = [guarded('me@example.dev'), guarded('me@example.dev', 'them@example.dev')];

  it('admits somebody new at each path of a host', () => {
    expect(newcomers({ start: mine, after: theirs })).toEqual(['/', '/gates-other.css']);
    expect(newcomers({ start: theirs, after: mine })).toEqual([]);
  });

  it.each([{ isAccessWhole: true }, { isAccessWhole: false }])(
    'may admit whom the file admits: %j',
    (options) => {
      expect(newcomers({ start: mine, after: theirs, goals: [{ store: store(theirs) }], options })).toEqual(
        [],
      );
    },
  );

  it('may admit whom the file admits only where the file counts', () => {
    const goals = [{ store: store(theirs), at: ({ path }: { readonly path: string }) => path === '/' }];
    expect(newcomers({ start: mine, after: theirs, goals })).toEqual(['/gates-other.css']);
  });

  it("may admit gates' own probe", () => {
    const probe: Part = { part: 'service-token', id: 'probe', valid: true };
    const auth = policy('s', 'non_identity', [{ service_token: { token_id: 'probe' } }]);
    const after = [
      ...served(host, application('a', [host], ['s', 'p'])),
      allow('p', 'me@example.dev'),
      auth,
      probe,
    ];
    const options: InterlockOptions = { exempt: { has: 'service-token', id: 'probe' } };
    expect(newcomers({ start: mine, after, options })).toEqual([]);
    expect(newcomers({ start: mine, after })).toEqual(['/', '/gates-other.css']);
  });

  it('may put another application with the same people in the place of one: sessions of either count as ended', () => {
    const after = served(host, application('b', [host], ['p']), allow('p', 'me@example.dev'));
    expect(newcomers({ start: mine, after })).toEqual([]);
  });

  it.each([
    { requires: [{ geo: { country_code: 'FR' } }], left: ['/api/a', '/api/a/gates-other.css'] },
    { requires: [], left: [] },
  ])('takes a path of a gate that only stays, if that asks for no place: $requires', ({ requires, left }) => {
    const gate = [
      application('a', [`${host}/api`, `${host}/api/*`], ['p']),
      policy('p', 'allow', [email('me@example.dev')], { require: requires }),
    ];
    const toGate = rule(host, 'http://app.lan', { path: '^/api', audiences: ['aud-a'] });
    const toHost = rule(host, 'http://box.lan');
    const open = [application('o', [host, `${host}/api/a`], ['e']), policy('e', 'bypass', [everyone])];
    const start = led(toGate, toHost, ...gate);
    const after = led(toGate, toHost, ...gate, ...open);
    const goals = (hasLeftovers: boolean) => [
      { store: store(led(toHost, ...open)) },
      { store: store(after), hasLeftovers },
    ];
    expect(newcomers({ start, after, goals: goals(true) })).toEqual(left);
    expect(newcomers({ start, after, goals: goals(false) })).toEqual([]);
  });

  it.each([
    {
      because: 'may admit more people from the place of an earlier login, if that counted before',
      before: ['e'],
      left: [],
    },
    {
      because: 'may admit nobody from there, if it did not',
      before: [],
      left: ['/api/a', '/api/a/gates-other.css'],
    },
  ])('$because', ({ before, left }) => {
    const house = (open: readonly string[], ...groups: readonly string[]) => [
      ...led(rule(host, 'http://app.lan', { path: '^/api', audiences: ['aud-a'] })),
      ...[origin('http://app.lan', { who: 'outpost', outpost: 'o1' }), provider('x', `https://${host}`)],
      ...login('x', ...groups.map((group) => binding('x', group))),
      ...[
        application('a', [`${host}/api`, `${host}/api/*`], ['p']),
        application('o', [`${host}/api/a`], open),
      ],
      policy('p', 'allow', [everyone], { require: [{ geo: { country_code: 'FR' } }] }),
      policy('e', 'bypass', [everyone]),
    ];
    const [start, after] = [house(before, 'admins'), house(['e'], 'admins', 'family')];
    const goals = [{ store: store(after), hasLeftovers: true }];
    expect(newcomers({ start, after, goals })).toEqual(left);
  });

  it('admits nobody new whom the step before it admits', () => {
    const interlock = new Interlock([{ store: store(mine) }]);
    interlock.look(store(mine));
    const first = interlock.step(store(theirs), changes(mine, theirs), new Map());
    expect(first.newcomersAt).toHaveLength(2);
    const closed = [...theirs, allow('q', 'me@example.dev')].filter((part) => part !== theirs.at(-2));
    const next = [...closed, application('a', [host], ['p', 'q'])];
    const second = interlock.step(store(next), changes(theirs, next), first.doors);
    expect(second.newcomersAt).toEqual([]);
    expect(second.doors.size).toBe(2);
  });

  it.each<{ readonly unread: readonly Part['part'][]; readonly isHeld: boolean }>([
    { unread: ['tunnel-rule'], isHeld: true },
    { unread: ['tunnel'], isHeld: true },
    { unread: ['record', 'tunnel-rule'], isHeld: true },
    { unread: ['record', 'tunnel'], isHeld: true },
    { unread: ['zone', 'record', 'tunnel-rule'], isHeld: true },
    // The rules of all tunnels are known, and lead nowhere else.
    { unread: ['record'], isHeld: false },
  ])('admits nobody to an origin that gates cannot know: $unread unread', ({ unread, isHeld }) => {
    const at = isHeld ? ['/', '/gates-other.css'] : [];
    expect(newcomers({ start: mine, after: theirs, goals: [{ store: store(theirs) }], unread })).toEqual(at);
    const behind = (...groups: readonly string[]) => [
      ...served(host).filter(({ part }) => part !== 'origin'),
      origin('http://app.lan', { who: 'outpost', outpost: 'o1' }),
      provider('x', `https://${host}`),
      ...login('x', ...groups.map((group) => binding('x', group))),
    ];
    const [start, after] = [behind('admins'), behind('admins', 'family')];
    const found = newcomers({ start, after, goals: [{ store: store(after) }], unread });
    expect(found.filter((path) => !path.startsWith('/outpost.'))).toEqual(at);
    expect(newcomers({ start: after, after: start, unread })).toEqual([]);
  });

  it('admits somebody new to the login of a client without a host', () => {
    const client = (...groups: readonly string[]): readonly Part[] => [
      { part: 'client', id: 'c', trusts: [] },
      { part: 'application', id: 'x', engine: 'any' },
      { part: 'provider-link', application: 'x', provider: 'c' },
      ...groups.map((group) => binding('x', group)),
    ];
    const [start, after] = [client('admins'), client('admins', 'family')];
    const interlock = new Interlock([{ store: store(start) }]);
    interlock.look(store(start));
    const { newcomersAt } = interlock.step(store(after), changes(start, after), new Map());
    expect(newcomersAt).toEqual([{ host: 'x', path: '', application: 'x' }]);
    expect(newcomers({ start: after, after: start })).toEqual([]);
    expect(newcomers({ start, after, goals: [{ store: store(after) }] })).toEqual([]);
  });
});

describe('copies in the cache', () => {
  /** People of one application at the host, and of another at a path of which the tunnel accepts no token. */
  const split = (atPath: string) => [
    ...[zone, tunnel, name(host), rule(host, 'http://app.lan', { path: '^/b', audiences: ['aud-x'] })],
    ...[
      rule(host, 'http://app.lan'),
      catchAll,
      application('a', [host], ['p']),
      allow('p', 'me@example.dev'),
    ],
    ...[application('b', [`${host}/b`], ['q']), allow('q', atPath)],
  ];

  it.each([
    { because: 'whom another path of the host admits', to: 'me@example.dev', at: [] },
    { because: 'nobody else', to: 'them@example.dev', at: ['/b/gates-other.css'] },
  ])('may answer $because', ({ to, at }) => {
    expect(newcomers({ start: split('you@example.dev'), after: split(to) })).toEqual(at);
  });

  it('are none of a host that led nowhere when the run began', () => {
    const start = [zone, tunnel, rule(host, 'http_status:503'), catchAll];
    expect(newcomers({ start, after: [...start, name(host)] })).toEqual([]);
  });

  it('may exist of a host of which one path led somewhere', () => {
    const start = [...led(), application('a', [host], [])];
    expect(newcomers({ start, after: led() })).toEqual(['/gates-other.css']);
  });
});

describe('an interlock that has looked again', () => {
  const house = (first: string, second: string) =>
    served(host, application('a', [host], ['p', 'q']), allow('p', first), allow('q', second));
  const [start, once, twice] = [
    house('me@example.dev', 'you@example.dev'),
    house('them@example.dev', 'you@example.dev'),
    house('them@example.dev', 'others@example.dev'),
  ];

  it('compares a step with the state of then', () => {
    const interlock = new Interlock([{ store: store(start) }]);
    interlock.look(store(start));
    const held = () => interlock.step(store(once), changes(start, once), new Map()).newcomersAt.length > 0;
    expect(held()).toBe(true);
    interlock.moved(changes(start, once));
    expect(held()).toBe(true);
    interlock.look(store(once));
    expect(held()).toBe(false);
  });

  it('has seen all that has changed in between', () => {
    const interlock = new Interlock([{ store: store(start) }]);
    interlock.look(store(start));
    interlock.moved(changes(start, once));
    interlock.moved(changes(once, twice));
    interlock.look(store(twice));
    expect(interlock.step(store(twice), changes(start, twice), new Map()).newcomersAt).toEqual([]);
    const back = interlock.step(store(start), changes(twice, start), new Map());
    expect(back.newcomersAt).toEqual([]);
    const open = [...twice.filter(({ part }) => part !== 'access-policy'), policy('p', 'bypass', [everyone])];
    expect(interlock.step(store(open), changes(twice, open), new Map()).newcomersAt).toHaveLength(2);
  });
});

describe('visitors who send the token of another path themselves', () => {
  const inside = rule(host, 'http://app.lan', { path: '(?i)^/health(/)?$', audiences: ['aud-h'] });
  const outside = rule(host, 'http://app.lan', { audiences: ['aud-a'] });
  const network = { ip: { ip: '192.0.2.0/24' } };
  const you = policy('pi', 'allow', [email('you@example.dev')], { require: [network] });
  const mine = allow('ph', 'me@example.dev');
  const excluding = policy('ph', 'allow', [email('me@example.dev')], {
    exclude: [network, email('them@example.dev')],
  });
  const house = (gate: Part, policies: readonly AccessPolicyPart[], ...rules: readonly Part[]) => [
    ...[...led(...rules, outside), origin('http://app.lan'), gate],
    application('a', [host, `${host}/health/*`], ['p']),
    application(
      'h',
      [`${host}/health`],
      policies.map(({ id }) => id),
    ),
    ...policies,
  ];
  const audience = edgeRule({ blocks: 'other-audiences', host, configuration: 'c1', audience: 'api' });

  it.each([
    { because: 'reach it if the file admits them at that path', now: [mine], goal: [mine], more: [], at: [] },
    {
      because: 'reach it also if the file admits people of some place besides',
      now: [mine],
      goal: [mine, you],
      more: [],
      at: [],
    },
    {
      because: 'reach it also if a rule of the edge asks for another token',
      ...{ now: [mine], goal: [mine, you], more: [audience], at: [] },
    },
    {
      because: 'reach neither path if the file admits somebody else',
      ...{ now: [mine], goal: [allow('ph', 'them@example.dev')], more: [], at: ['/health/', '/health'] },
    },
    {
      because: 'do not reach it if the place of their login counts',
      now: [you],
      goal: [you],
      more: [],
      at: ['/health/'],
    },
    {
      because: 'do not reach it if there is a place from which nobody may log in',
      ...{ now: [excluding], goal: [excluding], more: [], at: ['/health/'] },
    },
  ])('$because', ({ now, goal, more, at }) => {
    const bypass = policy('p', 'bypass', [everyone]);
    const start = [...house(bypass, now), ...more];
    const after = [...house(bypass, now, inside), ...more];
    const wanted = [...house(allow('p', 'you@example.dev'), goal, inside), ...more];
    const found = newcomers({ start, after, goals: [{ store: store(wanted) }] });
    expect(found).toEqual(at);
  });
});
