import { PROVIDER_TYPES } from '../../cloudflare/access/access-rule.ts';
import { newServiceToken } from '../../state/fresh-objects.ts';
import { isObject, type JsonObject } from '../../state/json.ts';
import type { AccessPolicy, World } from '../../state/world.ts';
import { type Copy, has } from '../rows/copy.ts';
import { put, textOf, textsOf, without, wordOf } from '../rows/row.ts';

export function readOrganization(copy: Copy, object: JsonObject): void {
  const { world } = copy;
  if (!has(copy, 'Access organization', object, 'auth_domain')) return;
  const createdAt = wordOf(object.created_at) ?? world.account.createdOn;
  world.organization = {
    name: textOf(object.name) ?? object.auth_domain,
    authDomain: object.auth_domain.toLowerCase(),
    createdAt,
    updatedAt: wordOf(object.updated_at) ?? createdAt,
    details: without(object, 'name', 'auth_domain'),
  };
}

/** Stored as it is shown. */
export function readIdentityProvider(copy: Copy, object: JsonObject): void {
  if (!has(copy, 'identity provider', object, 'id')) return;
  put(copy.world.identityProviders, 'id', object);
}

/**
 * Sets the secrets with which Access is a client of this Authentik. Cloudflare's replies lack them, but Authentik's
 * have them; they are assumed to be right.
 */
export function tellProvidersTheirSecrets(world: World): void {
  const secrets = world.identityProviders.flatMap(({ id, config }) => {
    const name = isObject(config) ? config.client_id : undefined;
    const client = world.authentik.providers.find(({ client_id }) => client_id === name);
    return client === undefined ? [] : [[String(id), client.client_secret] as const];
  });
  if (secrets.length > 0) world.identitySecrets = Object.fromEntries(secrets);
}

export function readTag(copy: Copy, object: JsonObject): void {
  if (!has(copy, 'Access tag', object, 'name')) return;
  const createdAt = wordOf(object.created_at) ?? copy.world.account.createdOn;
  const updatedAt = wordOf(object.updated_at) ?? createdAt;
  put(copy.world.tags, 'name', { name: object.name, createdAt, updatedAt });
}

/** The inverse of the view of a token; its secret is invented unless an option has it. */
export function readServiceToken(copy: Copy, object: JsonObject): void {
  const { world } = copy;
  if (!has(copy, 'service token', object, 'id', 'name')) return;
  const createdAt = wordOf(object.created_at) ?? world.account.createdOn;
  const duration = wordOf(object.duration) ?? '8760h';
  const token = newServiceToken(world, { name: object.name, duration, now: Date.parse(createdAt) || 0 });
  put(world.serviceTokens, 'id', {
    ...token,
    id: object.id,
    clientId: wordOf(object.client_id) ?? token.clientId,
    enabled: object.enabled !== false,
    expiresAt: wordOf(object.expires_at) ?? null,
    lastSeenAt: wordOf(object.last_seen_at) ?? null,
    createdAt,
    updatedAt: wordOf(object.updated_at) ?? createdAt,
  });
}

/**
 * Adds unread objects that applications and policies name, so that a write may name them again. `isWhole` says whether
 * the list of a kind was read completely, so that nothing can be missing.
 */
export function standInsOfAccess(world: World, isWhole: (kind: string) => boolean): void {
  const { createdOn: at } = world.account;
  const missing = (named: readonly string[], existing: readonly unknown[]) =>
    [...new Set(named)].filter((name) => !existing.includes(name));
  if (!isWhole('/access/tags')) {
    const named = world.apps.flatMap(({ tags }) => tags);
    for (const name of missing(
      named,
      world.tags.map((tag) => tag.name),
    )) {
      world.tags.push({ name, createdAt: at, updatedAt: at });
    }
  }
  if (!isWhole('/access/service_tokens')) {
    const named = rulesOf(world).flatMap((rule) => idIn(rule.service_token, 'token_id'));
    for (const id of missing(
      named,
      world.serviceTokens.map((token) => token.id),
    )) {
      const token = newServiceToken(world, { name: `token ${id}`, duration: '8760h', now: Date.now() });
      world.serviceTokens.push({ ...token, id });
    }
  }
  if (!isWhole('/access/identity_providers')) {
    const types = new Map(
      rulesOf(world).flatMap((rule) =>
        Object.entries(rule).flatMap(([selector, inner]) =>
          idIn(inner, 'identity_provider_id').map((id) => [id, PROVIDER_TYPES[selector]] as const),
        ),
      ),
    );
    const named = [
      ...types.keys(),
      ...world.apps.flatMap(({ settings }) => textsOf(settings.allowed_idps)),
      ...rulesOf(world).flatMap((rule) => idIn(rule.login_method, 'id')),
    ];
    for (const id of missing(
      named,
      world.identityProviders.map((provider) => provider.id),
    )) {
      world.identityProviders.push({ id, name: id, type: types.get(id) ?? 'onetimepin', config: {} });
    }
  }
}

function rulesOf({ policies }: World): JsonObject[] {
  return policies.flatMap(({ include, exclude, require }: AccessPolicy) => [
    ...include,
    ...exclude,
    ...require,
  ]);
}

function idIn(inner: unknown, name: string): string[] {
  return isObject(inner) && typeof inner[name] === 'string' ? [inner[name]] : [];
}
