import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';
import type { Mistake } from '../../src/core/mistake.ts';

/** A file with nothing wrong. Each row below changes one place of it. */
const good = `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels:
    homelab: {}
  access:
    team: example
    identityProvider: authentik
    breakGlass: { emails: [me@example.dev], reason: Authentik may be down }
authentik:
  url: http://authentik.lan:9000
origins:
  traefik:
    tunnel: homelab
    url: http://traefik.lan:80
    forwardAuth: true
groups:
  admins: {}
  family: {}
services:
  auth:
    host: auth.example.dev
    origin: traefik
    gate: { identityProvider: {} }
  grafana:
    host: grafana.example.dev
    origin: traefik
    gate: { authentik: { groups: [admins] } }
    paths:
      /api/health: { public: { reason: uptime probe } }
  wiki:
    host: wiki.example.dev
    origin: traefik
    gate: { cloudflare: { emails: [ada@example.dev], groups: [family], session: 24h } }
  docs:
    host: docs.example.dev
    origin: traefik
    gate: { public: { reason: documentation } }
  hooks:
    host: hooks.example.dev
    origin: traefik
    gate: { webhook: { actions: [reconcile], secret: { env: HOOK_SECRET } } }
  ci:
    host: ci.example.dev
    origin: traefik
    gate: { serviceToken: { tokens: [ci] } }
serviceTokens:
  ci: {}
dns:
  example.dev:
    - { name: www, type: A, content: 192.0.2.1, proxied: true }
reconcile:
  schedule: "*/5 * * * *"
  limits: { prune: 30% }
`;

interface Row {
  /** The end of a sentence that begins with "people who". */
  readonly who: string;
  /** The text of the good file that people replace. */
  readonly instead: string;
  readonly wrote: string;
  /** The text at which the message points. */
  readonly at: string;
  readonly rule: string;
  readonly message: string;
  readonly hint: string;
  /** The correction that the hint asks for; by default the text of the good file. */
  readonly fixed?: string;
}

const gateForms =
  'expected a map with one of authentik, cloudflare, serviceToken, public, jwt, webhook, identityProvider';
const hostForm = 'expected a host name such as docs.example.dev, without scheme, port or path';
const urlForm =
  'expected http://, https://, ssh://, rdp://, smb:// or tcp:// with a host and perhaps a port, without a path, or unix: with the path of a socket';
const emailForm = 'expected the e-mail address of one person, without wildcards and invisible characters';
const cronForm = 'expected five cron fields, such as "*/5 * * * *"';
const durationForm = 'expected a duration such as 90s, 10m, 24h or 7d, or immediate';
const noFtp =
  'gates publishes http, https, ssh, rdp, smb, tcp and sockets; a tunnel rule for ftp that you add in the dashboard stays as it is';
const docsOrigin = 'host: docs.example.dev\n    origin: traefik';
const isInline =
  'declare it under `origins` and write its name here: `origins: { docs: { tunnel: …, url: http://10.0.0.5:8080 } }`, then `origin: docs`';

