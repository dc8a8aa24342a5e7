import { describe, expect, it } from 'vitest';
import { createApi } from '../api.ts';

const SRV = { priority: 3, weight: 5, port: 5223, target: 'server.example.com' };
const A = { type: 'A', name: 'www', content: '192.0.2.1', ttl: 300 };

describe('a written record reads back normalized', () => {
  const rows = [
    { because: 'a relative name is expanded', write: A, read: { name: 'www.example.dev' } },
    { because: '@ is the apex', write: { ...A, name: '@' }, read: { name: 'example.dev' } },
    {
      because: 'lower case, no trailing dot',
      write: { ...A, name: 'WWW.Example.dev.' },
      read: { name: 'www.example.dev' },
    },
    {
      because: 'Unicode becomes Punycode',
      write: { ...A, name: 'müller' },
      read: { name: 'xn--mller-kva.example.dev' },
    },
    {
      because: 'the name of another zone gets this zone appended',
      write: { ...A, name: 'mail.other.tld' },
      read: { name: 'mail.other.tld.example.dev' },
    },
    { because: 'a wildcard stays', write: { ...A, name: '*.apps' }, read: { name: '*.apps.example.dev' } },
    { because: 'proxied makes the TTL 1', write: { ...A, proxied: true }, read: { ttl: 1, proxied: true } },
    { because: 'an empty comment is none', write: { ...A, comment: '' }, read: { comment: null } },
    {
      because: 'IPv6 in canonical form',
      write: { ...A, type: 'AAAA', content: 'fe80::0:0:1' },
      read: { content: 'fe80::1' },
    },
    {
      because: 'CNAME content loses its trailing dot',
      write: { type: 'CNAME', name: 'c', content: 'Target.example.net.', ttl: 1 },
      read: { content: 'target.example.net' },
    },
    {
      because: 'MX keeps its priority apart',
      write: { type: 'MX', name: '@', content: 'mx.example.net.', priority: 10, ttl: 300 },
      read: { content: 'mx.example.net', priority: 10, proxiable: false },
    },
    {
      because: 'TXT is kept as sent, quoted',
      write: { type: 'TXT', name: 't', content: '"a" "b"', ttl: 1 },
      read: { content: '"a" "b"' },
    },
    {
      because: 'TXT is kept as sent, bare',
      write: { type: 'TXT', name: 't', content: 'a b', ttl: 1 },
      read: { content: 'a b' },
    },
    {
      because: 'SRV content is composed by the server, priority apart',
      write: {
        type: 'SRV',
        name: '_x._tcp',
        ttl: 1,
        data: { priority: 3, weight: 5, port: 5223, target: 'server.example.com.' },
      },
      read: { content: '5 5223 server.example.com', priority: 3, data: { target: 'server.example.com' } },
    },
    {
      because: 'CAA content is composed by the server',
      write: { type: 'CAA', name: '@', ttl: 1, data: { flags: 0, tag: 'issue', value: 'ca.example' } },
      read: { content: '0 issue "ca.example"' },
    },
    {
      because: 'NS below the apex',
      write: { type: 'NS', name: 'sub', content: 'ns.example.net.', ttl: 300 },
      read: { content: 'ns.example.net' },
    },
    {
      because: 'a quote inside of bare TXT is a character like any other',
      write: { type: 'TXT', name: 't', content: 'in"side', ttl: 1 },
      read: { content: 'in"side' },
    },
    {
      because: 'HTTPS content has single spaces, though the value begins with one',
      write: {
        type: 'HTTPS',
        name: 'h',
        ttl: 1,
        data: { priority: 1, target: '.', value: ' alpn="h2,h3" ' },
      },
      read: { content: '1 . alpn="h2,h3"' },
    },
    {
      because: 'SVCB content ends with its target where the value is empty',
      write: {
        type: 'SVCB',
        name: 's',
        ttl: 1,
        data: { priority: 0, target: 'other.example.net', value: '' },
      },
      read: { content: '0 other.example.net' },
    },
    {
      because: 'numbers of data may be text, and read back as numbers',
      write: { type: 'CAA', name: '@', ttl: 1, data: { flags: '0', tag: 'issue', value: 'ca.example' } },
      read: { content: '0 issue "ca.example"', data: { flags: 0, tag: 'issue', value: 'ca.example' } },
    },
    {
      because: 'members of data that the type does not have are ignored',
      write: {
        type: 'CAA',
        name: '@',
        ttl: 1,
        data: { service: '', proto: '', name: '', port: 0, flags: 0, tag: 'issue', value: 'ca.example' },
      },
      read: { data: { flags: 0, tag: 'issue', value: 'ca.example' } },
    },
    {
      because: 'SRV data may repeat the name of the record, as octoDNS does',
      write: {
        type: 'SRV',
        name: '_sip._tcp.example.dev',
        ttl: 1,
        data: { service: '_sip', proto: '_tcp', name: 'example.dev.', ...SRV },
      },
      read: { name: '_sip._tcp.example.dev', data: SRV },
    },
    {
      because: 'SRV data may repeat the name below a subdomain, relative to the zone',
      write: {
        type: 'SRV',
        name: '_sip._tcp.a.example.dev',
        ttl: 1,
        data: { service: '_sip', proto: '_tcp', name: 'a', ...SRV },
      },
      read: { name: '_sip._tcp.a.example.dev', data: SRV },
    },
    { because: 'tags that are null are none', write: { ...A, tags: null }, read: { tags: [] } },
    {
      because: 'settings that say false are not shown',
      write: { ...A, settings: { ipv4_only: false } },
      read: { settings: {} },
    },
  ];
  for (const { because, write, read } of rows) {
    it(because, async () => {
      const api = createApi();
      const row = await api.done('POST', `${api.zone}/dns_records`, write);
      expect(row).toMatchObject({ tags: [], settings: {}, meta: {}, ...read });
      expect(await api.done('GET', `${api.zone}/dns_records/${row.id}`)).toEqual(row);
    });
  }

  it('silently drops the flattening of a proxied CNAME', async () => {
    const api = createApi({ plan: 'pro' });
    const cname = {
      type: 'CNAME',
      name: 'f',
      content: 'x.example.net',
      ttl: 1,
      settings: { flatten_cname: true },
    };
    expect((await api.done('POST', `${api.zone}/dns_records`, cname)).settings).toEqual({
      flatten_cname: true,
    });
    const proxied = { ...cname, name: 'g', proxied: true };
    expect((await api.done('POST', `${api.zone}/dns_records`, proxied)).settings).toEqual({});
  });
});

