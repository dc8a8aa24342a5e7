import { STANDARD_SETTINGS } from '../../authentik/people/brands.ts';
import type { Algorithm } from '../../authentik/providers/certificate.ts';
import { generatedPair } from '../../authentik/providers/key-pairs.ts';
import type {
  BrandRow,
  EventRow,
  FlowRow,
  KeyPairRow,
  SamlMappingRow,
  ScopeMappingRow,
} from '../../state/authentik-state.ts';
import { newHex, newUuid } from '../../state/ids.ts';
import type { JsonObject } from '../../state/json.ts';
import type { World } from '../../state/world.ts';
import { rowFrom, textOf, textsOf, without, wordOf } from '../rows/row.ts';
import { type AuthentikCopy, mirroredRows, standIns, tableWith } from './authentik-rows.ts';

/** Reads objects that a server has from its first start: flows, scope mappings, key pairs, brands; and its events. */
export function readStock(copy: AuthentikCopy): void {
  const { world, told } = copy;
  const { authentik: state } = world;
  const flows = mirroredRows(copy, told.flows, 'flow', (object) => flowOf(world, object));
  state.flows = tableWith(state.flows, told.flows, flows, 'pk', 'slug');
  const mappings = mirroredRows(copy, told.scopeMappings, 'scope mapping', mappingOf);
  state.scopeMappings = tableWith(state.scopeMappings, told.scopeMappings, mappings, 'pk');
  const samlMappings = mirroredRows(copy, told.samlMappings, 'SAML mapping', samlMappingOf);
  state.samlMappings = tableWith(state.samlMappings, told.samlMappings, samlMappings, 'pk');
  const pairs = mirroredRows(copy, told.keyPairs, 'key pair', (object) => keyPairOf(world, object));
  state.keyPairs = tableWith(state.keyPairs, told.keyPairs, pairs, 'pk', 'name');
  const brands = mirroredRows(copy, told.brands, 'brand', brandOf);
  state.brands = tableWith(state.brands, told.brands, brands, 'brand_uuid', 'domain');
  state.events = tableWith(
    state.events,
    told.events,
    mirroredRows(copy, told.events, 'event', eventOf),
    'pk',
  );
}

/** Adds unread objects that others name, once all those others exist. */
export function standInStock({ world, told }: AuthentikCopy): void {
  const { authentik: state } = world;
  const { providers, brands } = state;
  const played = providers.filter(({ naming }) => naming === undefined);
  const flows = [
    ...played.flatMap((row) => [row.authentication_flow, row.authorization_flow, row.invalidation_flow]),
    ...brands.flatMap(({ settings }) => flowsIn(settings)),
  ].filter((pk) => pk !== '');
  standIns(told.flows, state.flows, 'pk', flows, (pk) => standardFlow(world, pk, `unread-${pk}`));
  const ofSaml = played.flatMap(({ saml, property_mappings: mappings }) =>
    saml === undefined ? [] : [...mappings, saml.name_id_mapping, saml.authn_context_class_ref_mapping],
  );
  standIns(told.samlMappings, state.samlMappings, 'pk', ofSaml, (pk) => standardSamlMapping(pk));
  const mappings = played.flatMap(({ saml, property_mappings }) =>
    saml === undefined ? property_mappings : [],
  );
  standIns(told.scopeMappings, state.scopeMappings, 'pk', mappings, (pk) => standardMapping(pk));
  const pairs = [
    ...played.flatMap((row) => [row.signing_key, row.encryption_key, row.proxy?.certificate]),
    ...played.flatMap(({ saml }) => [saml?.signing_kp, saml?.verification_kp, saml?.encryption_kp]),
    ...played.map(({ ldap }) => ldap?.certificate),
    ...brands.flatMap((row) => [row.web_certificate, ...textsOf(row.settings.client_certificates)]),
  ];
  standIns(told.keyPairs, state.keyPairs, 'pk', pairs, (pk) => madeUpPair(world, pk, `unread-${pk}`, 'rsa'));
  settleTargets(world);
  for (const [, { pk, policies }] of told.flows.objects) {
    const target = state.flows.find((row) => row.pk === pk)?.policybindingmodel_ptr_id ?? '';
    standIns(told.bindings, state.bindings, 'pk', textsOf(policies), (binding) => ({
      pk: binding,
      policy: null,
      group: null,
      user: null,
      target,
      negate: false,
      enabled: true,
      order: 0,
      timeout: 30,
      failure_result: false,
      expires: null,
    }));
  }
}

