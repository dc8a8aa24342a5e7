import { describe, expect, it } from 'vitest';
import { type Api, createApi } from '../api.ts';

const tunnels = (api: Api) => `${api.account}/cfd_tunnel`;
const homelab = (api: Api) => `${tunnels(api)}/${api.world.tunnels[0]?.id}`;
const CONFIG = { config: { ingress: [{ service: 'http_status:404' }] } };

describe('tunnels', () => {
  it('the first world has homelab, remotely managed and healthy', async () => {
    const api = createApi();
    const [first, ...others] = await api.done('GET', tunnels(api));
    expect(others).toEqual([]);
    expect(first).toMatchObject({
      name: 'homelab',
      config_src: 'cloudflare',
      status: 'healthy',
      deleted_at: null,
    });
    expect(first).not.toHaveProperty('connections');
    expect(await api.done('GET', homelab(api))).toEqual(first);
  });

  it('are local by default, and the reply contains their secret', async () => {
    const api = createApi({ canary: 'CANARY123' });
    const reply = await api.call('POST', tunnels(api), { name: 'lab' });
    expect([reply.status, reply.body.result]).toMatchObject([200, { name: 'lab', config_src: 'local' }]);
    const { id, token, credentials_file } = reply.body.result;
    expect(credentials_file).toMatchObject({
      TunnelID: id,
      AccountTag: api.world.account.id,
      TunnelName: 'lab',
    });
    expect(credentials_file.TunnelSecret).toContain('CANARY123');
    expect(token).toContain('CANARY123');
    expect(await api.done('GET', `${tunnels(api)}/${id}/token`)).toBe(token);
    expect(JSON.stringify(await api.done('GET', tunnels(api)))).not.toContain('CANARY123');
    const remote = await api.done('POST', tunnels(api), { name: 'remote', config_src: 'cloudflare' });
    expect(remote.config_src).toBe('cloudflare');
  });

  it('a token is base64 of account, tunnel and secret', async () => {
    const api = createApi();
    const secret = Buffer.alloc(32, 7).toString('base64');
    const row = await api.done('POST', tunnels(api), { name: 'lab', tunnel_secret: secret });
    const read = JSON.parse(Buffer.from(row.token, 'base64').toString('utf8'));
    expect(read).toEqual({ a: api.world.account.id, t: row.id, s: secret });
  });

  const refusals = [
    { because: 'a name that is taken', body: { name: 'homelab' }, status: 409, code: 1013 },
    { because: 'no name', body: {}, status: 400, code: 1001 },
    {
      because: 'a secret that is too short',
      body: { name: 'x', tunnel_secret: 'AAAA' },
      status: 400,
      code: 1001,
    },
    { because: 'an unknown source', body: { name: 'x', config_src: 'git' }, status: 400, code: 1001 },
    { because: 'an unknown field', body: { name: 'x', config: {} }, status: 400, code: 1001 },
  ];
  for (const { because, body, status, code } of refusals) {
    it(`are rejected for ${because}`, async () => {
      const api = createApi();
      await api.refused(status, code, 'POST', tunnels(api), body);
      expect(api.world.tunnels).toHaveLength(1);
    });
  }

  it('PATCH renames and changes the secret, but not to a used name', async () => {
    const api = createApi();
    const row = await api.done('POST', tunnels(api), { name: 'lab' });
    const before = row.token;
    const secret = Buffer.alloc(32, 1).toString('base64');
    const changed = await api.done('PATCH', `${tunnels(api)}/${row.id}`, {
      name: 'lab2',
      tunnel_secret: secret,
    });
    expect(changed).toMatchObject({ id: row.id, name: 'lab2' });
    expect(await api.done('GET', `${tunnels(api)}/${row.id}/token`)).not.toBe(before);
    await api.refused(409, 1013, 'PATCH', `${tunnels(api)}/${row.id}`, { name: 'homelab' });
  });

  it('cannot be deleted while connected; deleted ones stay listed, and their names are free', async () => {
    const api = createApi();
    await api.done('PUT', `${homelab(api)}/configurations`, CONFIG);
    await api.refused(400, 1022, 'DELETE', homelab(api));
    await api.done('DELETE', `${homelab(api)}/connections`);
    expect(await api.done('GET', homelab(api))).toMatchObject({ status: 'down' });
    const gone = await api.done('DELETE', homelab(api));
    expect(gone.deleted_at).toMatch(/^\d{4}-/);
    expect(await api.done('GET', tunnels(api))).toHaveLength(1);
    expect(await api.done('GET', `${tunnels(api)}?is_deleted=false`)).toEqual([]);
    expect(await api.done('GET', homelab(api))).not.toHaveProperty('config_src');
    await api.refused(404, 1055, 'GET', `${homelab(api)}/configurations`);
    await api.refused(404, 1055, 'PUT', `${homelab(api)}/configurations`, CONFIG);
    for (const [method, path] of [
      ['GET', '/token'],
      ['PATCH', ''],
      ['DELETE', ''],
    ] as const) {
      await api.refused(
        404,
        1003,
        method,
        homelab(api) + path,
        method === 'PATCH' ? { name: 'x' } : undefined,
      );
    }
    expect((await api.done('POST', tunnels(api), { name: 'homelab' })).id).not.toBe(gone.id);
  });

  it('have no connector if the sandbox is configured so, and can be deleted', async () => {
    const api = createApi({ freshTunnels: 'inactive' });
    expect(await api.done('GET', homelab(api))).toMatchObject({ status: 'healthy' });
    const row = await api.done('POST', tunnels(api), { name: 'lab', config_src: 'cloudflare' });
    const path = `${tunnels(api)}/${row.id}`;
    expect(row).toMatchObject({ status: 'inactive' });
    expect(row).not.toHaveProperty('conns_active_at');
    expect(await api.done('GET', `${path}/connections`)).toEqual([]);
    expect(await api.done('GET', `${tunnels(api)}?status=inactive`)).toHaveLength(1);
    await api.done('DELETE', path);
  });

  it('are found by name, id, status and prefix', async () => {
    const api = createApi();
    await api.done('POST', tunnels(api), { name: 'lab' });
    const names = async (query: string) =>
      (await api.done('GET', `${tunnels(api)}?${query}`)).map((tunnel: { name: string }) => tunnel.name);
    expect(await names('name=lab')).toEqual(['lab']);
    expect(await names(`uuid=${api.world.tunnels[0]?.id}`)).toEqual(['homelab']);
    expect(await names('status=healthy')).toEqual(['homelab']);
    expect(await names('status=inactive')).toEqual(['lab']);
    expect(await names('status=down')).toEqual([]);
    expect(await names('include_prefix=home')).toEqual(['homelab']);
    expect(await names('exclude_prefix=home')).toEqual(['lab']);
    await api.refused(404, 1003, 'GET', `${tunnels(api)}/00000000-0000-4000-8000-000000000000`);
  });
});