describe('a rejected record', () => {
  const rows = [
    { because: 'a field nobody knows', write: { ...A, proxy: true }, code: 1004 },
    { because: 'proxied that is no boolean', write: { ...A, proxied: 'yes' }, code: 9003 },
    {
      because: 'no TTL, which the document requires',
      write: { type: 'A', name: 'www', content: '192.0.2.1' },
      code: 1004,
    },
    { because: 'a TTL below 60', write: { ...A, ttl: 30 }, code: 1004 },
    { because: 'a TTL above a day', write: { ...A, ttl: 86_401 }, code: 1004 },
    { because: 'a type that does not exist', write: { ...A, type: 'ALIAS' }, code: 1004 },
    { because: 'an address in shorthand', write: { ...A, content: '10.1' }, code: 1004 },
    { because: 'an address of Cloudflare', write: { ...A, content: '104.16.1.1' }, code: 1004 },
    { because: 'no address', write: { ...A, content: 'example.net' }, code: 1004 },
    { because: 'no IPv6 address', write: { ...A, type: 'AAAA', content: '192.0.2.1' }, code: 1004 },
    { because: 'a name with a space', write: { ...A, name: 'a b' }, code: 1004 },
    { because: 'a star inside of a name', write: { ...A, name: 'a.*.b' }, code: 1004 },
    {
      because: 'MX without priority',
      write: { type: 'MX', name: '@', content: 'mx.example.net', ttl: 1 },
      code: 1004,
    },
    {
      because: 'TXT that opens a quote',
      write: { type: 'TXT', name: 't', content: '"a', ttl: 1 },
      code: 1004,
    },
    { because: 'empty TXT', write: { type: 'TXT', name: 't', content: '', ttl: 1 }, code: 1004 },
    {
      because: 'TXT beyond 2048 characters',
      write: { type: 'TXT', name: 't', content: 'x'.repeat(2049), ttl: 1 },
      code: 1004,
    },
    {
      because: 'SRV through content',
      write: { type: 'SRV', name: '_x._tcp', content: '1 2 host.example.net', ttl: 1 },
      code: 1004,
    },
    {
      because: 'SRV without a port',
      write: {
        type: 'SRV',
        name: '_x._tcp',
        ttl: 1,
        data: { priority: 0, weight: 0, target: 'a.example.net' },
      },
      code: 1004,
    },
    {
      because: 'SRV with a service that its name contradicts',
      write: { type: 'SRV', name: '_x._tcp', ttl: 1, data: { service: '_sip', proto: '_tcp', ...SRV } },
      code: 1004,
    },
    {
      because: 'SRV that would be the record of another name',
      write: {
        type: 'SRV',
        name: 'example.dev',
        ttl: 1,
        data: { service: '_x', proto: '_tcp', name: '@', ...SRV },
      },
      code: 1004,
    },
    {
      because: 'text in data that is no number',
      write: { type: 'CAA', name: '@', ttl: 1, data: { flags: 'x', tag: 'issue', value: 'ca.example' } },
      code: 1004,
    },
    {
      because: 'a number of data as text that is out of its bounds',
      write: { type: 'CAA', name: '@', ttl: 1, data: { flags: '256', tag: 'issue', value: 'ca.example' } },
      code: 1004,
    },
    ...['settings', 'priority', 'data', 'proxied'].map((field) => ({
      because: `${field} that is null`,
      write: { ...A, [field]: null },
      code: field === 'proxied' ? 9003 : 1004,
    })),
    {
      because: 'a proxied TXT',
      write: { type: 'TXT', name: 't', content: 'x', ttl: 1, proxied: true },
      code: 1004,
    },
    {
      because: 'NS of the apex',
      write: { type: 'NS', name: '@', content: 'ns.example.net', ttl: 1 },
      code: 1004,
    },
    { because: 'a comment beyond 100 characters', write: { ...A, comment: 'x'.repeat(101) }, code: 9313 },
    { because: 'a comment of two lines', write: { ...A, comment: 'a\nb' }, code: 1004 },
    {
      because: 'a comment that is null, which the document does not know',
      write: { ...A, comment: null },
      code: 1004,
    },
    { because: 'any tag on the free plan', write: { ...A, tags: ['a:b'] }, code: 9300 },
    {
      because: 'flattening on the free plan',
      write: {
        type: 'CNAME',
        name: 'c',
        content: 'a.example.net',
        ttl: 1,
        settings: { flatten_cname: true },
      },
      code: 1004,
    },
    { because: 'no object', write: [], code: 1004 },
  ];
  for (const { because, write, code } of rows) {
    it(because, async () => {
      const api = createApi();
      expect(await api.refused(400, code, 'POST', `${api.zone}/dns_records`, write)).not.toBe('');
      expect(await api.done('GET', `${api.zone}/dns_records`)).toEqual([]);
    });
  }

  it('states the quota and the length in the error', async () => {
    const api = createApi();
    const path = `${api.zone}/dns_records`;
    expect(await api.refused(400, 9300, 'POST', path, { ...A, tags: ['a'] })).toBe(
      'DNS record has 1 tags, exceeding the quota of 0.',
    );
    expect(await api.refused(400, 9313, 'POST', path, { ...A, comment: 'x'.repeat(101) })).toBe(
      'DNS record comment exceeds the maximum length of 100 characters.',
    );
  });

  it('is not rejected for tags and 500 characters of comment on a paid plan, but for more', async () => {
    const api = createApi({ plan: 'pro' });
    const path = `${api.zone}/dns_records`;
    await api.done('POST', path, { ...A, tags: ['a:b', 'c'], comment: 'x'.repeat(500) });
    await api.refused(400, 9313, 'POST', path, { ...A, name: 'x', comment: 'x'.repeat(501) });
    await api.refused(400, 9300, 'POST', path, {
      ...A,
      name: 'x',
      tags: Array.from({ length: 21 }, (_, at) => `t${at}`),
    });
    await api.refused(400, 1004, 'POST', path, { ...A, name: 'x', tags: ['not a tag'] });
  });
});

