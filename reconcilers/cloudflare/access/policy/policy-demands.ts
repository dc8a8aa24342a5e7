import { QuotaError, RejectedError } from '../../../../src/core/errors.ts';
import { equal } from '../../../../src/core/objects/equal.ts';

/**
 * The demands of an Allow policy on the people whom its rules match, between their login and their session. Observed: only those
 * that it has. A policy of another decision has none.
 */
export interface PolicyDemands {
  /** Enough approvers of each group approve the person (Cloudflare: temporary authentication). Empty: nobody has to. */
  readonly approval?: readonly ApproverGroup[];
  /** The question for the reason of the visit, empty for Cloudflare's own; false: nobody is asked. */
  readonly justification?: string | false;
  /** The application is shown in a browser at Cloudflare (Browser Isolation). */
  readonly isolate?: boolean;
}

export interface ApproverGroup {
  readonly needed: number;
  /** In lower case, sorted. */
  readonly emails: readonly string[];
  /** Observed only: id of a list of addresses in the account. */
  readonly list?: string;
}

/** The fields of a policy in the API. */
interface DemandFields {
  readonly approval_required?: boolean | null;
  readonly approval_groups?:
    | readonly {
        readonly approvals_needed?: number;
        readonly email_addresses?: readonly string[] | null;
        readonly email_list_uuid?: string | null;
      }[]
    | null;
  readonly purpose_justification_required?: boolean | null;
  readonly purpose_justification_prompt?: string | null;
  readonly isolation_required?: boolean | null;
}

/** A group whose approval nobody can give. */
const nobodyApproves: ApproverGroup = { needed: 1, emails: [] };

/** The demands in a policy of the API. */
export function demandsOf(reply: object): PolicyDemands {
  const fields = reply as DemandFields;
  const groups = (fields.approval_groups ?? []).map(
    ({ approvals_needed: needed = 1, email_addresses: emails, email_list_uuid: list }): ApproverGroup => ({
      needed,
      emails: [...(emails ?? [])].map((email) => email.toLowerCase()).sort(),
      ...(list && { list }),
    }),
  );
  return {
    ...(fields.approval_required === true && { approval: groups.length > 0 ? groups : [nobodyApproves] }),
    ...(fields.purpose_justification_required === true && {
      justification: fields.purpose_justification_prompt ?? '',
    }),
    ...(fields.isolation_required === true && { isolate: true }),
  };
}

/** The wanted policy with the live demands that it leaves out. A policy of another decision than Allow keeps none. */
export function withKeptDemands<T extends PolicyDemands & { readonly decision: string }>(
  want: T,
  { approval, justification, isolate }: PolicyDemands = {},
): T {
  if (want.decision !== 'allow') return want;
  return {
    ...(approval !== undefined && { approval }),
    ...(justification !== undefined && { justification }),
    ...(isolate !== undefined && { isolate }),
    ...want,
  };
}

/** Names of the demands that the policy does not have as wanted. A demand that `want` leaves out does not count. */
export function demandsDrift(want: PolicyDemands, have: PolicyDemands): readonly string[] {
  const [wanted, live] = [want, have].map(completed) as [Required<PolicyDemands>, Required<PolicyDemands>];
  const names = ['approval', 'justification', 'isolate'] as const;
  return names.filter((name) => want[name] !== undefined && !equal(wanted[name], live[name]));
}

/** True if `more` demands nothing of a person that `less` does not demand too. A reason keeps nobody out. */
export function demandsAsMuch(less: PolicyDemands, more: PolicyDemands): boolean {
  const [strict, lax] = [less, more].map(completed) as [Required<PolicyDemands>, Required<PolicyDemands>];
  const isApproved = lax.approval.length === 0 || equal(strict.approval, lax.approval);
  return isApproved && (strict.isolate || !lax.isolate);
}

/**
 * The fields for these demands. A demand that the policy neither has nor gets is left out: an account may not be entitled to the
 * feature, and so not to its fields.
 */
export function demandsBody(
  want: PolicyDemands,
  have: PolicyDemands = {},
): Readonly<Record<string, unknown>> {
  const [wanted, live] = [want, have].map(completed) as [Required<PolicyDemands>, Required<PolicyDemands>];
  const { approval, justification, isolate } = wanted;
  return {
    ...(approval.length > 0 && {
      approval_required: true,
      approval_groups: approval.map(({ needed, emails }) => ({
        approvals_needed: needed,
        email_addresses: emails,
      })),
    }),
    ...(approval.length === 0 &&
      live.approval.length > 0 && { approval_required: false, approval_groups: [] }),
    ...(justification !== false && {
      purpose_justification_required: true,
      ...((justification !== '' || live.justification) && { purpose_justification_prompt: justification }),
    }),
    ...(justification === false && live.justification !== false && { purpose_justification_required: false }),
    ...((isolate || live.isolate) && { isolation_required: isolate }),
  };
}

/** The approvers in words, by which equal demands are the same fact: `1 of ada@example.net, bob@example.net`. */
export function approvalWords(groups: readonly ApproverGroup[]): string {
  return groups
    .map(
      ({ needed, emails, list }) =>
        `${needed} of ${[...emails, ...(list ? [`list ${list}`] : [])].join(', ')}`,
    )
    .sort()
    .join(' and ');
}

const features = [
  ['isolate', 'the add-on Browser Isolation, with Clientless Web Isolation turned on'],
  ['approval', 'temporary authentication'],
  ['justification', 'purpose justification'],
] as const;

/**
 * The error of a refused write, with the features to which the account may not be entitled: Cloudflare does not document how it
 * refuses one. Other errors, and writes that turn no feature on, keep theirs.
 */
export function explainedRefusal(error: unknown, want: PolicyDemands, have: PolicyDemands = {}): unknown {
  const [wanted, live] = [want, have].map(completed) as [Required<PolicyDemands>, Required<PolicyDemands>];
  const isOn = (value: unknown) => value !== false && !equal(value, []);
  const turnedOn = features.filter(([name]) => isOn(wanted[name]) && !isOn(live[name]));
  const isRefusal =
    error instanceof RejectedError && !(error instanceof QuotaError) && error.facts.status === 400;
  if (!isRefusal || turnedOn.length === 0) return error;
  const named = turnedOn.map(([key, needs]) => `\`${key}\` (${needs})`).join(' or ');
  return new RejectedError('Cloudflare refused the Access policy', {
    hint: `Maybe the account is not entitled to ${named}: get it, or remove the key`,
    facts: error.facts,
    cause: error,
  });
}

function completed({ approval = [], justification = false, isolate = false }: PolicyDemands) {
  return { approval, justification, isolate };
}
