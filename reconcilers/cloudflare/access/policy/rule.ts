import ipaddr from 'ipaddr.js';
import { groupsClaim } from '../../../../src/core/groups-claim.ts';
import type { AddressId } from '../../../../src/core/objects/address.ts';
import type { Linked } from '../../../../src/core/objects/reference.ts';

/** A one-key map, as the API has it: `{ email: { email: "me@example.dev" } }`, `{ everyone: {} }`. */
export type AccessRule = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * One string for rules that mean the same. It omits what the API adds: a single address reads back as a network of one,
 * and the case of an e-mail address does not matter.
 */
export function ruleKey(rule: AccessRule): string {
  const selectors = Object.entries(rule).map(([selector, fields]) => [
    selector,
    Object.entries(fields)
      .filter(([, value]) => !isEmpty(value))
      .map(([field, value]) => [field, canonicalValue(selector, value)])
      .sort(),
  ]);
  return JSON.stringify(selectors.sort());
}

/** The keys of a list of rules, sorted and without duplicates, since neither order nor repetition matters. */
export function accessRuleKeys(rules: readonly AccessRule[]): readonly string[] {
  return [...new Set(rules.map(ruleKey))].sort();
}

export function sameRules(left: readonly AccessRule[], right: readonly AccessRule[]): boolean {
  return JSON.stringify(accessRuleKeys(left)) === JSON.stringify(accessRuleKeys(right));
}

/**
 * The rules of a reply, without the selectors that the API returns empty (`{ email: { email: "" } }`): they match
 * nobody. A selector that takes no value, `everyone`, does not count as empty.
 */
export function readRules(reply: unknown): readonly AccessRule[] {
  if (!Array.isArray(reply)) return [];
  return (reply as readonly AccessRule[]).filter((rule) => !Object.values(rule).every(saysNothing));
}

/** Ids of the service tokens that the rules name. */
export function tokensIn(rules: readonly AccessRule[]): readonly string[] {
  return rules.flatMap((rule) => rule.service_token?.token_id ?? []);
}

/** Ids of the identity providers that the rules name, either as a login or for what the provider says of a person. */
export function providersIn(rules: readonly AccessRule[]): readonly string[] {
  return rules.flatMap((rule) => rule.login_method?.id ?? rule.oidc?.identity_provider_id ?? []);
}

/** The groups of Authentik that the rules name in a claim of its login. */
export function groupsNamedIn(rules: Linked<readonly AccessRule[]>): readonly AddressId[] {
  return rules.flatMap(({ oidc }): readonly AddressId[] =>
    oidc?.claim_name === groupsClaim ? [`authentik/group:${String(oidc.claim_value)}`] : [],
  );
}

function saysNothing(fields: unknown): boolean {
  const values = Object.values((fields ?? {}) as object);
  return values.length > 0 && values.every(isEmpty);
}

function isEmpty(value: unknown): boolean {
  return value === '' || value === null || value === undefined;
}

function canonicalValue(selector: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (selector === 'email' || selector === 'email_domain') return value.toLowerCase();
  return selector === 'ip' ? canonicalNetwork(value) : value;
}

function canonicalNetwork(text: string): string {
  const [address = '', length] = text.split('/');
  if (!ipaddr.isValid(address)) return text;
  const parsed = ipaddr.parse(address);
  const whole = parsed.kind() === 'ipv6' ? 128 : 32;
  return `${parsed.toString()}/${length ?? whole}`;
}
