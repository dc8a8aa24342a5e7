import { type Change, isPending, type Plan } from '../../core/change.ts';
import { UnsafeError } from '../../core/errors.ts';
import { describeInterference } from '../../core/shared-documents.ts';
import type { Turn } from '../../daemon/lease/lease-turn.ts';
import { outcomeSummary, troubleLines } from '../../report/plan/outcome-text.ts';
import type { PlanOrigin } from '../../report/plan/saved-plan.ts';
import { widthOf } from '../../report/screen/screen.ts';
import { type Proposal, type Report, reconcile } from '../../run/reconcile.ts';
import { tellRest } from '../planning/adoption-rest.ts';
import type { HeldRevision } from '../planning/held-revision.ts';
import { progressTeller } from '../planning/progress.ts';
import { type AccountDocuments, accountDocuments, printHeading } from '../surroundings/account-output.ts';
import { type AskedAccount, accountsIn, inEachAccount, onlyAccount } from '../surroundings/accounts.ts';
import { effectsMaker } from '../surroundings/effects.ts';
import {
  readGatesFile,
  requireHosts,
  requireService,
  tellMistakes,
  vouchedHosts,
} from '../surroundings/file.ts';
import { whoAsks } from '../surroundings/person.ts';
import { readSettings, type Settings } from '../surroundings/settings.ts';
import { ask, tell, tellError, wantsColor } from '../surroundings/terminal.ts';
import { applyRecorder, isAllDone } from './apply-record.ts';
import { exclusively } from './exclusive.ts';
import { type PlanCommandOptions, printPlan } from './plan.ts';

export interface ApplyCommandOptions extends PlanCommandOptions {
  readonly yes: boolean;
  /** Only take over existing objects without a mark. */
  readonly adoptOnly: boolean;
  /** A saved plan: carry out exactly this one. */
  readonly plan?: string;
  /** A commit of the watched branch, to be applied in place of its head and of the local file. */
  readonly revision?: string;
}

/**
 * Plans, asks, and applies, under the lease of the state folder. Exit codes: 0 = everything is done, 1 = a change
 * failed, was skipped or refused, or nobody agreed.
 */
export async function apply(options: ApplyCommandOptions): Promise<number> {
  if (!options.yes && process.stdin.isTTY !== true) {
    throw new UnsafeError('There is no terminal to ask for confirmation', {
      hint: options.adoptOnly
        ? 'Read `gates plan --adopt`, then run `gates adopt --yes`'
        : 'Read `gates plan`, then run `gates apply --yes`',
    });
  }
  // Reports mistakes of the local file, and another plan than the saved one, before it waits for anybody.
  const settings = readSettings(process.env);
  const local = options.revision === undefined ? await localFile(options, settings) : undefined;
  const [first] = local?.accounts ?? [];
  const saved = first && (await savedRequest(first, options));
  if (local !== undefined && first === undefined) return 1;
  return exclusively(settings.stateDir, commandOf(options), async (turn) => {
    const file = local ?? (await revisionAsked(options, settings, turn));
    const documents = accountDocuments(file.accounts);
    const done = new Set<AskedAccount>();
    const code = await inEachAccount(file.accounts, async (account) => {
      if (turn.signal.aborted) return 1;
      if (options.output === 'text') printHeading(account, file.accounts);
      const applied = await applyAccount(account, options, { turn, file, saved, documents });
      if (applied.isDone) done.add(account);
      return applied.code;
    });
    if (file.accounts.every((account) => done.has(account)) && !turn.signal.aborted) await file.done?.();
    documents.end(options.output);
    // The reports above name what was not done, but not why another process took over.
    if (turn.signal.reason instanceof UnsafeError) tellError(turn.signal.reason);
    return code;
  });
}

function commandOf({ adoptOnly }: ApplyCommandOptions): string {
  return adoptOnly ? 'gates adopt' : 'gates apply';
}

/** The parts of an apply that its accounts share. */
interface ApplyGround {
  readonly turn: Turn;
  readonly file: Asked;
  readonly saved: SavedRequest | undefined;
  readonly documents: AccountDocuments;
}

async function applyAccount(
  { name, text, settings }: AskedAccount,
  options: ApplyCommandOptions,
  { turn, file, saved, documents }: ApplyGround,
): Promise<{ readonly code: number; readonly isDone: boolean }> {
  requireService(text, file.name, options.service);
  const reached = effectsMaker(settings)(turn.signal, turn);
  const effects = {
    ...reached,
    onEvent: progressTeller(options),
    confirm: async (proposal: Proposal) => {
      saved?.require(proposal.plan);
      const agreed = await agree(proposal, options, turn.signal);
      if (agreed) await file.agreed?.();
      return agreed;
    },
  };
  const { adopt, adoptOnly, allow, service } = options;
  const unverified = vouchedHosts(text, options.unverified);
  const planOptions = { adopt, allow, unverified, ...(service !== undefined && { service }) };
  const request = { ...(saved?.options ?? planOptions), adoptOnly };
  const command = {
    command: commandOf(options),
    allow: request.allow,
    revision: file.revision,
    account: name,
  };
  const recorded = applyRecorder(settings.stateDir, command, turn);
  try {
    const report = await reconcile({ text, file: file.name, apply: true, options: request }, effects);
    await recorded.ended(report, reached.calls());
    const code = conclude(report, { ...options, file: file.name }, text, documents.of(name));
    const isDone = isAllDone(report);
    if (!options.adoptOnly || !isCarriedOut(report) || turn.signal.aborted) return { code, isDone };
    const rest = await tellRest({ text, file: file.name }, options, reached);
    return { code: Math.max(code, rest), isDone };
  } catch (error) {
    await recorded.failed(error);
    throw error;
  }
}

