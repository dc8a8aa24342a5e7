import { describe, expect, it } from 'vitest';
import type { Part } from '../../../src/core/objects/part.ts';
import type { Selector } from '../../../src/core/objects/parts/access-parts.ts';
import type { Credential } from '../../../src/doors/admission/admission.ts';
import { decideFor } from '../../../src/doors/admission/decision.ts';
import { PartStore } from '../../../src/doors/state/part-store.ts';
import { waysTo } from '../../../src/doors/ways.ts';
import {
  application,
  email,
  everyone,
  holding,
  me,
  policy,
  reached,
  served,
  stranger,
  you,
} from '../parts.ts';

const host = 'app.example.dev';
const to = `http://app.lan for ${host}`;
const admitted = { [to]: 'admitted' };

/** The documents' tables ("Application paths"): a destination, URLs that it covers, and URLs that it does not cover. */
const publishedPaths: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['*.example.com', ['alpha.example.com', 'beta.example.com'], ['example.com', 'foo.bar.example.com']],
  ['example.com', ['example.com', 'example.com/alpha', 'example.com/beta'], ['alpha.example.com']],
  ['example.com/*', ['example.com', 'example.com/alpha', 'example.com/beta'], ['alpha.example.com']],
  [
    '*.test.example.com',
    ['alpha.test.example.com', 'beta.test.example.com'],
    ['test.example.com', 'example.com'],
  ],
  ['*test.example.com', ['test.example.com', 'alphatest.example.com'], ['beta.test.example.com']],
  [
    'example.com/alpha/*',
    ['example.com/alpha/one', 'example.com/alpha/two'],
    ['example.com/alpha', 'example.com'],
  ],
  ['example.com/foo*/bar', ['example.com/foo/bar', 'example.com/food/bar', 'example.com/food/stuff/bar'], []],
];

const paths = publishedPaths.flatMap(([destination, covered, others]) => [
  ...covered.map((url) => ({ destination, url, covers: true })),
  ...others.map((url) => ({ destination, url, covers: false })),
]);

/** A home in the zone of the documents' examples, with every name served. */
function published(...parts: readonly Part[]): readonly Part[] {
  return [
    ...served(host).filter(({ part }) => part !== 'tunnel-rule'),
    { part: 'zone', name: 'example.com', active: true },
    ...['example.com', '*.example.com'].map((name): Part => {
      return {
        part: 'record',
        zone: 'example.com',
        name,
        type: 'CNAME',
        content: 't1.cfargotunnel.com',
        proxied: true,
      };
    }),
    ...served(host)
      .filter(({ part }) => part === 'tunnel-rule')
      .map((rule) => ({ ...rule, hostname: '*', service: 'http://app.lan' }) as Part),
    ...parts,
  ];
}

function visit(parts: readonly Part[], url: string, who: (credential: Credential) => boolean) {
  const slash = url.indexOf('/');
  const [name, path] = slash < 0 ? [url, '/'] : [url.slice(0, slash), url.slice(slash)];
  return Object.values(reached(parts, { host: name, path }, who))[0] ?? 'refused';
}

