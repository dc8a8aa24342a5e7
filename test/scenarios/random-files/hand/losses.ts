import { isOurs, type Row } from '../neighbours.ts';
import {
  application,
  type Calls,
  inAuthentik,
  policy,
  providersOf,
  toAccess,
  toLogins,
  toRecords,
  toTokenRules,
  toZoneRules,
} from './calls.ts';

/** The ways to take our mark from an object, one for each kind that has one. From then on, the object is not ours. */
export const losses = {
  'take the mark from a record': toRecords(
    () => true,
    () => ({ comment: '' }),
  ),
  'take the mark from an Access application': toAccess('apps', application({ tags: [] })),
  'take the mark from a policy': toAccess(
    'policies',
    policy(() => ({ name: 'theirs' })),
  ),
  'take the mark from a token': toAccess('serviceTokens', ({ duration, enabled }) => ({
    name: 'theirs',
    duration,
    enabled,
  })),
  'take the mark from an identity provider': ({ state, account }) =>
    state.identityProviders.filter(isOurs).map(({ id, type, config }) => ({
      ...{ system: 'cloudflare', method: 'PUT', path: `${account}/access/identity_providers/${id}` },
      body: { name: 'theirs', type, config },
    })),
  'take the mark from a rule of the zone': toZoneRules({ ref: 'theirs' }),
  'take the mark from a token rule': toTokenRules({ description: 'theirs' }),
  'take the mark from a token configuration': ({ state, zone }) =>
    (state.tokenConfigurations ?? []).map(({ id }) => ({
      ...{ system: 'cloudflare', method: 'PATCH', path: `${zone}/token_validation/config/${id}` },
      body: { description: 'theirs' },
    })),
  'take the mark from a login': toLogins('PATCH', { meta_publisher: '' }),
  'take the mark from a group': ({ state }) =>
    state.authentik.groups
      .filter(isOurs)
      .map(({ pk }) => inAuthentik('PATCH', `/core/groups/${pk}/`, { attributes: {} })),
  'take the mark from a proxy provider': ({ state }) =>
    providersOf(state, true).map(({ pk, proxy }) => {
      const { mode, internal_host } = proxy as Row;
      return inAuthentik('PATCH', `/providers/proxy/${pk}/`, { mode, internal_host, name: `theirs ${pk}` });
    }),
  'take the mark from a client': ({ state }) =>
    providersOf(state, false).map(({ pk }) =>
      inAuthentik('PATCH', `/providers/oauth2/${pk}/`, { name: `theirs ${pk}` }),
    ),
  'take the mark from a key pair': ({ state }) =>
    state.authentik.keyPairs
      .filter(isOurs)
      .map(({ pk }) => inAuthentik('PATCH', `/crypto/certificatekeypairs/${pk}/`, { name: 'theirs' })),
} satisfies Readonly<Record<string, Calls>>;
