import { applyPlan } from './apply/apply.ts';
import type { Mistake } from './config/mistake.ts';
import { parseConfig, type ReadConfig } from './config/parse-config.ts';
import type { Plan } from './core/change.ts';
import type { Outcome } from './core/outcome.ts';
import type { ProgressEvent } from './core/progress.ts';
import type { Interference } from './core/shared-documents.ts';
import { forgetAuthentik, rememberAuthentik } from './left-authentik.ts';
import { looksAlone } from './plan/looks.ts';
import type { PlanOptions } from './plan/options.ts';
import { makePlan } from './plan/plan.ts';
import { type Reach, survey } from './survey.ts';

export interface ReconcileRequest {
  /** gates.yaml as it was read, and the name it has in messages. */
  readonly text: Uint8Array;
  readonly file: string;
  /** False: a dry run, which is stopping after the plan; in a pass that watches, after the looks at what stands. */
  readonly apply: boolean;
  readonly options: Pick<PlanOptions, 'adopt' | 'adoptOnly' | 'allow' | 'unverified' | 'service' | 'watch'>;
  readonly revision?: string;
}

export interface Effects extends Reach {
  /** Asked before anything is written; default: yes. */
  readonly confirm?: (plan: Plan) => Promise<boolean>;
  readonly onEvent?: (event: ProgressEvent) => void;
  /** Default: in this thread. */
  readonly readConfig?: ReadConfig;
}

export interface Report {
  readonly revision?: string;
  /** With an error among them nothing was planned. */
  readonly mistakes: readonly Mistake[];
  readonly plan?: Plan;
  readonly outcomes: readonly Outcome[];
  /** What other writers did meanwhile: with one of them, another run is due at once. */
  readonly interferences: readonly Interference[];
}

/** One pass: config, desired, observed, plan, apply, report. */
export async function reconcile(request: ReconcileRequest, effects: Effects): Promise<Report> {
  const revision = request.revision === undefined ? {} : { revision: request.revision };
  const read = await (effects.readConfig ?? parseConfig)(request.text);
  if (!read.ok) return { ...revision, mistakes: read.mistakes, outcomes: [], interferences: [] };
  const { config, warnings: mistakes } = read.parsed;
  const { desired, world, observed } = await survey(config, effects);
  const { prune, limits } = config.reconcile;
  const plan = makePlan(desired, observed, effects.reconcilers, { ...request.options, prune, limits });
  effects.onEvent?.({ type: 'planned', plan });
  const agreed = request.apply && ((await effects.confirm?.(plan)) ?? true);
  const watched = request.options.watch === true ? looksAlone(plan) : undefined;
  const done = agreed ? plan : watched;
  if (agreed) await rememberAuthentik(world, observed, plan);
  const outcomes = done ? await applyPlan(done, effects.reconcilers, world, effects.onEvent) : [];
  if (agreed) for (const { remember } of effects.reconcilers) await remember?.(world);
  if (agreed) await forgetAuthentik(world, plan, outcomes);
  return { ...revision, mistakes, plan, outcomes, interferences: world.shared.interferences };
}
