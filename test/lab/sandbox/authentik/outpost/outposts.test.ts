import { describe, expect, it } from 'vitest';
import { type Api, createApi } from '../api.ts';

async function embedded(api: Api): Promise<{ path: string; config: { [key: string]: unknown } }> {
  const { results } = await api.done(
    'GET',
    '/outposts/instances/?managed__iexact=goauthentik.io/outposts/embedded',
  );
  expect(results).toHaveLength(1);
  return { path: `/outposts/instances/${results[0].pk}/`, config: results[0].config };
}

describe('the embedded outpost', () => {
  it('exists, has no public address, and is connected', async () => {
    const api = createApi();
    const { path, config } = await embedded(api);
    expect(config).toMatchObject({ authentik_host: '', refresh_interval: 'minutes=5' });
    expect(await api.done('GET', path)).toMatchObject({
      type: 'proxy',
      providers: [],
      refresh_interval_s: 300,
    });
    expect(await api.done('GET', `${path}health/`)).toMatchObject([
      { version: '2026.8.3', version_outdated: false },
    ]);
  });

  it.each(['2025.8.6', '2026.8.9', '2027.2.0'])('is outdated with any other release, as %s', async (runs) => {
    const api = createApi();
    const [row] = api.world.authentik.outposts;
    if (row) row.runs = runs;
    const { path } = await embedded(api);
    expect(await api.done('GET', `${path}health/`)).toMatchObject([
      { version: runs, version_should: '2026.8.3', version_outdated: true },
    ]);
  });

  it('has the settings of its release', async () => {
    const newer = [
      'kubernetes_disable_x509_strict',
      'kubernetes_httproute_annotations',
      'kubernetes_httproute_parent_refs',
    ];
    const settings = async (authentikVersion: '2026.2' | '2026.5-rc1') =>
      Object.keys((await embedded(createApi({ authentikVersion }))).config);
    expect(await settings('2026.2')).not.toEqual(expect.arrayContaining(newer));
    expect(await settings('2026.5-rc1')).toEqual(expect.arrayContaining(newer));
  });

  it('may be idle, and keeps its name', async () => {
    const api = createApi();
    const { path } = await embedded(api);
    const { pk } = await api.proxy('x');
    await api.done('PATCH', path, { providers: [pk] });
    await api.done('PATCH', path, { providers: [] });
    expect(await api.refused(400, 'PATCH', path, { name: 'mine' })).toEqual({
      name: ["Embedded outpost's name cannot be changed"],
    });
  });

  it('has its list replaced completely, and every provider must exist', async () => {
    const api = createApi();
    const { path } = await embedded(api);
    const [a, b] = [await api.proxy('a'), await api.proxy('b')];
    await api.done('PATCH', path, { providers: [a.pk] });
    expect(await api.done('PATCH', path, { providers: [b.pk, b.pk] })).toMatchObject({
      providers: [b.pk],
      providers_obj: [{ name: 'b', meta_model_name: 'authentik_providers_proxy.proxyprovider' }],
    });
    expect(await api.refused(400, 'PATCH', path, { providers: [999] })).toEqual({
      providers: ['Invalid pk "999" - object does not exist.'],
    });
  });

  it('checks the type of providers only if the body states its own', async () => {
    const api = createApi();
    const { path } = await embedded(api);
    const { pk } = await api.oauth2('x');
    await api.done('PATCH', path, { providers: [pk] });
    expect(await api.refused(400, 'PATCH', path, { type: 'proxy', providers: [pk] })).toEqual({
      providers: ["Outpost type proxy can't be used with OAuth2Provider providers."],
    });
  });

  it('stores a configuration as sent: all of it, and nothing more', async () => {
    const api = createApi();
    const { path, config } = await embedded(api);
    const merged = { ...config, authentik_host: 'https://auth.example.dev/', mine: [1] };
    expect((await api.done('PATCH', path, { config: merged })).config).toEqual(merged);
    expect((await api.done('PATCH', path, { config: { authentik_host: 'x' } })).config).toEqual({
      authentik_host: 'x',
    });
    expect(await api.refused(400, 'PATCH', path, { config: { authentik_host: 7 } })).toEqual({
      config: [
        'Failed to validate config: wrong value type for field "authentik_host" - should be "str" instead of value "7" of type "int"',
      ],
    });
    const { config: told } = await api.refused(400, 'PATCH', path, { config: { refresh_interval: '5m' } });
    expect(told[0]).toContain("5m is not in the correct format of 'hours=3;minutes=1'.");
  });
});

it('the configuration of a new outpost contains the called address', async () => {
  const api = createApi();
  const { config } = await api.done('GET', '/outposts/instances/default_settings/');
  expect(config.authentik_host).toBe('http://authentik.test/');
});

it('any other outpost is never connected, and cannot be emptied', async () => {
  const api = createApi();
  const { pk } = await api.proxy('x');
  const body = { name: 'second', type: 'proxy', providers: [pk], config: {} };
  const made = await api.done('POST', '/outposts/instances/', body);
  expect(made.config).toEqual({});
  const path = `/outposts/instances/${made.pk}/`;
  expect(await api.done('GET', `${path}health/`)).toEqual([]);
  expect(await api.refused(400, 'PUT', path, { ...body, providers: [] })).toEqual({
    providers: ['This list may not be empty.'],
  });
});