/** Converts the targets of bindings: a binding shows a flow by its own key, but stores the other one. */
function settleTargets({ authentik: state }: World): void {
  for (const binding of state.bindings) {
    const flow = state.flows.find(({ pk }) => pk === binding.target);
    if (flow !== undefined) binding.target = flow.policybindingmodel_ptr_id;
  }
}

function flowsIn(settings: JsonObject): string[] {
  const named = Object.entries(settings).filter(([name]) => name.startsWith('flow_'));
  return named.flatMap(([, pk]) => wordOf(pk) ?? []);
}

function flowOf(world: World, object: JsonObject): FlowRow | null {
  const [pk, slug] = [wordOf(object.pk), wordOf(object.slug)];
  if (pk === undefined || slug === undefined) return null;
  const row = rowFrom(standardFlow(world, pk, slug), object);
  return { ...row, details: without(object, ...Object.keys(row), 'policies') };
}

function standardFlow(world: World, pk: string, slug: string): FlowRow {
  const policybindingmodel_ptr_id = newUuid(world);
  const [designation, authentication] = ['authorization', 'none'];
  return { pk, policybindingmodel_ptr_id, name: slug, slug, title: slug, designation, authentication };
}

function mappingOf(object: JsonObject): ScopeMappingRow | null {
  const pk = wordOf(object.pk);
  return pk === undefined ? null : rowFrom(standardMapping(pk), object);
}

function standardMapping(pk: string): ScopeMappingRow {
  const name = `unread-${pk}`;
  return { pk, managed: null, name, expression: 'return {}', scope_name: name, description: '' };
}

function samlMappingOf(object: JsonObject): SamlMappingRow | null {
  const pk = wordOf(object.pk);
  return pk === undefined ? null : rowFrom(standardSamlMapping(pk), object);
}

function standardSamlMapping(pk: string): SamlMappingRow {
  const name = `unread-${pk}`;
  const saml_name = name;
  return { pk, managed: null, name, expression: 'return None', saml_name, friendly_name: null };
}

const ALGORITHMS: ReadonlyMap<string, Algorithm> = new Map([
  ['ec', 'ecdsa'],
  ['ed25519', 'ed25519'],
  ['ed448', 'ed448'],
]);

/** Another key pair of the same sort that shows the real one's data: nobody has the real key or certificate. */
function keyPairOf(world: World, object: JsonObject): KeyPairRow | null {
  const [pk, name] = [wordOf(object.pk), wordOf(object.name)];
  if (pk === undefined || name === undefined) return null;
  const standIn = madeUpPair(world, pk, name, ALGORITHMS.get(textOf(object.key_type) ?? '') ?? 'rsa');
  const shown = ['fingerprint_sha256', 'fingerprint_sha1', 'cert_expiry', 'cert_subject', 'key_type'];
  return {
    ...standIn,
    key_data: object.private_key_available === false ? '' : standIn.key_data,
    managed: textOf(object.managed) ?? null,
    shown: Object.fromEntries(Object.entries(object).filter(([member]) => shown.includes(member))),
  };
}

function madeUpPair(world: World, pk: string, name: string, algorithm: Algorithm): KeyPairRow {
  const serial = newHex(world, 32);
  const asked = { pk, name, serial, now: Date.now(), days: 365, algorithm, alternativeNames: [] };
  return generatedPair(world.authentik, asked);
}

function brandOf(object: JsonObject): BrandRow | null {
  const brand_uuid = wordOf(object.brand_uuid);
  if (brand_uuid === undefined) return null;
  const standard: BrandRow = {
    brand_uuid,
    domain: brand_uuid,
    default: false,
    settings: {},
    default_application: null,
    web_certificate: null,
    attributes: {},
  };
  return { ...rowFrom(standard, object), settings: rowFrom(STANDARD_SETTINGS, object) };
}

function eventOf(object: JsonObject): EventRow | null {
  const pk = wordOf(object.pk);
  return pk === undefined
    ? null
    : rowFrom({ pk, user: {}, action: '', app: '', context: {}, created: '' }, object);
}
