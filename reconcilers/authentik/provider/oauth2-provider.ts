import type { ReadyChange } from '../../../src/core/change.ts';
import { RejectedError } from '../../../src/core/errors.ts';
import type { Address } from '../../../src/core/objects/address.ts';
import { equal } from '../../../src/core/objects/equal.ts';
import { markName, readName } from '../../../src/core/objects/marker.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { Linked } from '../../../src/core/objects/reference.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import { delivered, readSinks } from '../../../src/core/record/delivery.ts';
import type { World } from '../../../src/core/world.ts';
import { carryOut } from '../../shared/carry-out.ts';
import { sameSet } from '../../shared/set.ts';
import { authentikOf } from '../reading/api.ts';
import { atHosts } from '../reading/door-effects.ts';
import { confirmEffect } from '../reading/effect.ts';
import { clientStrictness, flowRank } from '../reading/flow-strictness.ts';
import { readLifetime } from '../reading/lifetime.ts';
import { clientWidenings, unwidenedClient } from '../reading/widening.ts';
import { clientVaultName, credentials, isKept, keepAndDeliver, otherClients } from './client-secret.ts';
import { type Oauth2ProviderSpec, redirectUris, sentFields, written } from './oauth2-form.ts';
import { hasUriTypes, type Oauth2Reply, oauth2Row, providerId } from './oauth2-row.ts';
import { proxyProvider } from './proxy-provider.ts';

export type { Oauth2ProviderSpec } from './oauth2-form.ts';

const kind = 'authentik/oauth2-provider';
const providers = '/providers/oauth2/';

/** Lists without an order. */
const sets: ReadonlySet<string> = new Set(['grantTypes', 'propertyMappings']);

export const oauth2Provider: Reconciler<Oauth2ProviderSpec> = {
  kind,
  title: 'Authentik OAuth2 provider',

  async observe(world) {
    if (world.authentik === undefined) return [];
    const [rows, proxies] = await Promise.all([world.read(oauth2Row), world.read(proxyProvider)]);
    const typed = hasUriTypes(rows.map(({ spec }) => spec));
    const proxyIds = new Set(proxies.map(({ id }) => id));
    const replies = rows.flatMap(({ id, spec }) => (proxyIds.has(id) ? [] : [spec]));
    const found = await Promise.all(replies.map((reply) => observed(reply, typed, world)));
    const ours = found.filter(({ owner }) => owner === world.scope.owner);
    const unseen = await otherClients(new Set(ours.map(({ address }) => address.key)), world);
    return found.map((each) => {
      const heldFor = each.owner === undefined ? unseen.get(String(each.attributes.clientId)) : undefined;
      return heldFor === undefined ? each : { ...each, spec: { ...each.spec, heldFor } };
    });
  },

  siblings: {
    obstacle: (_want, { key }, siblings) => siblings.find(({ spec }) => spec.heldFor === key),
  },

  drift(want, have) {
    const fields: string[] = sentFields.filter((field) => {
      const [wanted, has] = [want[field], have[field]];
      if (wanted === undefined || has === undefined) return false;
      return Array.isArray(wanted) && Array.isArray(has) && sets.has(field)
        ? !sameSet(wanted, has)
        : !equal(wanted, has);
    });
    for (const field of ['redirectUris', 'logoutUris'] as const) {
      if (want[field] !== undefined && have[field] !== undefined && !equal(want[field], have[field])) {
        fields.push(field);
      }
    }
    if (want.secret !== undefined && want.secret !== have.secret) fields.push('secret');
    const missing = want.deliver?.some((sink) => !have.deliver.some((held) => equal(held, sink)));
    return missing === true ? [...fields, 'deliver'] : fields;
  },

  doors(want, have) {
    // Before a provider is removed, it loses its application, and so its login.
    if (want === undefined) return [];
    if (have === undefined) return atHosts(want.hosts, 'guard');
    const drift = driftOf(want, have);
    if (clientStrictness(want, have.spec, drift) === 'laxer') return atHosts(want.hosts, 'unguard');
    const onlyKept = drift.every((field) => field === 'deliver' || field === 'secret');
    return onlyKept ? [] : atHosts(want.hosts, 'guard');
  },

  login: {
    strictness: (want, have) =>
      want === undefined ? 0 : flowRank(clientStrictness(want, have.spec, driftOf(want, have))),

    loosens: (want, have) => clientStrictness(want, have.spec, driftOf(want, have)) === 'laxer',
  },

  async write(changes, world) {
    const wire = authentikOf(world);
    const typed = hasUriTypes((await world.read(oauth2Row)).map(({ spec }) => spec));
    world.forget(oauth2Row);
    return carryOut(changes, async (change) => {
      const { address, want, have } = change;
      if (want === undefined) {
        if (have !== undefined) await wire.delete(`${providers}${have.attributes.id}/`);
        await world.vault.remove(clientVaultName(address.key));
        return undefined;
      }
      return have === undefined
        ? create(address.key, want, { typed, world })
        : update(change, want, { have, typed, world });
    });
  },
};

