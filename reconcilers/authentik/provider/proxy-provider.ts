import type { ReadyChange } from '../../../src/core/change.ts';
import { equal } from '../../../src/core/objects/equal.ts';
import { markName, readName } from '../../../src/core/objects/marker.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { Linked } from '../../../src/core/objects/reference.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { World } from '../../../src/core/world.ts';
import { carryOutBy } from '../../shared/carry-out.ts';
import { isSubset } from '../../shared/set.ts';
import { authentikOf, listAuthentik } from '../reading/api.ts';
import { atHosts, hostsOfUrl } from '../reading/door-effects.ts';
import { confirmEffect } from '../reading/effect.ts';
import { flowRank, flowStrictness } from '../reading/flow-strictness.ts';
import { proxyWidenings, unwidenedProxy } from '../reading/widening.ts';
import { type Oauth2Reply, oauth2Row, providerId } from './oauth2-row.ts';
import { doorsOfChange } from './proxy-doors.ts';
import type { ProxyProviderSpec } from './proxy-form.ts';
import {
  differingSettings,
  observedSettings,
  type ProxySettingsReply,
  writtenSettings,
} from './proxy-settings.ts';

export type { ProxyProviderSpec } from './proxy-form.ts';

interface ProxyReply extends ProxySettingsReply {
  readonly pk: number;
  readonly name: string;
  readonly client_id: string;
  readonly mode: ProxyProviderSpec['mode'];
  readonly external_host: string;
  readonly internal_host?: string;
  readonly internal_host_ssl_validation?: boolean;
  readonly cookie_domain?: string;
  readonly skip_path_regex?: string;
  readonly authorization_flow: string;
  readonly invalidation_flow: string;
  readonly property_mappings?: readonly string[];
  readonly jwt_federation_providers?: readonly number[];
  readonly assigned_application_slug?: string | null;
}

const kind = 'authentik/proxy-provider';
const providers = '/providers/proxy/';

/** Fields of the spec that are compared unchanged, with their names in the API. */
const wireNames = {
  mode: 'mode',
  externalHost: 'external_host',
  internalHost: 'internal_host',
  internalHostTls: 'internal_host_ssl_validation',
  cookieDomain: 'cookie_domain',
  skipPathRegex: 'skip_path_regex',
  authorizationFlow: 'authorization_flow',
  invalidationFlow: 'invalidation_flow',
} as const;

type PlainField = keyof typeof wireNames;
const plainFields = Object.keys(wireNames) as readonly PlainField[];

export const proxyProvider: Reconciler<ProxyProviderSpec> = {
  kind,
  title: 'Authentik proxy provider',
  traits: { takesAlong: true },

  async observe(world) {
    if (world.authentik === undefined) return [];
    const [replies, rows] = await Promise.all([
      listAuthentik(world, providers) as Promise<readonly ProxyReply[]>,
      world.read(oauth2Row),
    ]);
    const grants = new Map(rows.map(({ spec }) => [spec.pk, spec.grant_types]));
    return replies.map((reply) => observed(reply, world.scope.owner, grants.get(reply.pk)));
  },

  drift(want, have) {
    const fields: string[] = plainFields
      .filter((field) => want[field] !== undefined && want[field] !== have[field])
      .filter((field) => field !== 'internalHost' || want.internalHost !== '');
    for (const field of ['propertyMappings', 'grantTypes'] as const) {
      if (!isSubset(want[field] ?? [], have[field])) fields.push(field);
    }
    if (want.trustedProviders !== undefined && !equal(want.trustedProviders, have.trustedProviders))
      fields.push('trustedProviders');
    return [...fields, ...differingSettings(want, have)];
  },

  route: {
    leadsElsewhere: (have, { internalHost }) => have.internalHost !== internalHost,

    leadsOn: ({ internalHost }) => internalHost !== '',
  },

  siblings: {
    recognizes(want, { spec }) {
      const [one, other] = [want.mode, spec.mode].map((mode) => mode === 'forward_domain');
      if (one !== other) return false;
      return other ? want.cookieDomain === spec.cookieDomain : equal(want.hosts, spec.hosts);
    },
  },

  doors(want, have) {
    if (want === undefined) return atHosts(have?.spec.hosts ?? [], 'unguard');
    if (have === undefined) return atHosts(want.hosts, 'guard');
    const drift = driftOf(want, have);
    if (drift.length === 0) return [];
    return doorsOfChange(want, have, drift);
  },

  login: {
    strictness: (want, have) =>
      want === undefined ? 0 : flowRank(flowStrictness(want, have.spec, driftOf(want, have))),

    loosens(want, have) {
      const strictness = flowStrictness(want, have.spec, driftOf(want, have));
      return strictness === 'laxer' || strictness === 'exchanged';
    },

    strictForm(want, have) {
      const strictness = flowStrictness(want, have.spec, driftOf(want, have));
      const isUsual = equal(want.authorizationFlow, want.usualFlow);
      const { authorizationFlow } = have.spec;
      return strictness === 'exchanged' && isUsual ? { ...want, authorizationFlow } : undefined;
    },
  },

  gate: { asking: ({ spec }) => (spec.skipPathRegex === '' ? undefined : { ...spec, skipPathRegex: '' }) },

  async write(changes, world) {
    const wire = authentikOf(world);
    world.forget(oauth2Row);
    const { sideBySide } = world;
    return carryOutBy({ sideBySide }, changes, async (change) => {
      const { verb, want, have } = change;
      if (verb === 'prune' && have !== undefined) await wire.delete(`${providers}${have.attributes.id}/`);
      if (want === undefined) return undefined;
      return have === undefined ? create(change.address.key, want, world) : update(change, want, have, world);
    });
  },
};

