import { describe, expect, it } from 'vitest';
import { type Outline, outline } from '../../schema/generated/validate.js';
import { emailHint } from '../../src/config/hints/address-hints.ts';
import { formHint } from '../../src/config/hints/form-hints.ts';
import { gateNames, settingsHint } from '../../src/config/hints/gate-forms.ts';
import { meaningOf } from '../../src/config/hints/other-words.ts';
import { valueHint } from '../../src/config/hints/value-hints.ts';
import type { Path } from '../../src/config/mistakes/finding.ts';
import { plain, plainList } from '../../src/config/mistakes/plain-text.ts';

const { $defs } = outline;
const shapeOf = (name: string): Outline => {
  const shape = $defs[name];
  if (shape === undefined) throw new Error(`no shape ${name}`);
  return shape;
};
const noSuch = (scheme: string) =>
  `gates publishes http, https, ssh, rdp, smb, tcp and sockets; a tunnel rule for ${scheme} that you add in the dashboard stays as it is`;

const values: readonly (readonly [shape: string, value: unknown, hint: string | undefined])[] = [
  ['duration', '90', 'write the unit too: 90s, 90m, 90h or 90d'],
  ['duration', '2 weeks', 'write 14d'],
  ['duration', '30min', 'write 30m'],
  ['duration', '10secs', 'write 10s'],
  ['duration', '1 hour', 'write 1h'],
  ['duration', '1h30m', 'write one number with one unit: 90m'],
  ['duration', '1d12h', 'write one number with one unit: 36h'],
  ['duration', '1m 30s', 'write one number with one unit: 90s'],
  ['duration', '0', 'a duration is longer than 0'],
  ['duration', '1 month', undefined],
  ['duration', '1h 2 fortnights', undefined],
  ['duration', 'soon', undefined],
  ['tokenDuration', 365, 'write the unit too: 365s, 365m, 365h or 365d'],
  ['sessionDuration', 0, 'write immediate'],
  ['sessionDuration', '30min', 'write 30m'],
  ['percent', 0.3, 'write 30%'],
  ['percent', '30 %', 'write 30%'],
  ['percent', 300, 'it is at most 100%'],
  ['percent', 'half', undefined],
  ['cron', '@Daily', 'write "0 0 * * *"'],
  ['cron', 'every 10 minutes', 'write "*/10 * * * *"'],
  ['cron', '1h', 'write "0 * * * *"'],
  ['cron', '6h', 'write "0 */6 * * *"'],
  ['cron', '90m', 'the fields are minute, hour, day of the month, month, day of the week'],
  ['cron', '48h', 'the fields are minute, hour, day of the month, month, day of the week'],
  ['cron', '0 2 * * SAT', 'write "0 2 * * sat"'],
  ['cron', '0 2 * * 9', undefined],
  ['host', 'my_docs.example.dev', 'a host has no underscore: my-docs.example.dev would be one'],
  ['host', 'docs.example.dev:443', 'write docs.example.dev'],
  ['host', 'docs.example.dev/app?x', 'write docs.example.dev'],
  ['host', 'ssh://docs.example.dev', 'write docs.example.dev'],
  ['host', 'ftp://docs.example.dev', noSuch('ftp')],
  ['host', 'docs.{{ domain }}', 'gates.yaml has no variables: write it out'],
  ['host', 'docs..example.dev', undefined],
  ['host', ['docs.example.dev'], 'write one, without [ ]: docs.example.dev'],
  ['host', ['a.example.dev', 'b.example.dev'], undefined],
  ['domain', 'https://example.dev', 'write example.dev'],
  ['serverUrl', 'HTTPS://nas.lan', 'write https://nas.lan'],
  ['serverUrl', 'proxmox.lan:8006', 'write https://proxmox.lan:8006'],
  ['serverUrl', 'http://me:pw@nas.lan', 'write http://nas.lan, without a user'],
  ['serverUrl', 'ws://nas.lan:80', 'write http://nas.lan:80: websockets go through it too'],
  ['serverUrl', 'wss://nas.lan', 'write https://nas.lan: websockets go through it too'],
  ['serverUrl', 'ftp://nas.lan:21', noSuch('ftp')],
  ['originUrl', 'FTP://nas.lan:21', noSuch('ftp')],
  ['originUrl', 'ssh://nas.lan:22/home', 'write ssh://nas.lan:22, without a path'],
  ['serverUrl', 'http://nas.lan:0', 'a port is a number from 1 to 65535'],
  ['serverUrl', 'http://my_app:80', 'a host has no underscore: write another name, or the IP address'],
  ['serverUrl', 'http://$HOST:80', 'gates.yaml has no variables: write it out'],
  ['serverUrl', 'http://a b', undefined],
  ['email', 'mailto:ada@example.dev', 'write ada@example.dev'],
  ['email', 'Ada <ada@example.dev>', 'write ada@example.dev'],
  ['email', '@example.dev', 'write the address of each person, or a group of Authentik under `groups`'],
  ['email', 'a*@example.dev', 'write the address of each person'],
  ['email', 'a@example.dev, b@example.dev', 'write each address as an entry of its own'],
  ['email', 'a@b@example.dev', undefined],
  ['name', 'My_Docs', 'write my-docs'],
  ['name', '!!', undefined],
  ['owner', 'Home', 'write home'],
  ['owner', 'my-very-long-homelab', 'choose a shorter name'],
  ['owner', '1st', undefined],
  ['reason', ' ', 'say why, in a few words'],
  ['reason', 'x'.repeat(501), 'say it in fewer words'],
  ['operation', '/v1/items', 'write the method first: GET /v1/items'],
  ['operation', 'get /v1/items', 'write GET /v1/items'],
  ['operation', 'FETCH /v1', undefined],
  ['account', 12345, 'put it in quotes to make it text'],
  ['account', null, undefined],
  ['groupList', 'a, b', 'a list is written [a, b]'],
  ['groupList', { a: {}, b: null }, 'a list is written [a, b]'],
  ['groupList', { a: { b: 1 } }, 'begin each entry with a dash'],
  ['groupList', 3, undefined],
];

