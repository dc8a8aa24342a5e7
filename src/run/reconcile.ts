import { applyPlan } from '../apply/apply.ts';
import { attribute } from '../attribution/attribute.ts';
import { rememberInOrder } from '../attribution/in-order.ts';
import type { ReadConfig } from '../config/parse-config.ts';
import { isWrite, type Plan } from '../core/change.ts';
import type { WriteInterlock } from '../core/interlock.ts';
import type { Mistake } from '../core/mistake.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Attribution, ChangeLogs } from '../core/record/change-log.ts';
import type { Interference } from '../core/shared-documents.ts';
import type { TurnTaker } from '../core/turn-taker.ts';
import type { World } from '../core/world.ts';
import { checkedConfig } from '../expect/checked-config.ts';
import { withAssertions } from '../expect/plan-assertions.ts';
import { openingHosts } from '../interlock/opening-hosts.ts';
import type { InterlockGround } from '../interlock/run-ends.ts';
import { RunInterlock } from '../interlock/run-interlock.ts';
import { forgetFullRead, rememberFullRead } from '../observed/full-read.ts';
import { hostsServed } from '../plan/drafts/known.ts';
import type { PlanOptions } from '../plan/drafts/options.ts';
import { makePlan } from '../plan/plan.ts';
import { checksAlone } from '../plan/selection.ts';
import { anotherWriter } from './another-writer.ts';
import { applyInTurn, type CarriedOut } from './in-turn.ts';
import { forgetAuthentik, rememberAuthentik } from './left-authentik.ts';
import { forgetPurged, rememberServed, servedHosts } from './served-hosts.ts';
import { type Reach, type Survey, surveyAgain, surveyWanted } from './survey.ts';
import { withWatchedHosts } from './watched-hosts.ts';

export interface ReconcileRequest {
  /** The bytes of gates.yaml, packed with the files that it includes; `file` is its name in messages. */
  readonly text: Uint8Array;
  readonly file: string;
  /** False: a dry run, which stops after the plan, or, if the run watches, after the checks of existing gates. */
  readonly apply: boolean;
  readonly options: Pick<PlanOptions, 'adopt' | 'adoptOnly' | 'allow' | 'unverified' | 'service' | 'watch'>;
  readonly revision?: string;
}

/** The input of a plan, from which the states of the doors over its steps follow. */
export interface PlanInput extends Pick<Survey, 'desired' | 'observed'> {
  readonly prune: boolean;
  /** Hosts that a person vouches for. */
  readonly unverified: readonly string[];
  readonly now: Date;
}

/** A plan before it is carried out. */
export interface Proposal {
  readonly plan: Plan;
  readonly attribution: Attribution | undefined;
  readonly ground: PlanInput;
}

export interface Effects extends Reach {
  /** Asked before anything is written; default: yes. */
  readonly confirm?: (proposal: Proposal) => Promise<boolean>;
  /** Default: reads in this thread. */
  readonly readConfig?: ReadConfig;
  /** Takes turns with other runs of gates; absent if no other run is possible. */
  readonly turns?: TurnTaker;
  /** Makes the interlock of a run that writes (decision 35); undefined: no write is held back. Default: `RunInterlock`. */
  readonly interlock?: (ground: InterlockGround, world: World) => WriteInterlock | undefined;
  /** Opens the logs of both systems, which stop answering after a few seconds. Absent: nobody is named (decision 36). */
  readonly logs?: (world: World) => ChangeLogs;
}

export interface Report {
  readonly revision?: string;
  /** If one of these is an error, there is no plan. */
  readonly mistakes: readonly Mistake[];
  readonly plan?: Plan;
  /** The input of the plan. */
  readonly ground?: PlanInput;
  /** The changes that others made to the differing objects; absent if there are none, or if gates did not ask. */
  readonly attribution?: Attribution;
  readonly outcomes: readonly Outcome[];
  /** Changes that other writers made meanwhile. If there is one, another run is due at once. */
  readonly interferences: readonly Interference[];
  /** The reason why the run did nothing. Another run is due soon. */
  readonly waitsFor?: string;
}

