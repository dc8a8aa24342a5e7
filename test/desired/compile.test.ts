import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ServiceToken } from '../../src/config/model/config.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { ref } from '../../src/core/objects/reference.ts';
import { compile } from '../../src/desired/compile.ts';
import { goDuration } from '../../src/desired/terms/duration.ts';
import { ambiguousPath, hookPaths, ingressPath } from '../../src/desired/terms/paths.ts';
import { keyPlaceOf } from '../../src/gates/jwt/key-place.ts';
import { tenServices } from '../e2e/whole/ten-services.ts';
import { expressionOf } from './go-expression.ts';
import { compileFile, configOf, find, keysOf } from './sample.ts';

const gated = (gate: string, paths = '') => `app:
  host: app.example.dev
  origin: app
  gate: ${gate}
${paths}`;
const cloudflare = '{ cloudflare: { emails: [Me@Example.dev], session: 12h } }';
const token = '{ serviceToken: { tokens: [ci] } }';
const open = '{ public: { reason: "open" } }';

describe('a service token with automatic rotation', () => {
  const DAY = 86_400;
  const withToken = (rotate: ServiceToken['rotate']) => {
    const own: ServiceToken = { name: 'own', duration: 365 * DAY, rotate, deliver: [], protect: false };
    return compile({ ...configOf(gated(open)), serviceTokens: new Map([['own', own]]) });
  };

  it('compiles to an object with its rotation, overlap in milliseconds, and its interval in the scope', () => {
    const desired = withToken({ every: 90 * DAY, overlap: 7 * DAY });
    expect(find(desired, 'service-token', 'own')?.spec).toMatchObject({
      rotation: 'fresh',
      overlap: 604_800_000,
    });
    expect(desired.scope.rotations).toEqual({ own: 7_776_000 });
    expect(desired.warnings).toEqual([]);
  });

  it('has no rotation without `rotate`', () => {
    const desired = withToken(undefined);
    expect(find(desired, 'service-token', 'own')?.spec).not.toHaveProperty('rotation');
    expect(desired.scope).not.toHaveProperty('rotations');
  });

  it('causes a warning if a secret ends before its overlap does', () => {
    expect(withToken({ every: DAY, overlap: 2 * DAY }).warnings).toEqual([
      expect.stringMatching(/^serviceTokens\.own: a secret ends when the second one after it is made/),
    ]);
    expect(withToken({ every: 2 * DAY, overlap: 2 * DAY }).warnings).toEqual([]);
  });
});

