import { expect, it } from 'vitest';
import { type Api, createApi } from '../api.ts';

async function slugs(api: Api, query = ''): Promise<string[]> {
  const { results } = await api.done('GET', `/core/applications/${query}`);
  return results.map(({ slug }: { slug: string }) => slug);
}

async function twoDoors(): Promise<Api> {
  const api = createApi();
  const { pk } = await api.done('POST', '/core/groups/', { name: 'nobody' });
  for (const slug of ['closed', 'open']) {
    const app = await api.done('POST', '/core/applications/', { name: slug, slug });
    if (slug === 'closed') {
      await api.done('POST', '/policies/bindings/', { target: app.pk, group: pk, order: 0 });
    }
  }
  return api;
}

it('a list has the applications that the caller may use, cut out of its page; a superuser can request all', async () => {
  const api = await twoDoors();
  const { pagination, results } = await api.done('GET', '/core/applications/');
  expect([pagination.count, results.length]).toEqual([2, 1]);
  expect(await slugs(api, '?superuser_full_list=true')).toEqual(['closed', 'open']);
  const weak = await api.limited('authentik_core.view_application');
  expect(await slugs(weak, '?superuser_full_list=true')).toEqual(['open']);
  expect(await weak.done('GET', '/core/applications/closed/')).toMatchObject({ slug: 'closed' });
});

it('a list is cached for a day, until a write clears the cache', async () => {
  const api = await twoDoors();
  expect(await slugs(api)).toEqual(['open']);
  const { results } = await api.done('GET', '/policies/bindings/');
  await api.done('DELETE', `/policies/bindings/${results[0].pk}/`);
  expect(await slugs(api)).toEqual(['open']);
  expect(await slugs(api, '?slug=closed')).toEqual(['open']);
  expect(await slugs(api, '?search=closed')).toEqual(['closed']);
  api.world.clockOffset += 25 * 3600 * 1000;
  expect(await slugs(api)).toEqual(['closed', 'open']);
  await api.done('POST', '/policies/bindings/', { target: await pkOf(api, 'open'), user: 4, order: 0 });
  expect(await slugs(api)).toEqual(['closed']);
  await api.done('PATCH', '/core/applications/closed/', { name: 'Renamed' });
  expect((await api.done('GET', '/core/applications/')).results[0].name).toBe('Renamed');
});

async function pkOf(api: Api, slug: string): Promise<string> {
  return (await api.done('GET', `/core/applications/${slug}/`)).pk;
}

it('an application has its slug as its address, and a new slug moves it', async () => {
  const api = await twoDoors();
  await api.done('PATCH', '/core/applications/open/', { slug: 'opened' });
  await api.refused(404, 'GET', '/core/applications/open/');
  expect(await api.refused(400, 'PATCH', '/core/applications/opened/', { slug: 'closed' })).toEqual({
    slug: ['Application with this slug already exists.'],
  });
});

it('an application has its own provider, which survives it; bindings and the brand do not prevent deletion', async () => {
  const api = await twoDoors();
  const { pk } = await api.proxy('open');
  await api.done('PATCH', '/core/applications/open/', { provider: pk });
  expect(await api.refused(400, 'PATCH', '/core/applications/closed/', { provider: pk })).toEqual({
    provider: ['Application with this provider already exists.'],
  });
  expect(await api.done('GET', `/providers/all/${pk}/`)).toMatchObject({
    assigned_application_slug: 'open',
    meta_model_name: 'authentik_providers_proxy.proxyprovider',
  });
  expect(await api.done('GET', '/core/applications/open/')).toMatchObject({
    provider_obj: { pk, component: 'ak-provider-proxy-form' },
    launch_url: 'https://open.example.dev',
  });
  const [brand] = (await api.done('GET', '/core/brands/')).results;
  const path = `/core/brands/${brand.brand_uuid}/`;
  await api.done('PATCH', path, { default_application: await pkOf(api, 'open') });
  await api.done('DELETE', '/core/applications/open/');
  expect(await api.done('GET', path)).toMatchObject({ default_application: null });
  expect(await api.done('GET', `/providers/all/${pk}/`)).toMatchObject({ assigned_application_slug: null });
  await api.done('DELETE', '/core/applications/closed/');
  expect((await api.done('GET', '/policies/bindings/')).pagination.count).toBe(0);
});