function driftOf(want: Linked<Oauth2ProviderSpec>, have: Observed<Oauth2ProviderSpec>): readonly string[] {
  return oauth2Provider.drift?.(want as Oauth2ProviderSpec, have.spec) ?? [];
}

async function observed(
  reply: Oauth2Reply,
  typed: boolean,
  world: World,
): Promise<Observed<Oauth2ProviderSpec>> {
  const { owner, key } = readName(reply.name);
  const ours = owner === world.scope.owner;
  const entry = ours ? await world.vault.get(clientVaultName(key)) : undefined;
  const kept = isKept(entry, reply);
  const ofType = (logout: boolean) =>
    reply.redirect_uris
      .filter(({ redirect_uri_type: type }) => (type === 'logout') === logout)
      .map(({ matching_mode: match, url: uri }) => ({ match, uri }));
  const keys = [reply.signing_key, reply.encryption_key].filter((pk) => pk !== null);
  return {
    // Names contain the owner, so a foreign provider never has the key of ours.
    address: { kind, key: ours ? key : `${reply.name} (${reply.pk})` },
    id: providerId(reply.pk),
    owner,
    spec: {
      clientType: reply.client_type,
      ...(reply.grant_types !== undefined && { grantTypes: reply.grant_types }),
      redirectUris: ofType(false),
      ...(typed && { logoutUris: ofType(true) }),
      signingKey: reply.signing_key ?? '',
      encrypted: reply.encryption_key !== null,
      propertyMappings: reply.property_mappings,
      authorizationFlow: reply.authorization_flow,
      invalidationFlow: reply.invalidation_flow,
      subject: reply.sub_mode,
      issuer: reply.issuer_mode === 'global' ? 'global' : 'per_provider',
      claimsInIdToken: reply.include_claims_in_id_token,
      codeLifetime: readLifetime(reply.access_code_validity),
      accessLifetime: readLifetime(reply.access_token_validity),
      refreshLifetime: readLifetime(reply.refresh_token_validity),
      trustedProviders: reply.jwt_federation_providers ?? [],
      secret: kept ? 'kept' : 'lost',
      deliver: kept ? await delivered(readSinks(entry), entry, world) : [],
      hosts: [],
    },
    // If somebody changed the id of a client, the run changes it back, so other objects refer to that one.
    attributes: { id: String(reply.pk), clientId: entry?.clientId ?? reply.client_id },
    uses: [...keys, reply.authorization_flow, reply.invalidation_flow, ...reply.property_mappings],
    widenings: clientWidenings(reply),
  };
}

interface Making {
  /** The server is known to distinguish redirect URIs for logout from others. */
  readonly typed: boolean;
  readonly world: World;
}

