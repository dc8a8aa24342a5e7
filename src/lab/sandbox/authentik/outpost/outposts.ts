import type { Attributes, OutpostRow } from '../../state/authentik-state.ts';
import { type AuthentikVersion, isAtLeast, versionSaid } from '../../state/authentik-version.ts';
import { newUuid } from '../../state/ids.ts';
import { isObject, type Json, type JsonObject } from '../../state/json.ts';
import { timestamp } from '../../state/world.ts';
import { durationMs, isDuration } from '../api/duration.ts';
import {
  checked,
  choiceOf,
  dictionary,
  integerOf,
  nullable,
  required,
  setOf,
  textField,
  unique,
  uuidOf,
} from '../api/field.ts';
import { contains, equalsIgnoringCase, isTrue, type Model, modelRoutes, visibleRow } from '../api/model.ts';
import { type AuthentikReply, invalidField, ok } from '../api/reply.ts';
import type { AuthentikCall, AuthentikRoute } from '../api/router.ts';
import { classOf, providerView, typeOf } from '../providers/provider.ts';

export const EMBEDDED = 'goauthentik.io/outposts/embedded';

/** The default configuration of an outpost (facts §2.8). */
export function standardConfig(version: AuthentikVersion, host: string): JsonObject {
  return {
    log_level: 'info',
    docker_labels: null,
    authentik_host: host,
    docker_network: null,
    container_image: null,
    docker_map_ports: true,
    refresh_interval: 'minutes=5',
    kubernetes_replicas: 1,
    kubernetes_namespace: 'default',
    authentik_host_browser: '',
    object_naming_template: 'ak-outpost-%(name)s',
    authentik_host_insecure: false,
    kubernetes_json_patches: null,
    kubernetes_service_type: 'ClusterIP',
    kubernetes_ingress_path_type: null,
    kubernetes_image_pull_secrets: [],
    kubernetes_ingress_class_name: null,
    kubernetes_disabled_components: [],
    kubernetes_ingress_annotations: {},
    kubernetes_ingress_secret_name: 'authentik-outpost-tls',
    ...(isAtLeast(version, '2026.5')
      ? {
          kubernetes_disable_x509_strict: false,
          kubernetes_httproute_annotations: {},
          kubernetes_httproute_parent_refs: [],
        }
      : {}),
  };
}

const outpostModel: Model<OutpostRow> = {
  app: 'authentik_outposts',
  model: 'outpost',
  className: 'Outpost',
  path: '/outposts/instances/',
  lookup: 'pk',
  keyKind: 'uuid',
  parameter: 'uuid',
  table: (state) => state.outposts,
  title: (row) => row.name,
  pk: (row) => row.pk,
  fields: {
    name: checked(
      unique<OutpostRow>(
        required(textField()),
        'name',
        (state) => state.outposts,
        'Outpost with this name already exists.',
      ),
      (value, { row }) => {
        const outpost = row as OutpostRow | null;
        const renames = outpost?.managed === EMBEDDED && value !== outpost.name;
        return renames ? "Embedded outpost's name cannot be changed" : null;
      },
    ),
    type: required(choiceOf('proxy', 'ldap', 'radius', 'rac')),
    providers: required(setOf(integerOf((state, pk) => state.providers.some((row) => row.pk === pk)))),
    service_connection: nullable(uuidOf(() => false)),
    config: required(
      checked(dictionary, (value, { state }) => configMistake(state.version, isObject(value) ? value : {})),
    ),
    managed: nullable(
      unique<OutpostRow>(
        textField(),
        'managed',
        (state) => state.outposts,
        'Outpost with this Managed by authentik already exists.',
      ),
    ),
  },
  ordering: 'name',
  searched: ['name'],
  filters: {
    name__iexact: equalsIgnoringCase('name'),
    name__icontains: contains('name'),
    managed__iexact: equalsIgnoringCase('managed'),
    managed__icontains: contains('managed'),
    providers__isnull: isTrue((row) => row.providers.length === 0),
    providers_by_pk: (value) => (row) => row.providers.includes(Number(value)),
  },
  view: outpostView,
  validate: validateOutpost,
  create: (call, attributes) => ({
    pk: newUuid(call.world),
    name: '',
    type: 'proxy',
    providers: [],
    service_connection: null,
    config: {},
    managed: null,
    ...attributes,
  }),
  remove: () => {},
};

