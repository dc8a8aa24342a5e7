import { describe, expect, it } from 'vitest';
import { account } from '../../../../reconcilers/cloudflare/account/account.ts';
import { zone } from '../../../../reconcilers/cloudflare/account/zone.ts';
import { dnsRecord, dnsRecordKey } from '../../../../reconcilers/cloudflare/dns/dns-record.ts';
import type { DnsRecordSpec } from '../../../../reconcilers/cloudflare/dns/record-spec.ts';
import type { DesiredObject, Observed } from '../../../../src/core/objects/object.ts';
import { failures, pending, type TestWorld, testWorld } from '../../../support/world.ts';
import { contract } from '../../contract.ts';
import { baseSpec } from './base-spec.ts';

const reconcilers = [account, zone, dnsRecord];
const kind = 'cloudflare/dns-record';

const records = (test: TestWorld) => `/zones/${test.sandbox.zones[0]?.id}/dns_records`;

/** A desired record: by default, a CNAME of `app`. */
function record(test: TestWorld, changes: Partial<DnsRecordSpec> = {}): DesiredObject {
  const base = {
    zone: 'example.dev',
    zoneId: test.sandbox.zones[0]?.id ?? '',
    type: 'CNAME',
    name: 'app.example.dev',
    ttl: 1,
    proxied: false,
    comment: '',
  };
  const content = changes.data === undefined ? { content: 'target.example.net' } : {};
  const spec: DnsRecordSpec = { ...base, ...content, ...changes };
  return { address: { kind, key: dnsRecordKey(spec) }, spec, because: 'dns' };
}

const patch = (have: Observed<unknown>, test: TestWorld, body: object) =>
  test.edit('PATCH', `${records(test)}/${have.id}`, body);

const types: readonly { readonly changes: Partial<DnsRecordSpec>; readonly because: string }[] = [
  { because: 'an address', changes: { type: 'A', content: '203.0.113.9', proxied: true } },
  { because: 'a long address', changes: { type: 'AAAA', content: '2001:DB8:0:0:0:0:0:1', ttl: 300 } },
  { because: 'an alias', changes: { type: 'CNAME', content: 'Target.Example.NET.', proxied: true } },
  {
    because: 'a mail exchanger',
    changes: { type: 'MX', content: 'mx.example.net', priority: 10, ttl: 3600 },
  },
  { because: 'a text', changes: { type: 'TXT', content: 'v=spf1 include:"x" \\ -all', comment: 'mail' } },
  {
    because: 'a text longer than one string',
    changes: { type: 'TXT', name: 'dkim.example.dev', content: `k=${'é'.repeat(300)}` },
  },
  { because: 'a delegation', changes: { type: 'NS', name: 'sub.example.dev', content: 'ns1.example.net' } },
  {
    because: 'a service',
    changes: {
      type: 'SRV',
      name: '_imaps._tcp.example.dev',
      data: { priority: 0, weight: 1, port: 993, target: 'IMAP.example.net.' },
    },
  },
  {
    because: 'a word to certificate authorities',
    changes: { type: 'CAA', data: { flags: 0, tag: 'issue', value: 'letsencrypt.org' } },
  },
  {
    because: 'ways to a service',
    changes: { type: 'HTTPS', data: { priority: 1, target: '.', value: 'alpn=h3,h2 ipv4hint="192.0.2.1"' } },
  },
  {
    because: 'an alias of a service',
    changes: {
      type: 'SVCB',
      name: '_dns.example.dev',
      data: { priority: 0, target: 'DNS.example.net.', value: '' },
    },
  },
  {
    because: 'a certificate',
    changes: {
      type: 'TLSA',
      name: '_443._tcp.example.dev',
      data: { usage: 3, selector: 1, matching_type: 1, certificate: 'AB'.repeat(32) },
    },
  },
  {
    because: 'a key of a host',
    changes: { type: 'SSHFP', data: { algorithm: 4, type: 2, fingerprint: 'Cd'.repeat(32) } },
  },
  {
    because: 'a key of a delegation',
    changes: {
      type: 'DS',
      name: 'sub.example.dev',
      data: { key_tag: 2371, algorithm: 13, digest_type: 2, digest: 'EF'.repeat(32) },
    },
  },
  {
    because: 'an address of a service',
    changes: {
      type: 'URI',
      name: '_http._tcp.example.dev',
      priority: 10,
      data: { weight: 1, target: 'https://www.example.net/Path' },
    },
  },
  {
    because: 'a rule for names',
    changes: {
      type: 'NAPTR',
      data: {
        order: 10,
        preference: 1,
        flags: 'S',
        service: 'SIP+D2U',
        regex: '',
        replacement: '_sip._udp.Example.NET.',
      },
    },
  },
  { because: 'a pointer', changes: { type: 'PTR', name: '9.example.dev', content: 'Host.example.net.' } },
  {
    because: 'a place',
    changes: {
      type: 'LOC',
      data: {
        lat_degrees: 48,
        lat_minutes: 51,
        lat_seconds: 29.5,
        lat_direction: 'N',
        long_degrees: 2,
        long_minutes: 17,
        long_seconds: 40,
        long_direction: 'E',
        altitude: 35,
        size: 1,
        precision_horz: 10_000,
        precision_vert: 10,
      },
    },
  },
  { because: 'a name that is not ASCII', changes: { name: 'bücher.example.dev' } },
  { because: 'a wildcard', changes: { name: '*.example.dev' } },
];