/** The file to apply: the local file, or one of the repository. */
type Asked = Pick<HeldRevision, 'name'> &
  Partial<Omit<HeldRevision, 'name' | 'text'>> & { readonly accounts: readonly AskedAccount[] };

async function localFile(options: ApplyCommandOptions, settings: Settings): Promise<Asked> {
  const { file, service, unverified, plan: savedPlan } = options;
  const accounts = accountsIn(await readGatesFile(file), options, settings);
  if (savedPlan !== undefined) onlyAccount(accounts, file);
  for (const { text } of accounts) requireService(text, file, service);
  requireHosts(accounts, file, unverified);
  return { name: file, accounts };
}

async function revisionAsked(options: ApplyCommandOptions, settings: Settings, turn: Turn): Promise<Asked> {
  const { revision = '', allow, unverified, color } = options;
  const { heldRevision } = await import('../planning/held-revision.ts');
  const { text, ...held } = await heldRevision(revision, settings, { allow, by: whoAsks() }, turn);
  const accounts = accountsIn(text, { file: held.name, color }, settings);
  requireHosts(accounts, held.name, unverified);
  return { ...held, accounts };
}

interface SavedRequest {
  readonly options: PlanOrigin['options'];
  require(made: Plan): void;
}

/** The request of a saved plan, if one is to be applied, and the check that a new plan equals it. */
async function savedRequest(
  { text, settings }: AskedAccount,
  options: ApplyCommandOptions,
): Promise<SavedRequest | undefined> {
  if (options.plan === undefined) return undefined;
  const { originOf, readSavedPlan, requireSameOrigin, requireSamePlan } = await import(
    '../planning/saved-plan.ts'
  );
  const saved = await readSavedPlan(options.plan);
  const origin = originOf(text, options.file, saved.options, settings);
  requireSameOrigin(saved, origin);
  return { options: saved.options, require: (made) => requireSamePlan(saved, made, origin, options) };
}

/** Milliseconds that a question may wait for an answer: meanwhile no daemon gets its turn. */
const PATIENCE = 10 * 60_000;

/** Shows the plan to a person. A plan without changes needs no agreement. */
async function agree(
  { attribution, ...proposed }: Proposal,
  options: ApplyCommandOptions,
  turn: AbortSignal,
): Promise<boolean> {
  const pending = proposed.plan.changes.some(isPending);
  // A person who takes something over reads in which fields it differs.
  const verbose = options.verbose || proposed.plan.changes.some(isDifferentAdoption);
  if (options.output === 'text') printPlan(proposed, { ...options, verbose }, { attribution });
  if (options.yes || !pending) return true;
  const tooLong = AbortSignal.timeout(PATIENCE);
  const answer = await ask('Do this? [y/N] ', AbortSignal.any([turn, tooLong]));
  if (answer === undefined && !turn.aborted) tell('\nNobody answered, and the daemon waits for its turn.');
  return answer === true;
}

function isDifferentAdoption({ verb, drift }: Change): boolean {
  return verb === 'adopt' && drift.length > 0;
}

/** False if nobody agreed, or if there was no plan. */
function isCarriedOut({ plan, outcomes }: Report): boolean {
  return plan !== undefined && (outcomes.length > 0 || !plan.changes.some(isPending));
}

function conclude(
  report: Report,
  options: ApplyCommandOptions,
  text: Uint8Array,
  emit: (document: unknown) => void,
): number {
  const errors = tellMistakes(report.mistakes, options.file, text, options.color);
  if (errors > 0 || report.plan === undefined) return 1;
  const { plan, ground, attribution, outcomes } = report;
  if (options.output === 'json' && ground !== undefined)
    printPlan({ plan, ground }, options, { attribution, outcomes }, emit);
  const pending = report.plan.changes.filter(isPending);
  if (pending.length > 0 && report.outcomes.length === 0) {
    tell('Nothing was done.');
    return 1;
  }
  const form = {
    color: wantsColor(process.stderr, options.color),
    width: widthOf(process.stderr),
    refused: options.quiet,
  };
  for (const line of troubleLines(report.plan, report.outcomes, form)) tell(line);
  if (!options.quiet && pending.length > 0) tell(outcomeSummary(report.outcomes));
  for (const interference of report.interferences) tell(describeInterference(interference));
  return isAllDone(report) ? 0 : 1;
}