describe('a gate compiles to', () => {
  it('cloudflare: a policy for these people, an application, and a rule that checks its token', () => {
    const desired = compileFile(gated(cloudflare));
    expect(find(desired, 'access-policy', 'app.example.dev')?.spec).toEqual({
      decision: 'allow',
      include: [{ email: { email: 'me@example.dev' } }],
      require: [],
      exclude: [],
      sessionDuration: '12h',
      ...{ approval: [], justification: false, isolate: false },
    });
    expect(find(desired, 'access-application', 'app.example.dev')).toMatchObject({
      spec: {
        name: 'app.example.dev',
        destinations: ['app.example.dev'],
        policies: [ref('cloudflare/access-policy:app.example.dev')],
        sessionDuration: '12h',
        bypass: false,
        waysAround: [],
      },
      needs: ['cloudflare/access-tag:gates-home'],
      because: 'services.app',
    });
    expect(find(desired, 'ingress-rule', 'homelab/app.example.dev')?.spec).toEqual({
      tunnel: 'homelab',
      tunnelId: ref('cloudflare/tunnel:homelab'),
      hostname: 'app.example.dev',
      service: 'http://app.lan:80',
      originRequest: {
        access: {
          required: true,
          teamName: ref('cloudflare/organization:account', '{team}'),
          audTag: [ref('cloudflare/access-application:app.example.dev', '{aud}')],
        },
      },
    });
    expect(find(desired, 'dns-record', 'CNAME app.example.dev')?.spec).toMatchObject({
      content: ref('cloudflare/tunnel:homelab', '{id}.cfargotunnel.com'),
      proxied: true,
      ttl: 1,
    });
    expect(keysOf(desired, 'organization')).toEqual(['account']);
  });

  it('cloudflare with everyone: a policy for anyone who can log in', () => {
    const desired = compileFile(gated('{ cloudflare: { everyone: { reason: "any account" } } }'));
    expect(find(desired, 'access-policy', 'app.example.dev')?.spec).toMatchObject({
      include: [{ everyone: {} }],
    });
  });

  it('serviceToken: a policy for exactly these tokens, at its own precedence', () => {
    const desired = compileFile(gated('{ serviceToken: { tokens: [ci, backup] } }'));
    expect(find(desired, 'access-policy', 'app.example.dev')?.spec).toMatchObject({
      decision: 'non_identity',
      include: ['backup', 'ci'].map((name) => ({
        service_token: { token_id: ref(`cloudflare/service-token:${name}`) },
      })),
    });
  });

  it('webhook: at Access and at the tunnel, a policy and rules that admit its tokens alone', () => {
    const gate = 'webhook: { actions: [reconcile], secret: { env: SECRET }, tokens: [ci] }';
    const desired = compileFile(gated(`{ ${gate} }`));
    expect(find(desired, 'access-policy', 'app.example.dev')?.spec).toMatchObject({
      decision: 'non_identity',
      include: [{ service_token: { token_id: ref('cloudflare/service-token:ci') } }],
    });
    expect(find(desired, 'ingress-rule', 'homelab/app.example.dev')?.spec).toMatchObject({
      originRequest: { access: { required: true } },
    });
    expect(desired.warnings).toEqual([]);
  });

  const calls = '{ webhook: { actions: [reconcile], secret: { env: SECRET } } }';

  it('webhook without tokens: a rule for calls, one that answers 404 to everything else, and no Access', () => {
    const desired = compileFile(gated(calls));
    const place = {
      tunnel: 'homelab',
      tunnelId: ref('cloudflare/tunnel:homelab'),
      hostname: 'app.example.dev',
    };
    expect(find(desired, 'ingress-rule', `homelab/app.example.dev ${hookPaths}`)?.spec).toEqual({
      ...place,
      path: hookPaths,
      service: 'http://app.lan:80',
      originRequest: {},
    });
    expect(find(desired, 'ingress-rule', 'homelab/app.example.dev')?.spec).toEqual({
      ...place,
      service: 'http_status:404',
      originRequest: {},
    });
    expect(keysOf(desired, 'access-application')).toEqual([]);
    expect(desired.refusals).toEqual([]);
  });

  it('webhook without tokens, with paths: a rule for each path that has another gate', () => {
    const paths = `  paths:
    /open: ${open}
    /hooks/actions/purge: ${token}
    /hooks/actions/lone: ${calls}
`;
    const desired = compileFile(gated(calls, paths));
    expect(keysOf(desired, 'ingress-rule').toSorted()).toEqual(
      ['', ` ${hookPaths}`, ` ${ambiguousPath}`, ' (?i)^/hooks/actions/purge(/)?$', ' ^/open$']
        .map((path) => `homelab/app.example.dev${path}`)
        .sort(),
    );
    expect(find(desired, 'ingress-rule', 'homelab/app.example.dev ^/open$')?.spec).toMatchObject({
      service: 'http://app.lan:80',
      originRequest: {},
    });
  });

  it('webhook with tokens at a path of a host with another gate: objects that admit its tokens alone there', () => {
    const token = '{ webhook: { actions: [reconcile], secret: { env: SECRET }, tokens: [ci] } }';
    const desired = compileFile(gated(open, `  paths: { /hooks/actions/a: ${token} }\n`));
    expect(desired.refusals).toEqual([]);
    expect(keysOf(desired, 'access-application')).toContain('app.example.dev/hooks/actions/a');
  });

  it('webhook without tokens at a path of a host with another gate: nothing, since it would bypass that gate', () => {
    const desired = compileFile(gated(open, `  paths: { /hooks/actions/a: ${calls} }\n`));
    expect(desired.refusals[0]?.reason).toMatch(
      /^gate `webhook` of path .*without `tokens` it is the gate of a whole/,
    );
    expect(keysOf(desired, 'dns-record')).toEqual([]);
  });

  it.each([
    ['/hooks/git', true],
    ['/hooks/actions/reconcile', true],
    ['/hooks/actions/reconcile/0f-1', true],
    ['/hooks/actions/', false],
    ['/hooks/actions/a/b/c', false],
    ['/hooks/actions/Reconcile', false],
    ['/hooks/git/', false],
    ['/hooks/github', false],
    ['/x/hooks/git', false],
    ['/hooks/git\n', false],
    ['/', false],
  ])('for %j the rule for calls matches: %s', (path, taken) => {
    expect(expressionOf(hookPaths).test(path)).toBe(taken);
  });

  it('public: a rule and a name, and no Access', () => {
    const desired = compileFile(gated(open));
    expect(keysOf(desired, 'access-application')).toEqual([]);
    expect(keysOf(desired, 'access-tag')).toEqual([]);
    expect(keysOf(desired, 'organization')).toEqual([]);
    expect(find(desired, 'ingress-rule', 'homelab/app.example.dev')?.spec).toMatchObject({
      originRequest: {},
    });
  });
});

