import type { Linked } from '../../../src/core/objects/reference.ts';
import type { WafPurpose } from './expression.ts';

/**
 * The part of one of our rules in the custom rules of a zone that concerns one host; all hosts of a purpose share the
 * rule. Foreign rules are observed as they are, with purpose `other`.
 * - `fallthrough` blocks requests that are no saved operation of the host.
 * - `audience` blocks requests without a valid token for this audience.
 * - `skip` lets requests past products and phases of Cloudflare, never past a rule of ours.
 */
export interface WafRuleSpec {
  readonly zone: string;
  readonly zoneId: string;
  readonly purpose: WafPurpose | 'other';
  readonly host: string;
  readonly action: string;
  readonly enabled: boolean;
  /** The rule says what we would write, and nothing else. */
  readonly intact: boolean;
  /** A rule before it, for what others skip, keeps it from being asked. */
  readonly shadowed: boolean;
  /** For `fallthrough`: it answers before our rule about the audience, so that a check sees whether it works. */
  readonly ahead?: boolean;
  /** For `audience`; the id of the token configuration that checks. */
  readonly audience?: string;
  readonly configuration?: string;
  /** For `skip`, in order. */
  readonly products?: readonly string[];
  readonly phases?: readonly string[];
}

/** `fallthrough api.example.dev`: hosts have no spaces, and each is in one zone. */
export function wafRuleKey({ purpose, host }: { readonly purpose: string; readonly host: string }): string {
  return `${purpose} ${host}`;
}

/** Whether it keeps anybody out as it stands. */
export function closes(spec: Linked<WafRuleSpec> | WafRuleSpec): boolean {
  const { action, enabled, intact, shadowed } = spec as WafRuleSpec;
  return action === 'block' && enabled && intact && !shadowed;
}