describe('the application that guards a path', () => {
  it.each(paths)('matches the documents: $destination and $url', ({ destination, url, covers }) => {
    const parts = published(
      application('a', [destination], ['mine']),
      policy('mine', 'allow', [email('me@example.dev')]),
    );
    expect(visit(parts, url, stranger)).toBe(covers ? 'refused' : 'admitted');
    expect(visit(parts, url, me)).toBe('admitted');
  });

  const mine = policy('mine', 'allow', [email('me@example.dev')]);
  const open = policy('open', 'bypass', [everyone]);

  it.each([
    {
      because: 'the more specific one takes precedence, and nothing is inherited',
      inner: 'example.com/eng/exec',
      outer: 'example.com/eng',
      url: 'example.com/eng/exec',
      guard: 'inner',
    },
    {
      because: 'what lies below a path has its rules',
      inner: 'example.com/eng/exec',
      outer: 'example.com/eng',
      url: 'example.com/eng/exec/a',
      guard: 'inner',
    },
    {
      because: 'without a separate one the outer one counts',
      inner: 'example.com/eng/exec',
      outer: 'example.com/eng',
      url: 'example.com/eng/other',
      guard: 'outer',
    },
    {
      because: 'a segment counts as a whole',
      inner: 'example.com/eng/exec',
      outer: 'example.com/eng',
      url: 'example.com/eng/executive',
      guard: 'outer',
    },
    {
      because: 'a path is narrower than its host',
      inner: 'example.com/a',
      outer: 'example.com',
      url: 'example.com/a',
      guard: 'inner',
    },
    {
      because: 'what lies below a path is narrower than the path',
      inner: 'example.com/a/*',
      outer: 'example.com/a',
      url: 'example.com/a/b',
      guard: 'inner',
    },
    {
      because: 'a path is not what lies below it',
      inner: 'example.com/a/*',
      outer: 'example.com/a',
      url: 'example.com/a',
      guard: 'outer',
    },
    {
      because: 'a path below is narrower than all below',
      inner: 'example.com/a/b',
      outer: 'example.com/a/*',
      url: 'example.com/a/b',
      guard: 'inner',
    },
    {
      because: 'a host is narrower than a wildcard',
      inner: 'a.example.com',
      outer: '*.example.com',
      url: 'a.example.com',
      guard: 'inner',
    },
    {
      because: 'a path of a wildcard is narrower than the wildcard',
      inner: '*.example.com/a',
      outer: '*.example.com',
      url: 'b.example.com/a',
      guard: 'inner',
    },
  ])('is the narrowest: $because', ({ inner, outer, url, guard }) => {
    const parts = published(
      application('i', [inner], ['open']),
      application('o', [outer], ['mine']),
      open,
      mine,
    );
    expect(visit(parts, url, stranger)).toBe(guard === 'inner' ? 'admitted' : 'refused');
  });

  it.each([
    {
      reason: 'overlapping destinations',
      inner: 'a.example.com',
      outer: '*.example.com/admin',
      url: 'a.example.com/admin',
    },
    {
      reason: 'overlapping destinations',
      inner: 'example.com/*',
      outer: 'example.com',
      url: 'example.com/a',
    },
    {
      reason: 'overlapping destinations',
      inner: 'example.com/foo*',
      outer: 'example.com/foo',
      url: 'example.com/foo/a',
    },
    {
      reason: 'path pattern',
      inner: 'example.com/foo*/bar',
      outer: 'example.com',
      url: 'example.com/food/bar/below',
    },
    { reason: 'path spelling', inner: 'example.com/a', outer: 'example.com', url: 'example.com/%61' },
    { reason: 'path spelling', inner: 'example.com/a', outer: 'example.com', url: 'example.com/b/../a' },
    { reason: 'path spelling', inner: 'example.com/a', outer: 'example.com', url: 'example.com//a' },
    { reason: 'path spelling', inner: 'example.com/a', outer: 'example.com', url: 'example.com/a;x' },
    { reason: 'path spelling', inner: 'example.com/a', outer: 'example.com', url: 'example.com/A' },
  ])('is unknown where the documents are silent: $url, $reason', ({ reason, inner, outer, url }) => {
    const parts = published(
      application('i', [inner], ['open']),
      application('o', [outer], ['mine']),
      open,
      mine,
    );
    expect(visit(parts, url, stranger)).toBe(reason);
    // A visitor whom every reading admits is not in doubt.
    expect(visit(parts, url, me)).toBe('admitted');
  });
});

const allowA = policy('A', 'allow', [email('a@x.dev'), email('ab@x.dev'), email('abe@x.dev')]);
const blockB = policy('B', 'deny', [email('b@x.dev'), email('ab@x.dev'), email('be@x.dev')]);
const serviceC = policy('C', 'non_identity', [{ service_token: { token_id: 'c' } }]);
const bypassD = policy('D', 'bypass', [{ ip: { ip: '192.0.2.0/24' } }]);
const allowE = policy('E', 'allow', [email('e@x.dev'), email('be@x.dev'), email('b@x.dev')]);