describe('a path exception compiles to', () => {
  const publicPaths =
    '  paths:\n    /api/health: { public: { reason: probe } }\n    /public/**: { public: { reason: shared } }';

  it('a bypass and its own rule on a guarded host', () => {
    const desired = compileFile(gated(cloudflare, publicPaths));
    expect(keysOf(desired, 'access-policy')).toEqual(['app.example.dev', 'public']);
    expect(find(desired, 'access-application', 'app.example.dev/public')?.spec).toMatchObject({
      destinations: ['app.example.dev/public', 'app.example.dev/public/*'],
      policies: [ref('cloudflare/access-policy:public')],
      bypass: true,
    });
    expect(find(desired, 'ingress-rule', 'homelab/app.example.dev ^/api/health$')?.spec).toMatchObject({
      originRequest: {},
    });
  });

  it('an exact path alone: paths below it keep the host’s application', () => {
    const desired = compileFile(gated(cloudflare, publicPaths));
    expect(find(desired, 'access-application', 'app.example.dev')?.spec).toMatchObject({
      destinations: ['app.example.dev', 'app.example.dev/api/health/*'],
    });
  });

  it('nothing on a host that is already public', () => {
    const desired = compileFile(gated(open, publicPaths));
    expect(keysOf(desired, 'access-application')).toEqual([]);
    expect(keysOf(desired, 'ingress-rule')).toEqual(['homelab/app.example.dev']);
  });

  it('its own gate on a public host, and a bypass inside that gate', () => {
    const paths = `  paths:
    /admin/**: ${cloudflare}
    /admin/health: { public: { reason: probe } }`;
    const desired = compileFile(gated(open, paths));
    expect(keysOf(desired, 'access-application')).toEqual([
      'app.example.dev/admin',
      'app.example.dev/admin/health',
    ]);
    expect(find(desired, 'access-application', 'app.example.dev/admin')?.spec).toMatchObject({
      destinations: ['app.example.dev/admin', 'app.example.dev/admin/*', 'app.example.dev/admin/health/*'],
    });
    expect(keysOf(desired, 'ingress-rule')).toEqual([
      'homelab/app.example.dev',
      `homelab/app.example.dev ${ingressPath({ form: 'subtree', prefix: '/admin' }, true)}`,
      'homelab/app.example.dev ^/admin/health$',
      `homelab/app.example.dev ${ambiguousPath}`,
    ]);
  });

  it('a refusal of paths that the origin may read as a guarded path, on its whole host', () => {
    const desired = compileFile(gated(open, `  paths:\n    /admin/**: ${cloudflare}`));
    expect(find(desired, 'ingress-rule', `homelab/app.example.dev ${ambiguousPath}`)?.spec).toEqual({
      tunnel: 'homelab',
      tunnelId: ref('cloudflare/tunnel:homelab'),
      hostname: 'app.example.dev',
      path: ambiguousPath,
      service: 'http_status:400',
      originRequest: {},
    });
  });

  it('a bypass of the public host next to an exact path, since Access would also ask below it', () => {
    const desired = compileFile(gated(open, `  paths:\n    /admin: ${cloudflare}`));
    expect(find(desired, 'access-application', 'app.example.dev')?.spec).toMatchObject({
      destinations: ['app.example.dev', 'app.example.dev/admin/*'],
      policies: [ref('cloudflare/access-policy:public')],
      bypass: true,
    });
    expect(find(desired, 'ingress-rule', 'homelab/app.example.dev')?.spec).toMatchObject({
      originRequest: {},
    });
  });

  it('no own bypass inside a path that is already open', () => {
    const paths = `  paths:
    /public/**: { public: { reason: shared } }
    /public/health: { public: { reason: probe } }`;
    const desired = compileFile(gated(cloudflare, paths));
    expect(keysOf(desired, 'access-application')).toEqual(['app.example.dev', 'app.example.dev/public']);
  });

  it('fifty destinations at most, and a warning about the paths that stay closed', () => {
    const names = Array.from({ length: 50 }, (_, index) => `p${String(index).padStart(2, '0')}`);
    const exact = names.map((path) => `    /${path}: ${open}`).join('\n');
    const desired = compileFile(gated(cloudflare, `  paths:\n${exact}`));
    expect(find(desired, 'access-application', 'app.example.dev')?.spec).toMatchObject({
      destinations: ['app.example.dev', ...names.slice(0, 49).map((path) => `app.example.dev/${path}/*`)],
    });
    expect(desired.warnings).toEqual([
      'services.app: app.example.dev/p49/* is closed, because an application can have 50 destinations',
    ]);
  });

  it('the gate of another token on a guarded host, which the tunnel distinguishes', () => {
    const desired = compileFile(gated(cloudflare, `  paths:\n    /api/**: ${token}`));
    const rule = desired.objects.find(({ address }) =>
      address.key.startsWith('homelab/app.example.dev (?i)^/api'),
    );
    expect(rule).toMatchObject({
      spec: {
        originRequest: {
          access: { audTag: [ref('cloudflare/access-application:app.example.dev/api', '{aud}')] },
        },
      },
      because: 'services.app.paths./api/**',
    });
    expect(find(desired, 'access-policy', 'app.example.dev/api')?.spec).toMatchObject({
      decision: 'non_identity',
      include: [{ service_token: { token_id: ref('cloudflare/service-token:ci') } }],
    });
  });
});

