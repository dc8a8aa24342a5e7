import type { Dialect } from '../../expressions/fields.ts';
import type { JsonObject, Plan, Zone } from '../../state/world.ts';
import { cacheSettingsMistake } from './cache-settings-rule.ts';

/** A phase of a zone in which rules can be written. */
export interface RulePhase {
  name: string;
  actions: readonly string[];
  /** The most rules of a zone, by its plan. */
  quota: Readonly<Record<Plan, number>>;
  dialect: Dialect;
  /** The mistake in the parameters of an action; absent: custom rules have checks of their own. */
  parameterMistake?: (zone: Zone, parameters: JsonObject) => string | null;
}

/** The limit of Cache Rules, Single Redirects, Transform Rules and Origin Rules; assumed for managed rules too. */
const RULES_QUOTA = { free: 10, pro: 25, business: 50, enterprise: 300 } as const;

/** Only cache settings have an effect at the edge; rules of other phases are just stored and shown. */
const PHASES: readonly RulePhase[] = [
  {
    name: 'http_request_firewall_custom',
    actions: ['block', 'challenge', 'js_challenge', 'log', 'managed_challenge', 'skip'],
    quota: { free: 5, pro: 20, business: 100, enterprise: 1000 },
    dialect: 'waf',
  },
  otherPhase('http_request_firewall_managed', 'execute'),
  otherPhase('http_request_cache_settings', 'set_cache_settings', cacheSettingsMistake),
  otherPhase('http_request_dynamic_redirect', 'redirect'),
  otherPhase('http_request_transform', 'rewrite'),
  otherPhase('http_request_origin', 'route'),
];

function otherPhase(
  name: string,
  action: string,
  parameterMistake: NonNullable<RulePhase['parameterMistake']> = needsParameters,
): RulePhase {
  return { name, actions: [action], quota: RULES_QUOTA, dialect: 'rule', parameterMistake };
}

function needsParameters(_: Zone, parameters: JsonObject): string | null {
  return Object.keys(parameters).length === 0 ? "'action_parameters' is required" : null;
}

export function phaseCalled(name: string): RulePhase | undefined {
  return PHASES.find((phase) => phase.name === name);
}