/** The documents' example, "Policy order of execution": the list A, B, C, D, E runs as C, D, A, B, E. */
describe('policies', () => {
  const parts = served(
    host,
    application('app', [host], ['A', 'B', 'C', 'D', 'E']),
    ...[allowA, blockB, serviceC, bypassD, allowE],
    { part: 'service-token', id: 'c', valid: true },
  );
  const at: Credential = { has: 'network', range: '192.0.2.0/24' };
  const token: Credential = { has: 'service-token', id: 'c' };
  const person = (address: string): Credential => ({ has: 'email', address });

  it.each([
    { because: 'Allow A admits', who: [person('a@x.dev')], is: admitted },
    { because: 'Allow A ends before Block B', who: [person('ab@x.dev')], is: admitted },
    { because: 'Block B ends before Allow E', who: [person('be@x.dev')], is: {} },
    { because: 'Block B blocks whom no policy but E admits', who: [person('b@x.dev')], is: {} },
    { because: 'Allow E admits whom nothing before it matched', who: [person('e@x.dev')], is: admitted },
    { because: 'Service Auth comes before Block', who: [person('b@x.dev'), token], is: admitted },
    { because: 'Bypass comes before Block', who: [person('b@x.dev'), at], is: admitted },
    { because: 'Bypass asks for no login', who: [at], is: admitted },
    { because: 'whom nothing matches is refused', who: [person('z@x.dev')], is: {} },
    { because: 'a stranger is refused', who: [], is: {} },
  ])('run in the published order: $because', ({ who, is }) => {
    expect(reached(parts, `https://${host}/`, holding(...who))).toEqual(is);
  });

  it('admit with approval only whom somebody approved, and nobody whom a later policy would admit', () => {
    const approved = policy('A', 'allow', [email('a@x.dev')], { approval: '1 of boss@x.dev' });
    const later = policy('B', 'allow', [email('a@x.dev'), email('b@x.dev')]);
    const asking = served(host, application('app', [host], ['A', 'B']), approved, later);
    const approval: Credential = { has: 'approval', by: '1 of boss@x.dev' };
    const other: Credential = { has: 'approval', by: '2 of boss@x.dev' };
    const visits = (...who: readonly Credential[]) => reached(asking, `https://${host}/`, holding(...who));
    expect(visits(person('a@x.dev'))).toEqual({});
    expect(visits(person('a@x.dev'), other)).toEqual({});
    expect(visits(person('a@x.dev'), approval)).toEqual(admitted);
    expect(visits(person('b@x.dev'))).toEqual(admitted);
    expect(visits(approval)).toEqual({});
    expect(visits({ has: 'session', audience: 'aud-app' })).toEqual(admitted);
  });

  it('admit nobody if there are none', () => {
    expect(reached(served(host, application('app', [host], [])), `https://${host}/`, me)).toEqual({});
  });
});

describe('a policy that asks for a group of Authentik', () => {
  const asks = (claim: string): Part =>
    policy('p', 'allow', [
      { oidc: { identity_provider_id: 'idp', claim_name: claim, claim_value: 'staff' } },
    ]);
  const within = (group: string, parent: string): Part => {
    return {
      part: 'group-parent',
      group: `id of ${group}`,
      parent: `id of ${parent}`,
      names: { group, parent },
    };
  };
  const visits = (claim: string, ...parts: readonly Part[]) =>
    reached(
      served(host, application('app', [host], ['p']), asks(claim), ...parts),
      `https://${host}/`,
      holding({ has: 'identity' }, { has: 'claim', provider: 'idp', name: claim, value: 'admins' }),
    );

  it('admits members of the groups that lie in it, by their names', () => {
    expect(visits('gates_groups')).toEqual({});
    expect(visits('gates_groups', within('admins', 'staff'))).toEqual(admitted);
    expect(visits('gates_groups', within('admins', 'all'), within('all', 'staff'))).toEqual(admitted);
    expect(visits('gates_groups', within('staff', 'admins'))).toEqual({});
  });

  it('means another claim as it is', () => {
    expect(visits('groups', within('admins', 'staff'))).toEqual({});
  });
});

