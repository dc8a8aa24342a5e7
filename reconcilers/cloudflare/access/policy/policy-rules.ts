import type { Linked } from '../../../../src/core/objects/reference.ts';
import { shorter } from '../session/go-duration.ts';
import { demandsAsMuch, type PolicyDemands, withKeptDemands } from './policy-demands.ts';
import { type AccessRule, accessRuleKeys } from './rule.ts';

/** The dashboard calls `non_identity` Service Auth. */
export type AccessDecision = 'allow' | 'deny' | 'bypass' | 'non_identity';

/** The rules of a policy: they say who gets in, for how long, and what Access asks of each visitor. */
export interface PolicyRules extends PolicyDemands {
  readonly decision: AccessDecision;
  /** The rules of a list have no order. */
  readonly include: readonly AccessRule[];
  readonly require: readonly AccessRule[];
  readonly exclude: readonly AccessRule[];
  /** Go duration, `24h`; overrides the application's. Observed: that of its applications if it sets none. */
  readonly sessionDuration?: string;
}

/**
 * True if it admits everybody as before, and maybe more, and no session lasts less long. If nobody knows yet what it includes, that
 * is to be as before.
 */
export function isWiderPolicy(want: Linked<Partial<PolicyRules>>, have: PolicyRules): boolean {
  const spec = withKeptDemands({ include: have.include, ...want } as PolicyRules, have);
  if (spec.decision !== have.decision || spec.decision === 'deny') return false;
  if (spec.sessionDuration !== undefined && shorter(spec.sessionDuration, have.sessionDuration)) return false;
  return admitsLess(have, spec);
}

/** True if it admits fewer people than before, and nobody new. */
export function isNarrowerPolicy(want: Linked<PolicyRules>, have: PolicyRules): boolean {
  const spec = withKeptDemands(want as PolicyRules, have);
  return spec.decision === have.decision && admitsLess(spec, have);
}

/** True if every visitor whom `less` admits is admitted by `more`: it includes no more, and demands no less. */
function admitsLess(less: PolicyRules, more: PolicyRules): boolean {
  return (
    contains(more.include, less.include) &&
    contains(less.require, more.require) &&
    contains(less.exclude, more.exclude) &&
    demandsAsMuch(less, more)
  );
}

function contains(all: readonly AccessRule[], some: readonly AccessRule[]): boolean {
  const keys = new Set(accessRuleKeys(all));
  return accessRuleKeys(some).every((key) => keys.has(key));
}
