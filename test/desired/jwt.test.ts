import { describe, expect, it } from 'vitest';
import { ref } from '../../src/core/objects/reference.ts';
import { compileFile, find, keysOf } from './sample.ts';

const host = 'api.example.dev';

const place = { zone: 'example.dev', zoneId: ref('cloudflare/zone:example.dev') };

const service = (changes = '', paths = '') => `api:
  host: ${host}
  origin: app
  gate:
    jwt:
      keys: { url: "https://keys.example/jwks" }
      audience: my "api"
      from: [ { header: X-Auth }, { cookie: token } ]
      operations: [ "POST /v1/items", "GET /v1/items/{id}" ]
${changes}${paths}`;

describe('a gate jwt at the edge compiles to', () => {
  const compiled = () => compileFile(service());

  it('a token configuration, whose keys come from what is read', () => {
    const desired = compiled();
    expect(find(desired, 'token-configuration', host)).toEqual({
      address: { kind: 'cloudflare/token-configuration', key: host },
      spec: {
        zone: 'example.dev',
        zoneId: ref('cloudflare/zone:example.dev'),
        title: `gates ${host}`,
        sources: ['http.request.headers["x-auth"][0]', 'http.request.cookies["token"][0]'],
        keySet: 'https://keys.example/jwks',
      },
      needs: ['cloudflare/api-shield:example.dev'],
      because: 'services.api',
    });
    expect(desired.scope).toMatchObject({
      wafZones: ['example.dev'],
      apiHosts: [host],
      keySets: [{ url: 'https://keys.example/jwks' }],
    });
  });

  it('a rule that blocks at every operation, and the operations in Cloudflare’s form', () => {
    const desired = compiled();
    expect(find(desired, 'token-rule', host)).toEqual({
      address: { kind: 'cloudflare/token-rule', key: host },
      spec: {
        ...place,
        title: `gates ${host}`,
        action: 'block',
        enabled: true,
        configuration: ref(`cloudflare/token-configuration:${host}`),
        hosts: [host],
        excluded: [],
        shadowed: false,
      },
      because: 'services.api',
    });
    expect(keysOf(desired, 'api-operation')).toEqual([
      `POST ${host} /v1/items`,
      `GET ${host} /v1/items/{var1}`,
    ]);
    expect(find(desired, 'api-operation', `GET ${host} /v1/items/{var1}`)).toEqual({
      address: { kind: 'cloudflare/api-operation', key: `GET ${host} /v1/items/{var1}` },
      spec: { ...place, method: 'GET', host, endpoint: '/v1/items/{var1}' },
      needs: [`cloudflare/token-rule:${host}`],
      because: 'services.api',
    });
  });

  it('WAF rules that block everything but operations, and tokens for another audience', () => {
    const desired = compiled();
    expect(keysOf(desired, 'waf-rule')).toEqual([`fallthrough ${host}`, `audience ${host}`]);
    const closing = { ...place, host, action: 'block', enabled: true, intact: true, shadowed: false };
    const rule = (key: string, spec: object) => ({
      address: { kind: 'cloudflare/waf-rule', key },
      spec: { ...closing, ...spec },
      needs: ['cloudflare/api-shield:example.dev'],
      because: 'services.api',
    });
    expect(find(desired, 'waf-rule', `fallthrough ${host}`)).toEqual(
      rule(`fallthrough ${host}`, { purpose: 'fallthrough', ahead: true }),
    );
    expect(find(desired, 'waf-rule', `audience ${host}`)).toEqual(
      rule(`audience ${host}`, {
        purpose: 'audience',
        audience: 'my "api"',
        configuration: ref(`cloudflare/token-configuration:${host}`),
      }),
    );
  });

  it('the id of the client, if the audience is its name', () => {
    const mine = service()
      .replace('url: "https://keys.example/jwks"', 'client: api')
      .replace('my "api"', 'api');
    const named = compileFile(
      mine,
      `authentik: { url: "http://authentik.lan:9000" }
clients: { api: { grantTypes: [client_credentials], signingKey: own, everyone: { reason: test } } }
`,
    );
    expect(find(named, 'waf-rule', `audience ${host}`)?.spec).toMatchObject({
      audience: ref('authentik/oauth2-provider:api', '{clientId}'),
    });
    expect(find(named, 'token-configuration', host)).toMatchObject({
      spec: { keySet: 'api' },
      needs: ['cloudflare/api-shield:example.dev', 'authentik/provider-link:api'],
    });
    expect(named.scope).toMatchObject({ keySets: [{ client: 'api' }] });
  });

  it('a proof under cover: off the operations, without a token, and with an unsigned one', () => {
    const [proof] = compiled().proofs;
    expect(proof).toMatchObject({
      host,
      step: 'prove',
      needs: [
        `cloudflare/token-rule:${host}`,
        `cloudflare/token-configuration:${host}`,
        `cloudflare/waf-rule:fallthrough ${host}`,
        `cloudflare/waf-rule:audience ${host}`,
      ],
    });
    expect(proof?.cover?.address.key).toBe(host);
    expect(proof?.spec).toEqual({
      expect: { type: 'jwt' },
      looks: [
        { path: '/gates-probe/gates-probe/gates-probe/gates-probe', unlisted: true },
        { path: '/v1/items/1' },
        { path: '/v1/items/1', headers: { 'x-auth': 'Bearer eyJhbGciOiJub25lIn0.e30.' } },
      ],
    });
  });

  it('a check with a cookie if a cookie is the first place, and at no operation if none is a GET', () => {
    const proofOf = (text: string) => compileFile(text).proofs[0];
    expect(proofOf(service().replace('{ header: X-Auth }, ', ''))?.spec).toMatchObject({
      looks: [
        { path: '/gates-probe/gates-probe/gates-probe/gates-probe' },
        { path: '/v1/items/1' },
        { path: '/v1/items/1', headers: { cookie: 'token=eyJhbGciOiJub25lIn0.e30.' } },
      ],
    });
    expect(proofOf(service().replace(', "GET /v1/items/{id}"', ''))?.spec).toMatchObject({
      looks: [{ path: '/gates-probe/gates-probe/gates-probe' }],
    });
  });

  it('a short enough title, whatever the host', () => {
    const long = `${'a'.repeat(50)}.example.dev`;
    const desired = compileFile(service().replaceAll(host, long));
    expect(find(desired, 'token-configuration', long)?.spec).toMatchObject({
      title: `gates ${'a'.repeat(44)}`,
    });
  });

  it('a lookup of API Shield whose error says how to do without it', () => {
    expect(find(compiled(), 'api-shield', 'example.dev')?.mustExist).toContain('write `at: origin`');
  });
});

