import { describe, expect, it } from 'vitest';
import type { Part } from '../../../src/core/objects/part.ts';
import {
  catchAll,
  name,
  openFacts,
  origin,
  reached,
  record,
  rule,
  stranger,
  tunnel,
  zone,
} from '../parts.ts';

const behind: readonly Part[] = [
  tunnel,
  rule('*.example.dev', 'http://app.lan'),
  rule('example.dev', 'http://app.lan'),
  catchAll,
  origin('http://app.lan'),
  origin('http://192.0.2.1'),
  origin('http://192.0.2.2'),
  origin('http://[2001:db8::1]'),
  origin('http://other.example.net'),
];

const app = { 'http://app.lan for app.example.dev': 'admitted' };
const deep = { 'http://app.lan for a.b.example.dev': 'admitted' };

/** Records, and what a stranger reaches at the host. */
const rows: readonly {
  readonly because: string;
  readonly records: readonly Part[];
  readonly host?: string;
  readonly reaches: Readonly<Record<string, string>>;
}[] = [
  { because: 'a proxied name leads to the tunnel', records: [zone, name('app.example.dev')], reaches: app },
  { because: 'a name without a record leads nowhere', records: [zone], reaches: {} },
  {
    because: 'a zone that is not active answers nothing',
    records: [{ ...zone, active: false } as Part, name('app.example.dev')],
    reaches: {},
  },
  { because: 'a name outside the zones leads nowhere', records: [name('app.example.dev')], reaches: {} },
  {
    because: 'a tunnel without proxy leads nowhere',
    records: [zone, record('app.example.dev', 't1.cfargotunnel.com', { proxied: false })],
    reaches: {},
  },
  {
    because: 'a tunnel of another account leads nowhere',
    records: [zone, record('app.example.dev', 't2.cfargotunnel.com')],
    reaches: {},
  },
  {
    because: 'an address without proxy is reached around the edge',
    records: [zone, record('app.example.dev', '192.0.2.1', { proxied: false })],
    reaches: { 'http://192.0.2.1 for app.example.dev': 'admitted' },
  },
  {
    because: 'an IPv6 address is written as in a URL',
    records: [zone, record('app.example.dev', '2001:db8::1', { type: 'AAAA', proxied: false })],
    reaches: { 'http://[2001:db8::1] for app.example.dev': 'admitted' },
  },
  {
    because: 'a CNAME is followed in the zones of the account',
    records: [
      zone,
      record('app.example.dev', 'www.example.dev', { proxied: false }),
      name('www.example.dev'),
    ],
    reaches: app,
  },
  {
    because: 'a circle of CNAMEs leads nowhere',
    records: [zone, record('app.example.dev', 'app.example.dev')],
    reaches: {},
  },
  {
    because: 'a CNAME to a name outside leads to it',
    records: [zone, record('app.example.dev', 'other.example.net', { proxied: false })],
    reaches: { 'http://other.example.net for app.example.dev': 'admitted' },
  },
  {
    because: 'other types lead no visitor',
    records: [zone, record('app.example.dev', 'text', { type: 'TXT' })],
    reaches: {},
  },
  ...['CAA', 'APL'].map((type) => ({
    because: `a record of type ${type} leads no visitor`,
    records: [zone, record('app.example.dev', '192.0.2.1', { type })],
    reaches: {},
  })),
  {
    because: 'a name leads nowhere if only names below it have records',
    records: [zone, name('x.app.example.dev')],
    reaches: {},
  },
  {
    because: 'a name above that leads somewhere leads no name below it',
    records: [zone, name('b.example.dev')],
    host: 'a.b.example.dev',
    reaches: {},
  },
  { because: 'a wildcard stands for a name', records: [zone, name('*.example.dev')], reaches: app },
  {
    because: 'a wildcard stands for several labels',
    records: [zone, name('*.example.dev')],
    host: 'a.b.example.dev',
    reaches: deep,
  },
  {
    because: 'a wildcard does not stand for its domain',
    records: [zone, name('*.example.dev')],
    host: 'example.dev',
    reaches: {},
  },
  {
    because: 'a record of any type at the name ends the wildcard (documents, Wildcard DNS records)',
    records: [zone, name('*.example.dev'), record('app.example.dev', 'text', { type: 'TXT' })],
    reaches: {},
  },
  {
    because: 'a name above that exists ends the wildcard of its own ancestor (RFC 4592)',
    records: [zone, name('*.example.dev'), record('b.example.dev', 'text', { type: 'TXT' })],
    host: 'a.b.example.dev',
    reaches: {},
  },
  {
    because: 'a name that only has names below exists too (RFC 4592, empty non-terminals)',
    records: [zone, name('*.example.dev'), record('x.b.example.dev', 'text', { type: 'TXT' })],
    host: 'a.b.example.dev',
    reaches: {},
  },
  {
    because: 'a name below another one does not end the wildcard',
    records: [zone, name('*.example.dev'), record('x.c.example.dev', 'text', { type: 'TXT' })],
    host: 'a.b.example.dev',
    reaches: deep,
  },
  {
    because: 'the closest wildcard counts',
    records: [zone, name('*.example.dev'), record('*.b.example.dev', '192.0.2.1', { proxied: false })],
    host: 'a.b.example.dev',
    reaches: { 'http://192.0.2.1 for a.b.example.dev': 'admitted' },
  },
  {
    because: 'one proxied address makes all of a name proxied (documents, Proxy status)',
    records: [
      ...[zone, { part: 'organization', requiresAccess: true, exemptedZones: [] } as Part],
      record('app.example.dev', '192.0.2.1'),
      record('app.example.dev', '192.0.2.2', { proxied: false }),
    ],
    reaches: {},
  },
  {
    because: 'a proxied name on the chain makes all of it proxied (documents, Proxy status)',
    records: [
      ...[zone, { part: 'organization', requiresAccess: true, exemptedZones: [] } as Part],
      record('app.example.dev', 'www.example.dev', { proxied: false }),
      record('www.example.dev', '192.0.2.1'),
    ],
    reaches: {},
  },
  {
    because: 'name servers elsewhere answer below an NS record',
    records: [zone, name('app.example.dev'), record('app.example.dev', 'ns.example.net', { type: 'NS' })],
    reaches: { 'any origin': 'delegated name' },
  },
  {
    because: 'the NS records of the zone itself delegate nothing',
    records: [zone, name('app.example.dev'), record('example.dev', 'ns.example.net', { type: 'NS' })],
    reaches: app,
  },
  {
    because: 'the NS records of the zone do not delegate its own name either',
    records: [zone, name('example.dev'), record('example.dev', 'ns.example.net', { type: 'NS' })],
    host: 'example.dev',
    reaches: { 'http://app.lan for example.dev': 'admitted' },
  },
  {
    because: 'a CNAME may lead to name servers elsewhere',
    records: [
      ...[zone, record('app.example.dev', 'a.b.example.dev'), name('a.b.example.dev')],
      record('b.example.dev', 'ns.example.net', { type: 'NS' }),
    ],
    reaches: { 'any origin': 'delegated name' },
  },
];

