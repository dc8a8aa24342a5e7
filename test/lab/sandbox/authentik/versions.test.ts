import { describe, expect, it } from 'vitest';
import {
  AUTHENTIK_PRERELEASES,
  AUTHENTIK_VERSIONS,
  type AuthentikChoice,
} from '../../../../src/lab/sandbox/index.ts';
import { createApi } from './api.ts';

/** The members of a reply by release: facts §1.3 as a table. */
const rows: {
  version: AuthentikChoice;
  full: string;
  parents: boolean;
  logoutUri: boolean;
  uriType: boolean;
  grantTypes: boolean;
  hide: boolean;
  emailVerified: string;
}[] = [
  {
    version: '2025.8',
    full: '2025.8.6',
    parents: false,
    logoutUri: false,
    uriType: false,
    grantTypes: false,
    hide: false,
    emailVerified: 'True',
  },
  {
    version: '2025.12',
    full: '2025.12.4',
    parents: true,
    logoutUri: true,
    uriType: false,
    grantTypes: false,
    hide: false,
    emailVerified: 'False',
  },
  {
    version: '2026.2',
    full: '2026.2.2',
    parents: true,
    logoutUri: true,
    uriType: false,
    grantTypes: false,
    hide: false,
    emailVerified: 'False',
  },
  {
    version: '2026.5',
    full: '2026.5.0',
    parents: true,
    logoutUri: true,
    uriType: true,
    grantTypes: true,
    hide: false,
    emailVerified: 'False',
  },
  {
    version: '2026.8',
    full: '2026.8.3',
    parents: true,
    logoutUri: true,
    uriType: true,
    grantTypes: true,
    hide: true,
    emailVerified: 'False',
  },
  {
    version: '2026.5-rc1',
    full: '2026.5.0-rc1',
    parents: true,
    logoutUri: true,
    uriType: true,
    grantTypes: false,
    hide: false,
    emailVerified: 'False',
  },
];

it('every release has a row', () => {
  expect(rows.map(({ version }) => version)).toEqual([...AUTHENTIK_VERSIONS, ...AUTHENTIK_PRERELEASES]);
});

describe.each(rows)('$version', ({ version, full, ...has }) => {
  const api = createApi({ authentikVersion: version });
  const keys = (body: object) => Object.keys(body);

  it(`reports version ${full}`, async () => {
    expect((await api.done('GET', '/admin/version/')).version_current).toBe(full);
  });

  it('has the members of its release, and drops unknown ones', async () => {
    const parent = await api.done('POST', '/core/groups/', { name: 'parent' });
    const group = await api.done('POST', '/core/groups/', {
      name: 'child',
      ...(has.parents ? { parents: [parent.pk] } : { parent: parent.pk }),
    });
    expect([group.parents, group.parent]).toEqual(
      has.parents ? [[parent.pk], undefined] : [undefined, parent.pk],
    );
    expect(group.parent_name).toBe(has.parents ? undefined : 'parent');

    const client = await api.oauth2('vault', {
      grant_types: ['authorization_code'],
      redirect_uris: [
        { matching_mode: 'strict', url: 'https://v.example.dev/out', redirect_uri_type: 'logout' },
      ],
    });
    expect(client.grant_types).toEqual(has.grantTypes ? ['authorization_code'] : undefined);
    expect(client.redirect_uris).toEqual([
      {
        matching_mode: 'strict',
        url: 'https://v.example.dev/out',
        ...(has.uriType ? { redirect_uri_type: 'logout' } : {}),
      },
    ]);
    expect(keys(client).includes('logout_uri')).toBe(has.logoutUri);
    expect(keys(client).includes('backchannel_logout_uri')).toBe(!has.logoutUri);

    const app = await api.done('POST', '/core/applications/', { name: 'X', slug: 'x', meta_hide: true });
    expect([app.meta_hide, 'pbm_uuid' in app]).toEqual(has.hide ? [true, true] : [undefined, false]);
    const binding = await api.done('POST', '/policies/bindings/', { target: app.pk, user: 4, order: 0 });
    expect('expiring' in binding).toBe(has.hide);
    const { user } = await api.done('GET', '/core/users/me/');
    expect('is_current' in user).toBe(has.hide);
    const [brand] = (await api.done('GET', '/core/brands/')).results;
    expect('flow_request' in brand).toBe(has.hide);
  });

  it('has the mail mapping of its release', async () => {
    const query = 'managed=goauthentik.io/providers/oauth2/scope-email';
    const { results } = await api.done('GET', `/propertymappings/provider/scope/?${query}`);
    expect(results[0].expression).toContain(`"email_verified": ${has.emailVerified}`);
  });
});

it('a field that a server ignores is accepted without effect', async () => {
  const api = createApi();
  const { pk } = await api.oauth2('vault', { grant_types: ['authorization_code'], sub_mode: 'user_id' });
  api.world.authentik.ignoredFields = { grant_types: 'absent', sub_mode: 'kept' };
  const change = { grant_types: ['refresh_token'], sub_mode: 'user_email', name: 'safe' };
  const changed = await api.done('PATCH', `/providers/oauth2/${pk}/`, change);
  expect(changed).toMatchObject({ name: 'safe', sub_mode: 'user_id' });
  expect(changed).not.toHaveProperty('grant_types');
  api.world.authentik.ignoredFields = {};
  const { grant_types } = await api.done('GET', `/providers/oauth2/${pk}/`);
  expect(grant_types).toEqual(['authorization_code']);
});
