import { describe, expect, it } from 'vitest';
import { addressId } from '../../../src/core/objects/address.ts';
import { ref } from '../../../src/core/objects/reference.ts';
import { expressionOf } from '../go-expression.ts';
import { compileFile, find, keysOf } from '../sample.ts';

const auth = 'auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }\n';
const top = 'authentik: { url: "http://authentik.lan:9000" }\ngroups: { admins: {}, family: {} }';
const flows = {
  authorizationFlow: ref('authentik/flow:default-provider-authorization-implicit-consent'),
  usualFlow: ref('authentik/flow:default-provider-authorization-implicit-consent'),
  invalidationFlow: ref('authentik/flow:default-provider-invalidation-flow'),
};
const ofAuthentik = (desired: ReturnType<typeof compileFile>) =>
  desired.objects
    .filter(({ address }) => address.kind.startsWith('authentik/'))
    .map(({ address }) => addressId(address).replace('authentik/', ''));
const grafana = (gate: string, rest = '') =>
  compileFile(`${auth}grafana: { host: grafana.example.dev, origin: app, gate: ${gate}${rest} }`, top);

describe('a gate of Authentik', () => {
  const forward = '{ authentik: { groups: [family, admins] } }';

  it('in mode forwardAuth compiles to five objects, and the objects that they depend on', () => {
    const desired = grafana(forward);
    expect(desired.refusals).toEqual([]);
    expect(desired.warnings).toEqual([]);
    expect([...ofAuthentik(desired)].sort()).toEqual([
      'application:grafana-example-dev',
      'binding:grafana-example-dev/admins',
      'binding:grafana-example-dev/family',
      'flow:default-provider-authorization-implicit-consent',
      'flow:default-provider-invalidation-flow',
      'group:admins',
      'group:family',
      'outpost-entry:grafana-example-dev',
      'outpost-host:authentik Embedded Outpost',
      'provider-link:grafana-example-dev',
      'proxy-provider:grafana-example-dev',
      'version:server',
    ]);
    expect(find(desired, 'authentik/proxy-provider', 'grafana-example-dev')).toEqual({
      address: { kind: 'authentik/proxy-provider', key: 'grafana-example-dev' },
      spec: {
        mode: 'forward_single',
        externalHost: 'https://grafana.example.dev',
        internalHost: '',
        internalHostTls: true,
        cookieDomain: '',
        skipPathRegex: '',
        ...flows,
        propertyMappings: [],
        grantTypes: ['authorization_code', 'refresh_token'],
        trustedProviders: [],
        hosts: ['grafana.example.dev'],
      },
      because: 'services.grafana',
    });
    expect(find(desired, 'authentik/application', 'grafana-example-dev')?.spec).toEqual({
      name: 'grafana-example-dev',
      launchUrl: 'https://grafana.example.dev/',
      engine: 'any',
      hosts: ['grafana.example.dev'],
    });
    expect(find(desired, 'authentik/binding', 'grafana-example-dev/admins')?.spec).toEqual({
      application: ref('authentik/application:grafana-example-dev'),
      group: ref('authentik/group:admins'),
      enabled: true,
      user: '',
      negated: false,
      hosts: ['grafana.example.dev'],
    });
    expect(find(desired, 'authentik/provider-link', 'grafana-example-dev')).toMatchObject({
      spec: {
        application: ref('authentik/application:grafana-example-dev'),
        provider: ref('authentik/proxy-provider:grafana-example-dev'),
        admits: 'named',
        hosts: ['grafana.example.dev'],
      },
      needs: ['authentik/binding:grafana-example-dev/admins', 'authentik/binding:grafana-example-dev/family'],
    });
    expect(find(desired, 'authentik/outpost-entry', 'grafana-example-dev')).toMatchObject({
      spec: {
        outpost: ref('authentik/outpost-host:authentik Embedded Outpost'),
        provider: ref('authentik/proxy-provider:grafana-example-dev'),
        hosts: ['grafana.example.dev'],
      },
      needs: ['authentik/provider-link:grafana-example-dev'],
    });
    expect(find(desired, 'authentik/outpost-host', 'authentik Embedded Outpost')).toMatchObject({
      spec: { host: 'https://auth.example.dev' },
      mustExist: expect.stringContaining('authentik.outpost'),
    });
    expect(find(desired, 'ingress-rule', 'homelab/grafana.example.dev')?.spec).toMatchObject({
      service: 'http://app.lan:80',
      originRequest: {},
    });
    expect(keysOf(desired, 'access-application')).toEqual([]);
  });

  it('states which Authentik is read, and which applications are read by name', () => {
    expect(grafana(forward).scope.authentik).toEqual({
      url: 'http://authentik.lan:9000',
      outpost: 'authentik Embedded Outpost',
      flow: 'default-provider-authorization-implicit-consent',
      applications: ['grafana-example-dev'],
      clients: false,
    });
  });

  it('asks nothing of an unused Authentik, and has it read for leftovers of an earlier file', () => {
    const desired = compileFile(auth, 'authentik: { url: "http://authentik.lan:9000" }');
    expect(desired.scope.authentik).toMatchObject({ url: 'http://authentik.lan:9000', idle: true });
    expect(ofAuthentik(desired)).toEqual([]);
  });

  it('needs no flow and no outpost if there are only groups', () => {
    const desired = compileFile(auth, top);
    expect(ofAuthentik(desired)).toEqual(['version:server', 'group:admins', 'group:family']);
    expect(desired.scope.authentik?.applications).toEqual([]);
  });

  it('for everybody on purpose has no binding, and a link that says so', () => {
    const desired = grafana('{ authentik: { everyone: { reason: "any account" } } }');
    expect(keysOf(desired, 'authentik/binding')).toEqual([]);
    expect(find(desired, 'authentik/provider-link', 'grafana-example-dev')).toMatchObject({
      spec: { admits: 'everyone' },
      needs: [],
    });
  });

  it('for users binds each of them, who must exist, and the link waits for their bindings', () => {
    const desired = grafana('{ authentik: { users: [ben, ada] } }');
    expect(keysOf(desired, 'authentik/user')).toEqual(['ada', 'ben']);
    const own = ['grafana-example-dev:user/ada', 'grafana-example-dev:user/ben'];
    expect(keysOf(desired, 'authentik/binding')).toEqual(own);
    expect(find(desired, 'authentik/binding', own[0] ?? '')?.spec).toMatchObject({
      group: '',
      user: ref('authentik/user:ada'),
    });
    expect(find(desired, 'authentik/provider-link', 'grafana-example-dev')).toMatchObject({
      spec: { admits: 'named' },
      needs: own.map((key) => `authentik/binding:${key}`),
    });
    expect(desired.scope.authentik?.users).toEqual(['ada', 'ben']);
  });

  it('with groups and everyone admits the groups alone', () => {
    const desired = grafana('{ authentik: { groups: [admins], everyone: { reason: "by mistake" } } }');
    expect(find(desired, 'authentik/provider-link', 'grafana-example-dev')?.spec).toMatchObject({
      admits: 'named',
    });
  });

  it('in mode proxy routes to the outpost, which alone knows the origin', () => {
    const desired = compileFile(
      `${auth}wiki: { host: wiki.example.dev, origin: wiki, gate: { authentik: { mode: proxy, groups: [family] } } }`,
      top.replace('9000"', '9000", outpostUrl: "http://outpost.lan:9000"'),
      '',
      'wiki: { tunnel: homelab, url: "https://wiki.lan:8443", noTLSVerify: true }',
    );
    expect(desired.refusals).toEqual([]);
    expect(find(desired, 'authentik/proxy-provider', 'wiki-example-dev')?.spec).toMatchObject({
      mode: 'proxy',
      internalHost: 'https://wiki.lan:8443',
      internalHostTls: false,
    });
    expect(find(desired, 'ingress-rule', 'homelab/wiki.example.dev')?.spec).toMatchObject({
      service: 'http://outpost.lan:9000',
      originRequest: {},
    });
  });
});