it('an application may be hidden by an address of Authentik’s own, and fills in the caller', async () => {
  const api = createApi();
  const made = async (slug: string, meta_launch_url: string) =>
    (await api.done('POST', '/core/applications/', { name: slug, slug, meta_launch_url })).launch_url;
  expect(await made('hidden', 'blank://blank')).toBe('blank://blank');
  expect(await made('own', 'https://x.example.dev/%(username)s?100%%')).toBe(
    'https://x.example.dev/akadmin?100%',
  );
  for (const kept of ['https://x.example.dev/a%20b', 'https://x.example.dev/%(username)s/%(shoe)s']) {
    expect(await made(`kept-${kept.length}`, kept)).toBe(kept);
  }
});

it('only a superuser may ask about somebody else', async () => {
  const api = await twoDoors();
  const asked = '/core/applications/closed/check_access/?for_user=';
  expect(await api.refused(400, 'GET', `${asked}999`)).toEqual({ for_user: 'User not found' });
  const { results } = await api.done('GET', '/core/groups/?name=nobody');
  await api.done('POST', `/core/groups/${results[0].pk}/add_user/`, { pk: 4 });
  expect(await slugs(api, '?for_user=4')).toEqual(['closed', 'open']);
  expect(await slugs(api)).toEqual(['open']);
  const weak = await api.limited();
  expect(await weak.done('GET', `${asked}999`)).toMatchObject({ passing: false, log_messages: [] });
  expect(await api.done('GET', `${asked}4`)).toMatchObject({ passing: true, log_messages: [] });
});

it('an application is created with its provider and its bindings at once, or not at all', async () => {
  const api = createApi();
  const { authorization_flow, invalidation_flow } = api;
  const { pk: group } = await api.done('POST', '/core/groups/', { name: 'admins' });
  const body = {
    app: { name: 'Grafana', slug: 'grafana' },
    provider_model: 'authentik_providers_proxy.proxyprovider',
    provider: {
      name: 'grafana',
      authorization_flow,
      invalidation_flow,
      mode: 'forward_single',
      external_host: 'https://grafana.example.dev',
    },
    policy_bindings: [{ group, order: 0 }],
  };
  const put = (more: object) => api.call('PUT', '/core/transactional/applications/', { ...body, ...more });
  const mistakes: [object, unknown][] = [
    [{ app: { slug: 'grafana' } }, { app: { name: ['This field is required.'] } }],
    [
      { provider: { ...body.provider, authorization_flow: null } },
      { provider: { authorization_flow: ['This field may not be null.'] } },
    ],
    [
      { policy_bindings: [{ order: 0 }] },
      { policy_bindings: { non_field_errors: ["One of 'group', 'policy', 'user' must be set."] } },
    ],
    [{ provider_model: 'x' }, { provider_model: ['"x" is not a valid choice.'] }],
    [{ app: undefined }, { app: ['This field is required.'] }],
  ];
  for (const [more, says] of mistakes) {
    const reply = await put(more);
    expect([reply.status, reply.body]).toEqual([400, says]);
  }
  expect(api.world.authentik.providers).toEqual([]);
  expect((await put({})).body).toEqual({ applied: true, logs: [] });
  const app = await api.done('GET', '/core/applications/grafana/');
  expect(app.provider_obj.name).toBe('grafana');
  const bindings = await api.done('GET', `/policies/bindings/?target=${app.pk}`);
  expect(bindings.results).toMatchObject([{ group, order: 0 }]);
  const again = await put({});
  expect([again.status, again.body]).toEqual([
    400,
    { provider: { name: ['State is set to must_created and object exists already'] } },
  ]);
});
