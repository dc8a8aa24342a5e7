import { type FieldTable, fieldMistake, flag, integer, list, object, oneOf } from '../../state/field.ts';
import { isObject } from '../../state/json.ts';
import type { JsonObject, Zone } from '../../state/world.ts';
import { hasPlan } from '../api/entitlement.ts';

const PARAMETERS: FieldTable = {
  additional_cacheable_ports: list,
  browser_ttl: object,
  cache: flag,
  cache_key: object,
  cache_reserve: object,
  edge_ttl: object,
  origin_cache_control: flag,
  origin_error_page_passthru: flag,
  read_timeout: integer,
  respect_strong_etags: flag,
  serve_stale: object,
  shared_dictionary: object,
  strip_etags: flag,
  strip_last_modified: flag,
  strip_set_cookie: flag,
  vary: object,
};

const EDGE_TTL: FieldTable = {
  default: integer,
  mode: oneOf('respect_origin', 'bypass_by_default', 'override_origin'),
  status_code_ttl: list,
};
const BROWSER_TTL: FieldTable = {
  default: integer,
  mode: oneOf('respect_origin', 'bypass_by_default', 'override_origin', 'bypass'),
};
const CACHE_KEY: FieldTable = {
  cache_by_device_type: flag,
  cache_deception_armor: flag,
  custom_key: object,
  ignore_query_strings_order: flag,
};
const CUSTOM_KEY: FieldTable = {
  cookie: object,
  header: object,
  host: object,
  query_string: object,
  user: object,
};

/** The mistake in the parameters of a cache rule; null if there is none. */
export function cacheSettingsMistake(zone: Zone, parameters: JsonObject): string | null {
  const { cache, edge_ttl, browser_ttl, cache_key, origin_cache_control } = parameters;
  if (Object.keys(parameters).length === 0) return "'action_parameters' is required";
  const mistake = fieldMistake(parameters, PARAMETERS);
  if (mistake !== null) return mistake;
  const others = Object.keys(parameters).filter((name) => name !== 'cache');
  if (cache === false && others.length > 0) return `'${others[0]}' cannot stand beside "cache": false`;
  if (origin_cache_control !== undefined && !hasPlan(zone, 'enterprise'))
    return "'origin_cache_control' needs an Enterprise plan";
  return (
    ttlMistake(edge_ttl, EDGE_TTL) ??
    ttlMistake(browser_ttl, BROWSER_TTL) ??
    (isObject(cache_key) ? keyMistake(zone, cache_key) : null)
  );
}

function ttlMistake(ttl: JsonObject[string] | undefined, table: FieldTable): string | null {
  if (!isObject(ttl)) return null;
  const mistake = fieldMistake(ttl, table);
  if (mistake !== null) return mistake;
  if (ttl.mode === undefined) return "'mode' is required";
  const isOverridden = ttl.mode === 'override_origin';
  if (isOverridden !== (ttl.default !== undefined))
    return "'default' must be given with the mode override_origin, and with no other";
  return null;
}

function keyMistake(zone: Zone, key: JsonObject): string | null {
  const mistake = fieldMistake(key, CACHE_KEY);
  if (mistake !== null || !isObject(key.custom_key)) return mistake;
  const own = fieldMistake(key.custom_key, CUSTOM_KEY);
  if (own !== null || hasPlan(zone, 'enterprise')) return own;
  return isPlainQuery(key.custom_key) ? null : 'custom cache keys need an Enterprise plan';
}

/** True if the query counts completely or not at all, the only choices on other plans. */
function isPlainQuery({ query_string: query, ...others }: JsonObject): boolean {
  if (Object.keys(others).length > 0 || !isObject(query)) return false;
  return [query.include, query.exclude].every(
    (side) => side === undefined || (isObject(side) && side.all === true),
  );
}