describe('conflicts', () => {
  const cname = { type: 'CNAME', name: 'www', content: 'a.example.net', ttl: 1 };
  const ns = { type: 'NS', name: 'www', content: 'ns.example.net', ttl: 300 };
  const txt = { type: 'TXT', name: 'www', content: 'x', ttl: 1 };
  const rows = [
    { because: 'a CNAME over an address', first: A, second: cname, code: 81053 },
    {
      because: 'a CNAME over a CNAME',
      first: cname,
      second: { ...cname, content: 'b.example.net' },
      code: 81053,
    },
    { because: 'an address over a CNAME', first: cname, second: A, code: 81054 },
    { because: 'NS over anything', first: txt, second: ns, code: 81056 },
    { because: 'anything over NS', first: ns, second: txt, code: 81056 },
    { because: 'the same again', first: A, second: A, code: 81058 },
    { because: 'the same again, proxied this time', first: A, second: { ...A, proxied: true }, code: 81058 },
  ];
  for (const { because, first, second, code } of rows) {
    it(because, async () => {
      const api = createApi();
      await api.done('POST', `${api.zone}/dns_records`, first);
      await api.refused(400, code, 'POST', `${api.zone}/dns_records`, second);
    });
  }

  it('allow several addresses and a TXT on one name', async () => {
    const api = createApi();
    for (const record of [A, { ...A, content: '192.0.2.2' }, txt]) {
      await api.done('POST', `${api.zone}/dns_records`, record);
    }
    await api.done('POST', `${api.zone}/dns_records`, { ...cname, name: 'other' });
    await api.done('POST', `${api.zone}/dns_records`, { ...txt, name: 'other' });
  });

  it('include the limit of 200 records on the free plan', async () => {
    const api = createApi();
    for (let at = 0; at < 200; at += 1) {
      await api.done('POST', `${api.zone}/dns_records`, { ...txt, name: `n${at}` });
    }
    await api.refused(400, 81045, 'POST', `${api.zone}/dns_records`, { ...txt, name: 'last' });
    expect(await api.done('GET', `${api.zone}/dns_records/usage`)).toEqual({
      record_quota: 200,
      record_usage: 200,
    });
  });

  it('include the total length of the TXT records of one name', async () => {
    const api = createApi();
    for (const letter of ['a', 'b', 'c', 'd']) {
      await api.done('POST', `${api.zone}/dns_records`, { ...txt, content: letter.repeat(2048) });
    }
    await api.refused(400, 1004, 'POST', `${api.zone}/dns_records`, { ...txt, content: 'e' });
  });
});

