import { isObject } from '../../state/json.ts';
import type { AccessApp, AccessPolicy, Json, PolicyLink, World } from '../../state/world.ts';
import { invalidAccessRequest } from '../api/reply.ts';
import { policyNotFound, policyOf } from './access-policy.ts';

/** The policies of an application after a write; `legacy` are those that belong to it, new or changed. */
export interface AttachedPolicies {
  links: PolicyLink[];
  legacy: AccessPolicy[];
}

interface Entry {
  policy: AccessPolicy;
  precedence: number | null;
}

/**
 * The policies that an application's body asks for: `"uuid"`, `{id, precedence}` or an inline policy; reusable and
 * inline ones exclude each other. `null` (and omitting the field, which Go cannot distinguish) keeps the old ones; `[]`
 * removes all (facts §3.1, §3.2).
 */
export function attachedPolicies(world: World, app: AccessApp, given: Json | undefined): AttachedPolicies {
  if (!Array.isArray(given)) {
    return { links: app.policies, legacy: world.policies.filter((policy) => policy.appId === app.id) };
  }
  const entries = given.map((entry) => entryOf(world, app, entry));
  const kinds = new Set(entries.map(({ policy }) => policy.appId === null));
  if (kinds.size > 1) throw invalidAccessRequest('reusable and inline policies can not be used together');
  const ids = entries.map(({ policy }) => policy.id);
  if (new Set(ids).size !== ids.length) throw invalidAccessRequest('a policy is attached twice');
  return {
    links: linked(entries),
    legacy: entries.map(({ policy }) => policy).filter((policy) => policy.appId === app.id),
  };
}

function entryOf(world: World, app: AccessApp, entry: Json): Entry {
  if (typeof entry === 'string') return { policy: existing(world, app, entry), precedence: null };
  if (!isObject(entry)) throw invalidAccessRequest('policy is missing or invalid');
  const precedence = precedenceOf(entry.precedence);
  if (entry.id === undefined) return { policy: policyOf(world, entry, { appId: app.id }), precedence };
  if (typeof entry.id !== 'string') throw invalidAccessRequest('policy id is invalid');
  const before = existing(world, app, entry.id);
  // A client that sends back what it read sends complete policies: a reusable one changes only at its own endpoint.
  if (before.appId === null || entry.decision === undefined) return { policy: before, precedence };
  return { policy: policyOf(world, entry, { appId: app.id, before }), precedence };
}

function existing(world: World, app: AccessApp, id: string): AccessPolicy {
  const policy = world.policies.find((candidate) => candidate.id === id);
  if (policy === undefined || (policy.appId !== null && policy.appId !== app.id)) throw policyNotFound();
  return policy;
}

function precedenceOf(value: Json | undefined): number | null {
  if (value === undefined || value === 0) return null;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1) {
    throw invalidAccessRequest('precedence must be an integer from 1');
  }
  return value;
}

/** Links with a precedence. An entry without one, or with 0, gets the next free one: 0 is never stored (facts §3.2). */
function linked(entries: readonly Entry[]): PolicyLink[] {
  const taken = entries.map(({ precedence }) => precedence).filter((precedence) => precedence !== null);
  if (new Set(taken).size !== taken.length) throw invalidAccessRequest('precedence must be unique');
  const links: PolicyLink[] = [];
  let next = 1;
  for (const { policy, precedence } of entries) {
    while (taken.includes(next) || links.some((link) => link.precedence === next)) next += 1;
    links.push({ id: policy.id, precedence: precedence ?? next });
  }
  return links.sort((a, b) => a.precedence - b.precedence);
}

/** Stores an application's policies, and deletes its own policies that it no longer has. */
export function storePolicies(world: World, app: AccessApp, attached: AttachedPolicies): void {
  app.policies = attached.links;
  world.policies = [...world.policies.filter((policy) => policy.appId !== app.id), ...attached.legacy];
}
