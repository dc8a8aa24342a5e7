import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/model/config.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { designExample, sampleText } from './sample-file.ts';

function configOf(text: string | Uint8Array): Config {
  const result = parseConfig(text);
  if (!result.ok) throw new Error(result.mistakes.map(({ message }) => message).join('\n'));
  return result.parsed.config;
}

/** The terms of a gate by default. */
const plainTerms = {
  login: undefined,
  showsLogin: false,
  sharesLogin: false,
  readsDecoded: false,
  groups: [],
  users: [],
  admitsByGroup: false,
  lists: { people: [], networks: [], certificateAuthorities: [] },
  everyone: undefined,
  flow: undefined,
  policies: [],
  tokens: [],
  client: undefined,
  keys: undefined,
  secret: undefined,
  actions: [],
};
const openToAll = {
  ...plainTerms,
  type: 'public',
  name: 'public',
  enforcedBy: 'nobody',
  visitors: 'everybody',
};

const minimal = 'version: 1\nowner: home\ncloudflare: { account: mine, zones: [Example.dev] }\n';

describe('a valid file', () => {
  it('with nothing but what is required has a default for the rest', () => {
    expect(configOf(minimal)).toEqual({
      owner: 'home',
      cloudflare: {
        account: 'mine',
        zones: ['example.dev'],
        zoneTokens: new Map(),
        tunnels: new Map(),
        access: {
          team: undefined,
          identityProvider: undefined,
          openDoors: undefined,
          breakGlass: undefined,
        },
        apiShield: { sync: '*/5 * * * *' },
      },
      authentik: undefined,
      origins: new Map(),
      groups: new Set(),
      groupParents: new Map(),
      people: new Set(),
      networks: new Set(),
      certificateAuthorities: new Map(),
      services: new Map(),
      clients: new Map(),
      serviceTokens: new Map(),
      actions: new Map(),
      records: [],
      waf: { skip: undefined },
      reconcile: {
        schedule: '*/5 * * * *',
        timezone: 'UTC',
        drift: 'repair',
        prune: true,
        limits: { change: 0.3, prune: 0.3, floor: 5 },
        probe: undefined,
        jitter: 0,
        windows: [],
      },
      notify: [],
      expectations: [],
    });
  });

  it('may begin with a byte order mark', () => {
    expect(configOf(`\ufeff${minimal}`).owner).toBe('home');
  });

  it('in the design is read completely', () => {
    const config = configOf(designExample);
    expect([...config.services.keys()]).toEqual([
      'auth',
      'auth-api',
      'grafana',
      'vault',
      'proxmox',
      'docs',
      'api',
      'hooks',
    ]);
    expect(config.authentik).toEqual({
      url: 'http://authentik.lan:9000',
      service: 'auth',
      outpost: 'authentik Embedded Outpost',
      outpostUrl: 'http://authentik.lan:9000',
      domains: new Map([
        [
          'example.dev',
          {
            name: 'example.dev',
            groups: ['family'],
            users: [],
            everyone: undefined,
            outpost: { session: undefined, basicAuth: undefined, interceptAuthorization: undefined },
            flow: undefined,
            policies: [],
          },
        ],
      ]),
      flows: {
        authorization: 'default-provider-authorization-implicit-consent',
        invalidation: 'default-provider-invalidation-flow',
        bind: 'default-authentication-flow',
        unbind: 'default-invalidation-flow',
      },
      scopes: new Map(),
    });
    expect(config.services.get('grafana')).toEqual({
      name: 'grafana',
      host: 'grafana.example.dev',
      zone: 'example.dev',
      origin: {
        name: 'traefik',
        tunnel: 'homelab',
        url: 'http://traefik.lan:80',
        forwardAuth: true,
        router: false,
        request: {},
      },
      hostHeader: undefined,
      gate: {
        ...plainTerms,
        type: 'authentik',
        name: 'authentik (forwardAuth)',
        enforcedBy: 'origin',
        visitors: 'people',
        login: 'authentik',
        readsDecoded: true,
        mode: 'forwardAuth',
        groups: ['admins'],
        outpost: { session: undefined, basicAuth: undefined, interceptAuthorization: undefined },
      },
      paths: [
        {
          path: '/api/health',
          form: 'exact',
          prefix: '/api/health',
          gate: { ...openToAll, reason: 'uptime probe' },
        },
        {
          path: '/public/**',
          form: 'subtree',
          prefix: '/public',
          gate: { ...openToAll, reason: 'shared dashboards' },
        },
      ],
      alias: undefined,
      manage: 'apply',
      protect: false,
      ignore: [],
    });
    expect(config.services.get('api')?.gate).toEqual({
      ...plainTerms,
      type: 'jwt',
      name: 'jwt',
      enforcedBy: 'shield',
      visitors: 'machines',
      at: 'edge',
      keys: { client: 'api' },
      audience: 'api',
      from: [{ header: 'authorization' }],
      operations: [
        { method: 'GET', path: '/v1/items' },
        { method: 'GET', path: '/v1/items/{id}' },
        { method: 'POST', path: '/v1/items' },
      ],
      action: 'block',
      reason: undefined,
    });
    expect(config.services.get('hooks')?.gate).toEqual({
      ...plainTerms,
      type: 'webhook',
      name: 'webhook',
      enforcedBy: 'daemon',
      visitors: 'machines',
      readsDecoded: true,
      actions: ['reconcile', 'sync-jwks', 'terraform-authentik'],
      secret: { env: 'GATES_ACTIONS_SECRET' },
      tokens: [],
    });
    expect(config.services.get('proxmox')?.gate).toMatchObject({
      rules: [{ people: [{ sort: 'person', value: 'me@example.dev' }] }],
      session: 86_400,
    });
    expect(config.origins.get('proxmox')?.request).toEqual({ noTLSVerify: true });
    expect(config.serviceTokens.get('ci')).toEqual({
      name: 'ci',
      duration: 8760 * 3600,
      rotate: { every: 90 * 86_400, overlap: 7 * 86_400 },
      deliver: [
        {
          file: '/var/lib/gates/secrets/ci.env',
          names: { id: 'CF_ACCESS_CLIENT_ID', secret: 'CF_ACCESS_CLIENT_SECRET' },
        },
      ],
      protect: false,
    });
    expect(config.clients.get('vault')).toMatchObject({
      redirectUris: [{ match: 'strict', uri: 'https://vault.example.dev/identity/connect/oidc-signin' }],
      grantTypes: ['authorization_code', 'refresh_token'],
      signingKey: 'shared',
      lifetimes: { code: 60, access: 3600, refresh: 2_592_000 },
      deliver: [{ names: { id: 'VAULT_CLIENT_ID', secret: 'VAULT_CLIENT_SECRET' } }],
    });
    expect(config.actions.get('terraform-authentik')).toMatchObject({ timeout: 600, start: { type: 'run' } });
    expect(config.records.map(({ name, type, ttl }) => `${name} ${type} ${ttl}`)).toEqual([
      'example.dev MX 3600',
      'example.dev TXT 1',
      'www.example.dev CNAME 1',
      '_imaps._tcp.example.dev SRV 1',
    ]);
    expect(config.waf.skip?.phases).toEqual(['http_request_sbfm']);
    expect(config.reconcile).toMatchObject({ timezone: 'Europe/Paris', windows: [] });
    expect(config.notify).toEqual([{ type: 'ntfy', url: 'https://ntfy.sh/my-topic', token: undefined }]);
  });

  it('may say everything that has a default', () => {
    const config = configOf(`version: 1
owner: home
cloudflare:
  account: mine
  zones: [example.dev]
  tunnels:
    made: { create: true, deliver: [{ file: /run/token }, { file: /run/other, names: { token: OTHER } }] }
  access:
    identityProvider: authentik
    breakGlass: { emails: [me@example.dev], reason: Authentik is down }
authentik:
  url: http://authentik.lan:9000/
  outpostUrl: http://outpost.lan/
  flows: { authorization: ask, invalidation: leave }
  scopes: { teams: { expression: "return {}" } }
origins:
  all:
    tunnel: made
    url: http://all.lan/
    router: true
    connectTimeout: 90s
    keepAliveTimeout: 2m
    tcpKeepAlive: 1h
    tlsTimeout: 1d
    keepAliveConnections: 5
    proxyType: ""
services:
  face: { host: "@", origin: all, gate: { identityProvider: {} } }
  open:
    host: Open.Example.dev
    origin: all
    hostHeader: Inner.lan
    gate: { cloudflare: { emails: [me@example.dev] } }
    paths:
      /a/b: { public: { reason: longest first } }
      /z: { jwt: { at: edge, keys: { url: "https://k.example.net/" }, audience: a, operations: ["GET /z"], from: [{ cookie: T }, { header: X-T }] } }
      /y/**: { webhook: { actions: [reconcile], secret: { file: /run/secret }, tokens: [forever] } }
clients:
  own-one:
    everyone: { reason: all of us }
    scopes: [openid, teams]
    redirectUris: [{ regex: ".*" }]
    logoutUris: ["https://x.example.dev/"]
    deliver: [{ file: /run/client, names: { id: A, secret: B } }, { file: /run/usual }]
serviceTokens: { forever: { duration: forever, rotate: { every: 1d } } }
actions:
  call: { http: { url: "http://x.lan/", token: { env: T } }, timeout: 5s }
  plain: { http: { url: "http://x.lan/", method: PUT } }
  run: { run: [a, b], directory: /srv, environment: [HOME] }
dns:
  Example.dev:
    - { name: Mail.example.dev, type: A, content: 192.0.2.1, ttl: auto, tags: [a:b] }
    - { name: deep, type: AAAA, content: "2001:db8::1", ttl: 60 }
    - { name: u, type: URI, data: { weight: 1, target: "https://x/" }, priority: 1 }
    - { name: none, type: MX, content: ".", priority: 0 }
waf: { skip: { hosts: [Open.example.dev] } }
reconcile: { probe: "0 * * * *", jitter: 30s, windows: [{ schedule: "0 2 * * sat", duration: 4h }], prune: false }
notify:
  - { slack: { url: { env: S } } }
  - { discord: { url: { file: /run/discord } } }
  - { telegram: { token: { env: T }, chat: "-100" } }
  - { webhook: { url: "https://x.example.net/", secret: { env: W } } }
  - { webhook: { url: "https://y.example.net/" } }
`);
    expect(config.cloudflare.tunnels.get('made')).toEqual({
      name: 'made',
      create: true,
      deliver: [
        { file: '/run/token', names: { token: 'TUNNEL_TOKEN' } },
        { file: '/run/other', names: { token: 'OTHER' } },
      ],
    });
    expect(config.authentik).toMatchObject({
      url: 'http://authentik.lan:9000',
      outpostUrl: 'http://outpost.lan',
      service: 'face',
    });
    expect(config.origins.get('all')).toMatchObject({
      url: 'http://all.lan',
      router: true,
      request: {
        connectTimeout: 90,
        keepAliveTimeout: 120,
        tcpKeepAlive: 3600,
        tlsTimeout: 86_400,
        keepAliveConnections: 5,
        proxyType: '',
      },
    });
    expect(config.services.get('face')?.host).toBe('example.dev');
    const open = config.services.get('open');
    expect(open).toMatchObject({ host: 'open.example.dev', hostHeader: 'inner.lan' });
    expect(open?.paths.map(({ path }) => path)).toEqual(['/a/b', '/y/**', '/z']);
    expect(open?.paths.map(({ gate }) => gate)).toMatchObject([
      { type: 'public' },
      { secret: { file: '/run/secret' }, tokens: ['forever'] },
      { keys: { url: 'https://k.example.net/' }, from: [{ cookie: 'T' }, { header: 'x-t' }] },
    ]);
    expect(config.clients.get('own-one')).toMatchObject({
      redirectUris: [{ match: 'regex', uri: '.*' }],
      logoutUris: [{ match: 'strict', uri: 'https://x.example.dev/' }],
      deliver: [
        { names: { id: 'A', secret: 'B' } },
        { names: { id: 'OWN_ONE_CLIENT_ID', secret: 'OWN_ONE_CLIENT_SECRET' } },
      ],
    });
    expect(config.serviceTokens.get('forever')).toMatchObject({
      duration: 'forever',
      rotate: { every: 86_400, overlap: 604_800 },
    });
    expect([...config.actions.values()].map(({ start }) => start)).toEqual([
      { type: 'http', url: 'http://x.lan/', method: 'POST', token: { env: 'T' } },
      { type: 'http', url: 'http://x.lan/', method: 'PUT', token: undefined },
      { type: 'run', command: ['a', 'b'], directory: '/srv', environment: ['HOME'] },
    ]);
    expect(config.records.map(({ name, zone, ttl }) => [zone, name, ttl])).toEqual([
      ['example.dev', 'mail.example.dev', 1],
      ['example.dev', 'deep.example.dev', 60],
      ['example.dev', 'u.example.dev', 1],
      ['example.dev', 'none.example.dev', 1],
    ]);
    expect(config.waf.skip).toEqual({ hosts: ['open.example.dev'], products: [], phases: [] });
    expect(config.reconcile).toMatchObject({
      probe: '0 * * * *',
      jitter: 30,
      windows: [{ schedule: '0 2 * * sat', duration: 14_400 }],
      prune: false,
    });
    expect(config.notify).toEqual([
      { type: 'slack', url: { env: 'S' } },
      { type: 'discord', url: { file: '/run/discord' } },
      { type: 'telegram', token: { env: 'T' }, chat: '-100' },
      { type: 'webhook', url: 'https://x.example.net/', secret: { env: 'W' } },
      { type: 'webhook', url: 'https://y.example.net/', secret: undefined },
    ]);
  });

  it('takes the deepest zone that a host is in', () => {
    const text = sampleText.replace(
      'zones: [example.dev, example.org]',
      'zones: [example.dev, example.org, docs.example.dev]',
    );
    expect(configOf(text).services.get('docs')?.zone).toBe('docs.example.dev');
  });
});

