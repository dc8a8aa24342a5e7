import { describe, expect, it } from 'vitest';
import { ref } from '../../../src/core/objects/reference.ts';
import { compileFile, find, keysOf } from '../sample.ts';

const auth = 'auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }\n';
const vault =
  'vault: { host: vault.example.dev, origin: app, gate: { authentik: { mode: oidc, client: vault } } }\n';
const stock = (scope: string) =>
  ref(`authentik/scope-mapping:goauthentik.io/providers/oauth2/scope-${scope}`);
const compiled = (services: string, clients: string, authentik = '') =>
  compileFile(
    `${auth}${services}`,
    `authentik: { url: "http://authentik.lan:9000"${authentik} }
groups: { admins: {}, family: {} }
clients: ${clients}`,
  );
const uri = 'redirectUris: ["https://vault.example.dev/oidc", { regex: "https://v[0-9]/x" }]';

describe('a client', () => {
  it('compiles to a provider with everything that a login needs, an application of its name, and files', () => {
    const desired = compiled(
      vault,
      `{ vault: { ${uri}, logoutUris: ["https://vault.example.dev/"], groups: [family], deliver: [ { file: /x/vault.env } ] } }`,
    );
    expect(desired.refusals).toEqual([]);
    expect(desired.warnings).toEqual([]);
    expect(find(desired, 'authentik/oauth2-provider', 'vault')).toEqual({
      address: { kind: 'authentik/oauth2-provider', key: 'vault' },
      spec: {
        clientType: 'confidential',
        grantTypes: ['authorization_code', 'refresh_token'],
        trustedProviders: [],
        redirectUris: [
          { match: 'strict', uri: 'https://vault.example.dev/oidc' },
          { match: 'regex', uri: 'https://v[0-9]/x' },
        ],
        logoutUris: [{ match: 'strict', uri: 'https://vault.example.dev/' }],
        signingKey: ref('authentik/certificate:authentik Self-signed Certificate'),
        encrypted: false,
        propertyMappings: [stock('openid'), stock('email'), stock('profile')],
        authorizationFlow: ref('authentik/flow:default-provider-authorization-implicit-consent'),
        usualFlow: ref('authentik/flow:default-provider-authorization-implicit-consent'),
        invalidationFlow: ref('authentik/flow:default-provider-invalidation-flow'),
        subject: 'hashed_user_id',
        issuer: 'per_provider',
        claimsInIdToken: true,
        codeLifetime: 60,
        accessLifetime: 3600,
        refreshLifetime: 2_592_000,
        secret: 'kept',
        deliver: [
          {
            file: '/x/vault.env',
            names: { clientId: 'VAULT_CLIENT_ID', clientSecret: 'VAULT_CLIENT_SECRET' },
          },
        ],
        hosts: ['vault.example.dev'],
      },
      because: 'clients.vault',
    });
    expect(find(desired, 'authentik/application', 'vault')?.spec).toEqual({
      name: 'vault',
      launchUrl: 'https://vault.example.dev/',
      engine: 'any',
      hosts: ['vault.example.dev'],
    });
    expect(find(desired, 'authentik/provider-link', 'vault')).toMatchObject({
      spec: { provider: ref('authentik/oauth2-provider:vault'), admits: 'named' },
      needs: ['authentik/binding:vault/family'],
    });
    expect(keysOf(desired, 'authentik/outpost-host')).toEqual([]);
    expect(desired.scope.authentik?.applications).toEqual(['vault']);
  });

  it('admits the groups of the gate that names it, and its own', () => {
    const desired = compiled(
      vault.replace('client: vault', 'client: vault, groups: [admins]'),
      `{ vault: { ${uri}, groups: [family] } }`,
    );
    expect(keysOf(desired, 'authentik/binding')).toEqual(['vault/admins', 'vault/family']);
  });

  it.each([
    { expression: 'return {"a": 1}', line: undefined },
    { expression: 'if request.user.is_superuser:\n    return {"a": 1}\nreturn {}', line: undefined },
    { expression: '    return {"a": [g.name for g in request.user.all_groups()]}\n', line: undefined },
    { expression: 'a = 1\nreturn {\n  "a": a', line: 3 },
    { expression: 'if request.user.is_superuser\n    return {}\nreturn {}', line: 1 },
    { expression: 'return {}\n   a = 1', line: 2 },
    { expression: 'return {"a" 1}', line: 1 },
  ])('has its expression parsed as Python: $expression', ({ expression, line }) => {
    const scopes = `, scopes: { extra: { expression: ${JSON.stringify(expression)} } }`;
    const warning = `authentik.scopes.extra.expression: line ${line} does not look like valid Python; Authentik refuses an expression with a syntax error`;
    const client = `{ vault: { ${uri}, groups: [family], scopes: [openid, extra] } }`;
    expect(compiled(vault, client, scopes).warnings).toEqual(line === undefined ? [] : [warning]);
  });

  it('is open to everybody only if neither side names groups', () => {
    const admits = (gate: string, client: string) =>
      find(
        compiled(vault.replace('client: vault', `client: vault${gate}`), `{ vault: { ${uri}${client} } }`),
        'authentik/provider-link',
        'vault',
      )?.spec;
    const everyone = ', everyone: { reason: "any account" }';
    expect(admits(everyone, '')).toMatchObject({ admits: 'everyone' });
    expect(admits(everyone, ', groups: [family]')).toMatchObject({ admits: 'named' });
  });

  it('is the gate of every host that names it, and links to the first', () => {
    const desired = compiled(
      ['c', 'a', 'b']
        .map((name) => vault.replaceAll('vault', name).replace(`client: ${name}`, 'client: vault'))
        .join(''),
      `{ vault: { ${uri}, groups: [family] } }`,
    );
    expect(find(desired, 'authentik/application', 'vault')?.spec).toMatchObject({
      hosts: ['a.example.dev', 'b.example.dev', 'c.example.dev'],
      launchUrl: 'https://a.example.dev/',
    });
  });

  it('that no gate names guards no host, and links to none', () => {
    const desired = compiled('', `{ vault: { ${uri}, groups: [family] } }`);
    expect(find(desired, 'authentik/application', 'vault')?.spec).toMatchObject({ launchUrl: '', hosts: [] });
    expect(find(desired, 'authentik/oauth2-provider', 'vault')?.spec).toMatchObject({ hosts: [] });
  });

  it('with its own key creates that key, and needs no other', () => {
    const desired = compiled(
      '',
      `{ api: { grantTypes: [client_credentials], signingKey: own, groups: [admins] } }`,
    );
    expect(find(desired, 'authentik/certificate-key-pair', 'api')).toEqual({
      address: { kind: 'authentik/certificate-key-pair', key: 'api' },
      spec: { privateKey: true },
      because: 'clients.api',
    });
    expect(find(desired, 'authentik/oauth2-provider', 'api')?.spec).toMatchObject({
      signingKey: ref('authentik/certificate-key-pair:api'),
      grantTypes: ['client_credentials'],
      redirectUris: [],
    });
    expect(keysOf(desired, 'authentik/certificate')).toEqual([]);
  });

  it('requests the scopes of the file, which replace Authentik’s own', () => {
    const desired = compiled(
      '',
      `{ vault: { ${uri}, groups: [family], scopes: [openid, email, roles] } }`,
      ', scopes: { email: { expression: "return {}" }, roles: { expression: "return {}", description: Roles } }',
    );
    expect(find(desired, 'authentik/oauth2-provider', 'vault')?.spec).toMatchObject({
      propertyMappings: [
        stock('openid'),
        ref('authentik/scope-mapping:email'),
        ref('authentik/scope-mapping:roles'),
      ],
    });
    expect(find(desired, 'authentik/scope-mapping', 'roles')).toEqual({
      address: { kind: 'authentik/scope-mapping', key: 'roles' },
      spec: { scopeName: 'roles', expression: 'return {}', description: 'Roles' },
      because: 'authentik.scopes.roles',
    });
    expect(
      desired.objects
        .filter(({ address, mustExist }) => address.kind === 'authentik/scope-mapping' && mustExist)
        .map(({ address }) => address.key),
    ).toEqual(['goauthentik.io/providers/oauth2/scope-openid']);
  });
});

describe('a host whose application authenticates people itself', () => {
  it('is as open at the edge as a public one', () => {
    const desired = compiled(vault, `{ vault: { ${uri}, groups: [family] } }`);
    expect(keysOf(desired, 'access-application')).toEqual([]);
    expect(find(desired, 'ingress-rule', 'homelab/vault.example.dev')?.spec).toMatchObject({
      service: 'http://app.lan:80',
      originRequest: {},
    });
  });

  it('opens an exact path that Access guards, like a public host', () => {
    const desired = compiled(
      vault.replace('} }\n', '}, paths: { /metrics: { serviceToken: { tokens: [ci] } } } }\n'),
      `{ vault: { ${uri}, groups: [family] } }`,
    );
    expect(desired.refusals).toEqual([]);
    expect(find(desired, 'access-application', 'vault.example.dev')?.spec).toMatchObject({ bypass: true });
  });
});
