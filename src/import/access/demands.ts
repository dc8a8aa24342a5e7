import type { PolicyDemands } from '../../../reconcilers/cloudflare/access/policy/policy-demands.ts';
import type * as file from '../../../schema/generated/config.ts';
import { Inexpressible } from '../terms/inexpressible.ts';

/**
 * The keys `approval`, `justification` and `isolate` of a rule.
 * @throws Inexpressible for approvers that the file cannot name.
 */
export function importedDemands({
  approval = [],
  justification = false,
  isolate,
}: PolicyDemands): Pick<file.AccessRule, 'approval' | 'justification' | 'isolate'> {
  const [group, ...others] = approval;
  if (others.length > 0 || group?.list !== undefined || group?.emails.length === 0)
    throw new Inexpressible('a policy needs the approval of several groups, or of a list of addresses');
  const isImplied = group !== undefined && justification === '';
  return {
    ...(group !== undefined && {
      approval: { approvers: [...group.emails], ...(group.needed !== 1 && { needed: group.needed }) },
    }),
    ...(justification !== false &&
      !isImplied && { justification: justification === '' ? true : { prompt: justification } }),
    ...(isolate && { isolate }),
  };
}

/**
 * The policies, if those with approval come last, as gates puts them.
 * @throws Inexpressible otherwise: the first policy that matches decides, so that some people need an approval who would not in the
 * other order.
 */
export function approvedLast<T extends PolicyDemands & { readonly decision: string }>(
  policies: readonly T[],
): readonly T[] {
  const first = policies.findIndex(({ approval }) => approval !== undefined);
  if (first !== -1 && policies.slice(first).some((each) => each.decision === 'allow' && !each.approval))
    throw new Inexpressible('a policy with approval stands before one without');
  return policies;
}
