import { applyChecks, applyPlan } from '../apply/apply.ts';
import { stepsOf } from '../apply/turns.ts';
import { isCarriedOut, type Plan } from '../core/change.ts';
import { describeError, GatesError, RejectedError, UnreachableError } from '../core/errors.ts';
import type { WriteInterlock } from '../core/interlock.ts';
import type { Outcome } from '../core/outcome.ts';
import type { ProgressEvent } from '../core/progress.ts';
import type { AnyReconciler } from '../core/reconciler.ts';
import type { TakenTurns, TurnTaker } from '../core/turn-taker.ts';
import type { World } from '../core/world.ts';

/** The most times that a plan may turn out to need another turn. */
const mostTakings = 3;

export interface InTurnParts {
  readonly world: World;
  readonly reconcilers: readonly AnyReconciler[];
  readonly turns: TurnTaker;
  /** The plan as it is now, after a new reading. */
  readonly replan: () => Promise<Plan>;
  /** True if a person has agreed to the plan: then no other plan is carried out. */
  readonly isAgreed: boolean;
  readonly onEvent?: (event: ProgressEvent) => void;
  /** The interlock for a plan from the last reading; undefined if no write is held back. */
  readonly interlock: (plan: Plan) => WriteInterlock | undefined;
}

export interface CarriedOut {
  readonly plan: Plan;
  readonly outcomes: readonly Outcome[];
  /** The reason why the run did nothing, such as the holder of a turn. Another run is due soon. */
  readonly waitsFor?: string;
}

/**
 * Carries a plan out while no other run of gates writes the same documents. Another run may have ended since the plan
 * was made, so gates makes the plan again once it has the turn.
 */
export async function applyInTurn(planned: Plan, parts: InTurnParts): Promise<CarriedOut> {
  const { world, turns } = parts;
  try {
    return await attempt(planned, parts);
  } finally {
    await turns.sweep(world);
  }
}

async function attempt(planned: Plan, parts: InTurnParts): Promise<CarriedOut> {
  const { world, turns, replan, isAgreed } = parts;
  let plan = planned;
  let taken: TakenTurns | undefined;
  try {
    for (let taking = 0; ; taking += 1) {
      // Refused changes, and changes that wait for them, write no document.
      const documents = await turns.documents({ ...plan, changes: stepsOf(plan) }, world);
      if (documents.every((document) => taken?.documents.has(document) || taken?.refused.has(document)))
        break;
      if (taking === 0) {
        // A host may wait for a person through many runs: gates takes no turn for a plan that writes nothing.
        const later: ProgressEvent[] = [];
        const tell = (event: ProgressEvent) => {
          const isOfWrite = event.type === 'started' && event.change.verb !== 'verify';
          if (isOfWrite || event.type === 'finished') later.push(event);
          else parts.onEvent?.(event);
        };
        const outcomes = await applyChecks(plan, parts.reconcilers, world, tell, parts.interlock(plan));
        if (outcomes !== undefined) {
          // Otherwise the same checks follow in the turn, and each step ends once.
          for (const event of later) parts.onEvent?.(event);
          return { plan, outcomes };
        }
      }
      if (taking === mostTakings) return waiting(plan, 'what is live to stop changing');
      await taken?.release();
      taken = undefined;
      const next = await turns.take(documents, world);
      if ('waitsFor' in next) return waiting(plan, next.waitsFor);
      taken = next;
      plan = await replan();
      if (isAgreed && !isSamePlan(plan, planned))
        return waiting(planned, 'a new look: what is live has changed');
    }
    if (plan !== planned) parts.onEvent?.({ type: 'planned', plan });
    const refusals = [...(taken?.refused ?? [])].map(([document, error]) => noTurn(document, error));
    return await carryOut(withWarnings(plan, refusals), parts, taken?.world ?? world);
  } catch (error) {
    // A failed step is an outcome, so an error that is thrown here comes from a reading of the documents.
    const isWaiting = taken !== undefined ? error instanceof GatesError : error instanceof UnreachableError;
    if (isWaiting) return waiting(plan, `what is live to be read: ${describeError(error)}`);
    if (!(error instanceof RejectedError)) throw error;
    return carryOut(withWarnings(plan, [noTurn('any shared document', error)]), parts, world);
  } finally {
    await taken?.release();
  }
}

async function carryOut(
  plan: Plan,
  { reconcilers, onEvent, interlock }: InTurnParts,
  world: World,
): Promise<CarriedOut> {
  return { plan, outcomes: await applyPlan(plan, reconcilers, world, onEvent, interlock(plan)) };
}

/** A run that may not make the object of a turn can still write. It notices and reports what another run then loses. */
function noTurn(document: string, error: RejectedError): string {
  return `No turn could be taken at ${document}, so another gates that writes it at the same moment may lose its changes: ${describeError(error)}`;
}

function withWarnings(plan: Plan, warnings: readonly string[]): Plan {
  return warnings.length === 0 ? plan : { ...plan, warnings: [...plan.warnings, ...warnings] };
}

function waiting(plan: Plan, waitsFor: string): CarriedOut {
  const reason = `waits for ${waitsFor}`;
  const outcomes = plan.changes.filter(isCarriedOut).map(
    (change): Outcome => ({
      change: change.id,
      address: change.address,
      status: 'skipped',
      reason: change.verb === 'refuse' ? (change.reason ?? reason) : reason,
    }),
  );
  return { plan, outcomes, waitsFor };
}

/**
 * True if two plans of one process have the same changes. It ignores replies, which differ in parts that no plan
 * uses, and reasons, because a check of this run may clear the reason that the last one found.
 */
function isSamePlan(left: Plan, right: Plan): boolean {
  const textOf = ({ changes }: Plan) =>
    JSON.stringify(
      changes.map(({ reason: _, ...change }) => change),
      (key, value) => (key === 'raw' ? undefined : value),
    );
  return textOf(left) === textOf(right);
}
