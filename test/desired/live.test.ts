import { describe, expect, it } from 'vitest';
import type { ProxyProviderSpec } from '../../reconcilers/authentik/provider/proxy-provider.ts';
import type { Kind } from '../../src/core/objects/address.ts';
import type { DesiredObject, Observation } from '../../src/core/objects/object.ts';
import { compile } from '../../src/desired/compile.ts';
import { withLeavingHosts, withSkippedPathsAt } from '../../src/desired/live/domains.ts';
import { isWildcard, matchesHost } from '../../src/desired/live/host-pattern.ts';
import { surroundingsOf } from '../../src/desired/live/surroundings.ts';
import { skippedAddress } from '../../src/gates/authentik/skipped-paths.ts';
import { configOf } from './sample.ts';

describe("a destination's host", () => {
  it.each([
    { because: 'it is the host', pattern: 'app.example.dev', host: 'app.example.dev', matches: true },
    { because: 'it is another', pattern: 'app.example.dev', host: 'apps.example.dev', matches: false },
    { because: 'a star is a whole label', pattern: '*.example.dev', host: 'app.example.dev', matches: true },
    {
      because: 'a star is several labels: the stricter reading',
      pattern: '*.example.dev',
      host: 'a.b.example.dev',
      matches: true,
    },
    { because: 'a star needs its dot', pattern: '*.example.dev', host: 'example.dev', matches: false },
    {
      because: 'a star is the end of a label',
      pattern: 'app*.example.dev',
      host: 'app2.example.dev',
      matches: true,
    },
    { because: 'a star is nothing', pattern: 'app*.example.dev', host: 'app.example.dev', matches: true },
    { because: 'parts do not overlap', pattern: 'ab*ba.dev', host: 'aba.dev', matches: false },
    { because: 'two stars, in order', pattern: 'a*b*c.dev', host: 'a1b2c.dev', matches: true },
    { because: 'two stars, out of order', pattern: 'a*c*b.dev', host: 'a1b2c.dev', matches: false },
    { because: 'what lies between does not come', pattern: 'a*x*c.dev', host: 'a1b2c.dev', matches: false },
    { because: 'it begins otherwise', pattern: 'x*.dev', host: 'app.dev', matches: false },
  ])('matches a host or not: $because', ({ pattern, host, matches }) => {
    expect(matchesHost(pattern, host)).toBe(matches);
    expect(isWildcard(pattern)).toBe(pattern.includes('*'));
  });
});

describe('a foreign gate', () => {
  const foreign = (kind: Kind, key: string, id: string, spec: object): Observation => ({
    kind,
    state: 'known',
    objects: [{ address: { kind, key }, id, owner: undefined, spec, attributes: { id }, uses: [] }],
  });
  const provider = foreign('authentik/proxy-provider', 'theirs', '7', {});

  it('is unknown when its kind could not be read, so the plan waits', () => {
    const unknown = { kind: 'cloudflare/dns-record', state: 'unknown', error: new Error('403') } as const;
    const { records, providers } = surroundingsOf([unknown, provider], 'home');
    expect(records).toEqual([]);
    expect(providers).toEqual([]);
  });

  it('of Authentik guards a host only if an outpost serves it', () => {
    const entry = (id: string) => foreign('authentik/outpost-entry', 'theirs', 'entry', { provider: id });
    expect(surroundingsOf([provider, entry('7')], 'home').providers).toHaveLength(1);
    expect(surroundingsOf([provider, entry('8')], 'home').providers).toEqual([]);
  });
});

describe('the login of a domain, at hosts at which gates changes nothing', () => {
  const line = (host: string, path: string) => skippedAddress(host, { form: 'exact', prefix: path }, false);
  const config = configOf(
    `auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }
a: { host: a.example.dev, origin: app, gate: { authentik: { mode: domain } }, paths: { /new: { public: { reason: new } } } }
b: { host: b.example.dev, origin: app, gate: { authentik: { mode: domain } }, paths: { /new: { public: { reason: new } } } }`,
    `authentik: { url: "http://authentik.lan:9000", domains: { example.dev: { groups: [family] } } }
groups: { family: {} }`,
  );
  const login = (owner: string): Observation => ({
    kind: 'authentik/proxy-provider',
    state: 'known',
    objects: [
      {
        ...{ address: { kind: 'authentik/proxy-provider', key: 'domain-example-dev' }, id: '7', owner },
        spec: { skipPathRegex: [line('a.example.dev', '/old'), line('b.example.dev', '/old')].join('\n') },
        ...{ attributes: {}, uses: [] },
      },
    ],
  });
  const skipped = (hosts: readonly string[], live: readonly Observation[]) => {
    const found = withSkippedPathsAt(new Set(hosts), compile(config).objects, live, 'home');
    const provider = found.find(({ address }) => address.kind === 'authentik/proxy-provider');
    const { skipPathRegex } = (provider as DesiredObject<ProxyProviderSpec>).spec;
    return String(skipPathRegex).split('\n');
  };

  it.each([
    { because: 'there are none', hosts: [], live: [login('home')], a: ['/new'] },
    { because: 'it skips them', hosts: ['a.example.dev'], live: [login('home')], a: ['/old'] },
    { because: 'it is of others', hosts: ['a.example.dev'], live: [login('work')], a: [] },
    { because: 'there is none', hosts: ['a.example.dev'], live: [], a: [] },
  ])('skips the paths that it skips there: $because', ({ hosts, live, a }) => {
    const own = a.map((path) => line('a.example.dev', path));
    expect(skipped(hosts, live)).toEqual([...own, line('b.example.dev', '/new')]);
  });
});

