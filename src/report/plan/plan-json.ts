import { stepNumbers } from '../../apply/turns.ts';
import type { Change, Plan } from '../../core/change.ts';
import { describeError } from '../../core/errors.ts';
import type { DoorEffect } from '../../core/objects/door.ts';
import type { Outcome } from '../../core/outcome.ts';
import type { Attribution } from '../../core/record/change-log.ts';
import type { Rehearsal } from '../rehearsal/rehearsal.ts';
import { outsideChange } from '../screen/outside-words.ts';
import type { HostStory } from './host-stories.ts';

/** The plan and its outcomes, the document of `--output json`; schema/plan.schema.json describes it. */
export interface PlanDocument {
  readonly version: 1;
  readonly owner: string;
  readonly changes: readonly ChangeDocument[];
  /** The doors that change over the plan. Absent in a saved plan. */
  readonly doors?: readonly HostStory[];
  /** Services that gates only watches; absent if there are none. */
  readonly watched?: Plan['watched'];
  readonly warnings: readonly string[];
  readonly unknown: readonly { readonly kind: string; readonly reason: string }[];
  /** Logs that gates could not read, or not far enough back: they leave open who changed something. */
  readonly unattributed?: Attribution['gaps'];
  readonly outcomes?: readonly OutcomeDocument[];
  readonly rehearsal?: Rehearsal;
}

/** Facts about a plan that the plan itself does not contain. */
export interface PlanExtras {
  readonly doors?: readonly HostStory[];
  readonly attribution?: Attribution | undefined;
  readonly outcomes?: readonly Outcome[];
  readonly rehearsal?: Rehearsal;
}

export interface ChangeDocument extends Omit<Change, 'have' | 'doors'> {
  readonly doors: readonly EffectDocument[];
  /** Its place in the order of the plan, from 1; kept, refused and waiting changes have none. */
  readonly step?: number;
  /** The live object by its id; the object itself is not repeated here. */
  readonly have?: { readonly id: string; readonly owner: string | null };
  /**
   * The people and programs that changed the object outside gates; empty: not in the log; absent: nobody, or unknown.
   */
  readonly by?: readonly ActorDocument[];
}

/** The effect of a change on the door of a host. It leaves out the fields that only decide the order of the steps. */
interface EffectDocument
  extends Pick<DoorEffect, 'host' | 'step' | 'via' | 'live' | 'part' | 'exchangedFor' | 'cover'> {
  readonly anew?: true;
}

interface ActorDocument {
  readonly actor: string;
  /** RFC 3339. */
  readonly at: string;
  readonly interface?: 'dashboard' | 'API';
}

interface OutcomeDocument {
  readonly change: string;
  readonly status: Outcome['status'];
  readonly reason?: string;
}

export function planDocument(
  plan: Plan,
  { attribution, doors, outcomes, rehearsal }: PlanExtras = {},
): PlanDocument {
  const { gaps = [] } = attribution ?? {};
  const numbers = stepNumbers(plan);
  return {
    version: 1,
    owner: plan.owner,
    changes: plan.changes.map((change) => ({
      ...changeDocument(change, numbers.get(change.id)),
      ...actorsOf(change, attribution),
    })),
    ...(doors !== undefined && { doors }),
    ...(plan.watched !== undefined && { watched: plan.watched }),
    warnings: plan.warnings,
    unknown: plan.unknown,
    ...(gaps.length > 0 && { unattributed: gaps }),
    ...(outcomes !== undefined && { outcomes: outcomes.map(outcomeDocument) }),
    ...(rehearsal !== undefined && { rehearsal }),
  };
}

function changeDocument({ have, doors, ...change }: Change, step: number | undefined): ChangeDocument {
  return {
    ...change,
    doors: doors.map(effectDocument),
    ...(step !== undefined && { step }),
    ...(have !== undefined && { have: { id: have.id, owner: have.owner ?? null } }),
  };
}

/** Copies the fields that the schema has. A new field of an effect appears only once somebody adds it here and to the schema. */
function effectDocument({
  host,
  step,
  via,
  live,
  part,
  exchangedFor,
  anew,
  cover,
}: DoorEffect): EffectDocument {
  return {
    host,
    step,
    ...(via !== undefined && { via }),
    ...(live !== undefined && { live }),
    ...(part !== undefined && { part }),
    ...(exchangedFor !== undefined && { exchangedFor }),
    ...(anew !== undefined && { anew: true }),
    ...(cover !== undefined && { cover }),
  };
}

function actorsOf(
  change: Change,
  attribution: Attribution | undefined,
): { readonly by?: readonly ActorDocument[] } {
  const outside = outsideChange(change, attribution);
  return outside === undefined
    ? {}
    : { by: outside.by.map(({ name, ...rest }) => ({ actor: name, ...rest })) };
}

function outcomeDocument({ change, status, error, reason }: Outcome): OutcomeDocument {
  const why = error === undefined ? reason : describeError(error);
  return { change, status, ...(why !== undefined && { reason: why }) };
}
