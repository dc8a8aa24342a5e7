import { describe, expect, it } from 'vitest';
import { type Api, createApi } from '../api.ts';

const path = (api: Api) => `${api.account}/access/service_tokens`;

describe('service tokens', () => {
  it('show their secret once, when they are created', async () => {
    const api = createApi({ canary: 'CANARY123' });
    const reply = await api.call('POST', path(api), { name: 'ci' });
    expect(reply.status).toBe(201);
    const { id, client_id, client_secret } = reply.body.result;
    expect(client_id).toMatch(/^[0-9a-f]{32}\.access$/);
    expect(client_secret).toMatch(/^cfast_CANARY123[0-9a-zA-Z]{39}$/);
    expect(reply.body.result).not.toHaveProperty('expires_at');
    const [listed] = await api.done('GET', path(api));
    expect(listed).toMatchObject({ id, client_id, name: 'ci', duration: '8760h', enabled: true });
    expect(await api.done('GET', `${path(api)}/${id}`)).toEqual(listed);
    expect(JSON.stringify(listed)).not.toContain('secret');
    expect(listed).not.toHaveProperty('client_secret_version');
  });

  it('need no unique name: a create sent twice makes two', async () => {
    const api = createApi();
    const [one, two] = [
      await api.done('POST', path(api), { name: 'ci' }),
      await api.done('POST', path(api), { name: 'ci' }),
    ];
    expect(one.id).not.toBe(two.id);
    expect(one.client_secret).not.toBe(two.client_secret);
    expect(await api.done('GET', `${path(api)}?name=ci`)).toHaveLength(2);
    expect(await api.done('GET', `${path(api)}?name=c`)).toEqual([]);
    expect(await api.done('GET', `${path(api)}?search=c`)).toHaveLength(2);
  });

  it('are found by id and not by client id', async () => {
    const api = createApi();
    const { client_id } = await api.done('POST', path(api), { name: 'ci' });
    const message = await api.refused(404, 12138, 'GET', `${path(api)}/${client_id}`);
    expect(message).toBe('access.api.error.service_token_not_found');
  });

  it('never show the token that plays a stranger', async () => {
    const api = createApi();
    expect(await api.done('GET', path(api))).toEqual([]);
    await api.refused(404, 12138, 'GET', `${path(api)}/${api.world.strangerToken.id}`);
  });

  it('rotate: a new secret, the same client id, and the old secret ends at once or on request later', async () => {
    const api = createApi();
    const row = await api.done('POST', path(api), { name: 'ci' });
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const rotate = `${path(api)}/${row.id}/rotate`;
    const graceful = await api.done('POST', rotate, { previous_client_secret_expires_at: until });
    expect(graceful).toMatchObject({ id: row.id, client_id: row.client_id });
    expect(graceful.client_secret).not.toBe(row.client_secret);
    expect(api.world.serviceTokens[0]?.previous).toEqual({ secret: row.client_secret, expiresAt: until });
    await api.done('POST', rotate);
    expect(api.world.serviceTokens[0]?.previous).toBeNull();
    await api.refused(400, 12130, 'POST', rotate, { previous_client_secret_expires_at: 'tomorrow' });
  });

  it('PUT: renames, disables, counts the duration from now, and moves the end of the old secret', async () => {
    const api = createApi();
    const row = await api.done('POST', path(api), { name: 'ci' });
    const before = Date.now();
    const put = await api.done('PUT', `${path(api)}/${row.id}`, {
      name: 'cd',
      enabled: false,
      duration: '24h',
    });
    const after = Date.now();
    expect(put).toMatchObject({ name: 'cd', enabled: false, duration: '24h' });
    expect(put).not.toHaveProperty('client_secret');
    const counted = Date.parse(put.expires_at) - 86_400_000;
    // The time has whole seconds.
    expect(counted).toBeGreaterThan(before - 1_000);
    expect(counted).toBeLessThanOrEqual(after);
    const version = { client_secret_version: 2, previous_client_secret_expires_at: '2099-01-01T00:00:00Z' };
    const rotated = await api.done('PUT', `${path(api)}/${row.id}`, version);
    expect(rotated.client_secret).toBe(api.world.serviceTokens[0]?.secret);
    expect(rotated.client_secret).not.toBe(row.client_secret);
    await api.done('PUT', `${path(api)}/${row.id}`, {
      previous_client_secret_expires_at: '2020-01-01T00:00:00Z',
    });
    expect(api.world.serviceTokens[0]?.previous).toEqual({
      secret: row.client_secret,
      expiresAt: '2020-01-01T00:00:00.000Z',
    });
    await api.refused(400, 12130, 'PUT', `${path(api)}/${row.id}`, { client_secret_version: 1 });
  });

  it('refresh: a year from now, without a new secret', async () => {
    const api = createApi();
    const row = await api.done('POST', path(api), { name: 'ci', duration: '1h' });
    const { secret } = api.world.serviceTokens[0] ?? {};
    const fresh = await api.done('POST', `${path(api)}/${row.id}/refresh`);
    expect(Date.parse(fresh.expires_at)).toBeGreaterThan(Date.now() + 364 * 86_400_000);
    expect(api.world.serviceTokens[0]?.secret).toBe(secret);
  });

  it('may last forever, and then show no end', async () => {
    const api = createApi();
    const row = await api.done('POST', path(api), {
      name: 'ci',
      duration: 'forever',
      client_secret_version: 3,
    });
    expect(await api.done('GET', `${path(api)}/${row.id}`)).not.toHaveProperty('expires_at');
    expect(await api.done('POST', `${path(api)}/${row.id}/refresh`)).not.toHaveProperty('expires_at');
  });

  it('cannot be deleted while a policy names them', async () => {
    const api = createApi();
    const row = await api.done('POST', path(api), { name: 'ci' });
    const policy = await api.done('POST', `${api.account}/access/policies`, {
      name: 'p',
      decision: 'non_identity',
      include: [{ service_token: { token_id: row.id } }],
    });
    const message = await api.refused(400, 12139, 'DELETE', `${path(api)}/${row.id}`);
    expect(message).toContain('service_token_in_use');
    await api.done('DELETE', `${api.account}/access/policies/${policy.id}`);
    const gone = await api.call('DELETE', `${path(api)}/${row.id}`);
    expect([gone.status, gone.body.result.id]).toEqual([200, row.id]);
  });

  const rows = [
    { because: 'no name', body: {} },
    { because: 'an empty name', body: { name: '' } },
    { because: 'a duration in days', body: { name: 'x', duration: '7d' } },
    { because: 'an unknown field', body: { name: 'x', expires: '1h' } },
    { because: 'no body', body: undefined },
    { because: 'a number for a name', body: { name: 7 } },
  ];
  for (const { because, body } of rows) {
    it(`are rejected for ${because}`, async () => {
      const api = createApi();
      await api.refused(400, 12130, 'POST', path(api), body);
      expect(api.world.serviceTokens).toEqual([]);
    });
  }

  it('are at most 50', async () => {
    const api = createApi();
    for (let at = 0; at < 50; at += 1) await api.done('POST', path(api), { name: `t${at}` });
    await api.refused(400, 12130, 'POST', path(api), { name: 'one more' });
  });
});
