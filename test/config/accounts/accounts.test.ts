import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Config } from '../../../src/config/model/config.ts';
import { parseConfig, parseFile } from '../../../src/config/parse-config.ts';
import { sourceText, unpackFiles, withAccount } from '../../../src/core/sources/source-files.ts';
import { compile } from '../../../src/desired/compile.ts';
import { checkedConfig, checkedFile } from '../../../src/expect/checked-config.ts';
import { fullFile } from '../../desired/every-key/full-file.ts';
import { twoAccounts as text } from './two-accounts-file.ts';

function accountsOf(source: string) {
  const read = checkedFile(source);
  if (!read.ok) throw new Error(read.mistakes.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return Object.fromEntries(read.accounts.map(({ name, config }) => [name ?? '', config]));
}

function accountOf(source: string, name: string): Config {
  const config = accountsOf(source)[name];
  if (config === undefined) throw new Error(`there is no account ${name}`);
  return config;
}

const shown = (source: string) => {
  const read = checkedFile(source);
  const mistakes = read.ok ? read.warnings : read.mistakes;
  return mistakes.map(({ line, column, message, hint }) => `${line}:${column} ${message} = ${hint}`);
};

const listed = ({ services, origins, groups, people, clients, serviceTokens, records, ...rest }: Config) => ({
  entries: [services, origins, clients, serviceTokens].map((map) => [...map.keys()].join(' ')),
  sets: [groups, people].map((set) => [...set].join(' ')),
  records: records.map(({ name }) => name).join(' '),
  waf: rest.waf.skip?.hosts.join(' '),
  expects: rest.expectations.map(({ host, line }) => `${host} ${line}`).join(' '),
});

describe('a file with several accounts', () => {
  it('is one configuration for each of them', () => {
    const { lan, work } = accountsOf(text);
    expect([lan?.owner, work?.owner]).toEqual(['home', 'home-work']);
    expect([lan, work].map((config) => config?.authentik?.url)).toEqual([
      'http://one.lan:9000',
      'http://two.lan:9000',
    ]);
    expect(lan && listed(lan)).toEqual({
      entries: ['auth wiki', 'both', '', ''],
      sets: ['admins staff', 'us'],
      records: 'a.example.dev',
      waf: 'auth.example.dev',
      expects: 'auth.example.dev 34',
    });
    expect(work && listed(work)).toEqual({
      entries: ['nas ci', 'both office', 'app', 'ci'],
      sets: ['staff', ''],
      records: 'b.example.net',
      waf: 'ci.example.net',
      expects: 'ci.example.net 33',
    });
  });

  it('means in each account the same as a file with that account alone', () => {
    const { serviceTokens, cloudflare, clients, ...rest } = parse(fullFile);
    // A token that nobody uses belongs to no account.
    const { backup: _, ...tokens } = serviceTokens;
    const one = { ...rest, clients, serviceTokens: tokens, cloudflare };
    const other = { account: 'other', zones: ['example.com'], tunnels: {} };
    const named = { ...one, cloudflare: { other, main: { owner: 'home', ...cloudflare } } };
    const unused = ['gitlab', 'films', 'portal', 'machine'];
    // The server is that of both accounts, of which the other one has nothing.
    const read = parseFile(stringify(named));
    const errors = read.ok ? [] : read.mistakes.filter(({ severity }) => severity === 'error');
    const needed = errors.map(({ message }) => message);
    expect(needed).toEqual(
      unused.map((name) => `clients.${name} is used by no account, so it belongs to none`),
    );
    for (const name of unused) clients[name].account = 'main';
    const whole = stringify({ ...named, clients });
    for (const name of unused) delete clients[name].account;
    const alone = parseConfig(stringify(one));
    expect(alone.ok && compile(alone.parsed.config)).toEqual(compile(accountOf(whole, 'main')));
    // The rest is read, not made. Groups of one server are shared.
    const made = compile(accountOf(whole, 'other')).objects.filter(
      ({ mustExist }) => mustExist === undefined,
    );
    expect(made.map(({ address }) => address.key)).toEqual(['admins', 'family', 'admins < family']);
  });

  it('has the tokens of the zones of each account', () => {
    const given = text.replace(
      'zones: [example.net',
      'zoneTokens: { Example.net: net }\n    zones: [example.net',
    );
    const { lan, work } = accountsOf(given);
    expect([...(lan?.cloudflare.zoneTokens ?? [])]).toEqual([]);
    expect([...(work?.cloudflare.zoneTokens ?? [])]).toEqual([['example.net', 'net']]);
    const wrong = text.replace(
      'zones: [example.net',
      'zoneTokens: { example.dev: net, example.net: a-file, Lab.example.dev: a, lab.example.dev: b }\n    zones: [example.net',
    );
    expect(shown(wrong)).toEqual([
      '12:19 "example.dev" is none of the zones = did you mean "example.net"?',
      '12:50 "a-file" cannot be a name here: variables that end in _FILE name files = choose a name that does not end in `file`',
      '12:78 "lab.example.dev" is in `zoneTokens` already = keep one of them',
      '23:11 people.us is declared and nothing uses it = remove it, or name it where it is meant',
    ]);
  });

  it('is read for the account that its bytes select, and for none without one', () => {
    const bytes = Buffer.from(text);
    const names = (account: string | undefined) => {
      const read = checkedConfig(withAccount(bytes, account));
      return read.ok ? [...read.parsed.config.services.keys()] : read.mistakes.map(({ message }) => message);
    };
    expect(names('work')).toEqual(['nas', 'ci']);
    expect(names(undefined)).toEqual(['the file has several accounts']);
    expect(names('lab')).toEqual(['the file has no account "lab"']);
    expect(withAccount(withAccount(bytes, 'work'), undefined)).toEqual(bytes);
    expect(unpackFiles(withAccount(bytes, 'work')).account).toBe('work');
    expect(sourceText(withAccount(bytes, 'work'), undefined)).toBe(text);
  });

  it.each(Array.from({ length: 40 }, (_, seed) => seed))(
    'has every service in one account, and nothing of another there (seed %i)',
    (seed) => {
      const { source, hosts } = randomFile(seed);
      const accounts: readonly Config[] = Object.values(accountsOf(source));
      const found = accounts.flatMap(({ cloudflare, services }) =>
        [...services.values()].map(({ host, zone, origin }) => {
          expect(cloudflare.zones).toContain(zone);
          expect([...cloudflare.tunnels.keys()]).toContain(origin.tunnel);
          return host;
        }),
      );
      expect(found.sort()).toEqual([...hosts].sort());
      const records = accounts.flatMap((config) => config.records.map(({ name }) => name));
      expect(records.sort()).toEqual(hosts.map((host) => `www.${host}`).sort());
      expect(new Set(accounts.map(({ owner }) => owner)).size).toBe(accounts.length);
      const objects = accounts.map((config) => compile(config).objects.length);
      for (const config of accounts) {
        const alone = parseConfig(randomFile(seed, config.cloudflare.account).source);
        expect(alone.ok && compile(alone.parsed.config).objects.length).toBe(
          objects[accounts.indexOf(config)],
        );
      }
    },
  );
});

/** A random file with two to four accounts; with `only`, the part of that account as a file of its own. */
function randomFile(seed: number, only?: string) {
  let state = seed * 7919 + 1;
  const below = (most: number) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % most;
  };
  const count = 2 + below(3);
  const accounts = Array.from({ length: count }, (_, index) => `a${index}`);
  const services: Record<string, unknown> = {};
  const dns: Record<string, unknown[]> = {};
  const hosts: string[] = [];
  for (let index = 0; index < 3 + below(12); index += 1) {
    const account = below(count);
    const zone = `z${account}-${below(2)}.example`;
    const host = `s${index}.${zone}`;
    const gates = [
      { public: { reason: 'open' } },
      { cloudflare: { people: [`p${below(2)}`] } },
      { cloudflare: { emails: ['me@example.dev'], require: { networks: ['home'] } } },
    ];
    const gate = gates[below(gates.length)];
    if (only !== undefined && only !== `a${account}`) continue;
    hosts.push(host);
    services[`s${index}`] = { host, origin: `o${account}`, gate };
    dns[zone] = [...(dns[zone] ?? []), { name: `www.s${index}`, type: 'TXT', content: 'x' }];
  }
  const cloudflare = accounts.map((account, index) => ({
    account,
    zones: [0, 1].map((zone) => `z${index}-${zone}.example`),
    tunnels: { [`t${index}`]: {} },
  }));
  const origins = Object.fromEntries(
    accounts.flatMap((account, index) =>
      only === undefined || only === account
        ? [[`o${index}`, { tunnel: `t${index}`, url: 'http://app.lan:80' }] as const]
        : [],
    ),
  );
  const people = { p0: { emails: ['a@example.dev'] }, p1: { emails: ['b@example.dev'] } };
  const named = Object.fromEntries(cloudflare.map((entry) => [entry.account, entry]));
  const file = {
    ...{ version: 1, owner: only === undefined ? 'home' : `home-${only}`, origins, people, services, dns },
    networks: { home: ['203.0.113.7'] },
    cloudflare: only === undefined ? named : named[only],
  };
  return { source: stringify(file), hosts };
}

