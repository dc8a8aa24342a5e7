import { describe, expect, it } from 'vitest';
import type { Part } from '../../../src/core/objects/part.ts';
import {
  anyHostOf,
  audienceKey,
  domainKey,
  entryKey,
  everyKey,
  externalHostKey,
  groupNameKey,
  hostOfUrl,
  linkedKey,
  originKeys,
  placeOf,
  placesOf,
  recordKey,
  ruleKeys,
  skipKey,
  wildcardHost,
} from '../../../src/doors/state/places.ts';
import {
  application,
  binding,
  edgeRule,
  name,
  origin,
  policy,
  provider,
  rule,
  tunnel,
  zone,
} from '../parts.ts';

const host = 'app.example.dev';
const anyHost = anyHostOf('example.dev');
const tokenRule = (...hosts: readonly string[]): Part => {
  const more = { enabled: true, action: 'block', excluded: [], configuration: 'c1' } as const;
  return { part: 'token-rule', zone: 'example.dev', hosts, ...more };
};
const route = (pattern: string): Part => {
  return { part: 'worker-route', zone: 'example.dev', pattern, script: 'w', failsOpen: false };
};

/** The keys under which the layers look for a part. */
const rows: readonly (readonly [string, Part, readonly string[]])[] = [
  ['a zone, with all others', zone, [everyKey]],
  [
    'the organization, with all others',
    { part: 'organization', requiresAccess: true, exemptedZones: [] },
    [everyKey],
  ],
  ['a record, by the label below its zone', name('a.b.example.dev'), ['b.example.dev']],
  ['a rule of ours, by its host', edgeRule({ blocks: 'nothing', host }), [host]],
  ['a foreign rule, by its zone', edgeRule({ blocks: 'unknown', action: 'block' }), [anyHost]],
  ['a token rule, by each host', tokenRule(host, 'b.example.dev'), [host, 'b.example.dev']],
  ['a token rule for all hosts, by its zone', tokenRule(), [anyHost]],
  [
    'an operation, by its host',
    { part: 'operation', id: 'o', zone: 'example.dev', host, method: 'GET', endpoint: '/' },
    [host],
  ],
  ['a host of certificates, by its name', { part: 'certificate-host', authority: 'ca', host }, [host]],
  ['a purge, by its host', { part: 'purge', host }, [host]],
  ['a cache rule, by its host', { part: 'cache-rule', zone: 'example.dev', host, keepsOut: true }, [host]],
  [
    'a foreign cache rule, by its zone',
    { part: 'cache-rule', zone: 'example.dev', host: undefined, keepsOut: false },
    [anyHost],
  ],
  ['a route, by its host', route('App.example.dev/*'), [host]],
  ['a route for many hosts, by its zone', route('*.example.dev/*'), [anyHost]],
  [
    'an application, by each host and its audience',
    application('a', ['App.example.dev/x', `${host}/y`, 'b.example.dev'], []),
    [host, 'b.example.dev', audienceKey('aud-a')],
  ],
  [
    'an application for many hosts, by the wildcard',
    application('a', ['*.example.dev/x'], []),
    [wildcardHost, audienceKey('aud-a')],
  ],
  ['a policy, by its id', policy('p', 'allow', []), ['p']],
  ['a tunnel, by its id and with all others', tunnel, ['t1', everyKey]],
  ['a rule of a tunnel, by its host', rule(host, 'http://a.lan'), [`t1 ${host}`]],
  ['a rule of a tunnel without a host, by the wildcard', rule('', 'http://a.lan'), ['t1 *']],
  ['an origin, by its service and with all others', origin('http://a.lan'), [everyKey, 'http://a.lan']],
  [
    'an origin for some hosts, by each of them',
    origin('http://a.lan', undefined, { hosts: [host, 'b.example.dev'] }),
    [everyKey, `http://a.lan for ${host}`, 'http://a.lan for b.example.dev'],
  ],
  [
    'a link, by its provider and its application',
    { part: 'provider-link', application: 'a', provider: 'p' },
    ['p', linkedKey('a')],
  ],
  ['a binding, by its application', binding('a', 'g'), ['a']],
  [
    'a group in another, by the id and the name of that one',
    { part: 'group-parent', group: 'g', parent: 'h', names: { group: 'inner', parent: 'outer' } },
    ['h', groupNameKey('outer')],
  ],
  [
    'an entry of an outpost, by the outpost and with its provider',
    { part: 'outpost-entry', outpost: 'o', provider: 'p' },
    [everyKey, 'o', entryKey('o', 'p')],
  ],
  ['a provider, by its id and its host', provider('p', `https://${host}`), ['p', externalHostKey(host)]],
  [
    'a provider for a domain that skips paths, with the others that do',
    provider('p', `https://${host}`, { mode: 'forward_domain', skipPaths: '^/a' }),
    ['p', externalHostKey(host), domainKey, skipKey],
  ],
];

describe('the layers look', () => {
  it.each(rows)('for %s', (_, part, keys) => {
    expect(placesOf(part)).toEqual(keys.map((key) => placeOf(part.part, key)));
  });

  it('for no two things under one key', () => {
    const keys = [
      ...[everyKey, wildcardHost, domainKey, skipKey, host, 'a', 'b'],
      ...['a', 'b'].flatMap((one) => [
        ...[anyHostOf(one), audienceKey(one), externalHostKey(one), groupNameKey(one), linkedKey(one)],
        ...['a', 'b'].flatMap((two) => [entryKey(one, two), ...originKeys(one, two).slice(0, 1)]),
      ]),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(placeOf('zone', 'a')).not.toBe(placeOf('record', 'a'));
  });

  it('for an origin by the host that it is asked for, and by its service', () => {
    expect(originKeys('http://a.lan', host)).toEqual([`http://a.lan for ${host}`, 'http://a.lan']);
  });

  it('for rules of a tunnel by the complete name, and by each wildcard that ends it', () => {
    expect(ruleKeys('t1', 'a.b.example.dev')).toEqual([
      ...['t1 a.b.example.dev', 't1 *', 't1 *.b.example.dev', 't1 *.example.dev', 't1 *.dev'],
    ]);
  });
});

it.each([
  ['https://app.example.dev', host],
  ['http://app.example.dev:8080/path', 'app.example.dev:8080'],
  ['https://app.example.dev?x', host],
  ['https://app.example.dev#x', host],
  ['app.example.dev', ''],
  ['to https://app.example.dev', ''],
  ['', ''],
])('the host of %s is %s', (url, expected) => {
  expect(hostOfUrl(url)).toBe(expected);
});

it.each([
  ['example.dev', 'example.dev'],
  ['b.example.dev', 'b.example.dev'],
  ['a.b.example.dev', 'b.example.dev'],
  ['*.example.dev', '*.example.dev'],
])('records of %s are found under %s', (record, key) => {
  expect(recordKey(record, 'example.dev')).toBe(key);
});
