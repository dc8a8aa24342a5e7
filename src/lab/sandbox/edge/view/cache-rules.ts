import { CACHE_PHASE, rulesetOf } from '../../cloudflare/rulesets/rulesets.ts';
import type { Compiled } from '../../expressions/expression.ts';
import type { Asked } from '../../expressions/fields.ts';
import { isObject, type Json, type JsonObject } from '../../state/json.ts';
import type { RulesetRule, World, Zone } from '../../state/world.ts';
import { usableRules } from './zone-rules.ts';

/** The zone's settings and cache rules for one request. */
export interface CacheSettings {
  /** True if the request is eligible, whatever its extension; undefined: the extension decides. */
  cache?: boolean;
  edgeTtl?: EdgeTtl;
  /** True if the cache key omits a query parameter; absent: it contains all. */
  ignoresQuery?: (name: string) => boolean;
  sortsQuery: boolean;
  /** Origin Cache Control: cookies and `Authorization` prevent storing. Only Enterprise zones can choose. */
  respectsOrigin: boolean;
}

export interface EdgeTtl {
  mode: string;
  seconds: number;
  byStatus: { from: number; to: number; seconds: number }[];
}

/** The enabled cache rules of a zone, in their order. */
export interface CacheRules {
  zone: Zone;
  rules: readonly { rule: RulesetRule; condition: Compiled }[];
  /** True if a rule may make more requests eligible than those for files. */
  widens: boolean;
  /** True if they depend only on the host, so that they are the same for all its paths. */
  byHostAlone: boolean;
}

export function cacheRulesOfZone(world: World, zone: Zone): CacheRules {
  const enabled = (rulesetOf(world, zone.id, CACHE_PHASE)?.rules ?? []).filter((rule) => rule.enabled);
  const rules = usableRules(enabled, 'rule');
  return {
    zone,
    rules,
    widens: rules.some(({ rule }) => rule.action_parameters?.cache === true),
    byHostAlone: rules.every(({ condition }) =>
      [...condition.fields].every((field) => field === 'http.host'),
    ),
  };
}

/** The settings of all matching rules; of several that set the same, the last one counts. */
export function cacheSettings({ zone, rules }: CacheRules, asked: Asked): CacheSettings {
  const settings: CacheSettings = { sortsQuery: false, respectsOrigin: zone.plan !== 'enterprise' };
  for (const { rule, condition } of rules) {
    if (condition.holds(asked)) apply(settings, rule.action_parameters ?? {});
  }
  return settings;
}

function apply(settings: CacheSettings, parameters: JsonObject): void {
  const { cache, edge_ttl, cache_key, origin_cache_control } = parameters;
  if (typeof cache === 'boolean') settings.cache = cache;
  if (typeof origin_cache_control === 'boolean') settings.respectsOrigin = origin_cache_control;
  if (isObject(edge_ttl)) settings.edgeTtl = edgeTtlOf(edge_ttl);
  if (!isObject(cache_key)) return;
  if (typeof cache_key.ignore_query_strings_order === 'boolean')
    settings.sortsQuery = cache_key.ignore_query_strings_order;
  const query = isObject(cache_key.custom_key) ? cache_key.custom_key.query_string : undefined;
  if (isObject(query)) settings.ignoresQuery = ignoredBy(query);
}

function edgeTtlOf({ mode, default: seconds, status_code_ttl }: JsonObject): EdgeTtl {
  const lines = Array.isArray(status_code_ttl) ? status_code_ttl.filter(isObject) : [];
  return {
    mode: String(mode),
    seconds: Number(seconds ?? 0),
    byStatus: lines.map(({ status_code, status_code_range: range, value }) => {
      const { from = status_code ?? 100, to = status_code ?? 999 } = isObject(range) ? range : {};
      return { from: Number(from), to: Number(to), seconds: Number(value) };
    }),
  };
}

function ignoredBy({ include, exclude }: JsonObject): (name: string) => boolean {
  const isNamed = (list: Json | undefined, name: string) =>
    isObject(list) && (list.all === true || (Array.isArray(list.list) && list.list.includes(name)));
  return include === undefined ? (name) => isNamed(exclude, name) : (name) => !isNamed(include, name);
}
