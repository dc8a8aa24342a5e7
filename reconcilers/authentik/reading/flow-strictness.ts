import { equal } from '../../../src/core/objects/equal.ts';
import type { Linked } from '../../../src/core/objects/reference.ts';

/** The authorization flow of a provider, which runs at each authorization, also of people who are logged in. */
export interface ProviderFlow {
  /** Id of the flow. */
  readonly authorizationFlow: string;
  /**
   * Id of the flow of every provider for which the file names no other one. It asks nobody for more than a login, as far
   * as the file says. Never sent.
   */
  readonly usualFlow?: string;
}

/**
 * The change of what a flow asks for. `exchanged`: one flow of a login's own replaces another one, or a change of other
 * fields comes along. Undefined: the flow stays, or nobody knows the usual one.
 */
export function flowStrictness(
  want: Linked<ProviderFlow>,
  have: ProviderFlow,
  drift: readonly string[],
): 'stricter' | 'laxer' | 'exchanged' | undefined {
  if (!drift.includes('authorizationFlow') || want.usualFlow === undefined) return undefined;
  const isUsual = (flow: unknown) => equal(flow, want.usualFlow);
  if (drift.length > 1) return 'exchanged';
  if (isUsual(want.authorizationFlow)) return 'laxer';
  return isUsual(have.authorizationFlow) ? 'stricter' : 'exchanged';
}

/**
 * The same for a client, which no cover can hide: a flow of its own comes before everything else, and the usual one after
 * it, whatever else changes.
 */
export function clientStrictness(
  want: Linked<ProviderFlow>,
  have: ProviderFlow,
  drift: readonly string[],
): 'stricter' | 'laxer' | undefined {
  const strictness = flowStrictness(want, have, drift);
  if (strictness !== 'exchanged') return strictness;
  return equal(want.authorizationFlow, want.usualFlow) ? 'laxer' : 'stricter';
}

/**
 * The places of changes of one login (`LoginEffects.strictness`): it asks for more, or for less in this order. `laxer`: it loses a
 * policy or a flow, in either order. `anyBinding`: one binding is enough then, so no policy may be left.
 */
export const strictnessRank = { stricter: -1, fewerPeople: 1, laxer: 2, anyBinding: 3 } as const;

/** The place of a change of a flow. */
export function flowRank(strictness: ReturnType<typeof flowStrictness>): number {
  return strictness === 'stricter' || strictness === 'laxer' ? strictnessRank[strictness] : 0;
}