describe('jwt at the origin', () => {
  const jwt = (more: string, keys = 'url: "https://keys.example.net/jwks"') =>
    `{ jwt: { at: origin, keys: { ${keys} }, audience: api, operations: ["GET /v1"]${more} } }`;

  it('compiles to a rule and a name, and to nothing at Access', () => {
    const desired = compileFile(gated(jwt('')));
    expect(desired.refusals).toEqual([]);
    expect(find(desired, 'ingress-rule', 'homelab/app.example.dev')?.spec).toMatchObject({
      service: 'http://app.lan:80',
      originRequest: {},
    });
    expect(keysOf(desired, 'access-application')).toEqual([]);
  });

  it('reads its keys at the public face of Authentik, whose client issues the tokens, or at the address in the file', () => {
    const face = 'auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }\n';
    const client = 'clients: { api: { grantTypes: [client_credentials], everyone: { reason: test } } }';
    const authentik = 'authentik: { url: "http://authentik.lan:9000", service: auth }';
    const config = configOf(`${gated(jwt('', 'client: api'))}${face}`, `${authentik}\n${client}`);
    const keysAt = (file: typeof config) => {
      const keys = file.services.get('app')?.gate.keys;
      return keys && keyPlaceOf(keys, file);
    };
    const issuer = 'https://auth.example.dev/application/o/api/';
    expect(keysAt(config)).toEqual({ issuer, keysUrl: `${issuer}jwks/` });
    expect(compile(config).refusals).toEqual([]);
    const elsewhere = configOf(gated(jwt('')));
    expect(keysAt(elsewhere)).toEqual({
      issuer: undefined,
      keysUrl: 'https://keys.example.net/jwks',
    });
  });

  it.each([
    { gate: jwt(', action: log, reason: test'), paths: '', says: '`action: log` is not built' },
    { gate: jwt(''), paths: `  paths: { /x: ${open} }\n`, says: 'no path of the host can have another gate' },
    { gate: open, paths: `  paths: { /x: ${jwt('')} }\n`, says: 'the gate of a whole host, not of a path' },
    { gate: jwt('', 'client: api'), paths: '', says: '`authentik.service`' },
  ])('is refused by its name: $says', ({ gate, paths, says }) => {
    const desired = compileFile(
      gated(gate, paths),
      'authentik: { url: "http://authentik.lan:9000" }\nclients: { api: { grantTypes: [client_credentials], groups: [admins] } }\ngroups: { admins: {} }',
    );
    expect(desired.refusals[0]?.reason).toContain(says);
    expect(keysOf(desired, 'dns-record')).toEqual([]);
  });
});

