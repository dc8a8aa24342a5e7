import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';
import { gateRow } from '../../src/gates/index.ts';
import { guardsOf } from '../../src/lab/rehearsal/guards.ts';
import { compileFile, configOf, find } from '../desired/sample.ts';

const host = 'api.example.dev';

/** A file whose API has a gate jwt with these keys. */
const fileOf = (keys: string): Parameters<typeof configOf> => [
  `auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }
api: { host: ${host}, origin: app, gate: { jwt: { ${keys}, operations: ["GET /v1"] } } }`,
  `authentik: { url: "http://authentik.lan:9000", service: auth }
clients: { api: { grantTypes: [client_credentials], signingKey: own, everyone: { reason: test } } }`,
];

describe('a gate jwt at the origin', () => {
  const operations = [{ method: 'GET', path: '/v1' }];
  const from = [{ header: 'authorization' }];
  const url = 'https://keys.example.net/jwks';
  const issuer = 'https://auth.example.dev/application/o/api/';

  it.each([
    {
      keys: `at: origin, keys: { url: "${url}" }, audience: api`,
      bearer: { keysUrl: url, issuer: undefined, audience: 'api', from, operations },
      because: 'the audience is the text of the file, even if a client has that name',
    },
    {
      keys: 'at: origin, keys: { client: api }, audience: api',
      bearer: { keysUrl: `${issuer}jwks/`, issuer, audience: { client: 'api' }, from, operations },
      because: 'a token of the client is for its id',
    },
    {
      keys: 'at: origin, keys: { client: api }, audience: other, from: [{ cookie: t }, { header: X-Token }]',
      bearer: {
        ...{ keysUrl: `${issuer}jwks/`, issuer, audience: 'other', operations },
        from: [{ cookie: 't' }, { header: 'x-token' }],
      },
      because: 'tokens are where the file says',
    },
    {
      keys: `keys: { url: "${url}" }, audience: api`,
      bearer: undefined,
      because: 'at the edge, API Shield asks',
    },
  ])('is judged by the daemon: $because', ({ keys, bearer }) => {
    const config = configOf(...fileOf(keys));
    const gate = config.services.get('api')?.gate;
    expect(gate && gateRow(gate).bearer?.(gate as never, config)).toEqual(bearer);
  });

  it('lets nobody in whom a rehearsal could play', () => {
    const config = configOf(...fileOf('at: origin, keys: { client: api }, audience: api'));
    expect(guardsOf(config, []).filter((guard) => guard.host === host)).toEqual([{ host, admit: {} }]);
  });
});

describe('a gate jwt at the edge', () => {
  it('looks for tokens in the header of every client if the file says nothing', () => {
    const desired = compileFile(...fileOf('keys: { client: api }, audience: api'));
    expect(find(desired, 'token-configuration', host)?.spec).toMatchObject({
      sources: ['http.request.headers["authorization"][0]'],
    });
  });

  it('needs a zone with API Shield, whatever service asks for it', () => {
    const desired = compileFile(...fileOf('keys: { client: api }, audience: api'));
    expect(find(desired, 'api-shield', 'example.dev')).toMatchObject({
      spec: { entitled: true },
      because: 'cloudflare.zones',
    });
  });
});

describe('a gate jwt', () => {
  it.each([
    {
      keys: 'keys: { client: nobody }, audience: api',
      client: 'ldap: { baseDn: "dc=films" }',
      at: 'services.api.gate.jwt.keys.client',
    },
    {
      keys: 'keys: { client: films }, audience: api',
      client: 'ldap: { baseDn: 5 }',
      at: 'clients.films.ldap.baseDn',
    },
    {
      keys: 'keys: { client: films }, audience: api',
      client: 'ldap: { baseDn: "dc=films" }',
      at: 'services.api.gate.jwt.keys.client',
    },
    {
      keys: 'keys: { url: "https://keys.example.net/jwks" }, audience: api, action: log, reason: [trial]',
      client: 'ldap: { baseDn: "dc=films" }',
      at: 'services.api.gate.jwt.reason',
    },
  ])('has one mistake where one is made: $at', ({ keys, client, at }) => {
    const read = parseConfig(`version: 1
owner: home
cloudflare: { account: 0123456789abcdef0123456789abcdef, zones: [example.dev], tunnels: { homelab: {} } }
authentik: { url: "http://authentik.lan:9000", service: auth, ldapOutpost: directory }
origins: { app: { tunnel: homelab, url: "http://app.lan:80", router: true } }
clients: { films: { ${client}, everyone: { reason: test } } }
services:
  auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }
  api: { host: ${host}, origin: app, gate: { jwt: { ${keys}, operations: ["GET /v1"] } } }
`);
    expect(read.ok ? [] : read.mistakes.map(({ path }) => path)).toEqual([at]);
  });
});