describe('configurations', () => {
  it('have version 0 and no document before the first PUT', async () => {
    const api = createApi();
    expect(await api.done('GET', `${homelab(api)}/configurations`)).toMatchObject({
      version: 0,
      config: null,
    });
  });

  it('increase their version with each PUT, and show the rules as written beside the server’s addition', async () => {
    const api = createApi();
    const ingress = [
      { hostname: 'a.example.dev', path: '^/a', service: 'http://traefik.lan:80' },
      { hostname: 'b.example.dev', service: 'http://traefik.lan:80', originRequest: {} },
      { service: 'http_status:404' },
    ];
    await api.done('PUT', `${homelab(api)}/configurations`, CONFIG);
    const put = await api.done('PUT', `${homelab(api)}/configurations`, {
      config: { ingress, originRequest: { connectTimeout: 5 } },
    });
    expect(put).toMatchObject({ version: 2, source: 'cloudflare' });
    expect(put.config).toEqual({
      ingress,
      originRequest: { connectTimeout: 5 },
      'warp-routing': { enabled: false },
    });
    expect(await api.done('GET', `${homelab(api)}/configurations`)).toEqual(put);
  });

  it('are replaced completely, and accept what they showed', async () => {
    const api = createApi();
    const rule = { hostname: 'a.example.dev', service: 'http://traefik.lan:80' };
    const path = `${homelab(api)}/configurations`;
    const first = await api.done('PUT', path, {
      config: { ingress: [rule, { service: 'http_status:404' }] },
    });
    const again = await api.done('PUT', path, { config: first.config });
    expect(again.config).toEqual(first.config);
    expect((await api.done('PUT', path, CONFIG)).config.ingress).toHaveLength(1);
  });

  it('run in the connectors after their delay', async () => {
    const api = createApi({ settle: 60_000 });
    const running = async () => (await api.done('GET', `${homelab(api)}/connections`))[0].config_version;
    await api.done('PUT', `${homelab(api)}/configurations`, CONFIG);
    expect(await running()).toBe(0);
    api.world.clockOffset += 61_000;
    expect(await running()).toBe(1);
    await api.done('PUT', `${homelab(api)}/configurations`, CONFIG);
    await api.done('PUT', `${homelab(api)}/configurations`, CONFIG);
    expect(await running()).toBe(1);
    api.world.clockOffset += 61_000;
    expect(await running()).toBe(3);
  });

  it('of a local tunnel are accepted and never run', async () => {
    const api = createApi();
    const { id } = await api.done('POST', tunnels(api), { name: 'lab' });
    const put = await api.done('PUT', `${tunnels(api)}/${id}/configurations`, CONFIG);
    expect(put).toMatchObject({ version: 1, source: 'local' });
    expect(await api.done('GET', `${tunnels(api)}/${id}/connections`)).toEqual([]);
  });

  it('do not prevent the deletion of a local tunnel', async () => {
    const api = createApi();
    const { id } = await api.done('POST', tunnels(api), { name: 'lab' });
    expect((await api.done('DELETE', `${tunnels(api)}/${id}`)).deleted_at).not.toBeNull();
  });

  it('one connector can be dropped, or all', async () => {
    const api = createApi();
    const [{ id }] = await api.done('GET', `${homelab(api)}/connections`);
    expect(
      await api.done('DELETE', `${homelab(api)}/connections?client_id=00000000-0000-4000-8000-000000000000`),
    ).toBeNull();
    expect(await api.done('GET', `${homelab(api)}/connections`)).toHaveLength(1);
    await api.done('DELETE', `${homelab(api)}/connections?client_id=${id}`);
    expect(await api.done('GET', `${homelab(api)}/connections`)).toEqual([]);
  });
});