describe('the hint', () => {
  it.each(values)('for %s: %j', (shape, value, hint) => {
    expect(valueHint(shapeOf(shape), value, {})).toBe(hint);
  });

  it.each([
    ['off', 'write false, without quotes'],
    ['True', 'write true, without quotes'],
    [1, 'write true, without quotes'],
    ['maybe', 'write true or false, without quotes'],
    [7, undefined],
  ])('for a switch: %j', (value, hint) => {
    expect(valueHint({ type: 'boolean' }, value, {})).toBe(hint);
  });

  it('for a team is its name alone', () => {
    const team = $defs.access?.properties?.team ?? {};
    expect(valueHint(team, 'https://Example.cloudflareaccess.com/', {})).toBe('write example');
    expect(valueHint(team, 'a b', {})).toBeUndefined();
  });

  it('for a whole domain is the key `domains`, once the schema has it', () => {
    const around: Outline = { properties: { emails: {}, domains: { type: 'array' } } };
    const said = ['*@example.dev', '@example.dev', '*.example.dev'].map((value) =>
      emailHint(shapeOf('email'), value, around),
    );
    expect(new Set(said)).toEqual(new Set(['write `domains: [example.dev]`']));
  });
});

const forms: readonly (readonly [shape: string, path: Path, value: unknown, hint: string | undefined])[] = [
  [
    'gate',
    ['services', 'a', 'gate'],
    'Cloudflare',
    'a gate is a map with one key: `gate: { cloudflare: { emails: [me@example.dev] } }`',
  ],
  [
    'gate',
    ['services', 'a', 'gate'],
    null,
    'a gate is a map with one key, such as `gate: { authentik: { groups: [admins] } }`',
  ],
  [
    'gate',
    ['services', 'a', 'paths', '/api/**'],
    'public',
    'a gate is a map with one key: `"/api/**": { public: { reason: … } }`',
  ],
  ['everyone', ['x', 'everyone'], true, 'write `everyone: { reason: … }`'],
  ['everyone', ['x', 'everyone'], 'we are few', 'write `everyone: { reason: we are few }`'],
  ['origin', ['origins', 'a'], 3, 'write `{ tunnel: …, url: http://server.lan:80 }`'],
  [
    'name',
    ['services', 'a', 'origin'],
    'nas.lan',
    'declare it under `origins` and write its name here: `origins: { a: { tunnel: …, url: http://nas.lan } }`, then `origin: a`',
  ],
  [
    'name',
    ['services', 'a', 'origin'],
    {},
    'declare it under `origins` and write its name here: `origins: { a: { tunnel: …, url: http://server.lan:80 } }`, then `origin: a`',
  ],
  [
    'name',
    ['services', 'a', 'origin'],
    'tcp://db.lan:5432',
    'declare it under `origins` and write its name here: `origins: { a: { tunnel: …, url: tcp://db.lan:5432 } }`, then `origin: a`',
  ],
  ['name', ['services', 'a', 'origin'], 'Traefik', undefined],
  ['name', ['services', 'a', 'origin'], null, undefined],
  ['name', ['authentik', 'service'], 'a.lan', undefined],
];