describe('a gate jwt', () => {
  it('with action log keeps nobody out, and is not checked', () => {
    const desired = compileFile(service('      action: log\n      reason: trying\n'));
    expect(keysOf(desired, 'waf-rule')).toEqual([]);
    expect(find(desired, 'token-rule', host)?.spec).toMatchObject({ action: 'log' });
    expect(desired.proofs).toEqual([]);
  });

  it.each([
    [
      'a path of another gate',
      service('', '  paths: { /docs/**: { public: { reason: docs } } }\n'),
      'gate `jwt`: a path with another gate is not built on such a host: give it a host of its own',
    ],
    [
      'a path as its own',
      `api:
  host: ${host}
  origin: app
  gate: { public: { reason: open } }
  paths: { /v1/**: { jwt: { keys: { url: "https://keys.example/jwks" }, audience: api, operations: ["GET /v1"] } } }
`,
      'gate `jwt` of path /v1/**: it is the gate of a whole host, not of a path',
    ],
  ])('%s is refused by its name', (_, text, reason) => {
    expect(compileFile(text).refusals).toEqual([{ service: 'api', host, reason }]);
  });
});

describe('waf.skip', () => {
  const docs = 'docs: { host: docs.example.dev, origin: app, gate: { public: { reason: open } } }\n';
  const skipping = (skip: string) => compileFile(docs, `waf: { skip: ${skip} }`);

  it('adds one entry for each host, and reads the rules of its zone', () => {
    const desired = skipping(
      '{ hosts: [b.example.dev, a.example.dev], products: [waf, bic], phases: [http_ratelimit] }',
    );
    expect(keysOf(desired, 'waf-rule')).toEqual(['skip b.example.dev', 'skip a.example.dev']);
    expect(find(desired, 'waf-rule', 'skip a.example.dev')?.spec).toMatchObject({
      action: 'skip',
      products: ['bic', 'waf'],
      phases: ['http_ratelimit'],
    });
    expect(desired.scope.wafZones).toEqual(['example.dev']);
    expect(desired.warnings).toEqual([]);
  });

  it('adds nothing when it is empty', () => {
    expect(keysOf(skipping('{ hosts: [a.example.dev] }'), 'waf-rule')).toEqual([]);
  });
});
