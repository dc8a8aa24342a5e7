import { describe, expect, it } from 'vitest';
import { createApi } from '../api.ts';

const ALLOW = { name: 'gates:home/x', decision: 'allow', include: [{ email: { email: 'me@example.dev' } }] };
const APP = { type: 'self_hosted', domain: 'app.example.dev', name: 'app' };

describe('reusable policies', () => {
  it('answer 201, 200 and 202, count their applications, and are replaced by a PUT', async () => {
    const api = createApi();
    const path = `${api.account}/access/policies`;
    const reply = await api.call('POST', path, {
      ...ALLOW,
      exclude: [{ ip: { ip: '192.0.2.1' } }],
      session_duration: '1h',
    });
    expect(reply.status).toBe(201);
    const { id } = reply.body.result;
    expect(reply.body.result).toMatchObject({
      reusable: true,
      app_count: 0,
      require: [],
      session_duration: '1h',
    });
    await api.done('POST', `${api.account}/access/apps`, { ...APP, policies: [id] });
    expect(await api.done('GET', `${path}/${id}`)).toMatchObject({ app_count: 1 });
    const put = await api.done('PUT', `${path}/${id}`, ALLOW);
    expect(put).toMatchObject({ id, exclude: [] });
    expect(put).not.toHaveProperty('session_duration');
    expect((await api.done('GET', path)).map((policy: { id: string }) => policy.id)).toEqual([id]);
  });

  it('have sessions of at most a month, as applications do', async () => {
    const api = createApi();
    for (const [name, body] of [
      ['policies', ALLOW],
      ['apps', APP],
    ] as const) {
      const path = `${api.account}/access/${name}`;
      await api.refused(400, 12130, 'POST', path, { ...body, session_duration: '731h' });
      await api.done('POST', path, { ...body, session_duration: '730h' });
    }
  });

  it('cannot be deleted while an application uses them', async () => {
    const api = createApi();
    const { id } = await api.done('POST', `${api.account}/access/policies`, ALLOW);
    const app = await api.done('POST', `${api.account}/access/apps`, { ...APP, policies: [id] });
    await api.refused(400, 12130, 'DELETE', `${api.account}/access/policies/${id}`);
    await api.done('PUT', `${api.account}/access/apps/${app.id}`, { ...APP, policies: [] });
    const gone = await api.call('DELETE', `${api.account}/access/policies/${id}`);
    expect([gone.status, gone.body.result]).toEqual([202, { id }]);
    await api.refused(404, 12131, 'DELETE', `${api.account}/access/policies/${id}`);
  });

  it('store a single address as a range of one', async () => {
    const api = createApi();
    const body = {
      ...ALLOW,
      decision: 'bypass',
      include: [{ ip: { ip: '192.0.2.1' } }, { ip: { ip: '2001:db8::1' } }],
    };
    const row = await api.done('POST', `${api.account}/access/policies`, body);
    expect(row.include).toEqual([{ ip: { ip: '192.0.2.1/32' } }, { ip: { ip: '2001:db8::1/128' } }]);
  });

  const token = { service_token: { token_id: 'gone' } };
  const rows: { because: string; body: unknown; says: string }[] = [
    { because: 'no body', body: [], says: 'policy is missing' },
    { because: 'no name', body: { ...ALLOW, name: '' }, says: 'name' },
    { because: 'an unknown decision', body: { ...ALLOW, decision: 'service_auth' }, says: 'must be one of' },
    {
      because: 'no decision',
      body: { name: 'x', include: [{ everyone: {} }] },
      says: 'unrecognized policy decision',
    },
    { because: 'no include rule', body: { ...ALLOW, include: [] }, says: 'at least one include' },
    { because: 'an unknown field', body: { ...ALLOW, precedence: 1 }, says: "unknown field 'precedence'" },
    { because: 'an unknown selector', body: { ...ALLOW, include: [{ mail: {} }] }, says: 'selector' },
    {
      because: 'two selectors in one rule',
      body: { ...ALLOW, include: [{ everyone: {}, certificate: {} }] },
      says: 'exactly one',
    },
    {
      because: 'a selector without its value',
      body: { ...ALLOW, include: [{ email: {} }] },
      says: "'email' is missing",
    },
    {
      because: 'a selector with more than its value',
      body: { ...ALLOW, include: [{ everyone: { x: 1 } }] },
      says: 'unknown field',
    },
    {
      because: 'an address that is none',
      body: { ...ALLOW, include: [{ email: { email: 'me' } }] },
      says: 'e-mail',
    },
    {
      because: 'a token under allow',
      body: { ...ALLOW, include: [{ any_valid_service_token: {} }] },
      says: 'non_identity',
    },
    {
      because: 'a token that does not exist',
      body: { ...ALLOW, decision: 'non_identity', include: [token] },
      says: 'does not exist',
    },
    { because: 'an identity under bypass', body: { ...ALLOW, decision: 'bypass' }, says: 'identity' },
    {
      because: 'an identity under Service Auth',
      body: { ...ALLOW, decision: 'non_identity' },
      says: 'identity',
    },
    {
      because: 'a group that does not exist',
      body: { ...ALLOW, include: [{ group: { id: 'x' } }] },
      says: 'does not exist',
    },
    {
      because: 'a duration that is not of Go',
      body: { ...ALLOW, session_duration: '1d' },
      says: 'session_duration',
    },
    { because: 'rules that are no list', body: { ...ALLOW, require: {} }, says: 'must be an array' },
  ];
  for (const { because, body, says } of rows) {
    it(`are rejected for ${because}`, async () => {
      const api = createApi();
      expect(await api.refused(400, 12130, 'POST', `${api.account}/access/policies`, body)).toContain(says);
      expect(api.world.policies).toEqual([]);
    });
  }

  it('name a service token by its id, never by its client id', async () => {
    const api = createApi();
    const row = await api.done('POST', `${api.account}/access/service_tokens`, { name: 'ci' });
    const body = (id: string) => ({
      name: 'p',
      decision: 'non_identity',
      include: [{ service_token: { token_id: id } }],
    });
    await api.refused(400, 12130, 'POST', `${api.account}/access/policies`, body(row.client_id));
    await api.done('POST', `${api.account}/access/policies`, body(row.id));
  });
});

