import { describe, expect, it } from 'vitest';
import { createApi } from './api.ts';

const LAST = { service: 'http_status:404' };
const HOST = 'a.example.dev';
const ORIGIN = 'http://traefik.lan:80';

async function put(config: unknown) {
  const api = createApi();
  const path = `${api.account}/cfd_tunnel/${api.world.tunnels[0]?.id}/configurations`;
  const reply = await api.call('PUT', path, { config });
  return { reply, api };
}

describe('a configuration that cloudflared would reject is rejected in its words', () => {
  const rows: { because: string; config: unknown; says: string }[] = [
    {
      because: 'no rules',
      config: { ingress: [] },
      says: "The config file doesn't contain any ingress rules",
    },
    { because: 'no ingress', config: {}, says: "The config file doesn't contain any ingress rules" },
    { because: 'no document', config: null, says: "'config' must be an object" },
    {
      because: 'a last rule with a hostname',
      config: { ingress: [{ hostname: HOST, service: ORIGIN }] },
      says: 'The last ingress rule must match all URLs (i.e. it should not have a hostname or path filter)',
    },
    {
      because: 'a last rule with a path',
      config: { ingress: [{ path: '/a', service: ORIGIN }] },
      says: 'The last ingress rule must match all URLs',
    },
    {
      because: 'a catch-all before the last',
      config: { ingress: [LAST, LAST] },
      says: 'will match every hostname',
    },
    {
      because: 'a star as host before the last',
      config: { ingress: [{ hostname: '*', service: ORIGIN }, LAST] },
      says: 'will match every hostname',
    },
    {
      because: 'a port in the hostname',
      config: { ingress: [{ hostname: `${HOST}:80`, service: ORIGIN }, LAST] },
      says: 'Hostname cannot contain a port',
    },
    {
      because: 'a star inside',
      config: { ingress: [{ hostname: 'a.*.dev', service: ORIGIN }, LAST] },
      says: 'at most one wildcard',
    },
    {
      because: 'a star that is part of a label',
      config: { ingress: [{ hostname: '*a.dev', service: ORIGIN }, LAST] },
      says: 'at most one wildcard',
    },
    {
      because: 'two stars',
      config: { ingress: [{ hostname: '*.*.dev', service: ORIGIN }, LAST] },
      says: 'at most one wildcard',
    },
    {
      because: 'a service with a path',
      config: { ingress: [{ hostname: HOST, service: `${ORIGIN}/api` }, LAST] },
      says: "don't support proxying to a different path",
    },
    {
      because: 'a service with a bare slash',
      config: { ingress: [{ hostname: HOST, service: `${ORIGIN}/` }, LAST] },
      says: "don't support proxying to a different path",
    },
    {
      because: 'a service without a scheme',
      config: { ingress: [{ hostname: HOST, service: 'traefik.lan:80' }, LAST] },
      says: 'make sure it has a scheme and a hostname',
    },
    { because: 'no service', config: { ingress: [{ hostname: HOST }, LAST] }, says: 'no service' },
    {
      because: 'a status that is none',
      config: { ingress: [{ service: 'http_status:99' }] },
      says: 'invalid HTTP status',
    },
    {
      because: 'an unbalanced path',
      config: { ingress: [{ hostname: HOST, path: '(', service: ORIGIN }, LAST] },
      says: 'invalid regex',
    },
    {
      because: 'look-ahead, which RE2 lacks',
      config: { ingress: [{ hostname: HOST, path: '^/(?!a)', service: ORIGIN }, LAST] },
      says: 'invalid regex',
    },
    {
      because: 'a back-reference, which RE2 lacks',
      config: { ingress: [{ hostname: HOST, path: '(a)\\1', service: ORIGIN }, LAST] },
      says: 'invalid regex',
    },
    ...['\\y', '\\ca', 'a{1001}', '[[:nope:]]', '\\p{Nope}', 'a**', '*'].map((path) => ({
      because: `the path ${path}`,
      config: { ingress: [{ hostname: HOST, path, service: ORIGIN }, LAST] },
      says: 'invalid regex',
    })),
    {
      because: 'two groups of one name, which the sandbox cannot compile',
      config: { ingress: [{ hostname: HOST, path: '(?P<n>a)(?P<n>b)', service: ORIGIN }, LAST] },
      says: 'invalid regex',
    },
    {
      because: 'an AUD without a team',
      config: {
        ingress: [
          { hostname: HOST, service: ORIGIN, originRequest: { access: { audTag: ['x'], teamName: '' } } },
          LAST,
        ],
      },
      says: 'access.TeamName cannot be blank when access.audTags are present',
    },
    {
      because: 'access without AUD',
      config: {
        ingress: [
          { hostname: HOST, service: ORIGIN, originRequest: { access: { required: true, teamName: 't' } } },
          LAST,
        ],
      },
      says: 'access needs audTag and teamName',
    },
    {
      because: 'a duration as text',
      config: { ingress: [{ ...LAST, originRequest: { connectTimeout: '30s' } }] },
      says: "'connectTimeout' must be an integer",
    },
    {
      because: 'an unknown key of a rule',
      config: { ingress: [{ ...LAST, host: 'x' }] },
      says: "unknown field 'host'",
    },
    {
      because: 'snake case',
      config: { ingress: [{ ...LAST, originRequest: { no_tls_verify: true } }] },
      says: "unknown field 'no_tls_verify'",
    },
    {
      because: 'an unknown key of the document',
      config: { ingress: [LAST], rules: [] },
      says: "unknown field 'rules'",
    },
    { because: 'a rule that is none', config: { ingress: ['x'] }, says: 'must be an object' },
  ];
  for (const { because, config, says } of rows) {
    it(because, async () => {
      const { reply, api } = await put(config);
      expect(reply.status).toBe(400);
      const [error] = reply.body.errors;
      expect(error?.code).toBe(1056);
      expect(error?.message).toMatch(/^Bad Configuration: Validation failed: .*\n$/s);
      expect(error?.message).toContain(says);
      expect(api.world.tunnels[0]?.versions).toEqual([]);
    });
  }
});

