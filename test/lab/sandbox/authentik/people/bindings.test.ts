import { beforeEach, describe, expect, it } from 'vitest';
import { type Api, createApi } from '../api.ts';

const PATH = '/policies/bindings/';
let api: Api;
let target: string;
let group: string;
let policy: string;

beforeEach(async () => {
  api = createApi();
  ({ pk: target } = await api.done('POST', '/core/applications/', { name: 'Grafana', slug: 'grafana' }));
  ({ pk: group } = await api.done('POST', '/core/groups/', { name: 'admins', users: [4] }));
  ({ pk: policy } = await api.done('POST', '/policies/expression/', {
    name: 'never',
    expression: 'return False',
  }));
});

async function bind(more: object): Promise<{ pk: string }> {
  return api.done('POST', PATH, { target, order: 0, ...more });
}

describe('a binding', () => {
  it('has defaults and shows its group, policy or user', async () => {
    expect(await bind({ group })).toMatchObject({
      target,
      group,
      policy: null,
      user: null,
      negate: false,
      enabled: true,
      order: 0,
      timeout: 30,
      failure_result: false,
      expires: null,
      expiring: false,
      group_obj: { name: 'admins' },
      policy_obj: null,
      user_obj: null,
    });
  });

  it('binds exactly one of group, policy and user', async () => {
    const told = async (more: object) => await api.refused(400, 'POST', PATH, { target, order: 0, ...more });
    expect(await told({})).toEqual({
      non_field_errors: ["One of 'group', 'policy', 'user' must be set."],
    });
    expect(await told({ group, user: 4 })).toEqual({
      non_field_errors: ["Only one of 'group', 'policy', 'user' can be set."],
    });
  });

  it('may exist twice for a group, but not for a policy', async () => {
    await bind({ group });
    await bind({ group });
    await bind({ policy });
    expect(await api.refused(400, 'POST', PATH, { target, order: 0, policy })).toEqual({
      non_field_errors: ['The fields policy, target, order must make a unique set.'],
    });
    await bind({ policy, order: 1 });
    expect((await api.done('GET', `${PATH}?target=${target}`)).pagination.count).toBe(4);
  });

  it('accepts both ids of a flow as its target, and is found by only one of them', async () => {
    const flow = await api.done('GET', '/flows/instances/default-password-change/');
    expect(await bind({ target: flow.pk, group })).toMatchObject({ target: flow.pk });
    expect(await bind({ target: flow.policybindingmodel_ptr_id, group })).toMatchObject({ target: flow.pk });
    const found = await api.done('GET', `${PATH}?target=${flow.policybindingmodel_ptr_id}`);
    expect(found.pagination.count).toBe(2);
    await api.refused(400, 'GET', `${PATH}?target=${flow.pk}`);
  });
});