describe('the domain mode', () => {
  const blockOf = (domains: string) =>
    `authentik: { url: "http://authentik.lan:9000", domains: { ${domains} } }\ngroups: { family: {} }`;
  const services = `${auth}wiki: { host: wiki.example.dev, origin: app, gate: { authentik: { mode: domain } } }
photos:
  host: photos.example.dev
  origin: app
  gate: { authentik: { mode: domain } }
  paths: { /s/**: { public: { reason: shared } } }`;

  it('has one login for all hosts of the domain, which returns to the login host', () => {
    const desired = compileFile(services, blockOf('example.dev: { groups: [family] }'));
    expect(desired.refusals).toEqual([]);
    expect(keysOf(desired, 'authentik/application')).toEqual(['domain-example-dev']);
    expect(keysOf(desired, 'authentik/binding')).toEqual(['domain-example-dev/family']);
    expect(find(desired, 'authentik/proxy-provider', 'domain-example-dev')).toMatchObject({
      spec: {
        mode: 'forward_domain',
        externalHost: 'https://auth.example.dev',
        cookieDomain: 'example.dev',
        hosts: ['photos.example.dev', 'wiki.example.dev'],
      },
      because: 'authentik.domains.example.dev',
    });
    expect(find(desired, 'authentik/outpost-entry', 'domain-example-dev')?.spec).toMatchObject({
      hosts: ['photos.example.dev', 'wiki.example.dev'],
    });
  });

  it('returns to a host of the domain if the login host is outside', () => {
    const desired = compileFile(
      services.replaceAll(/(wiki|photos)\.example/g, '$1.apps.example'),
      blockOf('apps.example.dev: { groups: [family] }'),
    );
    expect(find(desired, 'authentik/proxy-provider', 'domain-apps-example-dev')?.spec).toMatchObject({
      externalHost: 'https://photos.apps.example.dev',
      cookieDomain: 'apps.example.dev',
    });
    expect(find(desired, 'authentik/outpost-host', 'authentik Embedded Outpost')?.spec).toEqual({
      host: 'https://auth.example.dev',
    });
  });

  it('skips each path only on its host, by complete address', () => {
    const desired = compileFile(services, blockOf('example.dev: { groups: [family] }'));
    const provider = find(desired, 'authentik/proxy-provider', 'domain-example-dev');
    const { skipPathRegex = '' } = (provider?.spec ?? {}) as { skipPathRegex?: string };
    const skips = (address: string) => expressionOf(skipPathRegex).test(address);
    const rows = [
      ['https://photos.example.dev/s', true],
      ['http://photos.example.dev/s/a%20b.jpg?size=2', true],
      ['https://photos.example.dev:443/s/', true],
      ['https://photos.example.dev/s/gr%C3%B6%C3%9Fe', true],
      ['https://wiki.example.dev/s/a', false],
      ['https://photosXexample.dev/s/a', false],
      ['https://photos.example.dev/x?y=https://photos.example.dev/s/a', false],
      ['https://photos.example.dev@wiki.example.dev/s/a', false],
      ['https://photos.example.dev/s/%2e%2e/admin', false],
      ['https://photos.example.dev/s/..%2fadmin', false],
      ['https://photos.example.dev/s/a%2Fb', false],
      ['https://photos.example.dev/s/%252e%252e/admin', false],
      ['https://photos.example.dev/s/a%2e/b', false],
      ['https://photos.example.dev/s/..%3b/admin', false],
      ['https://photos.example.dev/s/a%5cb', false],
    ] as const;
    expect(rows.map(([address]) => [address, skips(address)])).toEqual(rows);
  });

  it('keeps its login when one of its services is refused, and opens no path of that service', () => {
    const refused = services.replace('/s/**: {', '/a: { serviceToken: { tokens: [ci] } }, /s/**: {');
    const desired = compileFile(refused, blockOf('example.dev: { groups: [family] }'));
    expect(desired.refusals.map(({ service }) => service)).toEqual(['photos']);
    expect(find(desired, 'authentik/proxy-provider', 'domain-example-dev')?.spec).toMatchObject({
      skipPathRegex: '',
      hosts: ['photos.example.dev', 'wiki.example.dev'],
    });
  });

  it('creates nothing for a domain without services', () => {
    const desired = compileFile(auth, blockOf('example.dev: { groups: [family] }'));
    expect(keysOf(desired, 'authentik/proxy-provider')).toEqual([]);
  });
});