describe('changing a record', () => {
  const full = { ...A, comment: 'mine', proxied: true };

  it('PUT resets omitted fields, PATCH keeps them', async () => {
    const api = createApi();
    const row = await api.done('POST', `${api.zone}/dns_records`, full);
    const path = `${api.zone}/dns_records/${row.id}`;
    const patched = await api.done('PATCH', path, { content: '192.0.2.9' });
    expect(patched).toMatchObject({ id: row.id, content: '192.0.2.9', comment: 'mine', proxied: true });
    const put = await api.done('PUT', path, A);
    expect(put).toMatchObject({ id: row.id, comment: null, proxied: false, ttl: 300 });
    expect(put.created_on).toBe(row.created_on);
  });

  it.each(['HTTPS', 'SVCB'])('%s has its priority in data alone', async (type) => {
    const api = createApi();
    const data = { priority: 1, target: 'a.example.net', value: 'port=1' };
    const row = await api.done('POST', `${api.zone}/dns_records`, { type, name: 'x', ttl: 1, data });
    expect(row).not.toHaveProperty('priority');
    expect(row).toMatchObject({ data });
    const patched = await api.done('PATCH', `${api.zone}/dns_records/${row.id}`, { ttl: 300 });
    expect(patched).not.toHaveProperty('priority');
    expect(patched).toMatchObject({ data, ttl: 300 });
  });

  it('accepts the PATCH of a client on cloudflare-go, and clears tags by null', async () => {
    const api = createApi({ plan: 'pro' });
    const row = await api.done('POST', `${api.zone}/dns_records`, { ...A, tags: ['a'] });
    const patch = { ...A, content: '192.0.2.9', priority: 0, proxied: false, tags: null, settings: {} };
    const patched = await api.done('PATCH', `${api.zone}/dns_records/${row.id}`, patch);
    expect(patched).toMatchObject({ content: '192.0.2.9', tags: [] });
  });

  it('an empty comment in a PATCH clears it', async () => {
    const api = createApi();
    const row = await api.done('POST', `${api.zone}/dns_records`, full);
    expect(await api.done('PATCH', `${api.zone}/dns_records/${row.id}`, { comment: '' })).toMatchObject({
      comment: null,
    });
  });

  it('accepts what it showed, including computed fields', async () => {
    const api = createApi();
    const row = await api.done('POST', `${api.zone}/dns_records`, full);
    const put = await api.done('PUT', `${api.zone}/dns_records/${row.id}`, row);
    expect({ ...put, modified_on: '' }).toEqual({ ...row, modified_on: '' });
  });

  it('rejects another type, a conflict with a neighbor, and a missing record', async () => {
    const api = createApi();
    const row = await api.done('POST', `${api.zone}/dns_records`, A);
    await api.done('POST', `${api.zone}/dns_records`, { ...A, content: '192.0.2.2' });
    const path = `${api.zone}/dns_records/${row.id}`;
    await api.refused(400, 1004, 'PUT', path, {
      type: 'CNAME',
      name: 'www',
      content: 'a.example.net',
      ttl: 1,
    });
    await api.refused(400, 81058, 'PATCH', path, { content: '192.0.2.2' });
    const other = `/zones/${api.world.zones[1]?.id}/dns_records/${row.id}`;
    for (const [method, body] of [['GET'], ['PUT', A], ['PATCH', {}], ['DELETE']] as const) {
      await api.refused(404, 81044, method, other, body);
    }
  });

  it('answers a DELETE with the bare result and without success', async () => {
    const api = createApi();
    const row = await api.done('POST', `${api.zone}/dns_records`, A);
    const reply = await api.call('DELETE', `${api.zone}/dns_records/${row.id}`);
    expect(reply.body).toEqual({ result: { id: row.id } });
    await api.refused(404, 81044, 'DELETE', `${api.zone}/dns_records/${row.id}`);
  });
});

