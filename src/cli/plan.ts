import { reconcilers } from '../../reconcilers/index.ts';
import { isPending, type Plan } from '../core/change.ts';
import type { Outcome } from '../core/outcome.ts';
import { reconcile } from '../reconcile.ts';
import { planDocument } from '../report/plan-json.ts';
import { formatPlan, summaryLine } from '../report/plan-text.ts';
import { effectsMaker } from './effects.ts';
import { readGatesFile, requireHosts, requireService, tellMistakes } from './file.ts';
import { readSettings } from './settings.ts';
import { print, tell, wantsColor } from './terminal.ts';

export interface PlanCommandOptions {
  readonly file: string;
  readonly output: 'text' | 'json';
  readonly color: boolean;
  readonly quiet: boolean;
  readonly adopt: boolean;
  readonly allow: readonly ('prune' | 'change')[];
  /** Hosts that a person vouches for. */
  readonly unverified: readonly string[];
  readonly service?: string;
}

export interface PlanOnlyOptions extends PlanCommandOptions {
  /** A file for the plan as data, for `gates apply --plan`. */
  readonly save?: string;
}

/** Prints what would be done, and does nothing. 0: nothing to do, 2: something, 1: it cannot be said. */
export async function plan(options: PlanOnlyOptions): Promise<number> {
  const text = await readGatesFile(options.file);
  requireService(text, options.file, options.service);
  requireHosts(text, options.file, options.unverified);
  const settings = readSettings(process.env);
  const effects = effectsMaker(settings)(new AbortController().signal);
  const { file, adopt, allow, unverified, service, save } = options;
  const request = { adopt, allow, unverified, ...(service !== undefined && { service }) };
  const report = await reconcile({ text, file, apply: false, options: request }, effects);
  const errors = tellMistakes(report.mistakes, file, text, options.color);
  if (errors > 0 || report.plan === undefined) return 1;
  printPlan(report.plan, options);
  if (save !== undefined) {
    if (report.plan.unknown.length > 0) {
      tell(`not saved: what could not be read may change the plan`);
      return 1;
    }
    const { originOf, savePlan } = await import('./saved-plan.ts');
    await savePlan(save, report.plan, originOf(text, file, request, settings));
    if (!options.quiet) tell(`Saved: \`gates apply --plan ${save}\` carries out this plan and no other`);
  }
  return planExitCode(report.plan);
}

export function planExitCode(made: Plan): number {
  if (made.unknown.length > 0) return 1;
  return made.changes.some(isPending) ? 2 : 0;
}

/** The plan on stdout, as text or as JSON; quiet text is the summary alone. */
export function printPlan(
  made: Plan,
  options: Pick<PlanCommandOptions, 'output' | 'color' | 'quiet'>,
  outcomes?: readonly Outcome[],
): void {
  if (options.output === 'json') print(`${JSON.stringify(planDocument(made, outcomes), undefined, 2)}\n`);
  else if (options.quiet) print(`${summaryLine(made)}\n`);
  else print(formatPlan(made, { color: wantsColor(process.stdout, options.color), kinds: reconcilers }));
}