/** One run: config, desired, observed, plan, apply, report. */
export async function reconcile(request: ReconcileRequest, effects: Effects): Promise<Report> {
  const revision = request.revision === undefined ? {} : { revision: request.revision };
  const read = await (effects.readConfig ?? checkedConfig)(request.text);
  if (!read.ok) return { ...revision, mistakes: read.mistakes, outcomes: [], interferences: [] };
  const { config, warnings: mistakes } = read.parsed;
  const { prune, limits } = config.reconcile;
  const { unverified = [] } = request.options;
  const { reconcilers } = effects;
  const groundOf = ({ desired, observed, world }: Survey): PlanInput => {
    return { desired, observed, prune, unverified, now: world.clock.now() };
  };
  const planOf = (surveyed: Survey) => {
    const { desired, observed } = surveyed;
    const made = makePlan(desired, observed, reconcilers, {
      ...{ ...request.options, prune, limits, served },
      openingHosts: (...question) => openingHosts({ ...groundOf(surveyed), reconcilers }, ...question),
    });
    const basePlan = withWatchedHosts(made, desired, observed, reconcilers);
    const { expectations } = config;
    return withAssertions(basePlan, { ...groundOf(surveyed), expectations, file: request.file, reconcilers });
  };
  const isIdle = ({ changes }: Plan) => changes.every(({ verb }) => verb === 'keep');
  const surveying = { ...effects, adopt: request.options.adopt };
  let found = await surveyWanted(config, surveying);
  const served = await servedHosts(found.world);
  let plan = planOf(found);
  if (found.complete !== undefined && !isIdle(plan)) {
    found = await found.complete();
    plan = planOf(found);
  }
  const { world } = found;
  let plannedAt = world.clock.now();
  effects.onEvent?.({ type: 'planned', plan });
  const attributed = async (made: Plan) => {
    if (effects.logs === undefined || isIdle(made)) return undefined;
    const { desired, observed } = found;
    return attribute({ world, desired, observed, reconcilers, plan: made, plannedAt }, effects.logs(world));
  };
  // Only a person waits for the log. A repair does not, and the log has more entries later.
  const isAsked = !request.apply || effects.confirm !== undefined;
  const attributionAtPlan = isAsked ? await attributed(plan) : undefined;
  const proposal = () => ({ plan, attribution: attributionAtPlan, ground: groundOf(found) });
  const agreed = request.apply && ((await effects.confirm?.(proposal())) ?? true);
  const replan = async () => {
    found = await surveyAgain(config, surveying, found);
    plannedAt = world.clock.now();
    return planOf(found);
  };
  const makeInterlock = effects.interlock ?? ((ground) => new RunInterlock(ground, world));
  const interlock = ({ changes }: Plan) =>
    changes.some(isWrite) ? makeInterlock({ ...groundOf(found), reconcilers }, world) : undefined;
  const parts = { ...effects, world, replan, interlock };
  if (agreed) await rememberAuthentik(world, found.observed, plan);
  if (agreed) await rememberServed(world, hostsServed(found.desired.objects, reconcilers), plan);
  if (agreed && !isIdle(plan)) await forgetFullRead(world);
  const done = agreed ? await carryOut(plan, parts) : await look(plan, request, parts);
  const attribution = isAsked ? attributionAtPlan : await attributed(done.plan);
  if (agreed) await remember(effects, found, done);
  const { interferences } = world.shared;
  const ground = groundOf(found);
  return { ...revision, mistakes, ...done, ground, ...(attribution && { attribution }), interferences };
}

/** Notes for the next run of this state folder. */
async function remember(
  { reconcilers, logs }: Effects,
  found: Survey,
  { plan, outcomes }: CarriedOut,
): Promise<void> {
  const { world } = found;
  for (const reconciler of reconcilers) await reconciler.moments?.remember?.(world);
  await forgetAuthentik(world, plan, outcomes);
  await forgetPurged(world, hostsServed(found.desired.objects, reconcilers), plan, outcomes);
  world.shared.interferences.push(...(await anotherWriter(world)));
  await world.roster.keep();
  if (logs !== undefined) await rememberInOrder({ ...found, plan, outcomes });
  const isFull = found.complete === undefined && found.warnings.length === 0;
  if (isFull) await rememberFullRead(reconcilers, found, plan);
}

type Parts = Omit<Effects, 'world' | 'interlock'> & {
  readonly world: World;
  readonly replan: () => Promise<Plan>;
  readonly interlock: (plan: Plan) => WriteInterlock | undefined;
};

async function carryOut(plan: Plan, { turns, confirm, ...parts }: Parts): Promise<CarriedOut> {
  if (turns !== undefined) return applyInTurn(plan, { ...parts, turns, isAgreed: confirm !== undefined });
  const { reconcilers, world, onEvent, interlock } = parts;
  return { plan, outcomes: await applyPlan(plan, reconcilers, world, onEvent, interlock(plan)) };
}

/** Without an apply, a run that watches checks the existing gates; any other run does nothing more. */
async function look(plan: Plan, { options }: ReconcileRequest, parts: Parts): Promise<CarriedOut> {
  if (options.watch !== true) return { plan, outcomes: [] };
  return {
    plan,
    outcomes: await applyPlan(checksAlone(plan), parts.reconcilers, parts.world, parts.onEvent),
  };
}
