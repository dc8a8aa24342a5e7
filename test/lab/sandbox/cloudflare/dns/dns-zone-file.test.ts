import { describe, expect, it } from 'vitest';
import { type Api, type ApiReply, createApi } from '../api.ts';

const RECORDS = [
  { type: 'A', name: 'www', content: '192.0.2.1', ttl: 300 },
  { type: 'AAAA', name: '*.apps', content: '2001:db8::1', ttl: 1 },
  { type: 'CNAME', name: 'c', content: 'a.example.net', ttl: 1 },
  { type: 'MX', name: '@', content: 'mx.example.net', priority: 10, ttl: 300 },
  { type: 'TXT', name: '@', content: '"v=spf1 -all" "; no comment"', ttl: 300 },
  { type: 'NS', name: 'sub', content: 'ns.example.net', ttl: 300 },
  { type: 'CAA', name: '@', ttl: 1, data: { flags: 0, tag: 'issue', value: 'ca.example' } },
  {
    type: 'SRV',
    name: '_x._tcp',
    ttl: 1,
    data: { priority: 3, weight: 5, port: 5223, target: 'server.example.com' },
  },
  { type: 'HTTPS', name: 'h', ttl: 1, data: { priority: 1, target: '.', value: 'alpn="h2,h3"' } },
  { type: 'SVCB', name: 's', ttl: 1, data: { priority: 1, target: 'a.example.net', value: 'port=1' } },
];

async function importInto(api: Api, file: string, proxied?: string): Promise<ApiReply> {
  const form = new FormData();
  form.set('file', file);
  if (proxied !== undefined) form.set('proxied', proxied);
  const sent = new Response(form);
  return api.call('POST', `${api.zone}/dns_records/import`, await sent.text(), {
    authorization: `Bearer ${api.world.apiTokens[0]?.value}`,
    'content-type': sent.headers.get('content-type') ?? '',
  });
}

async function exportOf(api: Api): Promise<string> {
  const { status, text } = await api.call('GET', `${api.zone}/dns_records/export`);
  expect(status).toBe(200);
  return text;
}

async function contents(api: Api): Promise<unknown[]> {
  const records = await api.done('GET', `${api.zone}/dns_records?order=name`);
  return records.map(({ type, name, content, ttl, priority, data, proxied }: Record<string, unknown>) => ({
    ...{ type, name, content, ttl, proxied },
    ...{ priority, data },
  }));
}

describe('a zone as a file', () => {
  it('is text with a line for each record, followed by comment and proxying', async () => {
    const api = createApi({ plan: 'pro' });
    const record = { ...RECORDS[0], proxied: true, comment: 'mine', tags: ['a:b'] };
    await api.done('POST', `${api.zone}/dns_records`, record);
    expect(await exportOf(api)).toContain(
      'www.example.dev.\t1\tIN\tA\t192.0.2.1 ; mine cf_tags=a:b,cf-proxied:true\n',
    );
  });

  it('is imported as exported', async () => {
    const api = createApi();
    for (const record of RECORDS) await api.done('POST', `${api.zone}/dns_records`, record);
    const [file, before] = [await exportOf(api), await contents(api)];
    expect((await importInto(api, file)).body.result).toEqual({ recs_added: 0, total_records_parsed: 10 });
    api.world.records = [];
    expect((await importInto(api, file)).body.result).toEqual({ recs_added: 10, total_records_parsed: 10 });
    expect(await contents(api)).toEqual(before);
  });

  it('may be written by hand: origin, TTL, omitted owners, SOA, comments', async () => {
    const api = createApi();
    const file = [
      '$ORIGIN apps.example.dev.',
      '$TTL 600',
      '@ IN SOA ns.example.net. me.example.net. 1 2 3 4 5 ; nothing of ours',
      'example.dev. IN NS ns.example.net.',
      'a 300 IN A 192.0.2.1 ; first',
      '    IN A 192.0.2.2',
      'b CNAME a',
      '',
    ].join('\r\n');
    expect((await importInto(api, file, 'true')).status).toBe(200);
    expect(await contents(api)).toMatchObject([
      { name: 'a.apps.example.dev', content: '192.0.2.1', proxied: true },
      { name: 'a.apps.example.dev', content: '192.0.2.2', proxied: true },
      { name: 'b.apps.example.dev', content: 'a.apps.example.dev' },
    ]);
  });

  it.each([
    { because: 'a type that is not known', file: 'www 300 IN NOPE x' },
    { because: 'a line that is no record', file: 'www' },
    { because: 'content that is wrong', file: 'www 300 IN A example.net' },
    { because: 'a conflict', file: 'www 300 IN A 192.0.2.1\nwww 300 IN CNAME a.example.net.' },
  ])('is rejected completely for $because', async ({ file }) => {
    const api = createApi();
    const reply = await importInto(api, `ok 300 IN A 192.0.2.1\n${file}`);
    expect(reply.status).toBe(400);
    expect(await contents(api)).toEqual([]);
  });

  it('is rejected with an unreadable form', async () => {
    const api = createApi();
    const headers = {
      authorization: `Bearer ${api.world.apiTokens[0]?.value}`,
      'content-type': 'multipart/form-data; boundary=b',
    };
    const reply = await api.call('POST', `${api.zone}/dns_records/import`, 'no form', headers);
    expect([reply.status, reply.body.errors[0]?.code]).toEqual([400, 6007]);
  });

  it('is rejected with a form without a file', async () => {
    const api = createApi();
    await api.refused(400, 1004, 'POST', `${api.zone}/dns_records/import`, { proxied: 'true' });
  });

  it('needs the permissions of its records', async () => {
    const api = createApi();
    const [token] = api.world.apiTokens;
    if (token) token.permissions = ['DNS Read'];
    expect(await exportOf(api)).toContain('example.dev.');
    expect((await importInto(api, 'www 300 IN A 192.0.2.1')).status).toBe(403);
  });
});
