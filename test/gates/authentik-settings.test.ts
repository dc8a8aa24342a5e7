import { describe, expect, it } from 'vitest';
import { checkedConfig } from '../../src/expect/checked-config.ts';
import { compileFile, find } from '../desired/sample.ts';
import { saidIn } from './said.ts';

const groups = 'groups: { admins: {}, family: {} }';
const auth = 'auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }\n';

/** The mistakes of a file with this gate. */
function saidOf(gate: string, domain = '{ }', more = ''): readonly string[] {
  return saidIn(
    checkedConfig(`version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev, example.org]
  tunnels: { homelab: {} }
authentik:
  url: http://authentik.lan:9000
  service: auth
  ldapOutpost: directory
  domains: { Example.dev: ${domain} }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80", forwardAuth: true }
${groups}
clients:
  films: { ldap: { baseDn: "dc=films" }, groups: [family] }
  gitlab: { saml: { acsUrl: "https://wiki.example.dev/acs" }, groups: [family] }
  vault: { redirectUris: ["https://wiki.example.dev/callback"], groups: [admins], policies: [office] }
${more}
services:
  auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }
  wiki: { host: wiki.example.dev, origin: app, gate: { authentik: ${gate} } }
`),
  );
}

describe('a gate of Authentik', () => {
  it.each([
    {
      gate: '{ mode: domain }',
      because: 'nobody gets in by accident at a domain: its own entry says who does',
      said: [
        'services.wiki.gate.authentik: this gate lets everybody in who can log in (add `groups` or `users`, or say it on purpose with `everyone: { reason: … }` under `authentik.domains`)',
      ],
    },
    {
      gate: '{ groups: [admins], session: 730h }',
      because: 'a month is the longest session, and a session may be as long',
      said: [],
    },
    {
      gate: '{ mode: saml, client: gitlab, session: 8h }',
      because: 'SAML has its lifetimes elsewhere',
      said: [
        'services.wiki.gate.authentik.session: in mode saml no outpost asks for the login (remove it, and give the client `saml.lifetimes`)',
      ],
    },
    {
      gate: '{ mode: ldap, client: films, flow: mfa }',
      because: 'one flow binds all LDAP clients',
      said: [
        'services.wiki.gate.authentik.flow: mode ldap has no `flow` of its own (remove it; `authentik.flows.bind` names the flow of all LDAP clients)',
      ],
    },
    {
      gate: '{ mode: ldap, client: films, policies: [office] }',
      because: 'the policies of an LDAP client are its own',
      said: [
        'services.wiki.gate.authentik.policies: mode ldap has no `policies` of its own (move it to `clients.films`: it holds wherever people log in by the client)',
      ],
    },
    {
      gate: '{ mode: oidc, client: vault, groups: [family], users: [ada] }',
      because: 'whom a gate adds to a client with policies is asked for with everybody else',
      said: [
        'clients.vault.policies: with `policies`, Authentik would ask each person for all of group admins, group family, user ada (make one group in Authentik that contains them, and name only that)',
      ],
    },
    {
      gate: '{ mode: oidc, client: vault, groups: [admins] }',
      because: 'a group that the client admits anyway is no second one',
      said: [],
    },
  ])('$gate: $because', ({ gate, said }) => {
    expect(saidOf(gate)).toEqual(said);
  });
});

describe('the login of a domain', () => {
  it('has no session of more than a month either', () => {
    expect(saidOf('{ mode: domain }', '{ groups: [family], session: 731h }')).toEqual([
      'authentik.domains["Example.dev"].session: a session of 731h is longer than a month (write 730h or less: nobody asks Authentik about the person again until the session ends)',
    ]);
  });

  it('has one group if it has policies', () => {
    expect(saidOf('{ mode: domain }', '{ groups: [admins, family], policies: [office] }')).toEqual([
      'authentik.domains["Example.dev"].policies: with `policies`, Authentik would ask each person for all of group admins, group family (make one group in Authentik that contains them, and name only that)',
    ]);
    expect(saidOf('{ mode: domain }', '{ groups: [family], policies: [office] }')).toEqual([]);
  });
});

describe('the application of a host', () => {
  const client =
    '  wiki-example-dev: { redirectUris: ["https://wiki.example.dev/callback"], groups: [family] }';
  const clash =
    'clients.wiki-example-dev: the application of wiki.example.dev is called "wiki-example-dev" too (give one of them another name)';
  it.each([
    { gate: '{ groups: [admins] }', said: [clash], because: 'it has the name of its host' },
    {
      gate: '{ mode: proxy, groups: [admins] }',
      said: [clash],
      because: 'also where the outpost is in between',
    },
    { gate: '{ mode: domain }', said: [], because: 'a host of a domain has none of its own' },
    { gate: '{ mode: saml, client: gitlab }', said: [], because: 'a client is the application' },
  ])('$gate: $because', ({ gate, said }) => {
    expect(saidOf(gate, '{ groups: [family] }', client)).toEqual(said);
  });
});

describe('the settings of an outpost’s login', () => {
  const spec = (gate: string) =>
    find(
      compileFile(
        `${auth}wiki: { host: wiki.example.dev, origin: app, gate: { authentik: ${gate} } }`,
        `authentik: { url: "http://authentik.lan:9000" }\n${groups}`,
      ),
      'authentik/proxy-provider',
      'wiki-example-dev',
    )?.spec;

  it('are those of the file', () => {
    expect(
      spec(
        '{ groups: [admins], session: 8h, interceptAuthorization: true, basicAuth: { userAttribute: name, passwordAttribute: secret } }',
      ),
    ).toMatchObject({
      sessionLifetime: 8 * 60 * 60,
      interceptAuthorization: true,
      basicAuth: { userAttribute: 'name', passwordAttribute: 'secret' },
    });
  });

  it('are off where the file says so, and otherwise whatever somebody set by hand', () => {
    expect(spec('{ groups: [admins], basicAuth: false }')).toMatchObject({ basicAuth: 'off' });
    for (const setting of ['sessionLifetime', 'basicAuth', 'interceptAuthorization'])
      expect(spec('{ groups: [admins] }')).not.toHaveProperty(setting);
  });
});