describe('a mistake between accounts', () => {
  const changed = (from: string, to: string) => {
    expect(text).toContain(from);
    return shown(text.replace(from, to));
  };

  it.each([
    [
      'zones: [example.net',
      'zones: [example.dev',
      '12:13 the zone example.dev is in lan already = keep it in one of them',
    ],
    [
      'account: theirs',
      'account: mine',
      '11:14 the account "mine" is in lan already = keep it in one of them',
    ],
    [
      'http://two.lan',
      'http://one.lan',
      '17:15 the server http://one.lan:9000 is in one already = keep it in one of them',
    ],
    [
      'origin: both, gate: { identity',
      'origin: office, gate: { identity',
      '24:43 origins.office belongs to the account work, and this to lan = use an origin with a tunnel of lan',
    ],
    ['authentik: two', 'authentik: tow', '14:16 there is no Authentik "tow" = did you mean "two"?'],
    ['account: work, ', 'account: wrok, ', '28:28 there is no account "wrok" = did you mean "work"?'],
    [
      'account: work, ',
      '',
      '28:12 clients.app is used by no account, so it belongs to none = add `account:` with the name of one',
    ],
    [
      '    owner: home\n',
      '    owner: home-work\n',
      '10:3 lan and work have the same owner, "home-work" = give each account an owner of its own: they would remove each other’s objects',
    ],
    [
      '  work:\n',
      '  the-other-account:\n',
      '10:3 "home-the-other-account" is too long for an owner = add `owner:` to cloudflare.the-other-account, with at most 16 characters',
    ],
    [
      '  work:\n',
      '  a-file:\n',
      '10:3 "a-file" cannot be a name here: variables that end in _FILE name files = choose a name that does not end in `file`',
    ],
    [
      'origin: both, gate: { public: { reason: open } }',
      'origin: both, gate: { serviceToken: { tokens: [ci, lan] } }',
      '26:88 there is no service token "lan" = declare it under `serviceTokens`, or use one of: ci',
    ],
    [
      'origin: both, gate: { authentik: { mode: forwardAuth, groups: [admins] } }',
      'origin: both, gate: { serviceToken: { tokens: [ci] } }',
      '29:18 serviceTokens.ci is used in several accounts: lan and work = declare one for each account',
    ],
    [
      'nas.lab.example.dev',
      'ci.example.net',
      '27:15 ci.example.net is the host of nas already = one host is one service: use `paths` for its parts',
    ],
    [
      '  lan:\n',
      '  account: mine\n  lan:\n',
      '5:3 the name of an account beside the keys of another = with several accounts, `cloudflare` has only names: put the other keys below one of their own',
    ],
  ])('is reported at its place: %s → %s', (from, to, mistake) => {
    expect(changed(from, to)).toContain(mistake);
  });

  it('in one account refuses the complete file, with the place in it', () => {
    const read = parseFile(text.replace('mode: forwardAuth', 'mode: forward'));
    expect(read).toMatchObject({ ok: false, names: ['lan', 'work'], mistakes: [{ line: 25, column: 76 }] });
  });

  it('that has a meaning only with several is one without', () => {
    const single = `version: 1
owner: home
cloudflare: { account: mine, zones: [example.dev], owner: other, authentik: one }
`;
    expect(shown(single)).toEqual([
      '3:52 this has a meaning only with several accounts = remove it, or make `cloudflare` a map of names',
      '3:66 this has a meaning only with several accounts = remove it, or make `cloudflare` a map of names',
    ]);
  });
});
