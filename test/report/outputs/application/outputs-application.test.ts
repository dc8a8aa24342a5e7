import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { ClientTerms } from '../../../../src/report/outputs/application/application-terms.ts';
import {
  type ApplicationAsked,
  formatApplication,
} from '../../../../src/report/outputs/application/outputs-application.ts';
import { ldapOutputs } from '../../../../src/report/outputs/ldap-outputs.ts';
import type { AccessOutputs, ClientOutputs } from '../../../../src/report/outputs/outputs.ts';

const at = 'https://auth.example.dev/application/o';
const live: ClientOutputs = {
  clientId: 'abc',
  issuer: `${at}/argocd/`,
  discoveryUrl: `${at}/argocd/.well-known/openid-configuration`,
  authorizationUrl: `${at}/authorize/`,
  tokenUrl: `${at}/token/`,
  userinfoUrl: `${at}/userinfo/`,
  jwksUrl: `${at}/argocd/jwks/`,
  endSessionUrl: `${at}/argocd/end-session/`,
};
const argocd: ClientTerms = {
  name: 'argocd',
  live,
  type: 'confidential',
  redirectUris: ['https://argocd.example.dev/auth/callback'],
  scopes: ['openid', 'email', 'profile'],
  secret: { file: '/run/secrets/argocd.env', variable: 'ARGOCD_CLIENT_SECRET' },
};
const access: AccessOutputs = {
  teamDomain: 'example.cloudflareaccess.com',
  issuer: 'https://example.cloudflareaccess.com',
  certsUrl: 'https://example.cloudflareaccess.com/cdn-cgi/access/certs',
  aud: 'aud1',
  header: 'Cf-Access-Jwt-Assertion',
};

const ofClient = (terms: Partial<ClientTerms> = {}): ApplicationAsked => ({
  guarded: undefined,
  clients: [{ ...argocd, ...terms }],
  samlClients: [],
  ldapClients: [],
});

describe('the settings of an application', () => {
  it('are a ConfigMap for Argo CD, whose secret is a reference', () => {
    const { text, missing } = formatApplication('argocd', ofClient());
    expect(missing).toEqual([]);
    const { data } = parse(text);
    expect(data.url).toBe('https://argocd.example.dev');
    expect(parse(data['oidc.config'])).toEqual({
      name: 'Authentik',
      issuer: live.issuer,
      clientID: 'abc',
      clientSecret: '$oidc.authentik.clientSecret',
      requestedScopes: ['openid', 'email', 'profile'],
    });
    expect(text).toContain('The secret is ARGOCD_CLIENT_SECRET in /run/secrets/argocd.env.');
  });

  it('are a command for Proxmox, which reads the secret from its file', () => {
    const { text } = formatApplication('proxmox', ofClient());
    expect(text.split('\n').slice(1).join('\n')).toBe(`. /run/secrets/argocd.env
pveum realm add authentik \\
  --type openid \\
  --issuer-url ${at}/argocd/ \\
  --client-id abc \\
  --client-key "$ARGOCD_CLIENT_SECRET" \\
  --scopes "openid email profile" \\
  --username-claim username \\
  --autocreate 1
`);
  });

  it('let Grafana check the token of Access, or log people in, or both', () => {
    const guarded = { service: 'grafana', access };
    const token = formatApplication('grafana', {
      guarded,
      clients: [],
      samlClients: [],
      ldapClients: [],
    }).text;
    expect(token).toContain('[auth.jwt]\nenabled = true\nheader_name = Cf-Access-Jwt-Assertion\n');
    expect(token).toContain(`expect_claims = {"iss": "${access.issuer}", "aud": "aud1"}\n`);
    const redirectUris = ['https://grafana.example.dev/login/generic_oauth'];
    const login = formatApplication('grafana', ofClient({ redirectUris })).text;
    expect(login).toContain('[server]\nroot_url = https://grafana.example.dev\n');
    expect(login).toContain('client_secret = $__env{ARGOCD_CLIENT_SECRET}\n');
    expect(formatApplication('grafana', { ...ofClient(), guarded }).text).toMatch(
      /\[auth\.jwt\].*\[auth\.generic_oauth\]/s,
    );
  });

  it('are those of an integration for Home Assistant, whose secret is a reference', () => {
    const redirectUris = ['https://home.example.dev/auth/oidc/callback'];
    const { text, missing } = formatApplication('home-assistant', ofClient({ redirectUris }));
    expect(missing).toEqual([]);
    expect(text).toContain('Write ARGOCD_CLIENT_SECRET into secrets.yaml, as authentik_client_secret.');
    expect(text).toContain('client_secret: !secret authentik_client_secret\n');
    expect(parse(text.replace('!secret ', ''))).toEqual({
      auth_oidc: {
        client_id: 'abc',
        client_secret: 'authentik_client_secret',
        discovery_url: live.discoveryUrl,
        features: { include_groups_scope: false },
      },
    });
    expect(formatApplication('home-assistant', ofClient()).missing.join()).toContain('/auth/oidc/callback');
  });

  it('never let Grafana accept a token without its audience', () => {
    const guarded = { service: 'grafana', access: { ...access, aud: null } };
    expect(
      formatApplication('grafana', { guarded, clients: [], samlClients: [], ldapClients: [] }).text,
    ).not.toContain('[auth.jwt]');
  });

  it('have the names of OpenID Connect for every other program, and leave out what gates does not know', () => {
    const { text } = formatApplication('oidc', ofClient({ live: { ...live, clientId: null } }));
    expect(text).toContain(`issuer = ${at}/argocd/\n`);
    expect(text).toContain('scope = openid email profile\n');
    expect(text).not.toContain('client_id');
  });

  it.each([
    { terms: { secret: undefined }, says: 'clients.argocd.deliver' },
    { terms: { redirectUris: ['https://x.example.dev/'] }, says: 'clients.argocd.redirectUris' },
  ])('say what is missing: $says', ({ terms, says }) => {
    expect(formatApplication('argocd', ofClient(terms)).missing.join()).toContain(says);
  });

  it('are names and filters for an LDAP client, which has no other ones', () => {
    const live = ldapOutputs({ baseDn: 'dc=Films,dc=home' });
    const asked = {
      guarded: undefined,
      clients: [],
      samlClients: [],
      ldapClients: [{ name: 'films', live }],
    };
    expect(
      formatApplication('ldap', asked).text.split('\n').slice(1).join('\n'),
    ).toBe(`base_dn = dc=Films,dc=home
bind_dn = cn=USERNAME,ou=users,dc=films,dc=home
user_base = ou=users,dc=films,dc=home
user_filter = (objectClass=user)
user_name_attribute = cn
group_base = ou=groups,dc=films,dc=home
group_filter = (objectClass=group)
group_member_attribute = member
`);
    expect(formatApplication('saml', asked).missing).toEqual([
      'clients.films: the application logs people in by LDAP, which `--format ldap` prints',
    ]);
  });

  it('have no secret for a public client', () => {
    const { text, missing } = formatApplication('argocd', ofClient({ type: 'public', secret: undefined }));
    expect(missing).toEqual([]);
    expect(text).not.toContain('clientSecret');
  });

  it.each(['oidc', 'argocd', 'proxmox', 'home-assistant', 'grafana'] as const)(
    'need a client or a gate of Access: %s',
    (format) => {
      const { text, missing } = formatApplication(format, {
        guarded: undefined,
        clients: [],
        samlClients: [],
        ldapClients: [],
      });
      expect(text).toBe('');
      expect(missing.join()).toContain('--client NAME');
    },
  );
});