describe('a policy', () => {
  const lan: Selector = { ip: { ip: '10.0.0.0/8' } };
  const at: Credential = { has: 'network', range: '10.0.0.0/8' };
  const mine: Credential = { has: 'email', address: 'me@example.dev' };
  const guarded = (...parts: readonly Part[]) => served(host, application('app', [host], ['p']), ...parts);
  const claim: Selector = { oidc: { identity_provider_id: 'idp', claim_name: 'groups', claim_value: 'a' } };

  it.each([
    {
      because: 'any of include',
      one: policy('p', 'allow', [email('you@example.net'), email('me@example.dev')]),
      who: [mine],
      is: admitted,
    },
    {
      because: 'include alone of what is required',
      one: policy('p', 'allow', [email('me@example.dev')], { require: [lan] }),
      who: [mine],
      is: {},
    },
    {
      because: 'all of require',
      one: policy('p', 'allow', [email('me@example.dev')], { require: [lan] }),
      who: [mine, at],
      is: admitted,
    },
    {
      because: 'none of exclude',
      one: policy('p', 'allow', [email('me@example.dev')], { exclude: [lan] }),
      who: [mine, at],
      is: {},
    },
    {
      because: 'nobody without include',
      one: policy('p', 'allow', [], { require: [lan] }),
      who: [mine, at],
      is: {},
    },
    {
      because: 'addresses without case',
      one: policy('p', 'allow', [email('ME@Example.dev')]),
      who: [mine],
      is: admitted,
    },
    {
      because: 'a domain',
      one: policy('p', 'allow', [{ email_domain: { domain: 'Example.dev' } }]),
      who: [mine],
      is: admitted,
    },
    { because: 'everyone, after a login', one: policy('p', 'allow', [everyone]), who: [], is: {} },
    {
      because: 'everyone who logged in',
      one: policy('p', 'allow', [everyone]),
      who: [{ has: 'identity' }],
      is: admitted,
    },
    {
      because: 'a login method',
      one: policy('p', 'allow', [{ login_method: { id: 'idp' } }]),
      who: [{ has: 'login', provider: 'idp' }],
      is: admitted,
    },
    {
      because: 'a claim',
      one: policy('p', 'allow', [claim]),
      who: [{ has: 'identity' }, { has: 'claim', provider: 'idp', name: 'groups', value: 'a' }],
      is: admitted,
    },
    {
      because: 'a country',
      one: policy('p', 'bypass', [{ geo: { country_code: 'CH' } }]),
      who: [{ has: 'country', code: 'CH' }],
      is: admitted,
    },
    { because: 'nobody by an empty address', one: policy('p', 'allow', [email('')]), who: [mine], is: {} },
    {
      because: 'a token that does not exist',
      one: policy('p', 'non_identity', [{ service_token: { token_id: 'gone' } }]),
      who: [{ has: 'service-token', id: 'gone' }],
      is: {},
    },
    {
      because: 'any token',
      one: policy('p', 'non_identity', [{ any_valid_service_token: {} }]),
      who: [{ has: 'any-service-token' }],
      is: admitted,
    },
    {
      because: 'a selector that gates does not read',
      one: policy('p', 'allow', [{ group: { id: 'g' } }]),
      who: [mine],
      is: { [to]: 'selector' },
    },
    {
      because: 'a selector that gates does not read, in exclude',
      one: policy('p', 'allow', [email('me@example.dev')], { exclude: [{ group: { id: 'g' } }] }),
      who: [mine],
      is: { [to]: 'selector' },
    },
    {
      because: 'an address before the login',
      one: policy('p', 'bypass', [email('me@example.dev')]),
      who: [mine],
      is: { [to]: 'selector before the login' },
    },
    {
      because: 'a token at the login',
      one: policy('p', 'allow', [{ any_valid_service_token: {} }]),
      who: [{ has: 'identity' }, { has: 'any-service-token' }],
      is: { [to]: 'token without Service Auth' },
    },
  ] satisfies readonly { because: string; one: Part; who: readonly Credential[]; is: object }[])(
    'admits or not: $because',
    ({ one, who, is }) => {
      expect(reached(guarded(one), `https://${host}/`, holding(...who))).toEqual(is);
    },
  );

  it.each([
    { because: 'of an authority of the host', hosts: [host], of: 'ours', is: admitted },
    { because: 'of a foreign authority of the host', hosts: [host], of: 'theirs', is: admitted },
    { because: 'of an authority of another host', hosts: ['b.example.dev'], of: 'ours', is: {} },
    { because: 'of another authority', hosts: [host], of: 'other', is: {} },
  ])('may ask for a certificate $because', ({ hosts, of, is }) => {
    const authority = (name: string): readonly Part[] =>
      hosts.map((each) => ({ part: 'certificate-host', authority: name, host: each }));
    const named = (commonName?: string): Credential => ({ has: 'certificate', commonName, authority: of });
    for (const [selector, held] of [
      [{ certificate: {} }, named()],
      [{ common_name: { common_name: 'laptop' } }, named('laptop')],
    ] as const) {
      const one = policy('p', 'non_identity', [selector]);
      const parts = [...guarded(one), ...authority('ours'), ...authority('theirs')];
      expect(reached(parts, `https://${host}/`, holding(held))).toEqual(is);
    }
  });

  it('that asks for a certificate admits others too while nobody reads the authorities', () => {
    const held: Credential = { has: 'certificate', commonName: undefined, authority: undefined };
    const parts = guarded(policy('p', 'non_identity', [{ certificate: {} }]));
    const store = PartStore.of({ parts, unread: new Set(['certificate-host']) });
    const admits = waysTo(store, { host, path: '/' }).map((way) => decideFor(way.admits, holding(held)));
    expect(admits).toEqual(['admitted']);
    expect(waysTo(store.asRead(), { host, path: '/' })).toHaveLength(1);
    expect(reached(parts, `https://${host}/`, holding(held))).toEqual({});
  });

  it('that the snapshot lacks may have any effect', () => {
    expect(reached(guarded(), `https://${host}/`, stranger)).toEqual({ [to]: 'unknown policy' });
  });

  it('may name a disabled token, which has no effect', () => {
    const holder: Credential = { has: 'service-token', id: 't' };
    const parts = (valid: boolean) =>
      guarded(policy('p', 'non_identity', [{ service_token: { token_id: 't' } }]), {
        part: 'service-token',
        id: 't',
        valid,
      });
    expect(reached(parts(true), `https://${host}/`, holding(holder))).toEqual(admitted);
    expect(reached(parts(false), `https://${host}/`, holding(holder))).toEqual({});
  });
});

