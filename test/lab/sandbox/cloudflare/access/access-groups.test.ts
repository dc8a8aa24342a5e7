import { describe, expect, it } from 'vitest';
import { type Api, createApi } from '../api.ts';

const ADMINS = { name: 'admins', include: [{ email: { email: 'me@example.dev' } }] };
const nowhere = '00000000-0000-4000-8000-000000000000';

function inGroup(id: string, decision = 'allow') {
  return { name: 'p', decision, include: [{ group: { id } }] };
}

async function withGroup(group: object = ADMINS): Promise<{ api: Api; path: string; id: string }> {
  const api = createApi();
  const path = `${api.account}/access/groups`;
  const { id } = await api.done('POST', path, group);
  return { api, path, id };
}

describe('Access groups', () => {
  it('are created, shown, replaced and deleted, below the account and below a zone', async () => {
    const { api, path, id } = await withGroup({ ...ADMINS, require: [{ geo: { country_code: 'FR' } }] });
    expect(await api.done('GET', `${path}/${id}`)).toMatchObject({
      ...ADMINS,
      exclude: [],
      require: [{ geo: { country_code: 'FR' } }],
    });
    const put = await api.done('PUT', `${api.zone}/access/groups/${id}`, { ...ADMINS, name: 'people' });
    expect(put).toMatchObject({ id, name: 'people', require: [] });
    expect(await api.done('GET', `${path}?name=people`)).toEqual([put]);
    expect(await api.done('GET', `${path}?search=peo`)).toEqual([put]);
    expect(await api.done('GET', `${path}?name=admins`)).toEqual([]);
    const gone = await api.call('DELETE', `${path}/${id}`);
    expect([gone.status, gone.body.result]).toEqual([202, { id }]);
    for (const method of ['GET', 'PUT', 'DELETE'] as const) {
      await api.refused(404, 12136, method, `${path}/${id}`, method === 'PUT' ? ADMINS : undefined);
    }
  });

  it.each([
    { because: 'no name', body: { include: ADMINS.include } },
    { because: 'no rule', body: { ...ADMINS, include: [] } },
    { because: 'a rule that is none', body: { ...ADMINS, include: [{ shoe_size: { id: '44' } }] } },
    { because: 'a group that does not exist', body: { ...ADMINS, include: [{ group: { id: nowhere } }] } },
    { because: 'a decision', body: { ...ADMINS, decision: 'allow' } },
  ])('are rejected for $because', async ({ body }) => {
    const api = createApi();
    await api.refused(400, 12130, 'POST', `${api.account}/access/groups`, body);
  });

  it('cannot contain themselves, not even through another group', async () => {
    const { api, path, id } = await withGroup();
    const outer = await api.done('POST', path, { name: 'outer', include: [{ group: { id } }] });
    for (const group of [id, outer.id])
      await api.refused(400, 12130, 'PUT', `${path}/${id}`, {
        ...ADMINS,
        exclude: [{ group: { id: group } }],
      });
  });

  it('cannot be deleted while a policy or another group names them', async () => {
    const { api, path, id } = await withGroup();
    const policy = await api.done('POST', `${api.account}/access/policies`, inGroup(id));
    const outer = await api.done('POST', path, { name: 'outer', include: [{ group: { id } }] });
    await api.refused(400, 12130, 'DELETE', `${path}/${id}`);
    await api.done('DELETE', `${api.account}/access/policies/${policy.id}`);
    await api.refused(400, 12130, 'DELETE', `${path}/${id}`);
    await api.done('DELETE', `${path}/${outer.id}`);
    await api.done('DELETE', `${path}/${id}`);
  });

  it('may be bypassed if none of their rules needs an identity', async () => {
    const { api, path, id } = await withGroup();
    const policies = `${api.account}/access/policies`;
    await api.refused(400, 12130, 'POST', policies, inGroup(id, 'bypass'));
    await api.refused(400, 12130, 'POST', policies, inGroup(nowhere));
    const office = await api.done('POST', path, { name: 'office', include: [{ ip: { ip: '192.0.2.1' } }] });
    await api.done('POST', policies, inGroup(office.id, 'bypass'));
    const mixed = await api.done('POST', path, { name: 'mixed', include: [{ group: { id } }] });
    await api.refused(400, 12130, 'POST', policies, inGroup(mixed.id, 'bypass'));
  });

  it('require the permission for organizations, not that for policies', async () => {
    const { api, path } = await withGroup();
    const [token] = api.world.apiTokens;
    if (token) token.permissions = ['Access: Apps and Policies Write'];
    await api.refused(403, 10000, 'GET', path);
  });
});
