import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  chainOf,
  type DynamicConfiguration,
  dynamicConfiguration,
} from '../../../src/report/outputs/outputs-traefik.ts';
import { formatTraefik } from '../../../src/report/outputs/outputs-traefik-text.ts';
import type { ForwardedHost, ProxyAsked, VerifiedHost } from '../../../src/report/outputs/proxied-hosts.ts';
import { type Incoming, passThrough } from '../traefik-model.ts';

const grafana: ForwardedHost = {
  service: 'grafana',
  host: 'grafana.example.dev',
  seenAs: 'grafana.example.dev',
  origin: 'http://traefik.lan:80',
};
const auth: ForwardedHost = {
  ...grafana,
  service: 'auth',
  host: 'auth.example.dev',
  seenAs: 'auth.example.dev',
};
const asked: ProxyAsked = {
  outpostUrl: 'http://authentik.lan:9000',
  authentikUrl: 'http://authentik.lan:9000',
  hosts: [grafana],
  face: undefined,
  verified: [],
  daemonUrl: 'http://gates.lan:8420',
  exceptions: false,
};

const api: VerifiedHost = {
  ...grafana,
  service: 'api',
  host: 'api.example.dev',
  seenAs: 'api.example.dev',
  question: '/verify?host=api.example.dev',
  identity: ['Remote-User'],
  paths: [],
};

describe('Traefik’s configuration for a host whose callers bring a token', () => {
  const alone: ProxyAsked = { ...asked, outpostUrl: '', hosts: [], verified: [api] };

  it('asks the daemon, which gets the host from the address and the request from Traefik alone', () => {
    expect(fileOf(alone).http).toEqual({
      middlewares: {
        'gates-forwarded': expect.anything(),
        'gates-verify-api': {
          forwardAuth: {
            address: 'http://gates.lan:8420/verify?host=api.example.dev',
            trustForwardHeader: false,
            authResponseHeaders: ['Remote-User'],
          },
        },
        'gates-unnamed': expect.anything(),
        'gates-host-api': {
          chain: { middlewares: ['gates-forwarded', 'gates-unnamed', 'gates-verify-api'] },
        },
      },
    });
    const said = comments(formatTraefik(alone, 'file'));
    expect(said).toContain('api.example.dev: middlewares: [gates-host-api@file]');
    expect(said).toContain('`--daemon URL` writes another');
    expect(said).not.toContain('Authentik has to believe Traefik');
  });

  it('is the same as labels, without the outpost', () => {
    const labels = labelsOf(alone);
    expect(labels).toContain(
      'traefik.http.middlewares.gates-verify-api.forwardAuth.trustForwardHeader=false',
    );
    expect(labels.filter((label) => label.includes('outpost'))).toEqual([]);
  });

  it('goes together with the configuration for the outpost', () => {
    const { middlewares, routers = {} } = fileOf({ ...asked, verified: [api] }).http;
    expect(Object.keys(middlewares)).toEqual(
      expect.arrayContaining(['gates-host-grafana', 'gates-host-api', 'gates-authentik']),
    );
    expect(Object.keys(routers)).toEqual(['gates-outpost-grafana']);
  });
});

/** The parsed configuration file. */
function fileOf(given: ProxyAsked): DynamicConfiguration {
  return parse(formatTraefik(given, 'file'));
}

function labelsOf(given: ProxyAsked): readonly string[] {
  return parse(formatTraefik(given, 'labels')).labels;
}

function comments(text: string): string {
  const lines = text.split('\n').filter((line) => line.startsWith('#'));
  return lines.map((line) => line.slice(2).trim()).join(' ');
}