describe('finding records', () => {
  const rows = [
    { query: 'name=WWW.example.dev', found: ['192.0.2.1', '192.0.2.2'] },
    { query: 'name.startswith=m', found: ['mx.example.net'] },
    { query: 'name.endswith=www.example.dev&type=A', found: ['192.0.2.1', '192.0.2.2'] },
    { query: 'name.contains=ww&content=192.0.2.2', found: ['192.0.2.2'] },
    { query: 'comment.startswith=gates:HOME', found: ['192.0.2.1'] },
    { query: 'comment.absent=', found: ['192.0.2.2', 'mx.example.net'] },
    { query: 'comment.present=', found: ['192.0.2.1'] },
    { query: 'type=MX', found: ['mx.example.net'] },
    { query: 'proxied=true', found: ['192.0.2.2'] },
    { query: 'match=any&type=MX&proxied=true', found: ['192.0.2.2', 'mx.example.net'] },
    { query: 'search=home', found: ['192.0.2.1'] },
    { query: 'order=content&direction=desc', found: ['mx.example.net', '192.0.2.2', '192.0.2.1'] },
    { query: 'name=www', found: [] },
  ];
  for (const { query, found } of rows) {
    it(query, async () => {
      const api = createApi();
      const path = `${api.zone}/dns_records`;
      await api.done('POST', path, { type: 'MX', name: 'm', content: 'mx.example.net', priority: 1, ttl: 1 });
      await api.done('POST', path, { ...A, comment: 'gates:home x' });
      await api.done('POST', path, { ...A, content: '192.0.2.2', proxied: true });
      const records = await api.done('GET', `${path}?${query}`);
      expect(records.map((record: { content: string }) => record.content)).toEqual(found);
    });
  }

  it('finds by tag on a paid plan', async () => {
    const api = createApi({ plan: 'business' });
    const path = `${api.zone}/dns_records`;
    await api.done('POST', path, { ...A, tags: ['Team:dns'] });
    await api.done('POST', path, { ...A, name: 'x' });
    const count = async (query: string) => (await api.done('GET', `${path}?${query}`)).length;
    expect(await count('tag=team')).toBe(1);
    expect(await count('tag.exact=team:DNS')).toBe(1);
    expect(await count('tag=team:other')).toBe(0);
    expect(await count('tag.absent=team')).toBe(1);
  });
});

