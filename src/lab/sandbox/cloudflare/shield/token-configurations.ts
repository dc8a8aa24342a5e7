import { fieldMistake, isStringArray, object, text } from '../../state/field.ts';
import { newUuid } from '../../state/ids.ts';
import { isObject } from '../../state/json.ts';
import {
  type Json,
  type JsonObject,
  type TokenConfiguration,
  timestamp,
  type World,
  type Zone,
} from '../../state/world.ts';
import { shieldedZone } from '../api/entitlement.ts';
import { paged } from '../api/paging.ts';
import { type CloudflareReply, okEnvelope } from '../api/reply.ts';
import { type CloudflareCall, type CloudflareRoute, param } from '../api/router.ts';
import { CUSTOM_PHASE, rulesetOf } from '../rulesets/rulesets.ts';
import { invalidShieldRequest, noSuchShieldObject, SHIELD_PAGES } from './shield-error.ts';
import { shownKeys, storedKeys } from './token-keys.ts';

const CONFIGURATIONS = '/zones/{zone_id}/token_validation/config';
const ONE = `${CONFIGURATIONS}/{config_id}`;

export const tokenConfigurationRoutes: readonly CloudflareRoute[] = [
  ['GET', CONFIGURATIONS, listConfigurations],
  ['POST', CONFIGURATIONS, createConfiguration],
  ['GET', ONE, (call) => okEnvelope(view(find(call).configuration))],
  ['PATCH', ONE, changeConfiguration],
  ['DELETE', ONE, deleteConfiguration],
  ['PUT', `${ONE}/credentials`, (call) => replaceKeys(call, [])],
  ['PATCH', `${ONE}/credentials`, (call) => replaceKeys(call, find(call).configuration.keys)],
];

/** The most configurations of one zone (facts §6). */
const MOST = 32;

/** The two forms of a place of tokens; header names are in lower case. */
const SOURCE = /^http\.request\.(headers\["[^"A-Z]+"\]|cookies\["[^"]+"\])\[0\]$/;

const titles = { says: 'must have 1 to 50 characters', holds: hasLength(1, 50) };
const descriptions = { says: 'must have at most 500 characters', holds: hasLength(0, 500) };
const sources = {
  says: 'must be 1 to 4 expressions such as http.request.headers["authorization"][0], header names in lower case',
  holds: (value: unknown) =>
    isStringArray(value) &&
    value.length >= 1 &&
    value.length <= 4 &&
    value.every((each) => SOURCE.test(each)),
};

const CHANGEABLE = { title: titles, description: descriptions, token_sources: sources };
const WHOLE = {
  ...CHANGEABLE,
  token_type: { says: 'must be JWT', holds: (value: unknown) => String(value).toUpperCase() === 'JWT' },
  credentials: object,
};

export function hasLength(min: number, max: number): (value: unknown) => boolean {
  return (value) => text.holds(value) && String(value).length >= min && String(value).length <= max;
}

/** The configurations of a zone, oldest first. */
export function configurationsIn(world: World, zone: Pick<Zone, 'id'>): TokenConfiguration[] {
  return (world.tokenConfigurations ?? []).filter(({ zoneId }) => zoneId === zone.id);
}

function view(configuration: TokenConfiguration): JsonObject {
  const { createdAt, lastUpdated, keys } = configuration;
  return {
    ...summary(configuration),
    token_type: 'JWT',
    credentials: { keys: shownKeys(keys) },
    created_at: createdAt,
    last_updated: lastUpdated,
  };
}

/** The answer to a PATCH. */
function summary({ id, title, description, tokenSources }: TokenConfiguration): JsonObject {
  return { id, title, description, token_sources: tokenSources };
}

function find(call: CloudflareCall): { zone: Zone; configuration: TokenConfiguration } {
  const zone = shieldedZone(call);
  const id = param(call, 'config_id');
  const configuration = configurationsIn(call.world, zone).find((each) => each.id === id);
  if (configuration === undefined) throw noSuchShieldObject(`token configuration ${id}`);
  return { zone, configuration };
}

function listConfigurations(call: CloudflareCall): CloudflareReply {
  const { page, info } = paged(configurationsIn(call.world, shieldedZone(call)), call.query, SHIELD_PAGES);
  return okEnvelope(page.map(view), info);
}

function createConfiguration(call: CloudflareCall): CloudflareReply {
  const { world } = call;
  const zone = shieldedZone(call);
  const body = bodyOf(call.body, WHOLE);
  const missing = Object.keys(WHOLE).find((name) => body[name] === undefined);
  if (missing !== undefined) throw invalidShieldRequest(`'${missing}' is missing`);
  const { keys, messages } = storedKeys(body.credentials);
  if (configurationsIn(world, zone).length >= MOST)
    throw invalidShieldRequest(`a zone has at most ${MOST} configurations`);
  const at = timestamp(world);
  const configuration: TokenConfiguration = {
    id: newUuid(world),
    zoneId: zone.id,
    title: String(body.title),
    description: String(body.description),
    tokenSources: textsOf(body.token_sources),
    keys,
    createdAt: at,
    lastUpdated: at,
  };
  world.tokenConfigurations = [...(world.tokenConfigurations ?? []), configuration];
  return { ...okEnvelope(view(configuration)), messages };
}

function changeConfiguration(call: CloudflareCall): CloudflareReply {
  const { configuration } = find(call);
  const body = bodyOf(call.body, CHANGEABLE);
  if (body.title !== undefined) configuration.title = String(body.title);
  if (body.description !== undefined) configuration.description = String(body.description);
  if (body.token_sources !== undefined) configuration.tokenSources = textsOf(body.token_sources);
  configuration.lastUpdated = timestamp(call.world);
  return okEnvelope(summary(configuration));
}

/** Replaces all keys; the reply has them next to `success`, not in a result (facts §6). */
function replaceKeys(call: CloudflareCall, before: TokenConfiguration['keys']): CloudflareReply {
  const { configuration } = find(call);
  const { keys, messages } = storedKeys(isObject(call.body) ? call.body : undefined, before);
  configuration.keys = keys;
  configuration.lastUpdated = timestamp(call.world);
  const body = { success: true, errors: [], messages, keys: shownKeys(keys) };
  return { status: 200, result: null, body };
}

/** Deletes a configuration, unless a rule of API Shield or of the WAF refers to it. */
function deleteConfiguration(call: CloudflareCall): CloudflareReply {
  const { world } = call;
  const { zone, configuration } = find(call);
  const { id } = configuration;
  const expressions = [
    ...(world.tokenRules ?? [])
      .filter(({ zoneId }) => zoneId === zone.id)
      .map(({ expression }) => expression),
    ...(rulesetOf(world, zone.id, CUSTOM_PHASE)?.rules ?? []).map(({ expression }) => expression),
  ];
  if (expressions.some((expression) => expression.includes(id))) {
    throw invalidShieldRequest(`token configuration ${id} is used by a rule`);
  }
  world.tokenConfigurations = (world.tokenConfigurations ?? []).filter((each) => each !== configuration);
  return okEnvelope({ id });
}

function bodyOf(body: unknown, table: Parameters<typeof fieldMistake>[1]): JsonObject {
  const mistake = isObject(body) ? fieldMistake(body, table) : 'the body must be an object';
  if (isObject(body) && mistake === null) return body;
  throw invalidShieldRequest(String(mistake));
}

function textsOf(value: Json | undefined): string[] {
  return isStringArray(value) ? value : [];
}
