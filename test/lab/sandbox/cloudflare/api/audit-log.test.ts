import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createSandbox } from '../../../../../src/lab/sandbox/index.ts';
import { checked } from '../../schema.ts';

interface Reply {
  readonly success: boolean;
  readonly result: { readonly id: string; readonly raw: { readonly cf_ray_id: string } }[];
  readonly result_info: { readonly count: string; readonly cursor?: string };
}

async function logged() {
  const { sandbox, report } = checked(await createSandbox({ zones: ['example.dev'] }));
  const send = (method: string, path: string, body?: object) => {
    const headers = { authorization: `Bearer ${sandbox.token}` };
    const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
    return sandbox.fetch(`${sandbox.urls.cloudflare}${path}`, init);
  };
  const api = async (method: string, path: string, body?: object) =>
    (await (await send(method, path, body)).json()) as Reply;
  const admin = (call: string, body: object) =>
    sandbox.fetch(`${sandbox.urls.admin}${call}`, { method: 'POST', body: JSON.stringify(body) });
  const records = `/zones/${sandbox.zones[0]?.id}/dns_records`;
  const made = await send('POST', records, { type: 'A', name: 'www', content: '192.0.2.1', ttl: 300 });
  const { result: record } = (await made.json()) as { result: { id: string } };
  const edit = { actor: 'ann@example.dev', system: 'cloudflare', path: `${records}/${record.id}` };
  await admin('/edit', { ...edit, method: 'PATCH', body: { comment: 'mine' } });
  await admin('/edit', { ...edit, method: 'GET' });
  const log = `/accounts/${sandbox.accountId}/logs/audit`;
  return { report, api, admin, log, record, ray: made.headers.get('cf-ray') };
}

// The sandbox's virtual time continues from this machine's.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

const always = 'since=2020-01-01&before=2099-01-01';

it('the log says who wrote what, with which token or in the dashboard', async () => {
  const { report, api, admin, log, record, ray } = await logged();
  await admin('/clock', { advance: '1m' });
  const { result } = await api('GET', `${log}?${always}&limit=10`);
  expect(result).toMatchObject([
    {
      action: { type: 'update' },
      actor: { context: 'dash', email: 'ann@example.dev', id: expect.stringMatching(/^[0-9a-f]{32}$/) },
      resource: { type: 'dns_records', id: record.id },
      zone: { name: 'example.dev' },
    },
    { action: { type: 'create' }, actor: { context: 'api_token', token_id: expect.any(String) } },
  ]);
  // The id has no data center; a client finds its own write by it.
  expect(`${result[1]?.raw.cf_ray_id}-SBX`).toBe(ray);
  expect(await api('GET', `${log}?since=2020-01-01&before=2020-02-01`)).toMatchObject({ result: [] });
  expect(report?.mistakes ?? []).toEqual([]);
});

it('the log shows a write only after a minute', async () => {
  const { api, admin, log } = await logged();
  expect((await api('GET', `${log}?${always}`)).result).toEqual([]);
  await admin('/clock', { advance: '59s' });
  expect((await api('GET', `${log}?${always}`)).result).toEqual([]);
  await admin('/clock', { advance: '1s' });
  expect((await api('GET', `${log}?${always}`)).result).toHaveLength(2);
});

it('the log has pages with an opaque cursor, and an empty one after a full last page', async () => {
  const { api, admin, log } = await logged();
  await admin('/clock', { advance: '1m' });
  const first = await api('GET', `${log}?${always}&limit=1`);
  const second = await api('GET', `${log}?${always}&limit=1&cursor=${first.result_info.cursor}`);
  const third = await api('GET', `${log}?${always}&limit=1&cursor=${second.result_info.cursor}`);
  expect([first, second, third].map(({ result }) => result.length)).toEqual([1, 1, 0]);
  expect(third.result_info).toEqual({ count: '0' });
  const oldestFirst = await api('GET', `${log}?${always}&direction=asc`);
  expect(oldestFirst.result.map(({ id }) => id)).toEqual([second.result[0]?.id, first.result[0]?.id]);
  expect(oldestFirst.result_info).toEqual({ count: '2' });
});

it.each([
  ['', 'both ends are required'],
  ['since=2020-01-01', 'both ends are required'],
  ['since=2020&before=2099-01-01', 'a year is no day'],
  ['since=2020-01-01&before=2099-01-01%2010:00', 'neither a day nor RFC 3339'],
  [`${always}&cursor=1`, 'a cursor is taken from a reply'],
  [`${always}&direction=newest`, 'there are two directions'],
  [`${always}&limit=1001`, 'a page has 1,000 entries at most'],
])('the log rejects %j: %s', async (query) => {
  const { api, log } = await logged();
  expect(await api('GET', `${log}?${query}`)).toMatchObject({ success: false });
});