describe('every type that is written through data', () => {
  const rows: { type: string; data: object; content: string; priority?: number }[] = [
    { type: 'CERT', data: { type: 9, key_tag: 1, algorithm: 1, certificate: 'AA==' }, content: '9 1 1 AA==' },
    {
      type: 'DNSKEY',
      data: { flags: 1, protocol: 3, algorithm: 5, public_key: 'AA==' },
      content: '1 3 5 AA==',
    },
    { type: 'DS', data: { key_tag: 1, algorithm: 2, digest_type: 1, digest: 'ab' }, content: '1 2 1 ab' },
    { type: 'HTTPS', data: { priority: 1, target: '.', value: 'alpn="h3"' }, content: '1 . alpn="h3"' },
    {
      type: 'SVCB',
      data: { priority: 1, target: 'a.example.net', value: 'port=1' },
      content: '1 a.example.net port=1',
    },
    { type: 'SSHFP', data: { algorithm: 1, type: 1, fingerprint: 'ab' }, content: '1 1 ab' },
    {
      type: 'TLSA',
      data: { usage: 3, selector: 1, matching_type: 1, certificate: 'ab' },
      content: '3 1 1 ab',
    },
    {
      type: 'SMIMEA',
      data: { usage: 3, selector: 1, matching_type: 1, certificate: 'ab' },
      content: '3 1 1 ab',
    },
    {
      type: 'URI',
      data: { weight: 5, target: 'https://a.example.net/' },
      content: '5 "https://a.example.net/"',
      priority: 2,
    },
    {
      type: 'NAPTR',
      data: { order: 1, preference: 2, flags: 'S', service: 'SIP', regex: '', replacement: 'a.example.net' },
      content: '1 2 "S" "SIP" "" a.example.net',
    },
    {
      type: 'LOC',
      data: {
        lat_degrees: 1,
        lat_minutes: 2,
        lat_seconds: 3,
        lat_direction: 'N',
        long_degrees: 4,
        long_minutes: 5,
        long_seconds: 6,
        long_direction: 'E',
        altitude: 7,
        size: 8,
        precision_horz: 9,
        precision_vert: 10,
      },
      content: '1 2 3 N 4 5 6 E 7m 8m 9m 10m',
    },
  ];
  for (const { type, data, content, priority } of rows) {
    it(type, async () => {
      const api = createApi();
      const record = { type, name: 'x', ttl: 1, data, ...(priority === undefined ? {} : { priority }) };
      expect(await api.done('POST', `${api.zone}/dns_records`, record)).toMatchObject({ content, data });
    });
  }
});
