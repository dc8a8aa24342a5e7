import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';
import { sampleText } from './sample-file.ts';

interface Row {
  readonly because: string;
  /** Text of the good file to replace; `to` replaces it. */
  readonly from: string | RegExp;
  readonly to: string;
  /** Every mistake as `text at its place: code message (hint)`, with the first eight characters of the text. */
  readonly said: readonly string[];
}

const gate = 'gate: { public: { reason: documentation } }';
const mx = '{ name: "@", type: MX, content: mail.example.net, priority: 10 }';

const rows: readonly Row[] = [
  {
    because: 'Access compares whole addresses: nobody has this one',
    from: 'gate: { cloudflare: { groups: [admins] } }',
    to: 'gate: { cloudflare: { emails: ["*@example.dev"] } }',
    said: [
      '"*@examp: expected the e-mail address of one person, without wildcards and invisible characters, found the text "*@example.dev" (write `domains: [example.dev]`)',
    ],
  },
  {
    because: 'a zero-width space belongs to no address',
    from: 'gate: { cloudflare: { groups: [admins] } }',
    to: 'gate: { cloudflare: { emails: ["a@example.net\\u200b"] } }',
    said: [
      '"a@examp: expected the e-mail address of one person, without wildcards and invisible characters, found the text "a@example.net·"',
    ],
  },
  {
    because: 'a session at the outpost that lasts for ever is no session',
    from: 'gate: { cloudflare: { groups: [admins] } }',
    to: 'gate: { authentik: { groups: [admins], session: 731h } }',
    said: [
      '731h } }: a session of 731h is longer than a month (write 730h or less: nobody asks Authentik about the person again until the session ends)',
    ],
  },
  {
    because: 'a session has some length',
    from: 'gate: { cloudflare: { groups: [admins] } }',
    to: 'gate: { authentik: { groups: [admins], session: 0 } }',
    said: [
      '0 } } }: expected a duration such as 90s, 10m, 24h or 7d, found the number 0 (a duration is longer than 0)',
    ],
  },
  {
    because: 'a name without a password logs nobody in',
    from: 'gate: { cloudflare: { groups: [admins] } }',
    to: 'gate: { authentik: { groups: [admins], basicAuth: { userAttribute: name } } }',
    said: [
      'basicAut: services.proxmox.gate.authentik.basicAuth has no "passwordAttribute" (add `passwordAttribute:` with text that is not empty)',
    ],
  },
  {
    because: 'an empty attribute is none',
    from: 'gate: { cloudflare: { groups: [admins] } }',
    to: 'gate: { authentik: { groups: [admins], basicAuth: { userAttribute: name, passwordAttribute: "" } } }',
    said: ['"" } } }: expected text that is not empty, found empty text'],
  },
  {
    because: 'there is one word for none',
    from: 'gate: { cloudflare: { groups: [admins] } }',
    to: 'gate: { authentik: { groups: [admins], basicAuth: true } }',
    said: [
      'true } }: `basicAuth` names no attributes (write `{ userAttribute: …, passwordAttribute: … }`, or `false` if the application gets none)',
    ],
  },
  {
    because: 'a flag is true or false',
    from: 'gate: { cloudflare: { groups: [admins] } }',
    to: 'gate: { authentik: { groups: [admins], interceptAuthorization: } }',
    said: ['intercep: expected true or false, found nothing'],
  },
  {
    because: 'Cloudflare ends a session after a month at the latest',
    from: 'gate: { cloudflare: { groups: [admins] } }',
    to: 'gate: { cloudflare: { groups: [admins], session: 731h } }',
    said: [
      '731h } }: a session of 731h is longer than a month (write 730h or less: Cloudflare ends a session after a month at the latest)',
    ],
  },
  {
    because: 'a mistyped key is the commonest mistake',
    from: 'hostHeader:',
    to: 'hostheader:',
    said: ['hosthead: unknown key "hostheader" (did you mean "hostHeader"?)'],
  },
  {
    because: 'a key that is near to none shows what there is',
    from: 'tunnels: { homelab: {} }',
    to: 'tunnels: { homelab: { zzzzzzzz: 1 } }',
    said: ['zzzzzzzz: unknown key "zzzzzzzz" (possible keys: create, deliver)'],
  },
  {
    because: 'gates gives a group no members',
    from: 'admins: {}',
    to: 'admins: { members: [] }',
    said: ['members:: unknown key "members" (possible keys: parent)'],
  },
  {
    because: 'YAML 1.1 had merge keys, and people remember',
    from: 'docs: {',
    to: 'docs: { <<: {},',
    said: ['<<: {},: unknown key "<<" (YAML 1.2 has no merge keys: write the keys out)'],
  },
  {
    because: 'a merge key among names is no name',
    from: 'tidy: { run',
    to: '<<: {}, tidy: { run',
    said: ['<<: {},: "<<" cannot be a name here (YAML 1.2 has no merge keys: write the keys out)'],
  },
  {
    because: 'a list of one is easily written without brackets',
    from: 'tokens: [ci]',
    to: 'tokens: ci',
    said: [
      'ci } }: expected a list, each a name of lower-case letters, digits and hyphens, at most 63, found the text "ci" (a list of one is written [ci])',
    ],
  },
  {
    because: 'an account id of digits alone is a number to YAML',
    from: 'account: 0123456789abcdef0123456789abcdef',
    to: 'account: 12345',
    said: [
      '12345: expected the id or the name of an account, found the number 12345 (put it in quotes to make it text)',
    ],
  },
  {
    because: 'a number where a duration belongs has no unit, and quotes would not help',
    from: 'gate: { cloudflare: { groups: [admins] } }',
    to: 'gate: { cloudflare: { groups: [admins], session: 24 } }',
    said: [
      '24 } } }: expected a duration such as 90s, 10m, 24h or 7d, or immediate, found the number 24 (write the unit too: 24s, 24m, 24h or 24d)',
    ],
  },
  {
    because: 'yes is text in YAML 1.2',
    from: 'noTLSVerify: true',
    to: 'noTLSVerify: yes',
    said: ['yes }: expected true or false, found the text "yes" (write true, without quotes)'],
  },
  {
    because: 'a choice shows what there is, and which is near',
    from: 'mode: domain',
    to: 'mode: domian',
    said: [
      'domian }: expected one of forwardAuth, domain, proxy, oidc, saml, ldap, found the text "domian" (did you mean "domain"?)',
    ],
  },
  {
    because: 'a section that is begun and left empty is nothing',
    from: 'serviceTokens: { ci: {} }',
    to: 'serviceTokens:',
    said: [
      'serviceT: expected a map, found nothing (write its entries below it, two spaces further in, or remove it)',
    ],
  },
  {
    because: 'a host is not an address',
    from: 'host: docs.example.dev',
    to: 'host: https://docs.example.dev/',
    said: [
      'https://: expected a host name such as docs.example.dev, without scheme, port or path, found the text "https://docs.example.dev/" (write docs.example.dev)',
    ],
  },
  {
    because: 'a host that is only a label is meant in a zone',
    from: 'host: docs.example.dev',
    to: 'host: docs',
    said: [
      'docs, or: G114 "docs" is in none of the zones (write a name in one of the zones: docs.example.dev, docs.example.org)',
    ],
  },
  {
    because: 'a host in a mistyped zone',
    from: 'host: docs.example.dev',
    to: 'host: docs.exmaple.dev',
    said: ['docs.exm: G114 "docs.exmaple.dev" is in none of the zones (did you mean "docs.example.dev"?)'],
  },
  {
    because: 'an origin that is not declared',
    from: 'docs.example.dev, origin: traefik',
    to: 'docs.example.dev, origin: trafeik',
    said: ['trafeik,: there is no origin "trafeik" (did you mean "traefik"?)'],
  },
  {
    because: 'a group that is near to none shows those that there are',
    from: 'gate: { cloudflare: { groups: [admins] } }',
    to: 'gate: { cloudflare: { groups: [neighbours] } }',
    said: [
      'neighbou: there is no group "neighbours" (declare it under `groups`, or use one of: admins, family)',
    ],
  },
  {
    because: 'a tunnel that is not declared',
    from: 'proxmox: { tunnel: homelab',
    to: 'proxmox: { tunnel: homelb',
    said: ['homelb,: there is no tunnel "homelb" (did you mean "homelab"?)'],
  },
  {
    because: 'a built-in action is near',
    from: 'actions: [reconcile, tidy]',
    to: 'actions: [reconcil, tidy]',
    said: ['reconcil: there is no action "reconcil" (did you mean "reconcile"?)'],
  },
  {
    because: 'a scope of nobody',
    from: 'groups: [family] }\n  api',
    to: 'groups: [family], scopes: [openid, profil] }\n  api',
    said: ['profil]: there is no scope "profil" (did you mean "profile"?)'],
  },
  {
    because: 'an empty gate decides nothing',
    from: gate,
    to: 'gate: {}',
    said: [
      'gate: {}: there is no gate here (write one of: authentik, cloudflare, serviceToken, public, jwt, webhook, identityProvider)',
    ],
  },
  {
    because: 'a service without a gate is not a service',
    from: `, ${gate}`,
    to: '',
    said: [
      'docs: {: services.docs has no "gate" (add `gate:` with a map with one of authentik, cloudflare, serviceToken, public, jwt, webhook, identityProvider)',
    ],
  },
  {
    because: 'a secret comes from one place',
    from: 'secret: { env: HOOK_SECRET }',
    to: 'secret: { env: HOOK_SECRET, file: /run/secret }',
    said: ['file: /r: only one key is possible here, found "env" and "file" (keep one of: env, file)'],
  },
  {
    because: 'a secret in the file is one that git knows',
    from: 'secret: { env: HOOK_SECRET }',
    to: 'secret: hunter2',
    said: [
      'hunter2: G113 expected a map with one of env, file (a secret is never in the file: write `{ env: NAME }` or `{ file: PATH }`)',
    ],
  },
  {
    because: 'an empty map is not a place either',
    from: 'keys: { client: api }',
    to: 'keys: {}',
    said: ['keys: {}: the map is empty (write one of: client, url)'],
  },
  {
    because: 'oidc is the login of a client',
    from: '{ mode: oidc, client: vault }',
    to: '{ mode: oidc }',
    said: ['authenti: mode oidc names no client (add `client:` with a name under `clients`)'],
  },
  {
    because: 'forward auth has no client of its own',
    from: '{ mode: oidc, client: vault }',
    to: '{ groups: [admins], client: vault }',
    said: [
      'vault }: mode forwardAuth has no client (remove `client`, or say `mode: oidc`, `saml` or `ldap` where the login of the application is the gate)',
    ],
  },
  {
    because: 'a domain has one set of groups',
    from: '{ mode: domain }',
    to: '{ mode: domain, groups: [admins] }',
    said: [
      'groups:: mode domain has no groups of its own (move them to `authentik.domains`: they hold for all hosts of the domain)',
    ],
  },
  {
    because: 'a parent is a group of the file',
    from: 'groups: { admins: {}',
    to: 'groups: { zz: { parent: nobody }, admins: {}',
    said: [
      'nobody }: there is no group "nobody" (declare it under `groups`, or use one of: zz, admins, family)',
    ],
  },
  {
    because: 'a parent has a name',
    from: 'groups: { admins: {}',
    to: 'groups: { zz: { parent: "" }, admins: {}',
    said: ['"" }, ad: expected the name of a group, at most 150 characters, found empty text'],
  },
  {
    because: 'a group does not lie in itself',
    from: 'groups: { admins: {}',
    to: 'groups: { zz: { parent: zz }, admins: {}',
    said: ['zz }, ad: a group cannot be its own parent (remove one of the parents)'],
  },
  {
    because: 'groups that lie in each other would be one group',
    from: 'groups: { admins: {}',
    to: 'groups: { za: { parent: zb }, zb: { parent: zc }, zc: { parent: za }, zd: { parent: za }, admins: {}',
    said: ['zb }, zb: these groups lie in each other: za → zb → zc → za (remove one of the parents)'],
  },
  {
    because: 'all hosts of a domain share one login',
    from: '{ mode: domain }',
    to: '{ mode: domain, session: 8h }',
    said: [
      '8h } } }: mode domain has no `session` of its own (move it to `authentik.domains`: it holds for all hosts of the domain)',
    ],
  },
  {
    because: 'the login of an application is that of its client',
    from: '{ mode: oidc, client: vault }',
    to: '{ mode: oidc, client: vault, session: 8h, interceptAuthorization: true }',
    said: [
      '8h, inte: in mode oidc no outpost asks for the login (remove it, and give the client `lifetimes`)',
      'true } }: in mode oidc no outpost asks for the login (remove it: it is a setting of the outpost)',
    ],
  },
  {
    because: 'an assertion is for one login',
    from: 'redirectUris: ["https://vault.example.dev/callback"], ',
    to: 'saml: { acsUrl: "https://vault.example.dev/acs", lifetimes: { assertion: 2d, session: 366d } }, ',
    said: [
      '2d, sess: a lifetime of 2d is longer than 24h (write 24h or less: whoever gets hold of an assertion can log in with it until then)',
      '366d } }: a lifetime of 366d is longer than 365d (write 365d or less: the application asks nobody about the person until then)',
    ],
  },
  {
    because: 'a domain has one flow too',
    from: '{ mode: domain }',
    to: '{ mode: domain, flow: mfa }',
    said: [
      'mfa } }: mode domain has no `flow` of its own (move it to `authentik.domains`: it holds for all hosts of the domain)',
    ],
  },
  {
    because: 'and so has a client',
    from: '{ mode: oidc, client: vault }',
    to: '{ mode: oidc, client: vault, flow: mfa }',
    said: [
      'mfa } }: mode oidc has no `flow` of its own (move it to `clients.vault`: it holds wherever people log in by the client)',
    ],
  },
  {
    because: 'a flow has a slug',
    from: '{ mode: oidc, client: vault }',
    to: '{ groups: [admins], flow: "" }',
    said: [
      '"" } } }: expected the slug of a flow: letters, digits, hyphens and underscores, found empty text',
    ],
  },
  {
    because: 'and it is no empty value',
    from: '{ mode: oidc, client: vault }',
    to: '{ groups: [admins], flow: }',
    said: ['flow: }: expected the slug of a flow: letters, digits, hyphens and underscores, found nothing'],
  },
  {
    because: 'nor has it policies of its own',
    from: '{ mode: domain }',
    to: '{ mode: domain, policies: [office] }',
    said: [
      'policies: mode domain has no `policies` of its own (move it to `authentik.domains`: it holds for all hosts of the domain)',
    ],
  },
  {
    because: 'with policies, a person would have to be in every group',
    from: '{ mode: oidc, client: vault }',
    to: '{ groups: [admins, family], policies: [office] }',
    said: [
      'policies: with `policies`, Authentik would ask each person for all of group admins, group family (make one group in Authentik that contains them, and name only that)',
    ],
  },
  {
    because: 'and be a certain person',
    from: '{ mode: oidc, client: vault }',
    to: '{ groups: [admins], users: [ada], policies: [office] }',
    said: [
      'policies: with `policies`, Authentik would ask each person for all of group admins, user ada (make one group in Authentik that contains them, and name only that)',
    ],
  },
  {
    because: 'no policy is no condition',
    from: '{ mode: oidc, client: vault }',
    to: '{ groups: [admins], policies: [] }',
    said: ['policies: the list is empty (expected a list, each text that is not empty)'],
  },
  {
    because: 'nor can one host of a domain let everybody in',
    from: 'mode: domain',
    to: 'mode: domain, everyone: { reason: family }',
    said: [
      'everyone: mode domain has no `everyone` of its own (move it to `authentik.domains`: it holds for all hosts of the domain)',
    ],
  },
  {
    because: 'a client called as the application of a host would be that application',
    from: 'clients:',
    to: 'clients:\n  grafana-example-dev: { redirectUris: ["https://x"], groups: [admins] }',
    said: [
      'grafana-: the application of grafana.example.dev is called "grafana-example-dev" too (give one of them another name)',
    ],
  },
  {
    because: 'dots and hyphens are told apart in hosts, and not in slugs',
    from: 'services:',
    to: 'services:\n  zz: { host: grafana-example.dev.example.dev, origin: traefik, gate: { authentik: { groups: [admins] } } }\n  zy: { host: grafana.example-dev.example.dev, origin: traefik, gate: { authentik: { groups: [admins] } } }',
    said: [
      'grafana-: the application of grafana.example-dev.example.dev is called "grafana-example-dev-example-dev" too (give one of them another name)',
      'grafana.: G118 grafana.example-dev.example.dev is more than one label below example.dev: Universal SSL has no certificate for it (use a shorter name, or order an advanced certificate for this one)',
    ],
  },
  {
    because: 'Authentik has addresses of its own beside those of applications',
    from: 'clients:',
    to: 'clients:\n  token: { redirectUris: ["https://x"], groups: [admins] }',
    said: ['token: {: Authentik keeps the name "token" for itself (give one of them another name)'],
  },
  {
    because: 'the groups of one gate would get through the other',
    from: 'mode: oidc, client: vault } } }',
    to: 'mode: oidc, client: vault, groups: [family] } } }\n  vault2: { host: vault2.example.dev, origin: traefik, gate: { authentik: { mode: oidc, client: vault, groups: [admins] } } }',
    said: [
      'vault, g: the client vault is the gate of vault too, with other groups or users (give each a client of its own, or both the same groups and users)',
    ],
  },
  {
    because: 'Authentik keeps the first address that anybody asks for',
    from: 'redirectUris: ["https://vault.example.dev/callback"], ',
    to: '',
    said: [
      'vault: {: logins of this client could be sent to any address (add `redirectUris`, or `grantTypes` that redirect nobody, such as client_credentials)',
    ],
  },
  {
    because: 'a SAML client has nothing of OpenID Connect',
    from: 'redirectUris: ["https://vault.example.dev/callback"], ',
    to: 'saml: { acsUrl: "https://vault.example.dev/acs" }, type: public, ',
    said: [
      'type: pu: a client with `saml` has no `type`, which is for OpenID Connect (remove `type`, or `saml` if the application speaks OpenID Connect)',
    ],
  },
  {
    because: 'a SAML client issues no tokens',
    from: 'api: { grantTypes: [client_credentials], signingKey: own, ',
    to: 'api: { saml: { acsUrl: "https://api.example.dev/acs" }, ',
    said: [
      'api }, a: the client api logs people in by SAML and issues no tokens (name an OIDC client, or another source with `url`)',
    ],
  },
  {
    because: 'the mode of a gate is the protocol of its client',
    from: 'redirectUris: ["https://vault.example.dev/callback"], ',
    to: 'saml: { acsUrl: "https://vault.example.dev/acs" }, ',
    said: [
      'oidc, cl: mode oidc, and the client vault logs people in by SAML (say `mode: saml`, or name another client)',
    ],
  },
  {
    because: 'an LDAP client has nothing of OpenID Connect, and needs an outpost',
    from: 'redirectUris: ["https://vault.example.dev/callback"], ',
    to: 'ldap: { baseDn: "dc=vault,dc=home" }, scopes: [openid], ',
    said: [
      'authenti: no outpost answers by LDAP, which the client vault needs (add `ldapOutpost:` with the name of an outpost of type LDAP)',
      'scopes:: a client with `ldap` has no `scopes`, which is for OpenID Connect (remove `scopes`, or `ldap` if the application speaks OpenID Connect)',
    ],
  },
  {
    because: 'the mode of a gate is LDAP if its client speaks that',
    from: 'redirectUris: ["https://vault.example.dev/callback"], ',
    to: 'ldap: { baseDn: "dc=vault,dc=home" }, ',
    said: [
      'authenti: no outpost answers by LDAP, which the client vault needs (add `ldapOutpost:` with the name of an outpost of type LDAP)',
      'oidc, cl: mode oidc, and the client vault logs people in by LDAP (say `mode: ldap`, or name another client)',
    ],
  },
  {
    because: 'a client speaks one protocol',
    from: 'api: { grantTypes: [client_credentials], signingKey: own, ',
    to: 'api2: { saml: { acsUrl: "https://a.example.dev/acs" }, ldap: { baseDn: "dc=a" }, groups: [admins] }\n  api: { grantTypes: [client_credentials], signingKey: own, ',
    said: [
      'ldap: {: a client logs people in by one protocol, and this one has `saml` and `ldap` (remove one of the two, or make two clients of them)',
    ],
  },
  {
    because: 'all LDAP clients have one flow',
    from: 'api: { grantTypes: [client_credentials], signingKey: own, ',
    to: 'films: { ldap: { baseDn: "dc=films" }, flow: mfa, groups: [admins] }\n  api: { grantTypes: [client_credentials], signingKey: own, ',
    said: [
      'authenti: no outpost answers by LDAP, which the client films needs (add `ldapOutpost:` with the name of an outpost of type LDAP)',
      'flow: mf: a client with `ldap` has no `flow`: nobody authorizes a bind (remove it; `authentik.flows.bind` names the flow of all LDAP clients)',
    ],
  },
  {
    because: 'an outpost finds a provider by the end of the name',
    from: 'api: { grantTypes: [client_credentials], signingKey: own, ',
    to: 'films: { ldap: { baseDn: "dc=films,dc=Home" }, groups: [admins] }\n  all: { ldap: { baseDn: "DC=home" }, groups: [admins] }\n  api: { grantTypes: [client_credentials], signingKey: own, ',
    said: [
      'authenti: no outpost answers by LDAP, which the client films needs (add `ldapOutpost:` with the name of an outpost of type LDAP)',
      '"DC=home: "DC=home" and "dc=films,dc=Home" of the client films end alike, so that the outpost would take the people of one for those of the other (begin each with a part of its own, as in "dc=all,DC=home" and "dc=films,dc=films,dc=Home")',
    ],
  },
  {
    because: 'the daemon needs a token that nobody else has',
    from: 'serviceTokens: { ci: {} }',
    to: 'serviceTokens: { ci: {}, probe: {} }',
    said: [
      'probe: {: gates keeps the name "probe" for the token of its own visits (give the token another name)',
    ],
  },
  {
    because: 'a domain gate needs the domain of its host',
    from: 'host: photos.example.org',
    to: 'host: photos.example.dev',
    said: [
      'authenti: no domain under `authentik.domains` has this host (declare the domain of this host there, with its groups)',
    ],
  },
  {
    because: 'the login page is where the login is',
    from: 'service: auth\n',
    to: 'service: docs\n',
    said: [
      'docs: the gate of docs is not `identityProvider` (name the service that shows the login page of Authentik)',
    ],
  },
  {
    because: 'an action that does nothing',
    from: 'tidy: { run: [tidy, --all] }',
    to: 'tidy: { timeout: 5m }',
    said: ['tidy: {: the action does nothing (add `run` with a command, or `http`)'],
  },
  {
    because: 'an action that does two things',
    from: 'tidy: { run: [tidy, --all] }',
    to: 'tidy: { run: [tidy], http: { url: "http://x.lan/" } }',
    said: ['http: {: an action is a command or a call, not both (make two actions of them)'],
  },
  {
    because: 'a call has no working directory',
    from: 'tidy: { run: [tidy, --all] }',
    to: 'tidy: { http: { url: "http://x.lan/" }, directory: /srv }',
    said: ['/srv } }: "directory" goes with a command (remove it: the action is a call)'],
  },
  {
    because: 'a call has no environment',
    from: 'tidy: { run: [tidy, --all] }',
    to: 'tidy: { http: { url: "http://x.lan/" }, environment: [HOME] }',
    said: ['environm: "environment" goes with a command (remove it: the action is a call)'],
  },
  {
    because: 'an entry of a list that stands twice',
    from: 'zones: [example.dev, example.org]',
    to: 'zones: [example.dev, example.org, example.dev]',
    said: ['example.: an entry occurs twice in the list'],
  },
  {
    because: 'a list that is bound to have something',
    from: 'tokens: [ci]',
    to: 'tokens: []',
    said: [
      'tokens:: the list is empty (expected a list, each a name of lower-case letters, digits and hyphens, at most 63)',
    ],
  },
  {
    because: 'more places for a token than API Shield looks at',
    from: 'audience: api,',
    to: 'audience: api, from: [{header: a}, {header: b}, {header: c}, {header: d}, {cookie: e}],',
    said: ['from: [{: the list has more than 4 entries'],
  },
  {
    because: 'an address without its priority',
    from: mx,
    to: '{ name: "@", type: MX, content: mail.example.net }',
    said: [
      '{ name:: dns["example.dev"][0] has no "priority" (add `priority:` with a whole number from 0 to 65535)',
    ],
  },
  {
    because: 'each type is written in its own way',
    from: mx,
    to: '{ name: "@", type: CAA, content: ca.example.net }',
    said: [
      '{ name:: dns["example.dev"][0] has no "data" (add `data:` with a map)',
      'content:: CAA records have no "content" (this type is written in parts, as `data`)',
    ],
  },
  {
    because: 'and the other way round',
    from: mx,
    to: '{ name: "@", type: TXT, content: a, data: { value: a }, priority: 3, proxied: true }',
    said: [
      'data: {: TXT records have no "data" (this type is written as `content`)',
      'priority: TXT records have no "priority" (remove it)',
      'true }: TXT records cannot be proxied (only A, AAAA and CNAME can)',
    ],
  },
  {
    because: 'the parts of an SRV record are known',
    from: mx,
    to: '{ name: _imaps._tcp, type: SRV, data: { priority: 0, weight: 1, port: 99999, target: imap.example.net } }',
    said: ['99999, t: expected a whole number from 0 to 65535, found the number 99999'],
  },
  {
    because: 'the parts of an HTTPS record are known',
    from: mx,
    to: '{ name: x, type: HTTPS, data: { priority: 1, target: ".", alpn: h3 } }',
    said: [
      'data: {: dns["example.dev"][0].data has no "value" (add `value:` with text)',
      'alpn: h3: unknown key "alpn" (possible keys: priority, target, value)',
    ],
  },
  {
    because: 'a fingerprint is hexadecimal',
    from: mx,
    to: '{ name: x, type: SSHFP, data: { algorithm: 4, type: 2, fingerprint: "SHA256:abc" } }',
    said: ['"SHA256:: expected hexadecimal digits, found the text "SHA256:abc"'],
  },
  {
    because: 'the key of a zone stands with its parent',
    from: mx,
    to: '{ name: "@", type: DS, data: { key_tag: 1, algorithm: 13, digest_type: 2, digest: "00ff" } }',
    said: [
      '"@", typ: the DS record of the zone itself belongs to its parent (give it to the registrar of the zone)',
    ],
  },
  {
    because: 'a time to live is bounded',
    from: mx,
    to: '{ name: x, type: A, content: 192.0.2.1, ttl: 5 }',
    said: ['5 }: expected a number of seconds from 60 to 86400, or auto, found the number 5'],
  },
  {
    because: 'an address is an address',
    from: mx,
    to: '{ name: x, type: A, content: 192.0.2 }',
    said: ['192.0.2: "192.0.2" is no IPv4 address (write one such as 192.0.2.1)'],
  },
  {
    because: 'of either family',
    from: mx,
    to: '{ name: x, type: AAAA, content: "2001:db8::g" }',
    said: ['"2001:db: "2001:db8::g" is no IPv6 address (write one such as 2001:db8::1)'],
  },
  {
    because: 'a name is not an address of a page',
    from: mx,
    to: '{ name: x, type: CNAME, content: "https://x.example.net" }',
    said: ['"https:/: "https://x.example.net" is no host name (write a name such as mail.example.net)'],
  },
  {
    because: 'a record stands in the section of its zone',
    from: mx,
    to: '{ name: mail.example.org, type: A, content: 192.0.2.1 }',
    said: [
      'mail.exa: "mail.example.org" is in the zone example.org (move the record to `dns` of example.org)',
    ],
  },
  {
    because: 'the delegation of a zone is not ours to write',
    from: mx,
    to: '{ name: "@", type: NS, content: ns1.example.net }',
    said: ['"@", typ: the name servers of the zone itself are never touched (remove the record)'],
  },
  {
    because: 'a record that stands twice is one',
    from: mx,
    to: `${mx}\n    - ${mx}`,
    said: ['{ name:: the same record occurs twice (remove one of them)'],
  },
  {
    because: 'Cloudflare tells two mail servers of one name apart by their name alone',
    from: mx,
    to: `${mx}\n    - { name: "@", type: MX, content: Mail.Example.net., priority: 20 }`,
    said: ['{ name:: the same record occurs twice (remove one of them)'],
  },
  {
    because: 'two secrets in one file would take it from each other for ever',
    from: 'serviceTokens: { ci: {} }',
    to: 'serviceTokens: { ci: { deliver: [ { file: /x/a.env }, { file: /x/./a.env } ] } }',
    said: [
      '/x/./a.e: "/x/./a.env" receives the secret of serviceTokens.ci already (a delivery replaces the whole file: give each secret a file of its own)',
    ],
  },
  {
    because: 'a CNAME suffers no address beside it',
    from: mx,
    to: '{ name: www, type: A, content: 192.0.2.1 }',
    said: [
      '{ name:: CNAME beside A on www.example.dev (a name with a CNAME has no other addresses: keep one)',
    ],
  },
  {
    because: 'a zone that is not one of ours',
    from: 'dns:\n  example.dev:',
    to: 'dns:\n  exmaple.dev:',
    said: ['exmaple.: G114 "exmaple.dev" is none of the zones (did you mean "example.dev"?)'],
  },
  {
    because: 'a schedule has five fields',
    from: '\nactions:',
    to: '\nreconcile: { schedule: "* * * *" }\nactions:',
    said: [
      '"* * * *: expected five cron fields, such as "*/5 * * * *", found the text "* * * *" (the fields are minute, hour, day of the month, month, day of the week)',
    ],
  },
  {
    because: 'no year has that day, in a schedule as in a window',
    from: '\nactions:',
    to: '\nreconcile: { schedule: "0 0 30 2 *", probe: "0 0 31 4,6 *", windows: [{ schedule: "0 0 31 2 *", duration: 1h }, { schedule: "0 0 29 2 *", duration: 1h }] }\nactions:',
    said: [
      '"0 0 30: "0 0 30 2 *" is on a day that no year has: no run would ever be made (look at the day of the month and the month)',
      '"0 0 31: "0 0 31 4,6 *" is on a day that no year has: no gate would ever be looked at (look at the day of the month and the month)',
      '"0 0 31: "0 0 31 2 *" is on a day that no year has: the window never opens (look at the day of the month and the month)',
    ],
  },
  {
    because: 'a step needs a range',
    from: '\nactions:',
    to: '\nreconcile: { schedule: "5/10 * * * *" }\nactions:',
    said: [
      '"5/10 *: "5/10 * * * *" steps through a single number (write a range before the slash: `0-59/10`, or `*/10`)',
    ],
  },
  {
    because: 'a window has a schedule and a duration, of their forms',
    from: '\nactions:',
    to: '\nreconcile: { windows: [{ schedule: "0 2 * *", duration: 4 }] }\nactions:',
    said: [
      '"0 2 * *: expected five cron fields, such as "*/5 * * * *", found the text "0 2 * *" (the fields are minute, hour, day of the month, month, day of the week)',
      '4 }] }: expected a duration such as 90s, 10m, 24h or 7d, found the number 4 (write the unit too: 4s, 4m, 4h or 4d)',
    ],
  },
  {
    because: 'a time zone has a name',
    from: '\nactions:',
    to: '\nreconcile: { timezone: Europe/Pari }\nactions:',
    said: ['Europe/P: there is no time zone "Europe/Pari" (did you mean "Europe/Paris"?)'],
  },
  {
    because: 'a name has its letters',
    from: 'serviceTokens: { ci: {} }',
    to: 'serviceTokens: { ci: {}, "C I": {} }',
    said: ['"C I": {: "C I" cannot be a name here (write c-i)'],
  },
  {
    because: 'a redirect address is text or a regular expression',
    from: 'redirectUris: ["https://vault.example.dev/callback"]',
    to: 'redirectUris: [{ regexp: ".*" }]',
    said: ['{ regexp: expected an address, or a map with the key regex, found a map'],
  },
];

