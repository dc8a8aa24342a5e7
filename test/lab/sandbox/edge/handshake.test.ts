import { request } from 'node:http';
import { expect, it } from 'vitest';
import { startSandbox } from '../../../../src/lab/sandbox/index.ts';
import { newClient } from '../client.ts';

const RECORD = { name: 'app.example.dev', type: 'A', content: '192.0.2.1', ttl: 1 };

it('the handshake of a proxied host fails while the certificate of its zone is not issued', async () => {
  const { sandbox, admin, api, zoneId, visit } = await newClient();
  await api('POST', `/zones/${zoneId}/dns_records`, { ...RECORD, proxied: true });
  await api('POST', `/zones/${zoneId}/dns_records`, { ...RECORD, name: 'plain.example.dev', proxied: false });
  await admin('PUT', '/outages', { certificates: ['example.dev'] });
  await expect(visit('https://app.example.dev/')).rejects.toMatchObject({
    cause: { code: 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE' },
  });
  expect((await visit('https://plain.example.dev/')).status).toBe(200);
  const { body } = await api('GET', `/zones/${zoneId}/ssl/certificate_packs`);
  expect(body.result).toMatchObject([{ status: 'pending_validation' }]);
  await admin('PUT', '/outages', {});
  expect((await visit('https://app.example.dev/')).status).toBe(200);
  expect('outages' in JSON.parse(sandbox.snapshot())).toBe(false);
});

it('a listening sandbox sends the alert instead of an answer', async () => {
  const started = await startSandbox({ zones: ['example.dev'] });
  try {
    const { sandbox, line } = started;
    const [zone] = sandbox.zones;
    await sandbox.fetch(`${sandbox.urls.cloudflare}/zones/${zone?.id}/dns_records`, {
      method: 'POST',
      headers: { authorization: `Bearer ${sandbox.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...RECORD, proxied: true }),
    });
    const outages = JSON.stringify({ certificates: ['example.dev'] });
    await sandbox.fetch(`${sandbox.urls.admin}/outages`, { method: 'PUT', body: outages });
    const error = await new Promise((resolve) => {
      const asked = request(line.edge.url, { headers: { host: RECORD.name } }, resolve);
      asked.on('error', resolve);
      asked.end();
    });
    expect(error).toMatchObject({ rawPacket: Buffer.from([0x15, 3, 3, 0, 2, 2, 40]) });
  } finally {
    await started.close();
  }
});

it('only known outages are accepted', async () => {
  const { admin } = await newClient();
  expect((await admin('PUT', '/outages', { weather: ['bad'] })).status).toBe(400);
  expect((await admin('PUT', '/outages', { certificates: 'example.dev' })).status).toBe(400);
});
