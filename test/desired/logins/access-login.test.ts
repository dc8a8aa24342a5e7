import { describe, expect, it } from 'vitest';
import type { Desired } from '../../../src/core/objects/object.ts';
import { ref } from '../../../src/core/objects/reference.ts';
import { compileFile, find, keysOf } from '../sample.ts';

const idp = 'access-identity-provider';
const ours = ref(`cloudflare/${idp}:access-home`);
const pin = ref(`cloudflare/${idp}:onetimepin`);
const breakGlass = ', breakGlass: { emails: [Me@example.dev], reason: Authentik may be down }';

/** A file with a host behind Access, which logs people in through Authentik on another public host. */
function home(gate: string, access = '', paths = ''): Desired {
  return compileFile(
    `auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }
app: { host: app.example.dev, origin: app, gate: ${gate}${paths} }`,
    'authentik: { url: "http://authentik.lan:9000", service: auth }\ngroups: { admins: {}, family: {} }',
    `, identityProvider: authentik${access}`,
  );
}

const byGroups = '{ cloudflare: { groups: [admins, family] } }';

describe('Access through Authentik', () => {
  it('needs exactly one client, whose tokens are signed and not encrypted', () => {
    const desired = home(byGroups);
    expect(keysOf(desired, 'authentik/oauth2-provider')).toEqual(['access-home']);
    expect(find(desired, 'authentik/oauth2-provider', 'access-home')?.spec).toMatchObject({
      clientType: 'confidential',
      redirectUris: [
        {
          match: 'strict',
          uri: ref('cloudflare/organization:account', 'https://{authDomain}/cdn-cgi/access/callback'),
        },
      ],
      signingKey: ref('authentik/certificate:authentik Self-signed Certificate'),
      encrypted: false,
      grantTypes: ['authorization_code'],
      trustedProviders: [],
      claimsInIdToken: true,
      deliver: [],
      propertyMappings: [
        ref('authentik/scope-mapping:goauthentik.io/providers/oauth2/scope-openid'),
        ref('authentik/scope-mapping:goauthentik.io/providers/oauth2/scope-email'),
        ref('authentik/scope-mapping:goauthentik.io/providers/oauth2/scope-profile'),
        ref('authentik/scope-mapping:access groups'),
      ],
    });
  });

  it('admits the groups of all gates to that login, or everybody if a gate names people by address', () => {
    const bindings = (gate: string) => keysOf(home(gate), 'authentik/binding');
    expect(bindings(byGroups)).toEqual(['access-home/admins', 'access-home/family']);
    for (const gate of ['emails: [me@example.dev]', 'everyone: { reason: all }']) {
      const desired = home(`{ cloudflare: { ${gate} } }`);
      expect(keysOf(desired, 'authentik/binding')).toEqual([]);
      expect(desired.scope.authentik?.open).toEqual(['access-home']);
    }
    expect(home(byGroups).scope.authentik).not.toHaveProperty('open');
  });

  it('makes Access ask Authentik at its public host, also for inherited groups', () => {
    const desired = home(byGroups);
    const provider = find(desired, idp, 'access-home');
    expect(provider?.spec).toEqual({
      type: 'oidc',
      authUrl: 'https://auth.example.dev/application/o/authorize/',
      tokenUrl: 'https://auth.example.dev/application/o/token/',
      certsUrl: 'https://auth.example.dev/application/o/access-home/jwks/',
      scopes: ['openid', 'email', 'profile', 'gates'],
      claims: ['gates_groups'],
      emailClaim: 'email',
      pkce: true,
      client: 'kept',
      hosts: ['app.example.dev'],
    });
    expect(provider?.needs).toEqual([
      'authentik/oauth2-provider:access-home',
      'authentik/provider-link:access-home',
    ]);
    expect(find(desired, 'authentik/scope-mapping', 'access groups')?.spec).toMatchObject({
      scopeName: 'gates',
      expression: 'return {"gates_groups": [group.name for group in request.user.all_groups()]}',
    });
    expect(desired.scope).toMatchObject({ accessLogin: true, authentik: { clients: true } });
  });

  it('admits groups by Authentik’s claim, and sends people there at once', () => {
    const desired = home(byGroups);
    const claim = (group: string) => ({
      oidc: { claim_name: 'gates_groups', claim_value: group, identity_provider_id: ours },
    });
    expect(find(desired, 'access-policy', 'app.example.dev')?.spec).toMatchObject({
      decision: 'allow',
      include: [claim('admins'), claim('family')],
      require: [{ login_method: { id: ours } }],
    });
    expect(find(desired, 'access-application', 'app.example.dev')?.spec).toMatchObject({
      policies: [ref('cloudflare/access-policy:app.example.dev')],
      allowedProviders: [ours],
      redirectsAtOnce: true,
    });
  });

  it('admits people by address, and everyone, only if Authentik authenticated them', () => {
    for (const gate of [
      '{ cloudflare: { emails: [me@example.dev] } }',
      '{ cloudflare: { everyone: { reason: all } } }',
    ])
      expect(find(home(gate), 'access-policy', 'app.example.dev')?.spec).toMatchObject({
        require: [{ login_method: { id: ours } }],
      });
  });

  it('with breakGlass admits these people by a one-time PIN, and nobody else by it', () => {
    const desired = home(byGroups, breakGlass);
    expect(find(desired, 'access-policy', 'app.example.dev')?.spec).toMatchObject({
      require: [{ login_method: { id: ours } }],
    });
    expect(find(desired, 'access-policy', 'app.example.dev break-glass')).toMatchObject({
      spec: {
        decision: 'allow',
        include: [{ email: { email: 'me@example.dev' } }],
        require: [{ login_method: { id: pin } }],
        sessionDuration: '24h',
      },
      because: 'cloudflare.access.breakGlass',
    });
    expect(find(desired, 'access-application', 'app.example.dev')?.spec).toMatchObject({
      policies: [
        ref('cloudflare/access-policy:app.example.dev'),
        ref('cloudflare/access-policy:app.example.dev break-glass'),
      ],
      allowedProviders: [ours, pin],
      redirectsAtOnce: false,
    });
    expect(find(desired, idp, 'onetimepin')?.spec).toEqual({});
  });

  it('does not change gates for machines, nor public hosts', () => {
    const paths = ', paths: { /open: { public: { reason: open } } }';
    const desired = home('{ serviceToken: { tokens: [ci] } }', breakGlass, paths);
    expect(keysOf(desired, idp)).toEqual([]);
    expect(keysOf(desired, 'authentik/oauth2-provider')).toEqual([]);
    expect(keysOf(desired, 'access-policy')).toEqual(['app.example.dev', 'public']);
    for (const key of keysOf(desired, 'access-application'))
      expect(find(desired, 'access-application', key)?.spec).not.toHaveProperty('allowedProviders');
    expect(desired.scope).not.toHaveProperty('accessLogin');
  });
});