async function create(
  key: string,
  want: Oauth2ProviderSpec,
  { typed, world }: Making,
): Promise<Readonly<Record<string, string>>> {
  const wire = authentikOf(world);
  const entry = await world.vault.get(clientVaultName(key));
  const logout = want.logoutUris ?? [];
  const body = {
    name: markName(world.scope.owner, key),
    ...Object.assign({}, ...sentFields.map((field) => written[field](want))),
    redirect_uris: redirectUris(want.redirectUris, typed ? logout : []),
    ...unwidenedClient,
    ...credentials(entry),
  };
  const reply = (await wire.post(providers, body)) as Oauth2Reply;
  await keepAndDeliver(world, key, reply, want.deliver);
  const { reply: whole, ...making } = await withLogout(reply, want, { typed, world });
  await confirm(want, [...sentFields, 'redirectUris', 'logoutUris'], whole, making);
  return { id: String(reply.pk), clientId: reply.client_id };
}

/**
 * Adds the URIs for logout if only the reply shows that the server has types, because no provider had any URI before.
 * Returns the provider after that.
 */
async function withLogout(
  reply: Oauth2Reply,
  { redirectUris: authorization = [], logoutUris: logout = [] }: Partial<Oauth2ProviderSpec>,
  { typed, world }: Making,
): Promise<Making & { readonly reply: Oauth2Reply }> {
  const learned = !typed && hasUriTypes([reply]);
  if (!learned || logout.length === 0) return { reply, typed: typed || learned, world };
  const body = { redirect_uris: redirectUris(authorization, logout) };
  const whole = await authentikOf(world).patch(`${providers}${reply.pk}/`, body);
  return { reply: whole as Oauth2Reply, typed: true, world };
}

/** @throws IneffectiveError when the reply does not show what was sent. */
async function confirm(
  want: Oauth2ProviderSpec,
  sent: readonly string[],
  reply: Oauth2Reply,
  { typed, world }: Making,
): Promise<void> {
  const { spec } = await observed(reply, typed, world);
  confirmEffect(sent, oauth2Provider.drift?.(want, spec) ?? []);
}

/**
 * Sends only the fields that differ: a rewrite of an unchanged provider has broken logins in progress
 * (terraform-provider-authentik#956).
 */
async function update(
  { drift, address }: ReadyChange<Oauth2ProviderSpec>,
  want: Oauth2ProviderSpec,
  { have, typed, world }: Making & { readonly have: Observed<Oauth2ProviderSpec> },
): Promise<Readonly<Record<string, string>>> {
  const wire = authentikOf(world);
  const path = `${providers}${have.attributes.id}/`;
  const entry = await world.vault.get(clientVaultName(address.key));
  const uris = drift.includes('redirectUris') || drift.includes('logoutUris');
  const isUnmarked = have.owner !== world.scope.owner;
  if (isUnmarked) await keepBefore(path, { address, want, world });
  const body = {
    ...(isUnmarked && { name: markName(world.scope.owner, address.key) }),
    ...Object.assign({}, ...sentFields.filter((field) => drift.includes(field)).map((f) => written[f](want))),
    ...(uris && {
      redirect_uris: redirectUris(
        want.redirectUris,
        typed ? (want.logoutUris ?? have.spec.logoutUris ?? []) : [],
      ),
    }),
    // Applications have the secret from the vault, so gates changes back a secret that was changed by hand.
    ...(drift.includes('secret') && !isUnmarked && credentials(entry)),
  };
  const changed = Object.keys(body).length > 0;
  const reply = (changed ? await wire.patch(path, body) : await wire.get(path)) as Oauth2Reply | undefined;
  if (reply === undefined) {
    throw new RejectedError('The OAuth2 provider is gone', { hint: 'The next run makes it again' });
  }
  await keepAndDeliver(world, address.key, reply, want.deliver);
  if (changed) {
    const sent = drift.filter((field) => field !== 'secret' && field !== 'deliver');
    const { reply: whole, ...making } = await withLogout(reply, uris ? want : {}, { typed, world });
    await confirm(want, sent, whole, making);
  }
  return { id: String(reply.pk), clientId: reply.client_id };
}

/** Keeps the id and secret of a provider before it gets the mark: a provider without it is adopted again. */
async function keepBefore(
  path: string,
  { address, want, world }: { address: Address; want: Oauth2ProviderSpec; world: World },
): Promise<void> {
  const live = (await authentikOf(world).get(path)) as Oauth2Reply | undefined;
  if (live !== undefined) await keepAndDeliver(world, address.key, live, want.deliver);
}