describe('path exceptions on a host of the outpost', () => {
  const forward = '{ authentik: { groups: [admins] } }';

  it('are skipped by the outpost, with one anchored line each, and Access guards its own', () => {
    const desired = grafana(
      forward,
      ', paths: { /api/health: { public: { reason: probe } }, /api/v1/**: { serviceToken: { tokens: [ci] } } }',
    );
    expect(desired.refusals).toEqual([]);
    const provider = find(desired, 'authentik/proxy-provider', 'grafana-example-dev');
    const { skipPathRegex = '' } = (provider?.spec ?? {}) as { skipPathRegex?: string };
    expect(skipPathRegex.split('\n')).toEqual([
      expect.stringMatching(/^\(\?i\)\^\/api\/v1\(.*\(\/\)\?\$$/),
      '^/api/health$',
    ]);
    expect(keysOf(desired, 'access-application')).toEqual(['grafana.example.dev/api/v1']);
    expect(find(desired, 'access-application', 'grafana.example.dev/api/v1')?.spec).toMatchObject({
      destinations: ['grafana.example.dev/api/v1', 'grafana.example.dev/api/v1/*'],
    });
  });

  it.each([
    {
      paths: '/api: { serviceToken: { tokens: [ci] } }',
      reason: 'write it as a subtree, `/api/**`',
      because: 'Access would need an application on the host to tell /api from /api/x',
    },
    {
      paths: '/admin/**: { authentik: { groups: [admins] } }',
      reason: 'it is the gate of a whole host',
      because: 'a provider is for a host',
    },
  ])('are refused: $paths, because $because', ({ paths, reason }) => {
    const [refusal] = grafana(forward, `, paths: { ${paths} }`).refusals;
    expect(refusal?.reason).toContain(reason);
  });

  it('may be exact and guarded inside an open subtree', () => {
    const paths =
      ', paths: { /a/**: { public: { reason: open } }, /a/b: { cloudflare: { emails: [me@example.dev] } } }';
    expect(grafana(forward, paths).refusals).toEqual([]);
  });

  it('are refused on a host of Access if Authentik would guard them', () => {
    const [refusal] = grafana(
      '{ cloudflare: { emails: [me@example.dev] } }',
      ', paths: { /admin/**: { authentik: { groups: [admins] } } }',
    ).refusals;
    expect(refusal?.reason).toContain('gate of a whole host');
  });

  it('need the Host header by which the outpost knows the host', () => {
    const [refusal] = grafana(forward, ', hostHeader: other.example.dev').refusals;
    expect(refusal?.reason).toContain('`hostHeader`');
  });
});
