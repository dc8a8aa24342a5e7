import { isStringArray } from '../../state/field.ts';
import { isObject } from '../../state/json.ts';
import type { JsonObject, World } from '../../state/world.ts';
import { paged } from '../api/paging.ts';
import {
  accepted,
  CloudflareApiError,
  type CloudflareReply,
  createdEnvelope,
  invalidAccessRequest,
  okEnvelope,
} from '../api/reply.ts';
import { type CloudflareCall, type CloudflareRoute, param } from '../api/router.ts';
import { identityProviderOf, type WrittenProvider } from './access-identity-provider.ts';
import { namesProvider } from './access-rule.ts';
import { scopeOf, underBoth } from './access-scope.ts';

export const accessIdentityProviderRoutes: readonly CloudflareRoute[] = underBoth([
  ['GET', '/access/identity_providers', listProviders],
  ['POST', '/access/identity_providers', createProvider],
  ['GET', '/access/identity_providers/{identity_provider_id}', getProvider],
  ['PUT', '/access/identity_providers/{identity_provider_id}', overwriteProvider],
  ['DELETE', '/access/identity_providers/{identity_provider_id}', deleteProvider],
]);

const MOST_PROVIDERS = 50;

function find(call: CloudflareCall): JsonObject {
  scopeOf(call);
  const id = param(call, 'identity_provider_id');
  const provider = call.world.identityProviders.find((candidate) => candidate.id === id);
  if (provider === undefined) {
    throw new CloudflareApiError(404, {
      code: 12135,
      message: 'access.api.error.identity_provider_not_found',
    });
  }
  return provider;
}

function listProviders(call: CloudflareCall): CloudflareReply {
  scopeOf(call);
  const provisioned = call.query.get('scim_enabled') === 'true';
  const found = call.world.identityProviders.filter(
    ({ scim_config }) => !provisioned || (isObject(scim_config) && scim_config.enabled === true),
  );
  const { page, info } = paged(found, call.query, { perPage: 200, max: 1000, totalPages: true });
  return okEnvelope(page, info);
}

/** Creates a provider. Names need not be unique: a repeated create makes a second one, except for the one-time PIN. */
function createProvider(call: CloudflareCall): CloudflareReply {
  scopeOf(call);
  const { world } = call;
  const written = identityProviderOf(world, call.body);
  const { row } = written;
  if (row.type === 'onetimepin' && world.identityProviders.some(({ type }) => type === 'onetimepin')) {
    throw new CloudflareApiError(409, {
      code: 12140,
      message: 'access.api.error.identity_provider_already_exists',
    });
  }
  if (world.identityProviders.length >= MOST_PROVIDERS) {
    throw invalidAccessRequest(`maximum number of identity providers (${MOST_PROVIDERS}) has been reached`);
  }
  world.identityProviders.push(row);
  keepSecret(world, written);
  return createdEnvelope(row);
}

function getProvider(call: CloudflareCall): CloudflareReply {
  return okEnvelope(find(call));
}

function overwriteProvider(call: CloudflareCall): CloudflareReply {
  const before = find(call);
  refuseReadOnly(before);
  const written = identityProviderOf(call.world, call.body, before);
  const { row } = written;
  call.world.identityProviders = call.world.identityProviders.map((other) =>
    other.id === row.id ? row : other,
  );
  keepSecret(call.world, written);
  return okEnvelope(row);
}

function deleteProvider(call: CloudflareCall): CloudflareReply {
  const provider = find(call);
  refuseReadOnly(provider);
  const { world } = call;
  const id = String(provider.id);
  const allowed = world.apps.some(
    ({ settings }) => isStringArray(settings.allowed_idps) && settings.allowed_idps.includes(id),
  );
  const named = world.policies.some((policy) =>
    [policy.include, policy.exclude, policy.require].some((rules) => namesProvider(rules, id)),
  );
  if (allowed || named) {
    throw invalidAccessRequest(
      'cannot delete identity provider because it is used by an application or a policy',
    );
  }
  world.identityProviders = world.identityProviders.filter((other) => other.id !== id);
  if (world.identitySecrets !== undefined) delete world.identitySecrets[id];
  return accepted({ id });
}

function refuseReadOnly(provider: JsonObject): void {
  if (provider.read_only === true) throw invalidAccessRequest('identity provider is read only');
}

/** Stores the secret. A body without one removes it. */
function keepSecret(world: World, { row, secret }: WrittenProvider): void {
  const { [String(row.id)]: _, ...others } = world.identitySecrets ?? {};
  world.identitySecrets = secret === null ? others : { ...others, [String(row.id)]: secret };
}
