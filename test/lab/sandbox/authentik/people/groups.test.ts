import { expect, it } from 'vitest';
import { createApi } from '../api.ts';

it('PUT without users empties a group, PATCH does not', async () => {
  const api = createApi();
  const group = await api.done('POST', '/core/groups/', { name: 'family', users: [4] });
  const path = `/core/groups/${group.pk}/`;
  expect(await api.done('PATCH', path, { attributes: { a: 1 } })).toMatchObject({ users: [4] });
  expect(await api.done('PUT', path, { name: 'family' })).toMatchObject({
    users: [],
    attributes: { a: 1 },
  });
});

it('a group adds and removes members, and rejects unknown people', async () => {
  const api = createApi();
  const { pk } = await api.done('POST', '/core/groups/', { name: 'family' });
  const path = `/core/groups/${pk}/`;
  expect((await api.call('POST', `${path}add_user/`, { pk: 4 })).status).toBe(204);
  expect(await api.done('GET', '/core/users/4/')).toMatchObject({ groups: [pk] });
  expect(await api.done('GET', path)).toMatchObject({ users: [4], users_obj: [{ username: 'jo' }] });
  expect(await api.done('GET', `${path}?include_users=false`)).toMatchObject({ users: [4], users_obj: null });
  await api.refused(404, 'POST', `${path}add_user/`, { pk: 999 });
  await api.done('POST', `${path}remove_user/`, { pk: 4 });
  expect(await api.done('GET', path)).toMatchObject({ users: [] });
  const { results } = await api.done('GET', `/events/events/?context_model_pk=${pk}&action=model_updated`);
  expect(results).toHaveLength(2);
});

it('a group is found by its exact name and by its attributes, which may hold a marker', async () => {
  const api = createApi();
  for (const [name, owner] of [
    ['family', 'home'],
    ['Family', 'other'],
  ]) {
    await api.done('POST', '/core/groups/', { name, attributes: { 'gates/managed-by': { owner } } });
  }
  const names = async (query: string) =>
    (await api.done('GET', `/core/groups/?${query}`)).results.map(({ name }: { name: string }) => name);
  expect(await names('name=family')).toEqual(['family']);
  const filter = (value: unknown) => `attributes=${encodeURIComponent(JSON.stringify(value))}`;
  expect(await names(filter({ 'gates/managed-by__owner': 'other' }))).toEqual(['Family']);
  expect(await names(filter({ 'gates/managed-by': { owner: 'home' } }))).toEqual(['family']);
  expect(await names('members_by_pk=3')).toEqual(['authentik Admins']);
});

it('a group lists its users; deleting it removes its bindings, and the last of them opens the application', async () => {
  const api = createApi();
  const group = await api.done('POST', '/core/groups/', { name: 'admins', users: [4] });
  const app = await api.done('POST', '/core/applications/', { name: 'Grafana', slug: 'grafana' });
  const child = await api.done('POST', '/core/groups/', { name: 'child', parents: [group.pk] });
  const binding = await api.done('POST', '/policies/bindings/', {
    target: app.pk,
    group: group.pk,
    order: 0,
  });
  const mayPass = async (person: number) =>
    (await api.done('GET', `/core/applications/grafana/check_access/?for_user=${person}`)).passing;
  expect([await mayPass(4), await mayPass(3)]).toEqual([true, false]);
  expect(await api.done('GET', `/core/groups/${group.pk}/used_by/`)).toEqual([
    {
      app: 'authentik_policies',
      model_name: 'policybinding',
      pk: binding.pk,
      name: 'Binding from Grafana #0 to Group admins',
      action: 'cascade',
    },
    { app: 'authentik_core', model_name: 'user', pk: '4', name: 'jo', action: 'cascade_many' },
  ]);
  await api.done('DELETE', `/core/groups/${group.pk}/`);
  await api.refused(404, 'GET', `/policies/bindings/${binding.pk}/`);
  expect(await mayPass(3)).toBe(true);
  expect(await api.done('GET', '/core/users/4/')).toMatchObject({ groups: [] });
  expect(await api.done('GET', `/core/groups/${child.pk}/`)).toMatchObject({ parents: [] });
  const { results } = await api.done('GET', '/events/events/?actions=model_deleted');
  const gone = results.map((event: { context: { model: { model_name: string } } }) => event.context.model);
  expect(gone.map(({ model_name }: { model_name: string }) => model_name).sort()).toEqual([
    'group',
    'policybinding',
  ]);
});

it('a group whose parent grants superuser rights grants them too', async () => {
  const api = createApi();
  const { results } = await api.done('GET', '/core/groups/?is_superuser=true');
  await api.done('POST', '/core/groups/', { name: 'deputies', parents: [results[0].pk], users: [4] });
  expect(await api.done('GET', '/core/users/4/')).toMatchObject({ is_superuser: true });
});