export const outpostRoutes: readonly AuthentikRoute[] = [
  ...modelRoutes(outpostModel),
  ['GET', '/outposts/instances/{uuid}/health/', health],
  [
    'GET',
    '/outposts/instances/default_settings/',
    (call) => ok({ config: standardConfig(call.state.version, `${call.origin}/`) }),
  ],
];

/**
 * Only the embedded outpost may have no providers; the type of provider is checked only if the body names the type
 * (facts §2.8).
 */
function validateOutpost(call: AuthentikCall, attributes: Attributes, row: OutpostRow | null): void {
  const { providers, type } = attributes;
  if (!Array.isArray(providers)) return;
  const embedded = (row?.managed ?? attributes.managed) === EMBEDDED;
  if (providers.length === 0 && !embedded) throw invalidField('providers', 'This list may not be empty.');
  if (type === undefined) return;
  const ownProviders = call.state.providers.filter(({ pk }) => providers.includes(pk));
  const strange = ownProviders.find((row) => typeOf(row) !== type);
  if (strange === undefined) return;
  throw invalidField(
    'providers',
    `Outpost type ${String(type)} can't be used with ${classOf(strange)} providers.`,
  );
}

/** The mistake of a configuration: known keys must have the type of their default. Unknown keys are stored. */
function configMistake(version: AuthentikVersion, config: JsonObject): string | null {
  for (const [key, standard] of Object.entries(standardConfig(version, ''))) {
    const value = config[key];
    if (value === undefined || standard === null || sortOf(value) === sortOf(standard)) continue;
    const written = typeof value === 'string' ? value : JSON.stringify(value);
    const message = `wrong value type for field "${key}" - should be "${sortOf(standard)}" instead of value "${written}" of type "${sortOf(value)}"`;
    return `Failed to validate config: ${message}`;
  }
  const { refresh_interval: interval } = config;
  if (interval === undefined || isDuration(interval)) return null;
  return `Failed to validate config: ${String(interval)} is not in the correct format of 'hours=3;minutes=1'.`;
}

function sortOf(value: Json): string {
  if (Array.isArray(value)) return 'list';
  if (value === null) return 'NoneType';
  const names: { [type: string]: string } = {
    string: 'str',
    number: 'int',
    boolean: 'bool',
    object: 'dict',
  };
  return names[typeof value] ?? 'object';
}

function outpostView(call: AuthentikCall, row: OutpostRow): JsonObject {
  const { state } = call;
  return {
    pk: row.pk,
    name: row.name,
    type: row.type,
    providers: row.providers,
    providers_obj: state.providers
      .filter(({ pk }) => row.providers.includes(pk))
      .map((provider) => providerView(state, provider)),
    service_connection: row.service_connection,
    service_connection_obj: null,
    refresh_interval_s: secondsOf(row.config.refresh_interval ?? 'minutes=5'),
    token_identifier: `ak-outpost-${row.pk}-api`,
    config: row.config,
    managed: row.managed,
  };
}

function secondsOf(interval: Json): number {
  return durationMs(String(interval)) / 1000;
}

/** An outpost's health, without pages. Only the embedded one, and one behind an origin, are connected. */
function health(call: AuthentikCall): AuthentikReply {
  const row = visibleRow(outpostModel, call);
  const runs = call.world.origins.some(({ outpost }) => outpost === row.name);
  if (row.silent === true || (row.managed !== EMBEDDED && !runs)) return ok([]);
  const server = versionSaid(call.state);
  const version = row.runs ?? server;
  return ok([
    {
      uid: row.pk,
      last_seen: timestamp(call.world),
      version,
      golang_version: '',
      openssl_enabled: true,
      openssl_version: 'OpenSSL 3.5.0',
      fips_enabled: null,
      version_should: server,
      version_outdated: version !== server,
      build_hash: '',
      build_hash_should: '',
      hostname: 'authentik',
    },
  ]);
}
