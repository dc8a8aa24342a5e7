import { RejectedError } from '../../../src/core/errors.ts';
import type { World } from '../../../src/core/world.ts';
import { zone } from '../account/zone.ts';

/** A rule of a zone as the API has it. */
export interface RulesetRule {
  readonly id: string;
  /** The rule's id unless somebody set another ref. */
  readonly ref?: string;
  readonly action: string;
  readonly action_parameters?: RuleParameters;
  readonly expression: string;
  readonly description?: string;
  readonly enabled?: boolean;
}

/** The settings of our rules, and the relevant ones of foreign rules: a skip of WAF rules, or a cache setting. */
export interface RuleParameters {
  /** The answer of a block. */
  readonly response?: {
    readonly status_code: number;
    readonly content: string;
    readonly content_type: string;
  };
  readonly cache?: boolean;
  readonly ruleset?: string;
  readonly rulesets?: readonly string[];
  readonly rules?: Readonly<Record<string, readonly string[]>>;
  readonly phases?: readonly string[];
  readonly products?: readonly string[];
}

/** The rules of one phase of a zone: one document, in which every owner changes single rules. */
export interface Ruleset {
  readonly phase: RulePhase;
  readonly id: string;
  readonly rules: readonly RulesetRule[];
}

/** A rule of ours as gates writes it. */
export interface RuleBody {
  readonly ref: string;
  readonly action: string;
  readonly action_parameters?: RuleParameters;
  readonly expression: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly logging?: { readonly enabled: boolean };
}

/** The place of a rule: `before: ''` is before all others, `after: ''` is after them. */
export type Position = { readonly before: string } | { readonly after: string };

/** A phase of rules, and the most rules of a zone in it by plan, foreign ones included. */
export interface RulePhase {
  readonly name: string;
  /** The name of its rules for people: `WAF rules`. */
  readonly title: string;
  /** The place of the rules in the dashboard. */
  readonly place: string;
  readonly most: Readonly<Record<string, number>>;
}

/** The phase of custom rules (facts: WAF, quota). */
export const customRules: RulePhase = {
  name: 'http_request_firewall_custom',
  title: 'WAF rules',
  place: 'Security, Security rules',
  most: { free: 5, pro: 20, business: 100, enterprise: 1000 },
};

/** The current rules of a phase. Undefined if the zone never had any: then the API answers 404 and 10003. */
export async function readRuleset(
  world: World,
  zoneId: string,
  phase: RulePhase,
): Promise<Ruleset | undefined> {
  const reply = (await world.cloudflare.get(entrypointOf(zoneId, phase))) as
    | { readonly id: string; readonly rules?: readonly RulesetRule[] | null }
    | undefined;
  return reply && { phase, id: reply.id, rules: reply.rules ?? [] };
}

/**
 * Makes the zone's first rules of a phase. It replaces all existing rules, so it may only follow a read that found
 * none.
 */
export async function makeRuleset(
  world: World,
  zoneId: string,
  { phase, rules }: { readonly phase: RulePhase; readonly rules: readonly RuleBody[] },
): Promise<void> {
  await world.cloudflare.put(entrypointOf(zoneId, phase), { rules });
}

export async function addRule(
  world: World,
  zoneId: string,
  ruleset: Ruleset,
  rule: RuleBody & { readonly position?: Position },
): Promise<void> {
  await mayAdd(world, zoneId, ruleset);
  await world.cloudflare.post(`${rulesOf(zoneId, ruleset)}`, rule);
}

export async function changeRule(
  world: World,
  zoneId: string,
  ruleset: Ruleset,
  id: string,
  rule: RuleBody & { readonly position?: Position },
): Promise<void> {
  await world.cloudflare.patch(`${rulesOf(zoneId, ruleset)}/${id}`, rule);
}

export async function removeRule(world: World, zoneId: string, ruleset: Ruleset, id: string): Promise<void> {
  await world.cloudflare.delete(`${rulesOf(zoneId, ruleset)}/${id}`);
}

/** Refuses a rule beyond the zone's limit, for which foreign rules count too. */
async function mayAdd(world: World, zoneId: string, { phase, rules }: Ruleset): Promise<void> {
  const own = (await world.read(zone)).find(({ id }) => id === zoneId);
  const most = mostRules(phase, own?.attributes.plan);
  if (rules.length < most) return;
  throw new RejectedError(`The zone has as many ${phase.title} as its plan allows`, {
    hint: `Remove one of its ${most} (${phase.place}), or move the zone to a larger plan`,
    facts: { address: `cloudflare/zone:${own?.address.key ?? zoneId}`, applied: 'no' },
  });
}

/** The most rules of the phase in a zone; no limit if the plan is unknown. */
export function mostRules({ most }: RulePhase, plan = 'free'): number {
  return most[plan] ?? Number.POSITIVE_INFINITY;
}

function entrypointOf(zoneId: string, { name }: RulePhase): string {
  return `/zones/${zoneId}/rulesets/phases/${name}/entrypoint`;
}

function rulesOf(zoneId: string, { id }: Ruleset): string {
  return `/zones/${zoneId}/rulesets/${id}/rules`;
}

/** The ids of everything that an expression may name by its id, such as token configurations. */
export function idsIn(expression: string): readonly string[] {
  return [...new Set(expression.match(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g))];
}