contract({
  reconciler: dnsRecord,
  reconcilers,
  collection: '/zones/*/dns_records',
  desired: (test) => [record(test, { content: 'a.example.net', ttl: 300, comment: 'mine' })],
  drifts: [
    { field: 'content', edit: (have, test) => patch(have, test, { content: 'b.example.net' }) },
    { field: 'ttl', edit: (have, test) => patch(have, test, { ttl: 600 }) },
    { field: 'comment', edit: (have, test) => patch(have, test, { comment: 'gates:home yours' }) },
    { field: 'proxied', edit: (have, test) => patch(have, test, { proxied: true }) },
  ],
  async crowd(test, count) {
    for (let n = 1; n <= count; n += 1) {
      await test.edit('POST', records(test), {
        type: 'TXT',
        name: `other-${n}.example.dev`,
        content: `bare text ${n}`,
        ttl: 1,
        comment: n === 1 ? 'gates:lab theirs' : 'by hand',
      });
    }
    return records(test);
  },
  remove: ({ id }, test) => test.edit('DELETE', `${records(test)}/${id}`),
});

describe('every type', () => {
  it.each(types)('$because reads back as desired', async ({ changes }) => {
    const test = await testWorld({ reconcilers });
    const wants = [record(test, changes)];
    expect(failures(await test.apply(wants))).toEqual([]);
    expect(pending(await test.plan(wants))).toEqual([]);
    expect((await test.read(dnsRecord)).map(({ owner }) => owner)).toEqual(['home']);
    expect(test.contract?.mistakes ?? []).toEqual([]);
  });

  it('a text with quotes around it is sent without them', async () => {
    const test = await testWorld({ reconcilers });
    const wants = [record(test, { type: 'TXT', content: '"v=spf1 -all"' })];
    expect(failures(await test.apply(wants))).toEqual([]);
    const [live] = (await test.edit('GET', records(test))) as readonly { readonly content: string }[];
    expect(live?.content).toBe('"v=spf1 -all"');
    expect(pending(await test.plan(wants))).toEqual([]);
  });

  it('a text with its own quotes is another one', async () => {
    const test = await testWorld({ reconcilers });
    const wants = [record(test, { type: 'TXT', content: 'v=spf1 -all' })];
    await test.apply(wants);
    const [have] = await test.read(dnsRecord);
    await test.edit('PATCH', `${records(test)}/${have?.id}`, { content: '"\\"v=spf1 -all\\""' });
    expect(pending(await test.plan(wants)).map(({ verb }) => verb)).toEqual(['create', 'prune']);
  });

  it('a comment that leaves no room for the mark is not sent, and the rest is written', async () => {
    const test = await testWorld({ reconcilers });
    const long = record(test, { name: 'a.example.dev', comment: 'c'.repeat(90) });
    const fits = record(test, { name: 'b.example.dev', comment: 'c'.repeat(89) });
    const said = failures(await test.apply([long, fits]));
    expect(said).toEqual([
      expect.stringContaining('Shorten it by 1: of 100 characters, "gates:home " takes'),
    ]);
    expect((await test.read(dnsRecord)).map(({ spec }) => spec.name)).toEqual(['b.example.dev']);
    expect(test.writes()).toHaveLength(1);
  });

  it('is created and removed in one batch', async () => {
    const test = await testWorld({ reconcilers });
    const wants = types
      .filter(({ changes }) => !['A', 'AAAA', 'CNAME', undefined].includes(changes.type))
      .map(({ changes }) => record(test, changes));
    expect(failures(await test.apply(wants))).toEqual([]);
    expect(failures(await test.apply([]))).toEqual([]);
    expect(test.writes().map(({ path }) => path.split('/').at(-1))).toEqual(['batch', 'batch']);
    expect(await test.read(dnsRecord)).toEqual([]);
  });

  it.each([
    {
      field: 'priority',
      changes: { type: 'MX', content: 'mx.example.net', priority: 10 },
      edit: { priority: 20 },
    },
    {
      field: 'data',
      changes: {
        type: 'SRV',
        name: '_a._tcp.example.dev',
        data: { priority: 1, weight: 1, port: 1, target: 'a.dev' },
      },
      edit: { data: { priority: 2, weight: 1, port: 1, target: 'a.dev' } },
    },
  ])('heals its $field', async ({ field, changes, edit }) => {
    const test = await testWorld({ reconcilers });
    const wants = [record(test, changes)];
    await test.apply(wants);
    const [have] = await test.read(dnsRecord);
    await patch(have as Observed, test, edit);
    expect(pending(await test.plan(wants)).map(({ drift }) => drift.map((item) => item.field))).toEqual([
      [field],
    ]);
    expect(failures(await test.apply(wants))).toEqual([]);
    expect(pending(await test.plan(wants))).toEqual([]);
  });
});

