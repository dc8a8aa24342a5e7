import { describe, expect, it } from 'vitest';
import { ref } from '../../src/core/objects/reference.ts';
import { doorsOf } from '../../src/desired/terms/doors.ts';
import { hookPaths } from '../../src/desired/terms/paths.ts';
import { builtGate } from '../../src/gates/index.ts';
import { configOf } from '../desired/sample.ts';

const auth = 'auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }\n';

describe('a check of', () => {
  const clientId = (key: string) => ref(`authentik/proxy-provider:${key}`, '{clientId}');
  const outpost = (key: string) =>
    (['proxy-provider', 'provider-link', 'outpost-entry'] as const).map((kind) => `authentik/${kind}:${key}`);
  const login = 'https://auth.example.dev';

  it.each([
    {
      gate: '{ authentik: { groups: [admins] } }',
      terms: {
        kind: 'edge/proof',
        expect: { type: 'authentik', login, clientId: clientId('a-example-dev'), callback: 'a.example.dev' },
        needs: outpost('a-example-dev'),
        covered: true,
      },
      because: 'a visitor is sent to the login host for its client, and back',
    },
    {
      gate: '{ authentik: { mode: proxy, groups: [admins] } }',
      terms: {
        kind: 'edge/proof',
        expect: { type: 'authentik', login, clientId: clientId('a-example-dev'), callback: 'a.example.dev' },
        needs: outpost('a-example-dev'),
        covered: true,
      },
      because: 'the outpost asks the same way where it stands before the origin',
    },
    {
      gate: '{ authentik: { mode: domain } }',
      terms: {
        kind: 'edge/proof',
        expect: {
          type: 'authentik',
          login,
          clientId: clientId('domain-example-dev'),
          callback: 'auth.example.dev',
        },
        needs: outpost('domain-example-dev'),
        covered: true,
      },
      because: 'the login of a domain comes back to one host for all',
    },
    {
      gate: '{ authentik: { mode: oidc, client: vault, groups: [admins] } }',
      terms: {
        kind: 'authentik/admission',
        expect: {
          application: ref('authentik/application:vault', '{slug}'),
          id: ref('authentik/application:vault'),
          admits: 'named',
          groups: [ref('authentik/group:admins'), ref('authentik/group:family')],
          users: [],
          policies: [],
        },
        needs: ['authentik/oauth2-provider:vault', 'authentik/provider-link:vault'],
        covered: false,
      },
      because: 'the login of an application cannot be seen from outside: whom it admits is read back',
    },
    {
      gate: '{ authentik: { mode: oidc, client: notes } }',
      terms: {
        kind: 'authentik/admission',
        expect: {
          application: ref('authentik/application:notes', '{slug}'),
          id: ref('authentik/application:notes'),
          admits: 'named',
          groups: [],
          users: [ref('authentik/user:ada')],
          policies: [ref('authentik/policy:office')],
        },
        needs: ['authentik/oauth2-provider:notes', 'authentik/provider-link:notes'],
        covered: false,
      },
      because: 'people and policies are read back as well as groups',
    },
    {
      gate: '{ authentik: { mode: saml, client: gitlab, groups: [admins] } }',
      terms: {
        kind: 'authentik/admission',
        expect: {
          application: ref('authentik/application:gitlab', '{slug}'),
          id: ref('authentik/application:gitlab'),
          admits: 'named',
          groups: [ref('authentik/group:admins'), ref('authentik/group:family')],
          users: [],
          policies: [],
        },
        needs: ['authentik/saml-provider:gitlab/saml', 'authentik/provider-link:gitlab'],
        covered: false,
      },
      because: 'a login by SAML is read back in the same way',
    },
    {
      gate: '{ authentik: { mode: ldap, client: films } }',
      terms: {
        kind: 'authentik/admission',
        expect: {
          application: ref('authentik/application:films', '{slug}'),
          id: ref('authentik/application:films'),
          admits: 'named',
          groups: [ref('authentik/group:family')],
          users: [],
          policies: [],
        },
        needs: ['authentik/ldap-provider:films/ldap', 'authentik/provider-link:films'],
        covered: false,
      },
      because: 'and so is one by LDAP',
    },
    {
      gate: '{ cloudflare: { emails: [me@example.dev] } }',
      terms: {
        kind: 'edge/proof',
        expect: { type: 'access', audience: ref('cloudflare/access-application:a.example.dev', '{aud}') },
        needs: ['cloudflare/access-application:a.example.dev'],
        covered: false,
      },
      because: 'Access answers for exactly our application',
    },
    {
      gate: '{ serviceToken: { tokens: [ci] } }',
      terms: {
        kind: 'edge/proof',
        expect: { type: 'access', audience: ref('cloudflare/access-application:a.example.dev', '{aud}') },
        needs: ['cloudflare/access-application:a.example.dev'],
        covered: false,
      },
      because: 'it is Access that asks a machine too',
    },
    {
      gate: '{ webhook: { actions: [reconcile], secret: { env: SECRET } } }',
      terms: {
        kind: 'edge/proof',
        expect: { type: 'hooks', within: hookPaths },
        needs: [
          'cloudflare/ingress-rule:homelab/a.example.dev',
          `cloudflare/ingress-rule:homelab/a.example.dev ${hookPaths}`,
        ],
        covered: true,
      },
      because: 'the daemon refuses what is not signed, and nothing else answers',
    },
    {
      gate: '{ jwt: { at: origin, keys: { url: "https://keys.example.net/jwks" }, audience: api, operations: ["GET /v1"] } }',
      terms: {
        kind: 'edge/proof',
        expect: { type: 'verify', host: 'a.example.dev' },
        needs: [],
        covered: true,
      },
      because: '`/verify` refuses whoever brings no token',
    },
    { gate: '{ public: { reason: open } }', terms: undefined, because: 'nobody is asked' },
    { gate: '{ identityProvider: {} }', terms: undefined, because: 'nobody is asked at the edge' },
  ])('$gate: $because', ({ gate, terms }) => {
    const config = configOf(
      `${auth}a: { host: a.example.dev, origin: app, gate: ${gate} }`,
      `authentik: { url: "http://authentik.lan:9000", service: auth, ldapOutpost: directory, domains: { example.dev: { groups: [family] } } }
groups: { admins: {}, family: {} }
clients:
  films: { ldap: { baseDn: "dc=films" }, groups: [family] }
  notes: { redirectUris: ["https://a.example.dev/notes"], users: [ada], policies: [office] }
  vault: { redirectUris: ["https://a.example.dev/callback"], groups: [family] }
  gitlab: { saml: { acsUrl: "https://a.example.dev/acs" }, groups: [family] }`,
    );
    const service = config.services.get('a');
    const [door] = service === undefined ? [] : doorsOf(service);
    if (door === undefined) throw new Error('the file of this test has no service');
    expect(builtGate(door.gate).proof?.(door, config)).toEqual(terms);
  });
});