const rows: readonly Row[] = [
  {
    who: 'write a gate by its name',
    instead: 'gate: { identityProvider: {} }',
    wrote: 'gate: identityProvider',
    at: 'identityProvider\n  grafana',
    rule: 'wrong-value',
    message: `${gateForms}, found the text "identityProvider"`,
    hint: 'a gate is a map with one key: `gate: { identityProvider: {} }`',
  },
  {
    who: 'write a gate as a list',
    instead: 'gate: { authentik: { groups: [admins] } }',
    wrote: 'gate: [authentik]',
    at: 'gate: [authentik]',
    rule: 'wrong-value',
    message: `${gateForms}, found a list`,
    hint: 'a gate is a map with one key: `gate: { authentik: { groups: [admins] } }`',
  },
  {
    who: 'name the type of a gate as other files do',
    instead: 'gate: { authentik: { groups: [admins] } }',
    wrote: 'gate: { type: authentik, groups: [admins] }',
    at: 'type: authentik',
    rule: 'unknown-key',
    message: 'unknown key "type"',
    hint: 'the key says which gate it is: `gate: { authentik: { groups: [admins] } }`',
  },
  {
    who: 'switch a gate on',
    instead: 'gate: { public: { reason: documentation } }',
    wrote: 'gate: { public: true }',
    at: 'true }\n  hooks',
    rule: 'G107',
    message: 'expected a map, found true',
    hint: 'write `public: { reason: … }`: say why everybody may come in',
    fixed: 'gate: { public: { reason: everybody may read } }',
  },
  {
    who: 'open a service without a gate',
    instead: 'gate: { public: { reason: documentation } }',
    wrote: 'public: true',
    at: 'public: true',
    rule: 'unknown-key',
    message: 'unknown key "public"',
    hint: 'the gate is written under `gate`: `gate: { public: { reason: … } }`',
  },
  {
    who: 'forget to indent what is in the gate',
    instead: 'gate: { public: { reason: documentation } }',
    wrote: 'gate:\n    public: { reason: documentation }',
    at: 'public: { reason: doc',
    rule: 'unknown-key',
    message: 'unknown key "public"',
    hint: 'the gate is written under `gate`: `gate: { public: { reason: … } }`',
    fixed: 'gate:\n      public: { reason: documentation }',
  },
  {
    who: 'forget the gate',
    instead: '    gate: { public: { reason: documentation } }\n',
    wrote: '',
    at: 'docs:\n',
    rule: 'missing-key',
    message: 'services.docs has no "gate"',
    hint: 'add `gate:` with a map with one of authentik, cloudflare, serviceToken, public, jwt, webhook, identityProvider',
  },
  {
    who: 'mistype a gate',
    instead: 'gate: { authentik: { groups: [admins] } }',
    wrote: 'gate: { autentik: { groups: [admins] } }',
    at: 'autentik:',
    rule: 'unknown-key',
    message: 'unknown key "autentik"',
    hint: 'did you mean "authentik"?',
  },
  {
    who: 'give two gates to one host',
    instead: 'gate: { public: { reason: documentation } }',
    wrote: 'gate: { public: { reason: documentation }, cloudflare: { emails: [me@example.dev] } }',
    at: 'cloudflare: { emails: [me@example.dev] } }',
    rule: 'G101',
    message: 'two gates on one door: "public" and "cloudflare"',
    hint: 'keep the one that decides',
  },
  {
    who: 'leave a gate without people',
    instead: 'gate: { authentik: { groups: [admins] } }',
    wrote: 'gate: { authentik: {} }',
    at: 'authentik: {}',
    rule: 'G106',
    message: 'this gate lets everybody in who can log in',
    hint: 'add `groups` or `users`, or say it on purpose with `everyone: { reason: … }`',
  },
  {
    who: 'list groups in place of the settings of a gate',
    instead: 'gate: { authentik: { groups: [admins] } }',
    wrote: 'gate: { authentik: [admins] }',
    at: 'authentik: [admins]',
    rule: 'wrong-value',
    message: 'expected a map, found a list',
    hint: 'write `authentik: { groups: [admins] }`',
  },
  {
    who: 'declare groups as a list',
    instead: 'groups:\n  admins: {}\n  family: {}',
    wrote: 'groups: [admins, family]',
    at: 'groups: [admins, family]\nservices',
    rule: 'wrong-value',
    message: 'expected a map, found a list',
    hint: 'write `groups: { admins: {}, family: {} }`',
    fixed: 'groups: { admins: {}, family: {} }',
  },
  {
    who: 'write who gets in at the service',
    instead: 'gate: { authentik: { groups: [admins] } }',
    wrote: 'gate: { authentik: {} }\n    groups: [admins]',
    at: 'groups: [admins]',
    rule: 'unknown-key',
    message: 'unknown key "groups"',
    hint: 'who gets in is written in the gate: `gate: { authentik: { groups: [admins] } }`',
  },
  {
    who: 'write an address in place of an origin',
    instead: docsOrigin,
    wrote: 'host: docs.example.dev\n    origin: http://10.0.0.5:8080',
    at: 'http://10.0.0.5',
    rule: 'wrong-value',
    message:
      'expected a name of lower-case letters, digits and hyphens, at most 63, found the text "http://10.0.0.5:8080"',
    hint: isInline,
  },
  {
    who: 'write the origin inside of the service',
    instead: docsOrigin,
    wrote: 'host: docs.example.dev\n    origin: { tunnel: homelab, url: http://10.0.0.5:8080 }',
    at: 'origin: { tunnel',
    rule: 'wrong-value',
    message: 'expected a name of lower-case letters, digits and hyphens, at most 63, found a map',
    hint: isInline,
  },
  {
    who: 'write the address at the service',
    instead: docsOrigin,
    wrote: 'host: docs.example.dev\n    url: http://10.0.0.5:8080',
    at: 'url: http://10.0.0.5',
    rule: 'unknown-key',
    message: 'unknown key "url"',
    hint: 'write `origin:` with a name under `origins`, where `url` says the address',
  },
  {
    who: 'write an origin as its address',
    instead: 'traefik:\n    tunnel: homelab\n    url: http://traefik.lan:80\n    forwardAuth: true',
    wrote: 'traefik: http://traefik.lan:80',
    at: 'http://traefik.lan',
    rule: 'wrong-value',
    message: 'expected a map, found the text "http://traefik.lan:80"',
    hint: 'write `{ tunnel: …, url: http://traefik.lan:80 }`',
    fixed: 'traefik: { tunnel: homelab, url: http://traefik.lan:80, forwardAuth: true }',
  },
  {
    who: 'mistype the name of an origin',
    instead: docsOrigin,
    wrote: 'host: docs.example.dev\n    origin: treafik',
    at: 'treafik',
    rule: 'undeclared-name',
    message: 'there is no origin "treafik"',
    hint: 'did you mean "traefik"?',
  },
  {
    who: 'say hostname for host',
    instead: 'host: docs.example.dev',
    wrote: 'hostname: docs.example.dev',
    at: 'hostname:',
    rule: 'unknown-key',
    message: 'unknown key "hostname"',
    hint: 'write `host: docs.example.dev`',
  },
  {
    who: 'publish ftp',
    instead: 'url: http://traefik.lan:80',
    wrote: 'url: ftp://traefik.lan:21',
    at: 'ftp://',
    rule: 'wrong-value',
    message: `${urlForm}, found the text "ftp://traefik.lan:21"`,
    hint: noFtp,
  },
  {
    who: 'leave out the scheme of an address',
    instead: 'url: http://traefik.lan:80',
    wrote: 'url: traefik.lan:80',
    at: 'traefik.lan:80',
    rule: 'wrong-value',
    message: `${urlForm}, found the text "traefik.lan:80"`,
    hint: 'write http://traefik.lan:80',
  },
  {
    who: 'write a port that there is not',
    instead: 'url: http://traefik.lan:80',
    wrote: 'url: http://traefik.lan:80443',
    at: 'http://traefik.lan:80443',
    rule: 'wrong-value',
    message: `${urlForm}, found the text "http://traefik.lan:80443"`,
    hint: 'a port is a number from 1 to 65535',
    fixed: 'url: http://traefik.lan:65535',
  },
  {
    who: 'write an origin with a path',
    instead: 'url: http://traefik.lan:80',
    wrote: 'url: http://traefik.lan:80/app',
    at: 'http://traefik.lan:80/app',
    rule: 'wrong-value',
    message: `${urlForm}, found the text "http://traefik.lan:80/app"`,
    hint: 'write http://traefik.lan:80, without a path',
  },
  {
    who: 'end a host with a dot',
    instead: 'host: docs.example.dev',
    wrote: 'host: docs.example.dev.',
    at: 'docs.example.dev.',
    rule: 'wrong-value',
    message: `${hostForm}, found the text "docs.example.dev."`,
    hint: 'write docs.example.dev',
  },
  {
    who: 'paste a host out of the browser',
    instead: 'host: docs.example.dev',
    wrote: 'host: https://docs.example.dev/',
    at: 'https://docs',
    rule: 'wrong-value',
    message: `${hostForm}, found the text "https://docs.example.dev/"`,
    hint: 'write docs.example.dev',
  },
  {
    who: 'write a wildcard host',
    instead: 'host: docs.example.dev',
    wrote: 'host: "*.example.dev"',
    at: '"*.example.dev"',
    rule: 'wrong-value',
    message: `${hostForm}, found the text "*.example.dev"`,
    hint: 'gates has no wildcard hosts: write a service for each host',
  },
  {
    who: 'write a wildcard without quotes',
    instead: 'host: docs.example.dev',
    wrote: 'host: *.example.dev',
    at: '*.example.dev',
    rule: 'yaml-feature',
    message: 'text begins with *, which is an alias in YAML',
    hint: 'put it in quotes',
    fixed: 'host: "docs.example.dev"',
  },
  {
    who: 'write a host of another zone',
    instead: 'host: docs.example.dev',
    wrote: 'host: docs.example.com',
    at: 'docs.example.com',
    rule: 'G114',
    message: '"docs.example.com" is in none of the zones',
    hint: 'did you mean "docs.example.dev"?',
  },
  {
    who: 'mistype the zone of every host',
    instead: 'zones: [example.dev]',
    wrote: 'zones: [exmaple.dev]',
    at: 'auth.example.dev',
    rule: 'G114',
    message: '"auth.example.dev" is in none of the zones',
    hint: 'is "exmaple.dev" in `cloudflare.zones` meant to be "example.dev"?',
  },
  {
    who: 'copy a service and keep its host',
    instead: 'host: docs.example.dev',
    wrote: 'host: wiki.example.dev',
    at: 'wiki.example.dev\n    origin: traefik\n    gate: { public',
    rule: 'G115',
    message: 'wiki.example.dev is the host of wiki already',
    hint: 'one host is one service: use `paths` for its parts',
  },
  {
    who: 'copy a service and keep its name',
    instead: '  docs:\n',
    wrote: '  wiki:\n',
    at: 'wiki:\n    host: docs',
    rule: 'duplicate-key',
    message: 'the key "wiki" occurs twice in one map',
    hint: 'keep one of them; the first is on line 33',
  },
  {
    who: 'name a service with capitals',
    instead: '  docs:\n',
    wrote: '  My Docs:\n',
    at: 'My Docs:',
    rule: 'wrong-name',
    message: '"My Docs" cannot be a name here',
    hint: 'write my-docs',
    fixed: '  my-docs:\n',
  },
  {
    who: 'write on for true',
    instead: 'forwardAuth: true',
    wrote: 'forwardAuth: on',
    at: 'on\ngroups',
    rule: 'wrong-value',
    message: 'expected true or false, found the text "on"',
    hint: 'write true, without quotes',
  },
  {
    who: 'write a key in snake case',
    instead: 'forwardAuth: true',
    wrote: 'forward_auth: true',
    at: 'forward_auth',
    rule: 'unknown-key',
    message: 'unknown key "forward_auth"',
    hint: 'did you mean "forwardAuth"?',
  },
  {
    who: 'write an account of digits alone without quotes',
    instead: 'account: 0123456789abcdef0123456789abcdef',
    wrote: 'account: 4815162342',
    at: '4815162342',
    rule: 'wrong-value',
    message: 'expected the id or the name of an account, found the number 4815162342',
    hint: 'put it in quotes to make it text',
    fixed: 'account: "4815162342"',
  },
  {
    who: 'write a secret into the file',
    instead: 'secret: { env: HOOK_SECRET }',
    wrote: 'secret: hunter2',
    at: 'hunter2',
    rule: 'G113',
    message: 'expected a map with one of env, file',
    hint: 'a secret is never in the file: write `{ env: NAME }` or `{ file: PATH }`',
  },
  {
    who: 'write a variable as a shell does',
    instead: 'secret: { env: HOOK_SECRET }',
    wrote: 'secret: { env: $HOOK_SECRET }',
    at: '$HOOK_SECRET',
    rule: 'G113',
    message: 'expected the name of an environment variable',
    hint: 'write the name of the variable alone, without `$` and braces',
  },
  {
    who: 'leave out where the secret is',
    instead: ', secret: { env: HOOK_SECRET }',
    wrote: '',
    at: 'webhook:',
    rule: 'G113',
    message: 'services.hooks.gate.webhook has no "secret"',
    hint: 'add `secret:` with a map with one of env, file',
  },
  {
    who: 'allow everybody of a domain',
    instead: 'emails: [ada@example.dev]',
    wrote: 'emails: ["*@example.dev"]',
    at: '"*@example.dev"',
    rule: 'wrong-value',
    message: `${emailForm}, found the text "*@example.dev"`,
    hint: 'write `domains: [example.dev]`',
  },
  {
    who: 'write an address without its domain',
    instead: 'emails: [ada@example.dev]',
    wrote: 'emails: [ada]',
    at: 'ada]',
    rule: 'wrong-value',
    message: `${emailForm}, found the text "ada"`,
    hint: 'write a whole address, such as me@example.dev',
  },
  {
    who: 'write one address in place of a list',
    instead: 'emails: [ada@example.dev]',
    wrote: 'emails: ada@example.dev',
    at: 'ada@example.dev',
    rule: 'wrong-value',
    message: `expected a list, each ${emailForm.replace('expected ', '')}, found the text "ada@example.dev"`,
    hint: 'a list of one is written [ada@example.dev]',
  },
  {
    who: 'leave out the version',
    instead: 'version: 1\n',
    wrote: '',
    at: 'owner: home',
    rule: 'missing-key',
    message: 'the file has no "version"',
    hint: 'add `version:` with 1',
  },
  {
    who: 'raise the version with the file',
    instead: 'version: 1\n',
    wrote: 'version: 2\n',
    at: '2\nowner',
    rule: 'wrong-value',
    message: 'expected 1, found the number 2',
    hint: 'write `version: 1`, the only version of the format so far',
  },
  {
    who: 'write zone for zones',
    instead: 'zones: [example.dev]',
    wrote: 'zone: [example.dev]',
    at: 'zone:',
    rule: 'unknown-key',
    message: 'unknown key "zone"',
    hint: 'did you mean "zones"?',
  },
  {
    who: 'write the zones at the top',
    instead: 'cloudflare:\n  account: 0123456789abcdef0123456789abcdef\n  zones: [example.dev]\n',
    wrote: 'zones: [example.dev]\ncloudflare:\n  account: 0123456789abcdef0123456789abcdef\n',
    at: 'zones:',
    rule: 'unknown-key',
    message: 'unknown key "zones"',
    hint: 'write it under `cloudflare`, as `zones`',
  },
  {
    who: 'list the tunnels',
    instead: 'tunnels:\n    homelab: {}',
    wrote: 'tunnels: [homelab]',
    at: 'tunnels: [homelab]',
    rule: 'wrong-value',
    message: 'expected a map, found a list',
    hint: 'write `tunnels: { homelab: {} }`',
    fixed: 'tunnels: { homelab: {} }',
  },
  {
    who: 'write the whole domain of the team',
    instead: 'team: example\n',
    wrote: 'team: example.cloudflareaccess.com\n',
    at: 'example.cloudflareaccess.com',
    rule: 'wrong-value',
    message: 'expected the team name alone, such as example, found the text "example.cloudflareaccess.com"',
    hint: 'write example',
  },
  {
    who: 'forget the block of Authentik',
    instead: 'authentik:\n  url: http://authentik.lan:9000\n',
    wrote: '',
    at: 'identityProvider: authentik',
    rule: 'conflicting-keys',
    message: 'this needs Authentik, and the file has no `authentik`',
    hint: 'add `authentik:` with `url`, the API as the daemon reaches it',
  },
  {
    who: 'write a duration without a unit',
    instead: 'session: 24h',
    wrote: 'session: 24',
    at: '24 }',
    rule: 'wrong-value',
    message: `${durationForm}, found the number 24`,
    hint: 'write the unit too: 24s, 24m, 24h or 24d',
  },
  {
    who: 'write a duration in words',
    instead: 'session: 24h',
    wrote: 'session: 1 week',
    at: '1 week',
    rule: 'wrong-value',
    message: `${durationForm}, found the text "1 week"`,
    hint: 'write 7d',
    fixed: 'session: 7d',
  },
  {
    who: 'write a schedule with seconds',
    instead: 'schedule: "*/5 * * * *"',
    wrote: 'schedule: "0 */5 * * * *"',
    at: '"0 */5',
    rule: 'wrong-value',
    message: `${cronForm}, found the text "0 */5 * * * *"`,
    hint: 'leave out the seconds: "*/5 * * * *"',
  },
  {
    who: 'write a schedule without quotes',
    instead: 'schedule: "*/5 * * * *"',
    wrote: 'schedule: */5 * * * *',
    at: '* * * *',
    rule: 'yaml-syntax',
    message: 'a value begins with *',
    hint: 'put it in quotes: `"*/5 * * * *"`',
  },
  {
    who: 'write a percentage as a number',
    instead: 'prune: 30%',
    wrote: 'prune: 30',
    at: '30 }',
    rule: 'wrong-value',
    message: 'expected a percentage such as 30%, found the number 30',
    hint: 'write 30%',
  },
  {
    who: 'write a network where one address belongs',
    instead: 'content: 192.0.2.1',
    wrote: 'content: 192.0.2.1/24',
    at: '192.0.2.1/24',
    rule: 'dns-record',
    message: '"192.0.2.1/24" is no IPv4 address',
    hint: 'write one address: 192.0.2.1',
  },
  {
    who: 'write the type of a record in small letters',
    instead: 'type: A,',
    wrote: 'type: cname,',
    at: 'cname',
    rule: 'wrong-value',
    message:
      'expected one of A, AAAA, CNAME, TXT, MX, SRV, CAA, NS, HTTPS, SVCB, TLSA, SSHFP, PTR, URI, LOC, NAPTR, DS, found the text "cname"',
    hint: 'did you mean "CNAME"?',
  },
  {
    who: 'write value for the content of a record',
    instead: 'content: 192.0.2.1',
    wrote: 'value: 192.0.2.1',
    at: 'value:',
    rule: 'unknown-key',
    message: 'unknown key "value"',
    hint: 'write `content:`',
  },
  {
    who: 'write a path as a shell pattern',
    instead: '/api/health: { public',
    wrote: '/api/*: { public',
    at: '/api/*',
    rule: 'G108',
    message: 'a * is possible only in /** at the end',
    hint: 'write /a for exactly this path, or /a/** for it and all below it',
    fixed: '/api/**: { public',
  },
  {
    who: 'merge what an anchor stands for',
    instead: '  docs:\n    host: docs.example.dev\n    origin: traefik\n',
    wrote: '  docs:\n    <<: *common\n    host: docs.example.dev\n',
    at: '<<:',
    rule: 'unknown-key',
    message: 'unknown key "<<"',
    hint: 'YAML 1.2 has no merge keys: write the keys out',
  },
  {
    who: 'keep anchors in a key of their own',
    instead: 'version: 1\n',
    wrote: 'version: 1\nx-common: &reason { reason: documentation }\n',
    at: 'x-common',
    rule: 'unknown-key',
    message: 'unknown key "x-common"',
    hint: 'there are no keys of your own: write an anchor where its value is used first',
  },
  {
    who: 'expect variables',
    instead: 'host: docs.example.dev',
    wrote: 'host: docs.$DOMAIN',
    at: 'docs.$DOMAIN',
    rule: 'wrong-value',
    message: `${hostForm}, found the text "docs.$DOMAIN"`,
    hint: 'gates.yaml has no variables: write it out',
  },
  {
    who: 'indent with a tab',
    instead: '    host: docs.example.dev\n    origin: traefik\n',
    wrote: '\thost: docs.example.dev\n\torigin: traefik\n',
    at: '\thost',
    rule: 'yaml-syntax',
    message: 'the line is indented with a tab (1 line below, too)',
    hint: 'indent with spaces',
  },
  {
    who: 'indent a line too far',
    instead: docsOrigin,
    wrote: 'host: docs.example.dev\n     origin: traefik',
    at: 'origin: traefik\n    gate: { public',
    rule: 'yaml-syntax',
    message: 'this line is indented further than `host` above it, which has a value already',
    hint: 'begin it in the column of `host`',
  },
  {
    who: 'leave out the space after a colon',
    instead: 'host: docs.example.dev',
    wrote: 'host:docs.example.dev',
    at: 'host:docs',
    rule: 'yaml-syntax',
    message: 'no space after the colon of host',
    hint: 'write `host: docs.example.dev`',
  },
  {
    who: 'write a colon into a text',
    instead: 'reason: documentation',
    wrote: 'reason: docs: for all',
    at: 'docs: for all',
    rule: 'yaml-syntax',
    message: 'a second colon on one line',
    hint: 'put the value in quotes, or write the inner map in { } or on its own lines',
    fixed: 'reason: "docs: for all"',
  },
  {
    who: 'forget to close a quote',
    instead: 'reason: documentation',
    wrote: 'reason: "documentation',
    at: '"documentation',
    rule: 'yaml-syntax',
    message: 'a quote that is opened here is not closed',
    hint: 'close it at the end of the text',
    fixed: 'reason: "documentation"',
  },
  {
    who: 'forget to close a bracket',
    instead: 'gate: { public: { reason: documentation } }',
    wrote: 'gate: { public: { reason: documentation }',
    at: 'hooks:',
    rule: 'yaml-syntax',
    message: 'a bracket that was opened before is not closed',
    hint: 'close it with ] or }',
  },
  {
    who: 'join two files',
    instead: 'reconcile:\n',
    wrote: '---\nreconcile:\n',
    at: 'reconcile:',
    rule: 'yaml-feature',
    message: 'a second document begins here',
    hint: 'gates.yaml is one document: remove the `---` between them',
  },
  {
    who: 'empty the file',
    instead: good,
    wrote: '',
    at: '',
    rule: 'file-empty',
    message: 'the file is empty',
    hint: 'an empty file never removes anything: restore it, or begin with `version: 1`',
  },
  {
    who: 'write the file as a list',
    instead: good,
    wrote: '- version: 1\n- owner: home\n',
    at: '- version',
    rule: 'wrong-value',
    message: 'expected a map, found a list',
    hint: 'remove the dashes: the file is one map, which begins with `version: 1`',
  },
];

