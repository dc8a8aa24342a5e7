import type { Change, Plan } from '../core/change.ts';
import { describeError } from '../core/errors.ts';
import type { Outcome } from '../core/outcome.ts';

/** The plan and what came of it, as `--output json` prints it; held by schema/plan.schema.json. */
export interface PlanDocument {
  readonly version: 1;
  readonly owner: string;
  readonly changes: readonly ChangeDocument[];
  readonly warnings: readonly string[];
  readonly unknown: readonly { readonly kind: string; readonly reason: string }[];
  readonly outcomes?: readonly OutcomeDocument[];
}

interface ChangeDocument extends Omit<Change, 'have'> {
  /** What stands now, by its id: the live object itself is not repeated here. */
  readonly have?: { readonly id: string; readonly owner: string | null };
}

interface OutcomeDocument {
  readonly change: string;
  readonly status: Outcome['status'];
  readonly reason?: string;
}

export function planDocument(plan: Plan, outcomes?: readonly Outcome[]): PlanDocument {
  return {
    version: 1,
    owner: plan.owner,
    changes: plan.changes.map(changeDocument),
    warnings: plan.warnings,
    unknown: plan.unknown,
    ...(outcomes !== undefined && { outcomes: outcomes.map(outcomeDocument) }),
  };
}

function changeDocument({ have, ...change }: Change): ChangeDocument {
  return have === undefined ? change : { ...change, have: { id: have.id, owner: have.owner ?? null } };
}

function outcomeDocument({ change, status, error, reason }: Outcome): OutcomeDocument {
  const why = error === undefined ? reason : describeError(error);
  return { change, status, ...(why !== undefined && { reason: why }) };
}
