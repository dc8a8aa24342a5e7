import { isOurs, type Row } from '../neighbours.ts';
import {
  applicationsOf,
  type Calls,
  inAuthentik,
  providersOf,
  toBindings,
  toClients,
  toLogins,
  toOutposts,
  toProxies,
} from './calls.ts';

const elsewhere = 'http://elsewhere.lan:80';

/** The same in Authentik. */
export const authentikDeeds = {
  'delete an application': toLogins('DELETE'),
  'unlink a provider': toLogins('PATCH', { provider: null }),
  'have every binding agree': toLogins('PATCH', { policy_engine_mode: 'all' }),
  'delete a binding': toBindings(),
  'disable a binding': toBindings({ enabled: false }),
  'negate a binding': toBindings({ negate: true }),
  'let a binding pass when it fails': toBindings({ failure_result: true }),
  'give a binding another group': (place) => {
    const { groups } = place.state.authentik;
    return groups.flatMap(({ pk }) => toBindings({ group: pk })(place));
  },
  'let a person in': ({ state }) =>
    applicationsOf(state).map(({ pk }) =>
      inAuthentik('POST', '/policies/bindings/', {
        ...{ target: pk, enabled: true, order: 5, policy: null, group: null },
        user: state.authentik.users.find(({ username }) => username === 'jo')?.pk,
      }),
    ),
  'open every path': toProxies({ skip_path_regex: '.*' }),
  'give a provider another host': toProxies({ external_host: 'https://elsewhere.example.dev' }),
  'lead a provider elsewhere': toProxies({ internal_host: elsewhere }),
  'have the outpost take headers': toProxies({
    ...{ intercept_header_auth: true, basic_auth_enabled: true },
    ...{ basic_auth_user_attribute: 'username', basic_auth_password_attribute: 'password' },
  }),
  'have the outpost ask by forward auth alone': toProxies({ mode: 'forward_single' }),
  'delete a provider': ({ state }) =>
    [...providersOf(state, true), ...providersOf(state, false)].map(({ pk }) =>
      inAuthentik('DELETE', `/providers/all/${pk}/`),
    ),
  'take the signing key from a client': toClients({ signing_key: null }),
  'give a client another secret': toClients({ client_secret: 'elsewhere'.repeat(8) }),
  'give a client another id': toClients({ client_id: 'elsewhere' }),
  'make a client public': toClients({ client_type: 'public' }),
  'take the scopes from a client': toClients({ property_mappings: [] }),
  'let a client return elsewhere': toClients({
    redirect_uris: [{ matching_mode: 'regex', url: '.*', redirect_uri_type: 'authorization' }],
  }),
  'take a provider out of the outpost': toOutposts(({ providers }, state) => {
    const ours = new Set(providersOf(state, true).map(({ pk }) => pk));
    const served = providers as readonly unknown[];
    return served
      .filter((pk) => ours.has(pk))
      .map((gone) => ({ providers: served.filter((pk) => pk !== gone) }));
  }),
  'send people nowhere to log in': toOutposts(({ config }) => [
    { config: { ...(config as Row), authentik_host: '' } },
  ]),
  'rename a login': toLogins('PATCH', { slug: 'renamed' }),
  'rename a group': ({ state }) =>
    state.authentik.groups
      .filter(isOurs)
      .map(({ pk }) => inAuthentik('PATCH', `/core/groups/${pk}/`, { name: 'renamed' })),
  'have a group rule Authentik': ({ state }) =>
    state.authentik.groups
      .filter(isOurs)
      .map(({ pk }) => inAuthentik('PATCH', `/core/groups/${pk}/`, { is_superuser: true })),
  'put a group into another': ({ state }) =>
    state.authentik.groups
      .filter(isOurs)
      .flatMap(({ pk }) =>
        state.authentik.groups
          .filter((other) => other.pk !== pk)
          .map((other) => inAuthentik('PATCH', `/core/groups/${pk}/`, { parents: [other.pk] })),
      ),
  'delete a group': ({ state }) =>
    state.authentik.groups.filter(isOurs).map(({ pk }) => inAuthentik('DELETE', `/core/groups/${pk}/`)),
  'delete a key pair': ({ state }) =>
    state.authentik.keyPairs
      .filter(isOurs)
      .map(({ pk }) => inAuthentik('DELETE', `/crypto/certificatekeypairs/${pk}/`)),
} satisfies Readonly<Record<string, Calls>>;
