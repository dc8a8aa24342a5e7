import { RejectedError } from '../../../src/core/errors.ts';
import type { World } from '../../../src/core/world.ts';
import { zone } from '../zone.ts';

/** A custom rule as the API has it. */
export interface RulesetRule {
  readonly id: string;
  /** Its own id where nobody gave it one. */
  readonly ref?: string;
  readonly action: string;
  readonly action_parameters?: SkipParameters;
  readonly expression: string;
  readonly description?: string;
  readonly enabled?: boolean;
}

export interface SkipParameters {
  readonly ruleset?: string;
  readonly rulesets?: readonly string[];
  readonly rules?: Readonly<Record<string, readonly string[]>>;
  readonly phases?: readonly string[];
  readonly products?: readonly string[];
}

/** The custom rules of a zone: one document, of which everybody changes single rules. */
export interface Ruleset {
  readonly id: string;
  readonly rules: readonly RulesetRule[];
}

/** What a rule of ours is, as it is written. */
export interface RuleBody {
  readonly ref: string;
  readonly action: string;
  readonly action_parameters?: SkipParameters;
  readonly expression: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly logging?: { readonly enabled: boolean };
}

/** Where a rule is put; `before: ''` is in front of all. */
export interface Position {
  readonly before: string;
}

export const customPhase = 'http_request_firewall_custom';

/** Custom rules that a zone may have, by its plan (facts: WAF, quota). */
const mostRules: Readonly<Record<string, number>> = { free: 5, pro: 20, business: 100, enterprise: 1000 };

/** The zone's custom rules as they are now; undefined while it never had any, which the API tells by 404 and 10003. */
export async function readRuleset(world: World, zoneId: string): Promise<Ruleset | undefined> {
  const reply = (await world.cloudflare.get(entrypointOf(zoneId))) as
    | { readonly id: string; readonly rules?: readonly RulesetRule[] | null }
    | undefined;
  return reply && { id: reply.id, rules: reply.rules ?? [] };
}

/**
 * Makes the zone's first custom rule. It replaces whatever is there, so that it may follow a read alone which found
 * that nothing is.
 */
export async function makeRuleset(world: World, zoneId: string, rule: RuleBody): Promise<void> {
  await world.cloudflare.put(entrypointOf(zoneId), { rules: [rule] });
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

/** Those of everybody count. */
async function mayAdd(world: World, zoneId: string, { rules }: Ruleset): Promise<void> {
  const own = (await world.read(zone)).find(({ id }) => id === zoneId);
  const most = mostRules[own?.attributes.plan ?? 'free'];
  if (most === undefined || rules.length < most) return;
  throw new RejectedError('The zone has as many WAF rules as its plan allows', {
    hint: `Remove one of its ${most} custom rules (Security, Security rules), or move the zone to a larger plan`,
    facts: { address: `cloudflare/zone:${own?.address.key ?? zoneId}`, applied: 'no' },
  });
}

function entrypointOf(zoneId: string): string {
  return `/zones/${zoneId}/rulesets/phases/${customPhase}/entrypoint`;
}

function rulesOf(zoneId: string, { id }: Ruleset): string {
  return `/zones/${zoneId}/rulesets/${id}/rules`;
}