describe('policies of one application', () => {
  it('are created, numbered, changed and deleted below it', async () => {
    const api = createApi();
    const app = await api.done('POST', `${api.account}/access/apps`, APP);
    const path = `${api.account}/access/apps/${app.id}/policies`;
    const one = await api.done('POST', path, ALLOW);
    const two = await api.done('POST', path, { ...ALLOW, name: 'two', precedence: 7 });
    expect([one.precedence, two.precedence]).toEqual([1, 7]);
    await api.refused(400, 12130, 'POST', path, { ...ALLOW, precedence: 7 });
    const put = await api.done('PUT', `${path}/${two.id}`, { ...ALLOW, name: 'zwei' });
    expect(put).toMatchObject({ id: two.id, name: 'zwei', precedence: 7, reusable: false });
    expect(await api.done('GET', `${path}/${one.id}`)).toEqual(one);
    const gone = await api.call('DELETE', `${path}/${one.id}`);
    expect([gone.status, gone.body.result]).toEqual([202, { id: one.id }]);
    expect((await api.done('GET', path)).map((policy: { name: string }) => policy.name)).toEqual(['zwei']);
    await api.refused(404, 12131, 'GET', `${path}/${one.id}`);
  });

  it('appear in a list with reusable ones, which cannot be changed there', async () => {
    const api = createApi();
    const { id } = await api.done('POST', `${api.account}/access/policies`, ALLOW);
    const app = await api.done('POST', `${api.account}/access/apps`, { ...APP, policies: [id] });
    const path = `${api.account}/access/apps/${app.id}/policies`;
    expect(await api.done('GET', path)).toMatchObject([{ id, reusable: true, precedence: 1 }]);
    await api.refused(400, 12130, 'PUT', `${path}/${id}`, ALLOW);
    await api.refused(400, 12130, 'DELETE', `${path}/${id}`);
    await api.refused(400, 12130, 'POST', path, ALLOW);
  });

  it('become reusable on request', async () => {
    const api = createApi();
    const app = await api.done('POST', `${api.account}/access/apps`, { ...APP, policies: [ALLOW] });
    const [{ id }] = app.policies;
    const row = await api.done('PUT', `${api.account}/access/apps/${app.id}/policies/${id}/make_reusable`);
    expect(row).toMatchObject([{ id, reusable: true }]);
    expect(await api.done('GET', `${api.account}/access/policies/${id}`)).toMatchObject({ app_count: 1 });
  });
});