describe('hosts that leave a domain’s login', () => {
  const configWith = (domain: string) =>
    configOf(
      `auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }
a: { host: a.example.dev, origin: app, gate: { authentik: { mode: domain } } }
b: { host: b.example.dev, origin: app, gate: { cloudflare: { emails: [me@example.dev] } } }`,
      `authentik: { url: "http://authentik.lan:9000", domains: { example.dev: ${domain} } }
groups: { family: {} }`,
    );
  const ofGroups = () => configWith('{ groups: [family], policies: [office] }');
  const seen = (kind: Kind, key: string, spec: object): Observation => ({
    kind,
    state: 'known',
    objects: [{ address: { kind, key }, id: key, owner: 'home', spec, attributes: {}, uses: [] }],
  });
  const login = seen('authentik/proxy-provider', 'domain-example-dev', {});
  const binding = (spec: object, key = 'domain-example-dev/family') =>
    seen('authentik/binding', key, { enabled: true, negated: false, hosts: ['*.example.dev'], ...spec });
  const linked = seen('authentik/provider-link', 'domain-example-dev', {});
  const route = (hostname: string) => seen('cloudflare/ingress-rule', `homelab/${hostname}`, { hostname });
  const behind = (live: readonly Observation[], key = 'domain-example-dev/family', of = ofGroups()) => {
    const found = withLeavingHosts(compile(of).objects, of, live);
    const binding = found.find(({ address }) => address.key === key);
    return (binding?.spec as { readonly behind?: readonly string[] } | undefined)?.behind;
  };

  it('are determined only if the login could be read', () => {
    const unknown = { kind: 'authentik/proxy-provider', state: 'unknown', error: new Error('403') } as const;
    const config = ofGroups();
    const { objects } = compile(config);
    expect(withLeavingHosts(objects, config, [unknown])).toBe(objects);
  });

  it.each([
    {
      because: 'all of the domain with another gate, and those of no file that are routed',
      live: [login, binding({}), route('old.example.dev')],
      hosts: ['auth.example.dev', 'b.example.dev', 'old.example.dev'],
    },
    {
      because: 'all of them, too, where nobody knows what the login asks for',
      live: [login],
      hosts: ['auth.example.dev', 'b.example.dev'],
    },
    {
      because: 'none for a login that has lost its bindings: a new one only narrows it',
      live: [login, linked, binding({ enabled: false }), route('old.example.dev')],
      hosts: undefined,
    },
    {
      because: 'none for a login of which somebody negated the last binding: it admits everybody else',
      live: [login, linked, binding({ negated: true }), route('old.example.dev')],
      hosts: undefined,
    },
    {
      because: 'all of them for a login that still admits a user',
      live: [login, linked, binding({}, 'domain-example-dev:user/jo')],
      hosts: ['auth.example.dev', 'b.example.dev'],
    },
    {
      because: 'all of them where a policy was negated, which may admit nobody',
      live: [login, linked, binding({ negated: true, policy: '7' }, 'domain-example-dev:policy/office')],
      hosts: ['auth.example.dev', 'b.example.dev'],
    },
    {
      because: 'what is routed, where a person took the login away: it comes back for all of them',
      live: [route('b.example.dev')],
      hosts: ['b.example.dev'],
    },
    {
      because: 'none that stays, and none of another domain',
      live: [route('a.example.dev')],
      hosts: undefined,
    },
    { because: 'none before anything stands', live: [], hosts: undefined },
  ])('are $because', ({ live, hosts }) => {
    expect(behind(live)).toEqual(hosts);
  });

  it('concern the entry in the outpost, which may be the last part that is missing', () => {
    const config = ofGroups();
    const found = withLeavingHosts(compile(config).objects, config, [login, binding({})]);
    const entry = found.find(({ address }) => address.kind === 'authentik/outpost-entry');
    expect(entry?.spec).toMatchObject({ behind: ['auth.example.dev', 'b.example.dev'] });
  });

  it('concern users like groups, and no policy, about which people are asked too', () => {
    const live = [login, binding({})];
    const ada = configWith('{ users: [ada] }');
    expect(behind(live, 'domain-example-dev:user/ada', ada)).toEqual(['auth.example.dev', 'b.example.dev']);
    expect(behind(live, 'domain-example-dev:policy/office')).toBeUndefined();
  });
});