describe('a key', () => {
  it.each([
    {
      because: 'one record a name needs no content',
      record: { type: 'CNAME', name: 'A.dev.' },
      key: 'CNAME a.dev',
    },
    {
      because: 'several a name are told apart by content',
      record: { type: 'MX', name: 'a.dev', content: 'MX.example.net.' },
      key: 'MX a.dev mx.example.net',
    },
    {
      because: 'an address has one short form',
      record: { type: 'AAAA', name: 'a.dev', content: '2001:db8:0:0::1' },
      key: 'AAAA a.dev 2001:db8::1',
    },
    {
      because: 'quotes are no part of a text',
      record: { type: 'TXT', name: 'a.dev', content: '"v=spf1 " "-all"' },
      key: 'TXT a.dev v=spf1 -all',
    },
    {
      because: 'a service is its weight, port and target, as the API composes them',
      record: { type: 'SRV', name: 'a.dev', data: { priority: 9, weight: 5, port: 5223, target: 'S.dev.' } },
      key: 'SRV a.dev 5 5223 s.dev',
    },
    {
      because: 'a dot alone is the root, which says: there is none',
      record: { type: 'MX', name: 'a.dev', content: '.' },
      key: 'MX a.dev .',
    },
    {
      because: 'a type without a row stands as it is',
      record: { type: 'OPENPGPKEY', name: 'a.dev', content: 'mQ==' },
      key: 'OPENPGPKEY a.dev mQ==',
    },
    {
      because: 'parameters have no order, and need no quotes',
      record: {
        type: 'HTTPS',
        name: 'a.dev',
        data: { priority: 1, target: '.', value: 'no-default-alpn  ipv6hint="::1" ALPN=h3,h2' },
      },
      key: 'HTTPS a.dev 1 . alpn="h3,h2" ipv6hint="::1" no-default-alpn',
    },
    {
      because: 'digits have no case',
      record: { type: 'SSHFP', name: 'a.dev', data: { algorithm: 4, type: 2, fingerprint: 'AbCd' } },
      key: 'SSHFP a.dev 4 2 abcd',
    },
    {
      because: 'names are Punycode',
      record: { type: 'CNAME', name: 'bücher.dev' },
      key: 'CNAME xn--bcher-kva.dev',
    },
  ])('$because', ({ record: given, key }) => expect(dnsRecordKey(given)).toBe(key));
});

