import { describe, expect, it } from 'vitest';
import { createApi } from './api.ts';

const NO_CREDENTIALS = 'Authentication credentials were not provided.';
const INVALID = 'Token invalid/expired';

describe('the authentication', () => {
  const api = createApi();

  it.each([
    { header: '', says: NO_CREDENTIALS, because: 'there is nothing' },
    { header: 'Token abc', says: NO_CREDENTIALS, because: 'another scheme is no credentials at all' },
    { header: 'Bearer ', says: NO_CREDENTIALS, because: 'there is nothing behind it' },
    { header: 'Bearer abc', says: INVALID, because: 'nobody has this key' },
  ])('with "$header" is 403 and never 401, because $because', async ({ header, says }) => {
    const reply = await api.call('GET', '/core/groups/', undefined, { authorization: header });
    expect([reply.status, reply.body]).toEqual([403, { detail: says }]);
  });

  it('is not needed for the root configuration, but a wrong token is wrong there too', async () => {
    const config = await api.call('GET', '/root/config/', undefined, { authorization: '' });
    expect(config.status).toBe(200);
    expect(await api.as('abc').refused(403, 'GET', '/root/config/')).toEqual({ detail: INVALID });
  });

  it('fails with an app password, an expired API token, and one of an inactive account', async () => {
    const account = await api.done('POST', '/core/users/service_account/', { name: 'ci' });
    expect(await api.as(account.token).refused(403, 'GET', '/core/users/me/')).toEqual({ detail: INVALID });
    await api.done('POST', '/core/tokens/', { identifier: 'ci', user: account.user_pk });
    const { key } = await api.done('GET', '/core/tokens/ci/view_key/');
    expect((await api.as(key).done('GET', '/core/users/me/')).user.username).toBe('ci');
    api.world.clockOffset += 25 * 3600 * 1000;
    expect(await api.as(key).refused(403, 'GET', '/core/users/me/')).toEqual({ detail: INVALID });
    await api.done('PATCH', '/core/tokens/ci/', { expiring: false });
    await api.as(key).done('GET', '/core/users/me/');
    await api.done('PATCH', `/core/users/${account.user_pk}/`, { is_active: false });
    expect(await api.as(key).refused(403, 'GET', '/core/users/me/')).toEqual({ detail: INVALID });
  });
});

