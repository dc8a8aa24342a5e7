import { isPending, type Plan } from '../core/change.ts';
import { UnsafeError } from '../core/errors.ts';
import { type Report, reconcile } from '../reconcile.ts';
import { outcomeSummary } from '../report/outcome-text.ts';
import type { PlanOrigin } from '../report/saved-plan.ts';
import { effectsMaker } from './effects.ts';
import { exclusively } from './exclusive.ts';
import { readGatesFile, requireHosts, requireService, tellMistakes } from './file.ts';
import { type PlanCommandOptions, printPlan } from './plan.ts';
import { progressTeller } from './progress.ts';
import { readSettings, type Settings } from './settings.ts';
import { ask, tell } from './terminal.ts';

export interface ApplyCommandOptions extends PlanCommandOptions {
  readonly yes: boolean;
  /** Only take over what exists and nobody has marked. */
  readonly adoptOnly: boolean;
  /** A plan that was saved: this one is carried out, or none. */
  readonly plan?: string;
}

/**
 * Plans, asks, and does it, under the lease of the state directory. 0: all of it is done, 1: something
 * failed, was skipped or refused, or nobody said yes.
 */
export async function apply(options: ApplyCommandOptions): Promise<number> {
  if (!options.yes && process.stdin.isTTY !== true) {
    throw new UnsafeError('Nobody is there to say yes', {
      hint: 'Read `gates plan`, then run `gates apply --yes`',
    });
  }
  const text = await readGatesFile(options.file);
  requireService(text, options.file, options.service);
  requireHosts(text, options.file, options.unverified);
  const settings = readSettings(process.env);
  const saved = await savedRequest(text, options, settings);
  const make = effectsMaker(settings);
  const command = options.adoptOnly ? 'gates adopt' : 'gates apply';
  return exclusively(settings.stateDir, command, async (signal) => {
    const effects = {
      ...make(signal),
      onEvent: progressTeller(options),
      confirm: async (made: Plan) => {
        saved?.require(made);
        return agree(made, options);
      },
    };
    const { file, adopt, adoptOnly, allow, unverified, service } = options;
    const asked = { adopt, allow, unverified, ...(service !== undefined && { service }) };
    const request = { ...(saved?.options ?? asked), adoptOnly };
    return conclude(await reconcile({ text, file, apply: true, options: request }, effects), options, text);
  });
}

/** What a saved plan asks for, if one is to be carried out, and the question whether a plan is still that one. */
async function savedRequest(
  text: Uint8Array,
  options: ApplyCommandOptions,
  settings: Settings,
): Promise<{ readonly options: PlanOrigin['options']; require(made: Plan): void } | undefined> {
  if (options.plan === undefined) return undefined;
  const { originOf, readSavedPlan, requireSameOrigin, requireSamePlan } = await import('./saved-plan.ts');
  const saved = await readSavedPlan(options.plan);
  const origin = originOf(text, options.file, saved.options, settings);
  requireSameOrigin(saved, origin);
  return { options: saved.options, require: (made) => requireSamePlan(saved, made, origin, options) };
}

/** Shows the plan to a person; a plan with nothing in it needs no yes. */
async function agree(made: Plan, options: ApplyCommandOptions): Promise<boolean> {
  const pending = made.changes.some(isPending);
  if (options.output === 'text') printPlan(made, options);
  if (options.yes || !pending) return true;
  return ask('Do this? [y/N] ');
}

function conclude(report: Report, options: ApplyCommandOptions, text: Uint8Array): number {
  const errors = tellMistakes(report.mistakes, options.file, text, options.color);
  if (errors > 0 || report.plan === undefined) return 1;
  if (options.output === 'json') printPlan(report.plan, options, { outcomes: report.outcomes });
  const pending = report.plan.changes.filter(isPending);
  if (pending.length > 0 && report.outcomes.length === 0) {
    tell('Nothing was done.');
    return 1;
  }
  if (!options.quiet && pending.length > 0) tell(outcomeSummary(report.outcomes));
  const done = report.outcomes.every((outcome) => outcome.status === 'done');
  return done && report.plan.unknown.length === 0 ? 0 : 1;
}