describe('changing a binding', () => {
  it('by PATCH without target crashes the server, which answers 405 without a body', async () => {
    const { pk } = await bind({ group });
    const reply = await api.call('PATCH', `${PATH}${pk}/`, { enabled: false });
    expect([reply.status, reply.headers.get('content-type'), reply.body]).toEqual([
      405,
      'text/html; charset=utf-8',
      null,
    ]);
    expect(reply.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
    expect(await api.done('GET', `${PATH}${pk}/`)).toMatchObject({ enabled: true });
  });

  it('by PATCH without group, policy or user is refused', async () => {
    const { pk } = await bind({ group });
    expect(await api.refused(400, 'PATCH', `${PATH}${pk}/`, { target, enabled: false })).toEqual({
      non_field_errors: ["One of 'group', 'policy', 'user' must be set."],
    });
  });

  it('by PUT without nulls leaves the old group next to the new user, and clears only the policy', async () => {
    const { pk } = await bind({ group });
    const both = await api.done('PUT', `${PATH}${pk}/`, { target, order: 0, user: 4 });
    expect(both).toMatchObject({ group, user: 4 });
    const { pk: other } = await bind({ policy, order: 1 });
    const one = await api.done('PUT', `${PATH}${other}/`, { target, order: 1, user: 4 });
    expect(one).toMatchObject({ policy: null, user: 4 });
  });

  it('by PUT and PATCH fails with the order of another binding of the target; POST does not', async () => {
    const told = { non_field_errors: ['The fields policy, target, order must make a unique set.'] };
    const whole = (more: object) => ({ target, order: 0, group: null, policy: null, user: null, ...more });
    const { pk } = await bind({ group });
    await bind({ user: 4 });
    const path = `${PATH}${pk}/`;
    expect(await api.refused(400, 'PUT', path, whole({ group, negate: true }))).toEqual(told);
    expect(await api.refused(400, 'PUT', path, whole({ user: 3 }))).toEqual(told);
    expect(await api.refused(400, 'PATCH', path, { target, group, negate: true })).toEqual(told);
    await api.done('PUT', path, whole({ group, negate: true, order: 1 }));
    expect(await api.refused(400, 'PATCH', path, { order: 0 })).toEqual(told);
    expect((await api.call('PATCH', path, { negate: false })).status).toBe(405);
    await api.done('PATCH', path, { target, group, negate: false });
    await bind({ policy });
    expect(await api.refused(400, 'PUT', path, whole({ policy }))).toEqual(told);
    const other = await api.done('POST', '/core/applications/', { name: 'X', slug: 'x' });
    await api.done('PUT', path, whole({ target: other.pk, group }));
  });

  it('by PUT with nulls switches', async () => {
    const { pk } = await bind({ group });
    const whole = { target, order: 0, group: null, policy: null, user: 4 };
    expect(await api.done('PUT', `${PATH}${pk}/`, whole)).toMatchObject({ group: null, user: 4 });
  });
});

describe('the people whom bindings admit', () => {
  const MEMBER = 4;
  const OTHER = 3;
  const rows: {
    because: string;
    engine?: 'any' | 'all';
    bindings: (names: { group: string; policy: string }) => object[];
    member: boolean;
    other: boolean;
  }[] = [
    { because: 'nothing bound is open to everybody', bindings: () => [], member: true, other: true },
    {
      because: 'a group lets its members in',
      bindings: ({ group: pk }) => [{ group: pk }],
      member: true,
      other: false,
    },
    {
      because: 'a disabled binding does not count, and leaves the application open',
      bindings: ({ group: pk }) => [{ group: pk, enabled: false }],
      member: true,
      other: true,
    },
    {
      because: 'a negated group keeps its members out',
      bindings: ({ group: pk }) => [{ group: pk, negate: true }],
      member: false,
      other: true,
    },
    {
      because: 'any of several is enough',
      bindings: ({ group: pk }) => [{ group: pk }, { user: OTHER }],
      member: true,
      other: true,
    },
    {
      because: 'all of several are needed where the engine says so',
      engine: 'all',
      bindings: ({ group: pk }) => [{ group: pk }, { user: OTHER }],
      member: false,
      other: false,
    },
    {
      because: 'a policy that says no lets nobody in by itself',
      bindings: ({ policy: pk }) => [{ policy: pk }],
      member: false,
      other: false,
    },
    {
      because: 'and does not keep out whom a group lets in',
      bindings: ({ group: pk, policy: no }) => [{ group: pk }, { policy: no }],
      member: true,
      other: false,
    },
  ];

  it.each(rows)('depend on them: $because', async ({ engine = 'any', bindings, member, other }) => {
    await api.done('PATCH', '/core/applications/grafana/', { policy_engine_mode: engine });
    for (const [order, binding] of bindings({ group, policy }).entries()) await bind({ ...binding, order });
    const passes = async (person: number) =>
      (await api.done('GET', `/core/applications/grafana/check_access/?for_user=${person}`)).passing;
    expect([await passes(MEMBER), await passes(OTHER)]).toEqual([member, other]);
  });

  it('are everybody after the only binding has expired', async () => {
    await bind({ group });
    const passes = async () =>
      (await api.done('GET', `/core/applications/grafana/check_access/?for_user=${OTHER}`)).passing;
    expect(await passes()).toBe(false);
    const [row] = api.world.authentik.bindings;
    if (row) row.expires = new Date(Date.now() + 3_600_000).toISOString();
    expect(await passes()).toBe(false);
    expect((await api.done('GET', PATH)).results).toMatchObject([{ expiring: true }]);
    api.world.clockOffset += 2 * 3_600_000;
    expect(await passes()).toBe(true);
  });

  it('are nobody without bindings if the flag says so', async () => {
    const { flags } = await api.done('GET', '/admin/settings/');
    await api.done('PATCH', '/admin/settings/', { flags: { ...flags, core_default_app_access: false } });
    const access = await api.done('GET', '/core/applications/grafana/check_access/');
    expect(access).toMatchObject({ passing: false, messages: ['Permission denied'] });
  });
});