describe('a name', () => {
  it.each(rows)('$because', ({ records, host = 'app.example.dev', reaches }) => {
    expect(reached([...records, ...behind], { host, path: '/' }, stranger)).toEqual(reaches);
  });

  it('may lead anywhere while records cannot be read', () => {
    const snapshot = { parts: [zone, ...behind], unread: new Set(['record'] as const) };
    expect(reached(snapshot, 'https://app.example.dev/', stranger)).toEqual({
      'any origin': 'not read',
      'http://app.lan for app.example.dev': 'not read',
    });
  });

  it('is named in the fact that nobody knows where it leads', () => {
    const host = 'app.example.dev';
    const delegated = [zone, name(host), record(host, 'ns.example.net', { type: 'NS' })];
    expect(openFacts(delegated, { host, path: '/' }, stranger)).toEqual([`delegated name: ${host}`]);
    for (const sort of ['zone', 'record'] as const)
      expect(openFacts({ parts: [], unread: new Set([sort]) }, { host, path: '/' }, stranger)).toEqual([
        `not read: records of ${host}`,
      ]);
  });

  it('belongs to the longest zone, in whatever order they are listed', () => {
    const inner: Part = { part: 'zone', name: 'b.example.dev', active: false };
    for (const zones of [
      [zone, inner],
      [inner, zone],
    ])
      expect(
        reached([...zones, name('a.b.example.dev'), ...behind], 'https://a.b.example.dev/', stranger),
      ).toEqual({});
  });
});