function driftOf(want: Linked<ProxyProviderSpec>, have: Observed<ProxyProviderSpec>): readonly string[] {
  return proxyProvider.drift?.(want as ProxyProviderSpec, have.spec) ?? [];
}

function observed(
  reply: ProxyReply,
  us: string,
  grantTypes: readonly string[] | undefined,
): Observed<ProxyProviderSpec> {
  const { owner, key } = readName(reply.name);
  const mappings = reply.property_mappings ?? [];
  const cookieDomain = reply.cookie_domain ?? '';
  const spec = {
    mode: reply.mode,
    externalHost: reply.external_host,
    internalHost: reply.internal_host ?? '',
    internalHostTls: reply.internal_host_ssl_validation ?? true,
    cookieDomain,
    skipPathRegex: reply.skip_path_regex ?? '',
    authorizationFlow: reply.authorization_flow,
    invalidationFlow: reply.invalidation_flow,
    propertyMappings: mappings,
    // A server without grant types allows every grant.
    grantTypes: grantTypes ?? everyGrant,
    trustedProviders: reply.jwt_federation_providers ?? [],
    ...observedSettings(reply),
    hosts: reply.mode === 'forward_domain' ? [`*.${cookieDomain}`] : hostsOfUrl(reply.external_host),
  };
  return {
    // Names contain the owner, so a foreign provider never has the key of ours.
    address: { kind, key: owner === us ? key : `${reply.name} (${reply.pk})` },
    id: providerId(reply.pk),
    owner,
    spec,
    attributes: { id: String(reply.pk), clientId: reply.client_id },
    uses: [reply.authorization_flow, reply.invalidation_flow, ...mappings],
    widenings: proxyWidenings(reply),
    raw: reply,
  };
}

/** All grant types of Authentik (schema 2026.8, GrantTypeEnum). */
const everyGrant: readonly string[] = [
  'authorization_code',
  'implicit',
  'hybrid',
  'refresh_token',
  'client_credentials',
  'password',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:ietf:params:oauth:grant-type:token-exchange',
];

async function create(
  key: string,
  want: ProxyProviderSpec,
  world: World,
): Promise<Readonly<Record<string, string>>> {
  const wire = authentikOf(world);
  const body = {
    name: markName(world.scope.owner, key),
    ...written(want, plainFields),
    property_mappings: want.propertyMappings,
    jwt_federation_providers: want.trustedProviders,
    ...unwidenedProxy,
    ...writtenSettings(want),
  };
  const reply = (await wire.post(providers, body)) as ProxyReply;
  const { pk, client_id: clientId } = reply;
  const sent = [
    ...plainFields,
    'propertyMappings',
    'trustedProviders',
    ...Object.keys(observedSettings(reply)),
  ];
  confirm(want, sent, reply, world);
  await healGrants(pk, want.grantTypes, world);
  return { id: String(pk), clientId };
}

async function update(
  { drift, address }: ReadyChange<ProxyProviderSpec>,
  want: ProxyProviderSpec,
  have: Observed<ProxyProviderSpec>,
  world: World,
): Promise<Readonly<Record<string, string>>> {
  const { id = '' } = have.attributes;
  const fields = plainFields.filter((field) => drift.includes(field));
  const mappings = drift.includes('propertyMappings');
  const trust = drift.includes('trustedProviders');
  if (drift.includes('grantTypes')) await healGrants(id, want.grantTypes, world);
  // The mark comes last: a provider that is not ours yet is adopted again.
  const isUnmarked = have.owner !== world.scope.owner;
  const settings = writtenSettings(want, drift);
  if (fields.length + Object.keys(settings).length > 0 || mappings || trust || isUnmarked) {
    const { propertyMappings } = have.spec;
    const reply = await authentikOf(world).patch(`${providers}${id}/`, {
      ...(isUnmarked && { name: markName(world.scope.owner, address.key) }),
      // Without these fields the API assumes mode proxy without an internal host.
      ...written(want, ['mode', 'internalHost']),
      ...written(want, fields),
      ...settings,
      ...(trust && { jwt_federation_providers: want.trustedProviders }),
      ...(mappings && { property_mappings: [...new Set([...propertyMappings, ...want.propertyMappings])] }),
    });
    confirm(want, drift, reply as ProxyReply, world);
  }
  return have.attributes;
}

/** Compares the reply with what was sent, except grants, which this API does not show; `healGrants` checks those. */
function confirm(want: ProxyProviderSpec, sent: readonly string[], reply: ProxyReply, world: World): void {
  const { spec } = observed(reply, world.scope.owner, undefined);
  confirmEffect(sent, proxyProvider.drift?.(want, spec) ?? []);
}

/** Adds missing grants through the API for OAuth2 providers, which shows them unless the server has none. */
async function healGrants(pk: number | string, wanted: readonly string[], world: World): Promise<void> {
  const wire = authentikOf(world);
  const path = `/providers/oauth2/${pk}/`;
  const has = ((await wire.get(path)) as Oauth2Reply | undefined)?.grant_types;
  if (has === undefined || isSubset(wanted, has)) return;
  const reply = (await wire.patch(path, { grant_types: [...new Set([...has, ...wanted])] })) as Oauth2Reply;
  confirmEffect(['grantTypes'], isSubset(wanted, reply.grant_types ?? []) ? [] : ['grantTypes']);
}

function written(want: ProxyProviderSpec, fields: readonly PlainField[]): Readonly<Record<string, unknown>> {
  // The official document does not accept an empty address.
  const writtenFields = fields.filter((field) => field !== 'internalHost' || want.internalHost !== '');
  return Object.fromEntries(writtenFields.map((field) => [wireNames[field], want[field]]));
}