describe('Traefik’s configuration, for the file provider', () => {
  it('is a chain for each host: a client’s claims are removed, then the outpost is asked', () => {
    const { middlewares } = fileOf(asked).http;
    expect(middlewares['gates-host-grafana']).toEqual({
      chain: { middlewares: ['gates-forwarded', 'gates-name-grafana', 'gates-authentik'] },
    });
    expect(middlewares['gates-authentik']).toEqual({
      forwardAuth: {
        address: 'http://authentik.lan:9000/outpost.goauthentik.io/auth/traefik',
        trustForwardHeader: true,
        authResponseHeaders: [
          'X-authentik-username',
          'X-authentik-groups',
          'X-authentik-entitlements',
          'X-authentik-email',
          'X-authentik-name',
          'X-authentik-uid',
          'X-authentik-jwt',
          'X-authentik-meta-jwks',
          'X-authentik-meta-outpost',
          'X-authentik-meta-provider',
          'X-authentik-meta-app',
          'X-authentik-meta-version',
        ],
      },
    });
  });

  it('has a router by which the outpost answers its own path without being asked about it', () => {
    const { routers = {}, services } = fileOf(asked).http;
    expect(routers).toEqual({
      'gates-outpost-grafana': {
        rule: 'Host(`grafana.example.dev`) && PathPrefix(`/outpost.goauthentik.io/`)',
        priority: 1000,
        middlewares: ['gates-forwarded', 'gates-name-grafana'],
        service: 'gates-outpost',
      },
    });
    expect(services).toEqual({
      'gates-outpost': { loadBalancer: { servers: [{ url: 'http://authentik.lan:9000' }] } },
    });
  });

  it('refers only to definitions in it', () => {
    const { middlewares, routers = {}, services = {} } = fileOf({ ...asked, face: auth }).http;
    const chained = Object.values(middlewares).flatMap((item) =>
      'chain' in item ? item.chain.middlewares : [],
    );
    const used = [...chained, ...Object.values(routers).flatMap((router) => router.middlewares)];
    expect(Object.keys(middlewares)).toEqual(expect.arrayContaining(used));
    expect(Object.keys(services)).toEqual(
      expect.arrayContaining(Object.values(routers).map((router) => router.service)),
    );
  });

  it.each([
    {
      because: 'the tunnel gives Traefik another Host than the public one',
      host: { ...grafana, seenAs: 'grafana.lan' },
      rule: /^Host\(`grafana\.lan`\)/,
      tls: undefined,
    },
    {
      because: 'cloudflared speaks TLS to this Traefik, and a router without `tls` would not answer there',
      host: { ...grafana, origin: 'https://traefik.lan:443' },
      rule: /^Host\(`grafana\.example\.dev`\)/,
      tls: {},
    },
  ])('depends on what reaches Traefik: $because', ({ host, rule, tls }) => {
    const { routers = {}, middlewares } = fileOf({ ...asked, hosts: [host] }).http;
    expect(routers['gates-outpost-grafana']?.rule).toMatch(rule);
    expect(routers['gates-outpost-grafana']?.tls).toEqual(tls);
    // The outpost knows the application by its public name.
    expect(middlewares['gates-name-grafana']).toEqual({
      headers: { customRequestHeaders: { 'X-Forwarded-Host': 'grafana.example.dev' } },
    });
  });

  it('lets a login of mode domain return to the host of Authentik, which needs no login itself', () => {
    const { routers = {}, middlewares } = fileOf({ ...asked, face: auth }).http;
    expect(routers['gates-outpost-auth']?.rule).toContain('auth.example.dev');
    expect(Object.keys(middlewares)).not.toContain(chainOf('auth'));
  });

  it.each(['authentik', 'forwarded', 'outpost', 'host-a', 'name-a', 'a'])(
    'separates a service called %s from everything else',
    (service) => {
      const others = ['a', 'grafana'].filter((name) => name !== service);
      const hosts = [service, ...others].map((name) => ({
        ...grafana,
        service: name,
        host: `${name}.example.dev`,
      }));
      const { middlewares } = dynamicConfiguration({ ...asked, hosts }).http;
      expect(Object.keys(middlewares)).toHaveLength(2 + 2 * hosts.length);
    },
  );

  it('states what cannot be in the same file: whom Traefik trusts, no redirect, whose routers', () => {
    const said = comments(formatTraefik(asked, 'file'));
    expect(said).toContain('http://traefik.lan:80');
    expect(said).toMatch(/trustedIPs is empty, or holds the address of cloudflared and no other/);
    expect(said).toContain('forwardedHeaders.insecure stays false');
    expect(said).toContain('no http.redirections');
    expect(said).toContain('AUTHENTIK_LISTEN__TRUSTED_PROXY_CIDRS');
    expect(said).toContain('grafana.example.dev: middlewares: [gates-host-grafana@file]');
  });

  it('is only a comment if no host needs it, which Traefik accepts', () => {
    expect(parse(formatTraefik({ ...asked, hosts: [] }, 'file'))).toBeNull();
  });
});