describe('the shape of requests and replies', () => {
  const api = createApi();

  it('a missing path, or one without a trailing slash, is 404 in HTML', async () => {
    for (const path of ['/core/nothing/', '/core/groups']) {
      const reply = await api.call('GET', path);
      expect([reply.status, reply.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
    }
  });

  it('a missing method is 405, after the token check', async () => {
    const refusal = await api.refused(405, 'PUT', '/core/groups/', {});
    expect(refusal).toEqual({ detail: 'Method "PUT" not allowed.' });
    await api.as('abc').refused(403, 'PUT', '/core/groups/', {});
  });

  it('requests must be JSON', async () => {
    const form = await api.call('POST', '/core/groups/', 'name=x', { 'content-type': 'text/plain' });
    expect([form.status, form.body]).toEqual([
      415,
      { detail: 'Unsupported media type "text/plain" in request.' },
    ]);
    const parsing = async (text: string) => (await api.refused(400, 'POST', '/core/groups/', text)).detail;
    expect(await parsing('{')).toBe('JSON parse error - unexpected end of data: line 1 column 2 (char 1)');
    expect(await parsing('{\n  x}')).toBe(
      'JSON parse error - unexpected character: line 2 column 3 (char 4)',
    );
  });

  it('an invalid key, and an unknown one, are rejected', async () => {
    const nowhere = '00000000-0000-4000-8000-000000000000';
    expect(await api.refused(404, 'GET', `/core/groups/${nowhere}/`)).toEqual({
      detail: 'No Group matches the given query.',
    });
    expect(await api.refused(404, 'GET', '/core/groups/admins/')).toEqual({ detail: 'Not found.' });
    expect(await api.refused(404, 'GET', '/core/applications/none/')).toEqual({
      detail: 'No Application matches the given query.',
    });
  });

  it('every reply has a request id, which the events of the call contain', async () => {
    const reply = await api.call('POST', '/core/groups/', { name: 'x' }, { 'user-agent': 'gates/1' });
    const id = reply.headers.get('x-authentik-id');
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    const { results } = await api.done('GET', `/events/events/?context_model_pk=${reply.body.pk}`);
    expect(results).toHaveLength(1);
    expect(results[0].context.model).toEqual({
      app: 'authentik_core',
      model_name: 'group',
      pk: reply.body.pk.replaceAll('-', ''),
      name: 'x',
    });
    expect(results[0].context.http_request).toMatchObject({
      method: 'POST',
      path: '/api/v3/core/groups/',
      request_id: id,
      user_agent: 'gates/1',
    });
    expect(results[0].context).not.toHaveProperty('diff');
    expect(results[0].user).toMatchObject({ username: 'akadmin' });
  });
});

describe('lists', () => {
  const api = createApi();

  it('of groups and users describe a query language; others do not', async () => {
    const described = async (path: string) => (await api.done('GET', path)).autocomplete;
    expect(await described('/core/groups/')).toMatchObject({ current_model: 'authentik_core.group' });
    expect(await described('/core/users/')).toMatchObject({ current_model: 'authentik_core.user' });
    expect(await described('/core/tokens/')).toEqual({});
  });

  it('have 20 objects on a page, at most 100 for any request, and number their pages', async () => {
    for (let n = 0; n < 130; n += 1) {
      await api.done('POST', '/core/groups/', { name: `g${String(n).padStart(3, '0')}` });
    }
    const first = await api.done('GET', '/core/groups/?include_users=false');
    expect(first.pagination).toEqual({
      next: 2,
      previous: 0,
      count: 131,
      current: 1,
      total_pages: 7,
      start_index: 1,
      end_index: 20,
    });
    const most = await api.done('GET', '/core/groups/?page_size=1000&page=2&include_users=false');
    expect(most.pagination).toMatchObject({ next: 0, previous: 1, start_index: 101, end_index: 131 });
    expect(most.results).toHaveLength(31);
    for (const size of ['0', '-1']) {
      const page = await api.done('GET', `/core/groups/?page_size=${size}`);
      expect(page.results).toHaveLength(20);
    }
    expect(await api.refused(404, 'GET', '/core/groups/?page=8')).toEqual({ detail: 'Invalid page.' });
  });

  it('without objects are a page from 0 to 0', async () => {
    const { pagination, results } = await api.done('GET', '/core/groups/?name=nobody');
    expect(results).toEqual([]);
    expect(pagination).toMatchObject({ count: 0, total_pages: 1, start_index: 0, end_index: 0 });
  });

  it('can be ordered by any member, and searched', async () => {
    const last = await api.done('GET', '/core/groups/?ordering=-name&page_size=1&include_users=false');
    expect(last.results[0].name).toBe('g129');
    const found = await api.done('GET', '/core/groups/?search=G12&include_users=false');
    expect(found.pagination.count).toBe(10);
  });
});

it('PUT keeps omitted members, and PATCH does not require the required ones', async () => {
  const api = createApi();
  const policy = await api.done('POST', '/policies/expression/', {
    name: 'p',
    expression: 'return True',
    execution_logging: true,
  });
  const path = `/policies/expression/${policy.pk}/`;
  const put = await api.done('PUT', path, { name: 'q', expression: 'return True' });
  expect(put).toMatchObject({ name: 'q', execution_logging: true });
  expect(await api.refused(400, 'PUT', path, { name: 'q' })).toEqual({
    expression: ['This field is required.'],
  });
  expect(await api.done('PATCH', path, { name: 'r' })).toMatchObject({ name: 'r' });
});
