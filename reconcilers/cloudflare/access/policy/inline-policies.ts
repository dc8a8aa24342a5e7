import type { Observed } from '../../../../src/core/objects/object.ts';
import type {
  AccessApplicationReply,
  AccessApplicationSpec,
  InlinePolicyReply,
} from '../application/application-form.ts';

type Application = Observed<AccessApplicationSpec>;

/** A policy that belongs to one application, and the id of that application. */
export interface InlinePolicy {
  readonly application: string;
  readonly reply: InlinePolicyReply;
}

/** The policies that no list of reusable policies has: each belongs to the application that shows it. */
export function inlinePolicies(
  applications: readonly Application[],
  reusable: readonly { readonly id: string }[],
): readonly InlinePolicy[] {
  const ids = new Set(reusable.map(({ id }) => id));
  return applications.flatMap((application) =>
    ((application.raw as AccessApplicationReply | undefined)?.policies ?? [])
      .filter((policy): policy is InlinePolicyReply => policy.decision !== undefined && !ids.has(policy.id))
      .map((reply) => ({ application: application.id, reply })),
  );
}

/**
 * The session durations of policies that set none, by the id of the policy: that of the applications which have it, if
 * they agree.
 */
export function inheritedDurations(applications: readonly Application[]): ReadonlyMap<string, string> {
  const durations = new Map<string, string | undefined>();
  for (const { spec } of applications)
    for (const id of spec.policies) {
      const isSame = !durations.has(id) || durations.get(id) === spec.sessionDuration;
      durations.set(id, isSame ? spec.sessionDuration : undefined);
    }
  return new Map([...durations].flatMap(([id, text]) => (text === undefined ? [] : [[id, text] as const])));
}