describe('a read', () => {
  it.each([
    {
      because: 'a text by hand has no quotes',
      reply: { type: 'TXT', content: 'v=spf1 -all' },
      key: 'TXT a.dev v=spf1 -all',
    },
    {
      because: 'escapes are undone',
      reply: { type: 'TXT', content: '"a\\"b\\\\c\\195\\169"' },
      key: 'TXT a.dev a"b\\cé',
    },
    {
      because: 'a quote inside is no quoting',
      reply: { type: 'TXT', content: 'a "b"' },
      key: 'TXT a.dev a "b"',
    },
    { because: 'an alias may end in a dot', reply: { type: 'CNAME', content: 'B.dev.' }, key: 'CNAME a.dev' },
  ])('$because', async ({ reply, key }) => {
    const [have] = await readBack([{ id: 'r', name: 'a.dev', ttl: 1, ...reply }]);
    expect(have?.address.key).toBe(key);
  });

  it.each([
    [null, undefined, ''],
    ['', undefined, ''],
    ['by hand', undefined, 'by hand'],
    ['gates:lab', 'lab', ''],
    ['gates:lab mail', 'lab', 'mail'],
    ['gates:Lab mail', undefined, 'gates:Lab mail'],
  ])('comment %j belongs to %s and says %j', async (comment, owner, said) => {
    const [have] = await readBack([
      { id: 'r', type: 'A', name: 'a.dev', ttl: 1, content: '1.2.3.4', comment },
    ]);
    expect([have?.owner, have?.spec.comment]).toEqual([owner, said]);
  });

  it('has a priority only for types that have one', async () => {
    const replies = ['MX', 'TXT'].map((type) => ({
      id: type,
      type,
      name: 'a.dev',
      ttl: 1,
      content: 'x',
      priority: 5,
    }));
    expect((await readBack(replies)).map(({ spec }) => spec.priority)).toEqual([5, undefined]);
  });

  it.each(['NS', 'SOA'])('never claims the %s of the zone itself', async (type) => {
    const reply = { type, ttl: 1, content: 'ns.example.net', comment: 'gates:home' };
    const found = await readBack([
      { ...reply, id: 'apex', name: 'example.dev' },
      { ...reply, id: 'sub', name: 'sub.example.dev' },
    ]);
    expect(found.map(({ owner }) => owner)).toEqual([undefined, 'home']);
  });
});

describe('no difference is', () => {
  const have: DnsRecordSpec = {
    zone: 'example.dev',
    zoneId: 'z',
    type: 'CNAME',
    name: 'a.example.dev',
    content: 'b.example.net',
    ttl: 1,
    proxied: true,
    comment: '',
  };
  it.each([
    { because: 'a ttl beside proxied, which reads back as 1', want: { ttl: 3600, proxied: true } },
    { because: 'a final dot', want: { content: 'b.example.net.' } },
    { because: 'upper case', want: { content: 'B.Example.Net' } },
    { because: 'what nobody asks for', want: {} },
  ])('$because', ({ want }) => expect(dnsRecord.drift?.(want, have)).toEqual([]));

  it('a ttl next to proxied, in either form', () => {
    expect(dnsRecord.drift?.({ ttl: 3600, proxied: false }, have)).toEqual(['proxied']);
    expect(dnsRecord.drift?.({ ttl: 1, proxied: true }, { ...have, ttl: 3600, proxied: false })).toEqual([
      'proxied',
    ]);
  });

  it('a data field that the API added', () => {
    const caa = { ...have, type: 'CAA', data: { flags: 0, tag: 'issue', value: 'ca.dev', extra: 1 } };
    expect(dnsRecord.drift?.({ data: { flags: 0, tag: 'issue', value: 'ca.dev' } }, caa)).toEqual([]);
  });
});

