import { describe, expect, it } from 'vitest';
import { type Api, createApi } from './api.ts';

const NOWHERE = '00000000-0000-4000-8000-000000000000';
const api = createApi();
const { authorization_flow, invalidation_flow } = api;
const flows = { authorization_flow, invalidation_flow };
const proxy = { ...flows, name: 'p', mode: 'forward_single', external_host: 'https://p.example.dev' };
const client = { ...flows, name: 'c', redirect_uris: [] };

interface Mistake {
  path: string;
  body: unknown;
  says: unknown;
  because: string;
}

const rows: Mistake[] = [
  {
    path: '/core/groups/',
    body: {},
    says: { name: ['This field is required.'] },
    because: 'a group has a name',
  },
  {
    path: '/core/groups/',
    body: { name: '' },
    says: { name: ['This field may not be blank.'] },
    because: 'and not an empty one',
  },
  {
    path: '/core/groups/',
    body: { name: null },
    says: { name: ['This field may not be null.'] },
    because: 'nor none',
  },
  {
    path: '/core/groups/',
    body: { name: ['x'] },
    says: { name: ['Not a valid string.'] },
    because: 'nor a list',
  },
  {
    path: '/core/groups/',
    body: { name: 'authentik Admins' },
    says: { name: ['Group with this name already exists.'] },
    because: 'names are unique',
  },
  {
    path: '/core/groups/',
    body: { name: 'x', attributes: 'x', users: 'x' },
    says: {
      attributes: ['Value must be a dictionary, and not have any duplicate keys.'],
      users: ['Expected a list of items but got type "str".'],
    },
    because: 'every mistake is told at once',
  },
  {
    path: '/core/groups/',
    body: { name: 'x', users: [999] },
    says: { users: ['Invalid pk "999" - object does not exist.'] },
    because: 'members are people',
  },
  {
    path: '/core/groups/',
    body: { name: 'x', users: ['jo'] },
    says: { users: ['Incorrect type. Expected pk value, received str.'] },
    because: 'people are known by number',
  },
  {
    path: '/core/groups/',
    body: { name: 'x', parents: ['family'] },
    says: { parents: ['“family” is not a valid UUID.'] },
    because: 'groups are known by UUID',
  },
  {
    path: '/core/groups/',
    body: [],
    says: { non_field_errors: ['Invalid data. Expected a dictionary, but got list.'] },
    because: 'a body is an object',
  },
  {
    path: '/core/applications/',
    body: { name: 'x', slug: 'a b' },
    says: {
      slug: ['Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.'],
    },
    because: 'slugs have no blanks',
  },
  {
    path: '/core/applications/',
    body: { name: 'x', slug: 'token' },
    says: { slug: ["The slug 'token' is reserved and cannot be used for applications."] },
    because: 'its URLs are taken',
  },
  {
    path: '/core/applications/',
    body: { name: 'x', slug: 'x', policy_engine_mode: 'some', meta_launch_url: 'x' },
    says: {
      meta_launch_url: ['Enter a valid URL.'],
      policy_engine_mode: ['"some" is not a valid choice.'],
    },
    because: 'modes are any and all',
  },
  {
    path: '/providers/proxy/',
    body: { ...proxy, authorization_flow: 'default-provider-authorization-implicit-consent' },
    says: {
      authorization_flow: ['“default-provider-authorization-implicit-consent” is not a valid UUID.'],
    },
    because: 'flows are known by UUID here, not by slug',
  },
  {
    path: '/providers/proxy/',
    body: { ...proxy, invalidation_flow: NOWHERE },
    says: { invalidation_flow: [`Invalid pk "${NOWHERE}" - object does not exist.`] },
    because: 'there is no such flow',
  },
  {
    path: '/providers/proxy/',
    body: { ...proxy, mode: undefined },
    says: { internal_host: ['Internal host cannot be empty when forward auth is disabled.'] },
    because: 'no mode is mode proxy',
  },
  {
    path: '/providers/proxy/',
    body: { ...proxy, basic_auth_enabled: true },
    says: {
      basic_auth_enabled: ['User and password attributes must be set when basic auth is enabled.'],
    },
    because: 'basic authentication needs both attributes',
  },
  {
    path: '/providers/proxy/',
    body: { ...proxy, external_host: 'p.example.dev', access_token_validity: '1h' },
    says: {
      external_host: ['Enter a valid URL.'],
      access_token_validity: ["1h is not in the correct format of 'hours=3;minutes=1'."],
    },
    because: 'hosts have a scheme, durations a unit of their own',
  },
  {
    path: '/providers/oauth2/',
    body: { ...client, redirect_uris: undefined },
    says: { redirect_uris: ['This field is required.'] },
    because: 'a client says where it may be sent back to',
  },
  {
    path: '/providers/oauth2/',
    body: { ...client, redirect_uris: [{ matching_mode: 'regex', url: '(' }] },
    says: { redirect_uris: ['Invalid Regex Pattern: ('] },
    because: 'patterns are patterns',
  },
  {
    path: '/providers/oauth2/',
    body: {
      ...client,
      redirect_uris: [
        { url: 'https://c.example.dev' },
        { matching_mode: 'strict', url: 'https://c.example.dev' },
        { matching_mode: 'x' },
      ],
    },
    says: {
      redirect_uris: [
        { matching_mode: ['This field is required.'] },
        {},
        { matching_mode: ['"x" is not a valid choice.'], url: ['This field is required.'] },
      ],
    },
    because: 'members of a redirect URI are told by place',
  },
  {
    path: '/providers/oauth2/',
    body: { ...client, redirect_uris: 'https://c.example.dev' },
    says: { redirect_uris: { non_field_errors: ['Expected a list of items but got type "str".'] } },
    because: 'redirect URIs are a list',
  },
  {
    path: '/providers/oauth2/',
    body: { ...client, grant_types: ['magic'] },
    says: { grant_types: { 0: ['"magic" is not a valid choice.'] } },
    because: 'items of a plain list are told by place',
  },
  {
    path: '/providers/oauth2/',
    body: { ...client, grant_types: [] },
    says: { grant_types: ['This list may not be empty.'] },
    because: 'a client without any is of no use',
  },
  {
    path: '/propertymappings/provider/scope/',
    body: { name: 'x', scope_name: 'a b', expression: 'return {}' },
    says: { scope_name: ['Value must not contain spaces.'] },
    because: 'scopes are separated by blanks',
  },
  {
    path: '/propertymappings/provider/scope/',
    body: {
      name: 'x',
      scope_name: 'x',
      expression: 'return {}',
      managed: 'goauthentik.io/providers/oauth2/scope-openid',
    },
    says: { managed: ['Property Mapping with this Managed by authentik already exists.'] },
    because: 'a marker is unique',
  },
  {
    path: '/crypto/certificatekeypairs/',
    body: { name: 'x', certificate_data: 'x', key_data: 'y' },
    says: {
      certificate_data: ['Unable to load certificate.'],
      key_data: ['Unable to load private key (possibly encrypted?).'],
    },
    because: 'both are PEM',
  },
  {
    path: '/crypto/certificatekeypairs/generate/',
    body: { common_name: 'authentik Self-signed Certificate', validity_days: 1 },
    says: { common_name: ['This field must be unique.'] },
    because: 'so is the name of a pair',
  },
  {
    path: '/outposts/instances/',
    body: { name: 'x', type: 'proxy', providers: [], config: {} },
    says: { providers: ['This list may not be empty.'] },
    because: 'only the embedded outpost may be idle',
  },
  {
    path: '/core/users/',
    body: { username: 'x', name: 'x', type: 'internal_service_account' },
    says: { non_field_errors: ["Can't modify internal service account users"] },
    because: 'those are made by Authentik alone',
  },
  {
    path: '/core/tokens/',
    body: { identifier: 'x', intent: 'recovery' },
    says: { intent: ['Invalid intent recovery'] },
    because: 'only two intents can be asked for',
  },
];

describe('a wrong request is rejected in the words of the framework', () => {
  it.each(rows)('$path: $because', async ({ path, body, says }) => {
    expect(await api.refused(400, 'POST', path, body)).toEqual(says);
  });
});

it('a filter by an unknown reference is a mistake', async () => {
  const told = await refusedFilter(api, '/policies/bindings/?target=', NOWHERE);
  expect(told).toEqual({
    target: ['Select a valid choice. That choice is not one of the available choices.'],
  });
  expect(await refusedFilter(api, '/policies/bindings/?target=', 'x')).toEqual({
    target: ['“x” is not a valid UUID.'],
  });
  expect(await refusedFilter(api, '/propertymappings/provider/scope/?managed=', 'nobody')).toEqual({
    managed: ['Select a valid choice. nobody is not one of the available choices.'],
  });
  expect(await refusedFilter(api, '/core/groups/?attributes=', '{')).toEqual([
    'filter: failed to parse JSON',
  ]);
});

function refusedFilter(from: Api, path: string, value: string): Promise<unknown> {
  return from.refused(400, 'GET', path + encodeURIComponent(value));
}