describe('a file that is not text', () => {
  it.each([
    ['larger than 1 MiB', new Uint8Array(1024 * 1024 + 1), '1:1 the file is larger than 1 MiB'],
    ['not UTF-8', Uint8Array.of(0x61, 0x0a, 0x62, 0xff), '2:2 the file is not UTF-8 from here on'],
    ['UTF-16', Uint8Array.of(0xff, 0xfe, 0x61, 0x00), '1:1 the file is not UTF-8 from here on'],
    ['with a NUL', Uint8Array.of(0x61, 0x3a, 0x20, 0x00), '1:4 a control character is not allowed here'],
    [
      'with an escape sequence',
      new TextEncoder().encode('a: \u001b[31m'),
      '1:4 a control character is not allowed here',
    ],
    [
      'with a broken byte after a real U+FFFD',
      Uint8Array.of(0xef, 0xbf, 0xbd, 0x0a, 0x80),
      '2:1 the file is not UTF-8 from here on',
    ],
    [
      'with a mark and a broken byte',
      Uint8Array.of(0xef, 0xbb, 0xbf, 0x61, 0x80),
      '1:2 the file is not UTF-8 from here on',
    ],
  ])('%s', (_, source, said) => {
    const result = parseConfig(source);
    const mistakes = result.ok ? [] : result.mistakes;
    expect(mistakes.map(({ column, line, message }) => `${line}:${column} ${message}`)).toEqual([said]);
  });

  it('may hold a real U+FFFD', () => {
    const text = sampleText.replace('documentation', 'docu\ufffdmentation');
    expect(configOf(new TextEncoder().encode(text)).services.get('docs')?.gate).toMatchObject({
      reason: 'docu\ufffdmentation',
    });
  });
});

describe('more mistakes than anyone corrects in one go', () => {
  it('are counted, not shown', () => {
    const records = Array.from({ length: 1500 }, (_, index) => `    - { name: r${index}, type: A }`).join(
      '\n',
    );
    const result = parseConfig(`${minimal}dns:\n  example.dev:\n${records}\n`);
    const mistakes = result.ok ? [] : result.mistakes;
    expect(mistakes).toHaveLength(1001);
    expect(mistakes.at(-1)?.message).toBe('further mistakes are not shown');
  });
});