describe('a mistake', () => {
  it.each(rows)('$because', ({ from, to, said }) => {
    const text = sampleText.replace(from, () => to);
    expect(text).not.toBe(sampleText);
    expect(saidOf(text)).toEqual(said);
  });

  it('of the whole file is reported at its top', () => {
    expect(saidOf('[]')).toEqual([
      '[]: expected a map, found an empty list (remove the dashes: the file is one map, which begins with `version: 1`)',
    ]);
    expect(saidOf('version: 1\nowner: home')).toEqual([
      'version:: the file has no "cloudflare" (add `cloudflare:` with a map)',
    ]);
  });

  it('that the block of Authentik would fix is reported once, with every place that needs it', () => {
    const text = sampleText.replace(/authentik:\n(?: .*\n)+/, '');
    const result = parseConfig(text);
    const mistakes = result.ok ? [] : result.mistakes;
    expect(mistakes.map(({ path }) => path)).toEqual(['cloudflare.access.identityProvider']);
    const lines = [mistakes[0], ...(mistakes[0]?.also ?? [])].map((place) => place?.line ?? 0);
    const needing = [
      'identityProvider',
      'groups: {',
      'groups: {',
      'gate: { authentik',
      'photos: {',
      'vault: {',
    ];
    expect(lines.map((line) => text.split('\n')[line - 1]?.trim().slice(0, 8))).toEqual(
      [...needing, 'vault: {', 'api: { grantTypes'].map((start) => start.trim().slice(0, 8)),
    );
  });
});

/** Every mistake of a file as `text at its place: code message (hint)`. */
function saidOf(text: string): string[] {
  const result = parseConfig(text);
  const mistakes = result.ok ? result.parsed.warnings : result.mistakes;
  return mistakes.map(({ code, column, hint, line, message }) => {
    const at = text
      .split('\n')
      [line - 1]?.slice(column - 1)
      .slice(0, 8)
      .trimEnd();
    return `${at}: ${code === undefined ? '' : `${code} `}${message}${hint === undefined ? '' : ` (${hint})`}`;
  });
}
