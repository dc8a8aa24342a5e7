import { reconcilers } from '../../../reconcilers/index.ts';
import { Recording } from '../../clients/http/recording.ts';
import { isPending, type Plan } from '../../core/change.ts';
import { type PlanExtras, planDocument } from '../../report/plan/plan-json.ts';
import { formatPlanMarkdown } from '../../report/plan/plan-markdown.ts';
import { formatPlan, summaryLine } from '../../report/plan/plan-text.ts';
import { isSafe, type Rehearsal } from '../../report/rehearsal/rehearsal.ts';
import { formatRehearsal } from '../../report/rehearsal/rehearsal-text.ts';
import { widthOf } from '../../report/screen/screen.ts';
import { type PlanInput, reconcile } from '../../run/reconcile.ts';
import { planDoors } from '../planning/plan-doors.ts';
import { readingTeller } from '../planning/progress.ts';
import type { RehearsalParts } from '../planning/rehearse.ts';
import { type AccountDocuments, accountDocuments, printHeading } from '../surroundings/account-output.ts';
import { type AskedAccount, accountsAsked, inEachAccount, onlyAccount } from '../surroundings/accounts.ts';
import { effectsMaker } from '../surroundings/effects.ts';
import { requireHosts, requireService, tellMistakes, vouchedHosts } from '../surroundings/file.ts';
import { print, printJson, redactor, tell, wantsColor } from '../surroundings/terminal.ts';
import { UsageError } from '../surroundings/usage-error.ts';

export interface PlanCommandOptions {
  readonly file: string;
  readonly output: 'text' | 'json';
  readonly color: boolean;
  readonly quiet: boolean;
  /** Each step with its fields. */
  readonly verbose: boolean;
  readonly adopt: boolean;
  readonly allow: readonly ('prune' | 'change')[];
  /** Hosts that a person vouches for. */
  readonly unverified: readonly string[];
  readonly service?: string;
  /** The account that is meant, if the file has several. */
  readonly account?: string;
}

export interface PlanOnlyOptions extends Omit<PlanCommandOptions, 'output'> {
  readonly output: PlanCommandOptions['output'] | 'markdown';
  /** The file in which to save the plan as data, for `gates apply --plan`. */
  readonly save?: string;
  /** Carry the plan out on a copy of the live systems, and make everything fail in turn. */
  readonly rehearse: boolean;
  /** The seed of the rehearsal. */
  readonly seed?: number;
}

/** Prints what would change, and changes nothing. Exit code 0: no changes, 2: changes, 1: error. */
export async function plan(options: PlanOnlyOptions): Promise<number> {
  if (options.seed !== undefined && !options.rehearse) {
    throw new UsageError('--seed says how to rehearse', { hint: 'Run `gates plan --rehearse --seed …`' });
  }
  const accounts = await accountsAsked(options);
  // A saved plan, and a comment, is the plan of one account.
  if (options.save !== undefined || options.output === 'markdown') onlyAccount(accounts, options.file);
  requireHosts(accounts, options.file, options.unverified);
  const documents = accountDocuments(accounts);
  const code = await inEachAccount(accounts, (account) => {
    if (options.output === 'text') printHeading(account, accounts);
    return planAccount(account, options, documents);
  });
  documents.end(options.output);
  return code;
}

async function planAccount(
  { name, text, settings }: AskedAccount,
  options: PlanOnlyOptions,
  documents: AccountDocuments,
): Promise<number> {
  requireService(text, options.file, options.service);
  const recording = options.rehearse ? new Recording() : undefined;
  const reached = effectsMaker(settings, recording)(new AbortController().signal);
  const effects = { ...reached, onEvent: readingTeller(options) };
  const { file, adopt, allow, service, save } = options;
  const unverified = vouchedHosts(text, options.unverified);
  const request = { adopt, allow, unverified, ...(service !== undefined && { service }) };
  const report = await reconcile({ text, file, apply: false, options: request }, effects);
  const errors = tellMistakes(report.mistakes, file, text, options.color);
  const { plan: made, attribution, ground } = report;
  if (errors > 0 || made === undefined || ground === undefined) return 1;
  const show = (extras: PlanExtras = {}) =>
    printPlan({ plan: made, ground }, options, { attribution, ...extras }, documents.of(name));
  if (options.output === 'text') show();
  const { disk } = effects;
  const planRequest = { text, file, options: request };
  const rehearsal =
    recording &&
    (await rehearsed({ plan: made, request: planRequest, recording, disk, settings, seed: options.seed }));
  if (options.output !== 'text') show({ ...(rehearsal && { rehearsal }) });
  else if (rehearsal !== undefined)
    print(
      formatRehearsal(rehearsal, {
        color: wantsColor(process.stdout, options.color),
        width: widthOf(process.stdout),
      }),
    );
  if (save !== undefined) {
    if (made.unknown.length > 0) {
      tell(`not saved: what could not be read may change the plan`);
      return 1;
    }
    const { originOf, savePlan } = await import('../planning/saved-plan.ts');
    await savePlan(save, made, originOf(text, file, request, settings));
    if (!options.quiet) tell(`Saved: \`gates apply --plan ${save}\` carries out this plan and no other`);
  }
  return rehearsal === undefined || isSafe(rehearsal) ? planExitCode(made) : 1;
}

/** Loaded only for a rehearsal, since it needs a complete sandbox. */
async function rehearsed(parts: RehearsalParts): Promise<Rehearsal> {
  return (await import('../planning/rehearse.ts')).rehearsePlan(parts);
}

/** The plan as a comment under a pull request. */
export function planAsMarkdown(
  { plan: made, ground }: GroundedPlan,
  quiet: boolean,
  extras: Pick<PlanExtras, 'attribution' | 'rehearsal'>,
): string {
  const redact = (text: string) => redactor.redact(text);
  return formatPlanMarkdown(made, { doors: planDoors(made, ground), redact, quiet, ...extras });
}

export function planExitCode(made: Plan): number {
  if (made.unknown.length > 0) return 1;
  return made.changes.some(isPending) ? 2 : 0;
}

/** A plan, and the input that it was made from. */
interface GroundedPlan {
  readonly plan: Plan;
  readonly ground: PlanInput;
}

/** Prints the plan of one account on stdout, as text, JSON or Markdown; quiet text is only the summary. `emit` gets the JSON. */
export function printPlan(
  { plan: made, ground }: GroundedPlan,
  options: Pick<PlanOnlyOptions, 'output' | 'color' | 'quiet' | 'verbose'>,
  extras: PlanExtras = {},
  emit: (document: unknown) => void = printJson,
): void {
  if (options.output === 'json') emit(planDocument(made, { ...extras, doors: planDoors(made, ground) }));
  else if (options.output === 'markdown')
    print(planAsMarkdown({ plan: made, ground }, options.quiet, extras));
  else if (options.quiet) print(`${summaryLine(made)}\n`);
  else {
    const color = wantsColor(process.stdout, options.color);
    print(
      formatPlan(made, {
        color,
        kinds: reconcilers,
        doors: planDoors(made, ground),
        attribution: extras.attribution,
        width: widthOf(process.stdout),
        verbose: options.verbose,
      }),
    );
  }
}