function changed({ instead }: Row, by: string): string {
  const text = good.replace(instead, () => by);
  expect(good).toContain(instead);
  return text;
}

function mistakesIn(text: string): readonly Mistake[] {
  const result = parseConfig(text);
  return result.ok ? result.parsed.warnings : result.mistakes;
}

/** The 1-based place of a text that occurs at or after the change. */
function placeOf(text: string, at: string, from: number): string {
  const index = text.indexOf(at, text.indexOf(at, from) === -1 ? 0 : from);
  const before = text.slice(0, index).split('\n');
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

describe('people', () => {
  it('make more than 40 mistakes, and none in the file that the mistakes are made in', () => {
    expect(new Set(rows.map(({ who }) => who)).size).toBeGreaterThan(40);
    expect(mistakesIn(good)).toEqual([]);
  });

  it.each(rows)('who $who read one message, at the right place, with what to write', (row) => {
    const text = changed(row, row.wrote);
    const mistakes = mistakesIn(text);
    expect(mistakes.map(({ message }) => message)).toEqual([row.message]);
    const [mistake] = mistakes;
    expect(mistake).toMatchObject({ severity: 'error', rule: row.rule, hint: row.hint });
    const near = Math.max(0, good.indexOf(row.instead) - 60);
    expect(`${mistake?.line}:${mistake?.column}`).toBe(placeOf(text, row.at, near));
  });

  it.each(rows)('who $who and then follow the hint have a valid file', (row) => {
    expect(mistakesIn(changed(row, row.fixed ?? row.instead))).toEqual([]);
  });

  it.each([
    ['write the version in quotes', good.replace('version: 1', 'version: "1"')],
    ['save with line ends of Windows', good.replaceAll('\n', '\r\n')],
    ['save with a byte order mark', `\ufeff${good}`],
    ['write a host with capitals', good.replace('host: docs.example.dev', 'host: Docs.Example.dev')],
  ])('who %s make no mistake', (_, text) => {
    expect(mistakesIn(text)).toEqual([]);
  });

  it('who use one undeclared name read about it once, with every line', () => {
    const text = good.replace('  family: {}\n', '').replace('groups: [admins]', 'groups: [family]');
    const [mistake, ...others] = mistakesIn(text).filter(({ severity }) => severity === 'error');
    expect(others).toEqual([]);
    expect(mistake).toMatchObject({ message: 'there is no group "family"', line: 29, also: [{ line: 35 }] });
  });

  it('who make two mistakes read both', () => {
    const text = good.replace('host: docs', 'hostname: docs').replace('session: 24h', 'session: 24');
    expect(mistakesIn(text).map(({ rule }) => rule)).toEqual(['wrong-value', 'unknown-key']);
  });
});