describe('a configuration that cloudflared runs is accepted', () => {
  const rows: { because: string; rule: object }[] = [
    { because: 'a wildcard host', rule: { hostname: '*.example.dev', service: ORIGIN } },
    { because: 'a path on every host', rule: { path: '^/hooks/(git|actions/[a-z0-9-]+)$', service: ORIGIN } },
    { because: 'a flag of Go', rule: { hostname: HOST, path: '(?i)^/a', service: ORIGIN } },
    ...['(?i:api)', '/(?i)api', '(?U)a+', '\\141', '[[:alpha:]]', '\\pL', '\\Q.\\E', '\\x{61}', '[]a]'].map(
      (path) => ({
        because: `the path ${path}`,
        rule: { hostname: HOST, path, service: ORIGIN },
      }),
    ),
    {
      because: 'an escaped backslash before a digit',
      rule: { hostname: HOST, path: 'a\\\\1', service: ORIGIN },
    },
    { because: 'a socket', rule: { hostname: HOST, service: 'unix:/run/x.sock' } },
    { because: 'the built-in page', rule: { hostname: HOST, service: 'hello_world' } },
    { because: 'tcp', rule: { hostname: HOST, service: 'tcp://db.lan:5432' } },
    { because: 'a status', rule: { hostname: HOST, service: 'http_status:503' } },
    {
      because: 'a check of the JWT',
      rule: {
        hostname: HOST,
        service: ORIGIN,
        originRequest: { access: { required: true, teamName: 'example', audTag: ['a'] } },
      },
    },
    {
      because: 'every key of originRequest',
      rule: {
        hostname: HOST,
        service: ORIGIN,
        originRequest: {
          caPool: '/etc/ca.pem',
          connectTimeout: 30,
          disableChunkedEncoding: true,
          http2Origin: true,
          httpHostHeader: 'x',
          keepAliveConnections: 1,
          keepAliveTimeout: 2,
          matchSNItoHost: true,
          noHappyEyeballs: true,
          noTLSVerify: true,
          originServerName: 'x',
          proxyType: '',
          tcpKeepAlive: 3,
          tlsTimeout: 4,
        },
      },
    },
  ];
  for (const { because, rule } of rows) {
    it(because, async () => {
      const { reply } = await put({ ingress: [rule, LAST] });
      expect(reply.body.errors).toEqual([]);
      expect(reply.body.result.config.ingress[0]).toMatchObject(rule);
    });
  }

  it('with the empty hostname and the empty originRequest that a GET shows', async () => {
    const { reply } = await put({
      ingress: [{ hostname: '', service: 'http_status:404', originRequest: {} }],
    });
    expect(reply.status).toBe(200);
  });
});