describe('a gate that cannot be built', () => {
  it('has its service refused by the name of the gate, without any object', () => {
    const jwt =
      '{ jwt: { at: origin, keys: { url: "https://keys.example/jwks" }, audience: api, from: [ { header: authorization } ], operations: [ "GET /v1" ], action: log, reason: test } }';
    const desired = compileFile(gated(jwt));
    expect(desired.refusals).toEqual([
      {
        service: 'app',
        host: 'app.example.dev',
        reason: expect.stringContaining('`action: log` is not built'),
      },
    ]);
    expect(keysOf(desired, 'dns-record')).toEqual([]);
  });

  it('has the whole service refused, even if it guards only a path', () => {
    const desired = compileFile(
      `auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }
${gated(cloudflare, '  paths:\n    /login/**: { authentik: { mode: domain } }')}`,
      'authentik: { url: "http://authentik.lan:9000", service: auth, domains: { example.dev: { groups: [admins] } } }\ngroups: { admins: {} }',
    );
    expect(desired.refusals[0]?.reason).toContain('gate `authentik (domain)` of path /login/**');
    expect(keysOf(desired, 'dns-record')).toEqual(['CNAME auth.example.dev']);
  });

  it('has its service refused if it is a host gate on a path', () => {
    const desired = compileFile(gated(open, '  paths: { /x: { identityProvider: {} } }'));
    expect(desired.refusals[0]?.reason).toContain('it is the gate of a whole host');
  });
});

describe('the rest of the file', () => {
  it('creates a tunnel only when it says so, and delivers its token', () => {
    const text = tenServices('/tmp/x').replace(
      'homelab: {}',
      'homelab: { create: true, deliver: [ { file: /tmp/x/tunnel.env } ] }',
    );
    const read = parseConfig(text);
    const desired = read.ok ? compile(read.parsed.config) : undefined;
    const tunnel = desired && find(desired, 'tunnel', 'homelab');
    expect(tunnel?.mustExist).toBeUndefined();
    expect(tunnel?.spec).toMatchObject({
      token: 'kept',
      deliver: [{ file: '/tmp/x/tunnel.env', names: { token: 'TUNNEL_TOKEN' } }],
    });
  });

  it('states durations in their largest whole unit', () => {
    expect([31_536_000, 5400, 90, 0, 'forever' as const].map(goDuration)).toEqual([
      '8760h',
      '90m',
      '90s',
      '0s',
      'forever',
    ]);
  });

  it('keeps plain records as the author wrote them', () => {
    const desired = compileFile(
      gated(open),
      `dns:
  example.dev:
    - { name: "@", type: MX, content: mx.example.net, priority: 10, ttl: 3600, comment: mail }
    - { name: _imaps._tcp, type: SRV, data: { priority: 0, weight: 1, port: 993, target: imap.example.net } }
    - { name: www, type: CNAME, content: example.dev, proxied: true }`,
    );
    expect(find(desired, 'dns-record', 'MX example.dev mx.example.net')?.spec).toMatchObject({
      priority: 10,
      ttl: 3600,
      comment: 'mail',
    });
    expect(
      find(desired, 'dns-record', 'SRV _imaps._tcp.example.dev 1 993 imap.example.net')?.spec,
    ).toMatchObject({ data: { port: 993 } });
    expect(find(desired, 'dns-record', 'CNAME www.example.dev')?.spec).toMatchObject({
      ttl: 1,
      proxied: true,
    });
  });

  it('means the same in any order of its entries', () => {
    const entries = ['a', 'b', 'c', 'd'].map(
      (name, index) =>
        `${name}: { host: ${name}.example.dev, origin: app, gate: ${[cloudflare, token, open][index % 3]} }`,
    );
    const sorted = (services: readonly string[]) =>
      compileFile(services.join('\n'))
        .objects.map((object) => JSON.stringify(object))
        .sort();
    fc.assert(
      fc.property(fc.shuffledSubarray(entries, { minLength: 4, maxLength: 4 }), (shuffled) => {
        expect(sorted(shuffled)).toEqual(sorted(entries));
      }),
      { numRuns: 20 },
    );
  });
});