describe('Traefik’s configuration, as labels', () => {
  it('is the same as in the file, except for the server, which is the container with the labels', () => {
    const expected = flat('traefik.http.middlewares', fileOf({ ...asked, face: auth }).http.middlewares)
      .concat(flat('traefik.http.routers', fileOf({ ...asked, face: auth }).http.routers))
      .concat('traefik.enable=true', 'traefik.http.services.gates-outpost.loadbalancer.server.port=9000');
    expect([...labelsOf({ ...asked, face: auth })].sort()).toEqual([...expected].sort());
  });

  it('removes a header by a label with an empty value', () => {
    expect(labelsOf(asked)).toContain(
      'traefik.http.middlewares.gates-forwarded.headers.customRequestHeaders.X-Forwarded-Uri=',
    );
  });

  it.each([
    { outpostUrl: 'https://outpost.lan', says: ['port=443', 'scheme=https'] },
    { outpostUrl: 'http://outpost.lan', says: ['port=80'] },
    { outpostUrl: 'https://outpost.lan:9443', says: ['port=9443', 'scheme=https'] },
  ])('reaches the outpost as $outpostUrl says', ({ outpostUrl, says }) => {
    const server = labelsOf({ ...asked, outpostUrl }).filter((label) => label.includes('.server.'));
    expect(server).toEqual(
      says.map((what) => `traefik.http.services.gates-outpost.loadbalancer.server.${what}`),
    );
  });

  it('enables TLS by a value, since a label needs one', () => {
    const hosts = [{ ...grafana, origin: 'https://traefik.lan' }];
    expect(labelsOf({ ...asked, hosts })).toContain('traefik.http.routers.gates-outpost-grafana.tls=true');
  });

  it('says how the router of each host refers to its chain, and mentions no file', () => {
    const text = formatTraefik(asked, 'labels');
    expect(comments(text)).toContain('middlewares=gates-host-grafana@docker');
    expect(text).not.toContain('@file');
  });
});

describe('a request with false claims', () => {
  const spoofed: Incoming = {
    method: 'DELETE',
    host: 'grafana.example.dev',
    uri: '/admin?x=1',
    headers: {
      'X-Forwarded-Uri': '/api/health',
      'X-Forwarded-Method': 'GET',
      'X-Forwarded-Host': 'open.example.dev',
      'X-Forwarded-Prefix': '/api/health',
      'X-Forwarded-Proto': 'http',
      'X-Forwarded-Port': '1',
      'X-Forwarded-Scheme': 'http',
      Forwarded: 'host=open.example.dev;proto=http',
      'X-Original-Url': '/api/health',
      'X-Rewrite-Url': '/api/health',
      'X-Authentik-Username': 'akadmin',
      Cookie: 'session=1',
    },
  };

  it.each([
    { because: 'Traefik trusts nobody', trusted: false },
    { because: 'Traefik trusts cloudflared, and with it what the client sent', trusted: true },
  ])('is judged by its real target, when $because', ({ trusted }) => {
    const { asks, arrives } = passThrough(spoofed, fileOf(asked), 'gates-host-grafana', trusted);
    expect(asks.headers).toMatchObject({
      'X-Forwarded-Method': 'DELETE',
      'X-Forwarded-Uri': '/admin?x=1',
      'X-Forwarded-Host': 'grafana.example.dev',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Port': '443',
      Cookie: 'session=1',
    });
    for (const headers of [asks.headers, arrives.headers]) {
      for (const name of [
        'Forwarded',
        'X-Forwarded-Prefix',
        'X-Forwarded-Scheme',
        'X-Original-Url',
        'X-Rewrite-Url',
      ])
        expect(headers).not.toHaveProperty(name);
    }
    expect(arrives.headers).not.toHaveProperty('X-Authentik-Username');
  });

  it('would be judged by its claim without the chain: the model shows it', () => {
    const { asks } = passThrough(spoofed, fileOf(asked), 'gates-authentik', true);
    expect(asks.headers).toMatchObject({ 'X-Forwarded-Uri': '/api/health', 'X-Forwarded-Method': 'GET' });
  });

  it('is known to the outpost by its public name even if the tunnel gives Traefik another', () => {
    const given = { ...asked, hosts: [{ ...grafana, seenAs: 'grafana.lan' }] };
    const seen = { ...spoofed, host: 'grafana.lan' };
    const { asks } = passThrough(seen, fileOf(given), 'gates-host-grafana', false);
    expect(asks.headers['X-Forwarded-Host']).toBe('grafana.example.dev');
  });

  it.each(['file', 'labels'] as const)(
    'has encoded slashes refused where there are open paths: %s',
    (form) => {
      expect(formatTraefik({ ...asked, exceptions: true }, form)).toContain('allowEncodedSlash');
      expect(formatTraefik(asked, form)).not.toContain('allowEncodedSlash');
    },
  );
});

/** The labels of a structure, computed independently here. */
function flat(prefix: string, value: unknown): string[] {
  if (Array.isArray(value)) return [`${prefix}=${value.join(',')}`];
  if (typeof value !== 'object' || value === null) return [`${prefix}=${value}`];
  return Object.entries(value).flatMap(([name, inner]) => flat(`${prefix}.${name}`, inner));
}
