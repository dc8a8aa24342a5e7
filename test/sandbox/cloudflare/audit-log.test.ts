import { expect, it } from 'vitest';
import { createSandbox } from '../../../src/sandbox/index.ts';
import { checked } from '../schema.ts';

it('tells who wrote what, by which token or in the dashboard', async () => {
  const { sandbox, report } = checked(await createSandbox({ zones: ['example.dev'] }));
  const api = async (method: string, path: string, body?: object) => {
    const headers = { authorization: `Bearer ${sandbox.token}` };
    const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
    return (await sandbox.fetch(`${sandbox.urls.cloudflare}${path}`, init)).json();
  };
  const records = `/zones/${sandbox.zones[0]?.id}/dns_records`;
  const { result: record } = (await api('POST', records, {
    type: 'A',
    name: 'www',
    content: '192.0.2.1',
    ttl: 300,
  })) as { result: { id: string } };
  const edit = { actor: 'ann', system: 'cloudflare', method: 'PATCH', path: `${records}/${record.id}` };
  await sandbox.fetch(`${sandbox.urls.admin}/edit`, {
    method: 'POST',
    body: JSON.stringify({ ...edit, body: { comment: 'mine' } }),
  });
  const log = `/accounts/${sandbox.accountId}/logs/audit`;
  const { result } = (await api('GET', `${log}?since=2020-01-01&before=2099-01-01&limit=10`)) as {
    result: object[];
  };
  expect(result).toMatchObject([
    {
      action: { type: 'update' },
      actor: { context: 'dash', id: 'ann' },
      resource: { type: 'dns_records', id: record.id },
      zone: { name: 'example.dev' },
    },
    { action: { type: 'create' }, actor: { context: 'api_token', token_id: expect.any(String) } },
  ]);
  expect(await api('GET', `${log}?since=2020-01-01&before=2020-02-01`)).toMatchObject({ result: [] });
  expect(await api('GET', log)).toMatchObject({ success: false });
  expect(report?.mistakes ?? []).toEqual([]);
});