describe('an application', () => {
  const mine = policy('mine', 'allow', [email('me@example.dev')]);
  const guarded = (more: Parameters<typeof application>[3], ...parts: readonly Part[]) =>
    served(host, application('app', [host], ['mine'], more), mine, ...parts);
  const address: Credential = { has: 'email', address: 'me@example.dev' };
  const pin: Credential = { has: 'login', provider: 'pin' };

  it('admits people by the identity providers that it allows', () => {
    const parts = guarded({ logins: ['idp'] });
    expect(reached(parts, `https://${host}/`, holding(address, pin))).toEqual({});
    expect(reached(parts, `https://${host}/`, holding(address, { has: 'login', provider: 'idp' }))).toEqual(
      admitted,
    );
    expect(reached(guarded({ logins: [] }), `https://${host}/`, holding(address, pin))).toEqual(admitted);
  });

  it('may admit a device without such a login, but not past its policies', () => {
    const parts = guarded({ logins: ['idp'], waysAround: ['allow_authenticate_via_warp'] });
    expect(reached(parts, `https://${host}/`, holding(address, pin))).toEqual({ [to]: 'device login' });
    expect(reached(parts, `https://${host}/`, you)).toEqual({});
  });

  it('admits preflights if it says so', () => {
    const preflight = { host, path: '/', method: 'OPTIONS' };
    const around = guarded({ waysAround: ['options_preflight_bypass'] });
    expect(reached(around, preflight, stranger)).toEqual(admitted);
    expect(reached(around, `https://${host}/`, stranger)).toEqual({});
    expect(reached(guarded({}), preflight, stranger)).toEqual({});
  });

  it('may admit anybody by a setting that gates does not know', () => {
    expect(reached(guarded({ waysAround: ['new_setting'] }), `https://${host}/`, stranger)).toEqual({
      [to]: 'way around',
    });
    const sent = guarded({ waysAround: ['read_service_tokens_from_header'] });
    expect(reached(sent, `https://${host}/`, stranger)).toEqual({});
  });

  it('admits an existing session, which checks networks again and people never', () => {
    const session = holding({ has: 'session', audience: 'aud-app' });
    expect(reached(guarded({}), `https://${host}/`, session)).toEqual(admitted);
    expect(
      reached(guarded({}), `https://${host}/`, holding({ has: 'session', audience: 'aud-other' })),
    ).toEqual({});
    const guard = application('app', [host], ['mine']);
    const office = policy('mine', 'allow', [email('me@example.dev')], {
      require: [{ ip: { ip: '10.0.0.0/8' } }],
    });
    const inside = served(host, guard, office);
    expect(reached(inside, `https://${host}/`, stranger)).toEqual({});
    // The session may have begun before the policy asked for the network.
    expect(reached(inside, `https://${host}/`, session)).toEqual({ [to]: 'policies of a session' });
    const at: Credential = { has: 'network', range: '10.0.0.0/8' };
    expect(reached(inside, `https://${host}/`, holding({ has: 'session', audience: 'aud-app' }, at))).toEqual(
      admitted,
    );
    const blocked = served(
      host,
      application('app', [host], ['b', 'mine']),
      policy('b', 'deny', [everyone]),
      mine,
    );
    expect(reached(blocked, `https://${host}/`, session)).toEqual(admitted);
    const token = policy('mine', 'non_identity', [{ any_valid_service_token: {} }]);
    expect(reached(served(host, guard, token), `https://${host}/`, session)).toEqual({
      [to]: 'session of a token',
    });
    const except = policy('mine', 'allow', [everyone], { exclude: [email('you@example.net')] });
    expect(reached(served(host, guard, except), `https://${host}/`, session)).toEqual(admitted);
    const without = served(host, application('app', [host], []));
    expect(reached(without, `https://${host}/`, session)).toEqual({ [to]: 'session without a policy' });
  });

  it('is not needed unless the organization requires one', () => {
    const requires = (exemptedZones: readonly string[], requiresAccess?: boolean): Part => {
      return { part: 'organization', requiresAccess, exemptedZones };
    };
    expect(reached(served(host, requires([], true)), `https://${host}/`, stranger)).toEqual({});
    expect(reached(served(host, requires(['example.dev'], true)), `https://${host}/`, stranger)).toEqual(
      admitted,
    );
    expect(reached(served(host, requires([])), `https://${host}/`, stranger)).toEqual(admitted);
    const bypass = [application('a', [host], ['b']), policy('b', 'bypass', [everyone])];
    expect(reached(served(host, requires([], true), ...bypass), `https://${host}/`, stranger)).toEqual(
      admitted,
    );
  });

  it.each(['access-application', 'access-policy', 'organization'] as const)(
    'is unknown while %s cannot be read',
    (sort) => {
      expect(reached({ parts: served(host), unread: new Set([sort]) }, `https://${host}/`, stranger)).toEqual(
        { [to]: 'not read' },
      );
    },
  );
});