describe('an update', () => {
  it('keeps foreign settings, and the marker', async () => {
    const test = await testWorld({ reconcilers, plan: 'pro' });
    await test.apply([record(test)]);
    const [have] = await test.read(dnsRecord);
    await patch(have as Observed, test, { settings: { flatten_cname: true }, content: 'x.example.net' });
    expect(failures(await test.apply([record(test)]))).toEqual([]);
    const raw = await test.edit('GET', `${records(test)}/${have?.id}`);
    expect(raw).toMatchObject({
      settings: { flatten_cname: true },
      content: 'target.example.net',
      comment: 'gates:home',
    });
  });

  it('sets the tags of the file, in whatever order and case, and removes others', async () => {
    const test = await testWorld({ reconcilers, plan: 'pro' });
    const tagged = record(test, { tags: ['Team:Web', 'cost'] });
    expect(failures(await test.apply([tagged]))).toEqual([]);
    expect(await test.edit('GET', records(test))).toMatchObject([{ tags: ['cost', 'team:Web'] }]);
    const [have] = await test.read(dnsRecord);
    for (const tags of [
      ['TEAM:Web', 'COST'],
      ['cost', 'team:Web'],
    ]) {
      await patch(have as Observed, test, { tags });
      expect(pending(await test.plan([tagged]))).toEqual([]);
    }
    await patch(have as Observed, test, { tags: ['team:web', 'cost', 'more'] });
    expect(pending(await test.plan([tagged])).map(({ verb, drift }) => [verb, drift[0]?.field])).toEqual([
      ['update', 'tags'],
    ]);
    expect(failures(await test.apply([tagged]))).toEqual([]);
    expect(await test.edit('GET', records(test))).toMatchObject([{ tags: ['cost', 'team:Web'] }]);
    expect(failures(await test.apply([record(test, { tags: [] })]))).toEqual([]);
    expect(await test.edit('GET', records(test))).toMatchObject([{ tags: [] }]);
  });

  it('leaves tags alone if the file has none, and no tag affects a door', async () => {
    const test = await testWorld({ reconcilers, plan: 'pro' });
    await test.apply([record(test)]);
    const [have] = await test.read(dnsRecord);
    await patch(have as Observed, test, { tags: ['by:hand'], content: 'x.example.net' });
    expect(failures(await test.apply([record(test)]))).toEqual([]);
    expect(await test.edit('GET', records(test))).toMatchObject([{ tags: ['by:hand'] }]);
    const [change] = pending(await test.plan([record(test, { tags: ['a:b'] })]));
    expect(change?.doors).toEqual([]);
  });

  it('of an adopted record puts the marker before the person’s comment', async () => {
    const test = await testWorld({ reconcilers });
    const body = { type: 'CNAME', name: 'app', content: 'target.example.net', ttl: 1, comment: 'old' };
    await test.edit('POST', records(test), body);
    const wants = [record(test, { comment: 'old' })];
    expect(pending(await test.plan(wants))).toEqual([]);
    expect(failures(await test.apply(wants, { adopt: true }))).toEqual([]);
    expect(await test.edit('GET', records(test))).toMatchObject([{ comment: 'gates:home old' }]);
  });
});

describe('an alias and an address', () => {
  it('of ours swap in one transaction', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply([record(test)]);
    const before = test.lastCall();
    const wants = [record(test, { type: 'A', content: '203.0.113.9' })];
    expect(failures(await test.apply(wants))).toEqual([]);
    expect(test.writes(before).map(({ path }) => path.split('/').at(-1))).toEqual(['batch']);
    expect(pending(await test.plan(wants))).toEqual([]);
  });

  it.each([
    { type: 'A', content: '203.0.113.9' },
    { type: 'NS', content: 'ns.example.net' },
  ])('$type of somebody else blocks an alias', async (body) => {
    const test = await testWorld({ reconcilers });
    await test.edit('POST', records(test), { ...body, name: 'app.example.dev', ttl: 1 });
    const [refused] = pending(await test.plan([record(test)]));
    expect(refused).toMatchObject({
      verb: 'refuse',
      reason: expect.stringContaining(`${body.type} app.example.dev`),
    });
  });

  it.each([
    { before: { type: 'NS', content: 'ns.example.net' }, after: { type: 'CNAME', content: 'b.example.net' } },
    { before: { type: 'NS', content: 'ns.example.net' }, after: { type: 'TXT', content: 'x' } },
    { before: { type: 'A', content: '203.0.113.9' }, after: { type: 'NS', content: 'ns.example.net' } },
  ])('$before.type makes room for $after.type in one run', async ({ before, after }) => {
    const test = await testWorld({ reconcilers });
    await test.apply([record(test, { ...before, proxied: false })]);
    const wants = [record(test, { ...after, proxied: false })];
    expect(failures(await test.apply(wants))).toEqual([]);
    expect(pending(await test.plan(wants))).toEqual([]);
  });

  it('texts, mail and several addresses coexist', async () => {
    const test = await testWorld({ reconcilers });
    for (const body of [
      { type: 'TXT', content: 'x' },
      { type: 'MX', content: 'mx.example.net', priority: 1 },
      { type: 'A', content: '203.0.113.1' },
    ]) {
      await test.edit('POST', records(test), { ...body, name: 'app.example.dev', ttl: 1 });
    }
    const wants = [
      record(test, { type: 'A', content: '203.0.113.9' }),
      record(test, { type: 'TXT', content: 'y' }),
    ];
    expect(failures(await test.apply(wants))).toEqual([]);
    expect(pending(await test.plan(wants))).toEqual([]);
  });
});

