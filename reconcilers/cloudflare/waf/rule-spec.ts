import type { Linked } from '../../../src/core/objects/reference.ts';
import type { WafPurpose } from './expression.ts';

/**
 * The part of one of our custom rules in a zone that concerns one host; all hosts of a purpose share a rule. Foreign
 * rules are observed unchanged, with purpose `other`.
 * - `fallthrough` blocks requests that are no saved operation of the host.
 * - `audience` blocks requests without a valid token for this audience.
 * - `skip` exempts requests from products and phases of Cloudflare, never from a rule of ours.
 */
export interface WafRuleSpec {
  readonly zone: string;
  readonly zoneId: string;
  readonly purpose: WafPurpose | 'other';
  readonly host: string;
  readonly action: string;
  readonly enabled: boolean;
  /** The rule contains exactly what gates would write. */
  readonly intact: boolean;
  /** An earlier skip rule keeps it from running. */
  readonly shadowed: boolean;
  /** For `fallthrough`: it comes before our `audience` rule, so that a check sees its answer. */
  readonly ahead?: boolean;
  /** For `audience`; `configuration` is the id of the token configuration that checks the token. */
  readonly audience?: string;
  readonly configuration?: string;
  /** For `skip`, sorted. */
  readonly products?: readonly string[];
  readonly phases?: readonly string[];
}

/** `fallthrough api.example.dev`: a host has no spaces and is in only one zone. */
export function wafRuleKey({ purpose, host }: { readonly purpose: string; readonly host: string }): string {
  return `${purpose} ${host}`;
}

/** True if the rule keeps anybody out. */
export function closes(spec: Linked<WafRuleSpec> | WafRuleSpec): boolean {
  const { action, enabled, intact, shadowed } = spec as WafRuleSpec;
  return action === 'block' && enabled && intact && !shadowed;
}