describe('the hint for a short form', () => {
  it.each(forms)('for %s at %j: %j', (shape, path, value, hint) => {
    expect(formHint(shapeOf(shape), path, value)).toBe(hint);
  });

  it.each([
    ['groups', null, 'write its entries below it, two spaces further in, or remove it'],
    ['groups', ['a', 'b', 'c', 'd', 'e'], 'write `groups: { a: {}, b: {}, c: {}, d: {}, … }`'],
    [
      'services',
      [{ host: 'a' }],
      'write the name of each entry in place of its dash: `services: { my-name: { … } }`',
    ],
    ['dns', [], 'write the zone first: `dns: { example.dev: [ … ] }`'],
    ['groups', 3, undefined],
  ])('for the section %s: %j', (section, value, hint) => {
    expect(formHint(outline.properties?.[section] ?? {}, [section], value)).toBe(hint);
  });

  it.each([
    ['serviceToken', 'ci', 'write `serviceToken: { tokens: [ci] }`'],
    ['webhook', ['reconcile'], 'write `webhook: { actions: [reconcile], secret: { env: NAME } }`'],
    ['cloudflare', ['family'], 'write `cloudflare: { groups: [family] }`'],
    ['cloudflare', 'ada@example.dev', 'write `cloudflare: { emails: [ada@example.dev] }`'],
    ['jwt', 'x', 'write `jwt: { keys: { client: … }, audience: …, operations: […] }`'],
    ['identityProvider', null, 'write `identityProvider: {}`'],
  ])('for the gate %s: %j', (gate, value, hint) => {
    expect(settingsHint(gate, value)).toBe(hint);
  });

  it('has an example of every gate', () => {
    expect(
      gateNames.map((gate) => settingsHint(gate, true)).filter((hint) => hint.includes(': { … }')),
    ).toEqual([]);
  });
});

describe('the key for a word', () => {
  const service = shapeOf('service');
  const gate = shapeOf('gate');

  it.each([
    [outline, 'account', ['cloudflare', 'account']],
    [outline, 'tunnels', ['cloudflare', 'tunnels']],
    [outline, 'access', ['cloudflare', 'access']],
    [outline, 'ingress', ['services']],
    [shapeOf('cloudflare'), 'domains', ['zones']],
    [service, 'hosts', ['host']],
    [service, 'backend', ['origin']],
    [service, 'auth', ['gate']],
    [service, 'emails', ['gate']],
    [service, 'tunnel', ['tunnel']],
    [shapeOf('origin'), 'port', ['url']],
    [gate, 'provider', []],
    [gate, 'emails', []],
    [gate, 'groups', []],
    [gate, 'access', ['cloudflare']],
    [gate, 'none', ['public']],
    [gate.properties?.cloudflare ?? {}, 'allow', ['emails']],
    [gate.properties?.public ?? {}, 'why', ['reason']],
    [shapeOf('dnsRecord'), 'hostname', ['name']],
    [shapeOf('secret'), 'var', []],
  ])('of another program is a key of gates.yaml: %#', (shape, key, means) => {
    const meaning = meaningOf(shape, key, [1]);
    expect(meaning?.means).toEqual(means);
    expect(meaning?.hint).not.toBe('');
  });

  it('is not looked up among words that no map of this shape has', () => {
    expect(meaningOf(service, 'constructor', 1)).toBeUndefined();
    expect(meaningOf({}, 'host', 1)).toBeUndefined();
  });
});

describe('text in a hint', () => {
  it.each([
    ['docs', 'docs'],
    ['we are few', 'we are few'],
    ['a: b', '"a: b"'],
    ['', '""'],
    ['42', '"42"'],
    ['True', '"True"'],
    ['x\u001b[2J', '"x·[2J"'],
    ['y'.repeat(80), `"${'y'.repeat(59)}…"`],
  ])('is quoted if YAML needs it, and short: %j', (text, shown) => {
    expect(plain(text)).toBe(shown);
  });

  it('is a list of the entries that are text', () => {
    expect(plainList(['a', 3, 'b c: d'])).toBe('[a, "b c: d"]');
  });
});