describe('a batch', () => {
  const texts = (test: TestWorld, count: number) =>
    Array.from({ length: count }, (_, n) =>
      record(test, { type: 'TXT', name: `t${n}.example.dev`, content: `${n}` }),
    );

  it('has as many changes as the plan of the zone allows', async () => {
    const sizes = async (plan: 'free' | 'pro') => {
      const world = (await testWorld({ reconcilers, plan })).pass();
      const sent: number[] = [];
      const post = async (_: string, body?: unknown) => {
        const { posts } = body as { posts: readonly object[] };
        sent.push(posts.length);
        return { posts: posts.map((__, n) => ({ id: `id-${n}` })) };
      };
      const [{ attributes: { id = '' } = {} } = {}] = await world.read(zone);
      const changes = Array.from({ length: 450 }, (_, n) => {
        const want = { ...baseSpec(id), name: `t${n}.example.dev` };
        const address = { kind, key: dnsRecordKey(want) } as const;
        return { id: `create ${n}`, verb: 'create' as const, address, want, have: undefined, drift: [] };
      });
      const outcomes = await dnsRecord.write?.(changes, {
        ...world,
        cloudflare: { ...world.cloudflare, post },
      });
      expect(outcomes?.filter(({ status }) => status === 'done')).toHaveLength(450);
      return sent;
    };
    expect(await sizes('free')).toEqual([200, 200, 50]);
    expect(await sizes('pro')).toEqual([450]);
  });

  it('that is rejected is split until the wrong change fails alone', async () => {
    const test = await testWorld({ reconcilers });
    const wrong = record(test, { type: 'A', name: 'wrong.example.dev', content: '1.2.3' });
    const outcomes = await test.apply([...texts(test, 9), wrong]);
    expect(failures(outcomes)).toEqual([expect.stringContaining('wrong.example.dev')]);
    expect(await test.read(dnsRecord)).toHaveLength(9);
    expect(test.writes().length).toBeLessThan(10);
  });

  it('fails one by one if one name has several records', async () => {
    const test = await testWorld({ reconcilers });
    const wants = ['1.2.3.4', '1.2.3', '1.2.3.5'].map((content) => record(test, { type: 'A', content }));
    expect(failures(await test.apply(wants))).toEqual([
      expect.stringContaining('A app.example.dev 1.2.3: failed'),
    ]);
    expect(await test.read(dnsRecord)).toHaveLength(2);
  });

  it('is not split when the token may not write at all', async () => {
    const test = await testWorld({ reconcilers });
    await test.fault({ fault: 'status', status: 403, match: { method: 'POST' } });
    expect(failures(await test.apply(texts(test, 8)))).toHaveLength(8);
    expect(test.writes()).toHaveLength(1);
  });

  it('whose reply is lost is checked before anything is sent again', async () => {
    const test = await testWorld({ reconcilers });
    await test.fault({ fault: 'lose-reply', times: 1, match: { method: 'POST' } });
    expect(failures(await test.apply(texts(test, 8)))).toEqual([]);
    expect(test.writes()).toHaveLength(1);
    expect(await test.read(dnsRecord)).toHaveLength(8);
  });
});

describe('the zone itself', () => {
  it('keeps its name servers, whatever the file asks for', async () => {
    const test = await testWorld({ reconcilers });
    const wants = [record(test, { type: 'NS', name: 'example.dev', content: 'ns.example.net' })];
    expect(failures(await test.apply(wants))).toEqual([expect.stringContaining('are never touched')]);
    expect(test.writes()).toEqual([]);
  });
});

/** The records that `observe` reads from these replies. */
async function readBack(replies: readonly object[]): Promise<readonly Observed<DnsRecordSpec>[]> {
  const world = (await testWorld({ reconcilers })).pass();
  const list = async (path: string) => (path === '/zones' ? world.cloudflare.list(path) : replies);
  return dnsRecord.observe({ ...world, cloudflare: { ...world.cloudflare, list } });
}
