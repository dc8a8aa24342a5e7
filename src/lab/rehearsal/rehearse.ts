import type { Config } from '../../config/model/config.ts';
import { parseConfig } from '../../config/parse-config.ts';
import type { Plan } from '../../core/change.ts';
import { describeError, UnsafeError } from '../../core/errors.ts';
import { addressId } from '../../core/objects/address.ts';
import type { AnyReconciler } from '../../core/reconciler.ts';
import type { Disk, Vault } from '../../core/world.ts';
import { planMoves, savedPlan } from '../../report/plan/saved-plan.ts';
import type { Hole, Origins, Rehearsal } from '../../report/rehearsal/rehearsal.ts';
import type { ReconcileRequest, Report } from '../../run/reconcile.ts';
import { mirrorSandbox, type RecordedReply } from '../sandbox/index.ts';
import { guardsOf } from './guards.ts';
import { type Misfortune, misfortuneText } from './misfortune.ts';
import { frozen, overlay } from './overlay.ts';
import { playedVerify } from './played-verify.ts';
import { type Ran, runProcess } from './process.ts';
import { type Trial, trialsOf } from './schedule.ts';
import { Theatre } from './theatre.ts';

/** Calls in a window: a copy must answer more calls than any account allows. */
const unlimited = 1_000_000_000;

export interface RehearseOptions {
  /** The requests to the live systems for the plan, and their replies. */
  readonly replies: readonly RecordedReply[];
  /** The plan that was made from these replies. */
  readonly plan: Plan;
  readonly request: Omit<ReconcileRequest, 'apply'>;
  readonly reconcilers: readonly AnyReconciler[];
  /** The state of this machine: read, and never written. */
  readonly disk: Disk;
  /** The real address of Authentik, if the environment names another one than the file. */
  readonly authentikUrl?: string;
  /** The same seed repeats the same trials. */
  readonly seed: number;
  /** The most trials; if there are more, the seed decides which. */
  readonly most: number;
  readonly onTrial?: (done: number, all: number) => void;
  /** Called before each trial except the first: false ends the rehearsal. Default: all are tried. */
  readonly goesOn?: () => boolean;
}

/**
 * Carries the plan out repeatedly on a copy of the live systems, with another failure each time: every write in every
 * way, every read, calls at random; with origins that ask the outpost and with others. After every write it checks who
 * gets through the copy.
 * @throws UnsafeError if the copy leads to another plan, because its results would then prove nothing.
 */
export async function rehearse(options: RehearseOptions): Promise<Rehearsal> {
  const read = parseConfig(options.request.text);
  if (!read.ok) throw new TypeError('a file with mistakes has no plan');
  const { config } = read.parsed;
  const secrets = await tokenSecrets(options.disk.vault);
  const login = config.services.get(config.authentik?.service ?? '');
  const { sandbox, unplayed, unread } = await mirrorSandbox(options.replies, {
    ...{ secrets, callBudget: unlimited, verifier: playedVerify },
    ...(login && { authentikHost: login.host }),
  });
  const guards = guardsOf(config, leavingHosts(options.plan, config));
  const theatre = await Theatre.open(sandbox, { config, replies: options.replies, guards });
  return new Rehearsing(options, theatre).run({ unplayed, unread });
}

/** Secrets of service tokens, by client id: with them the copy's edge knows the same tokens as the real one. */
async function tokenSecrets(vault: Vault): Promise<ReadonlyMap<string, string>> {
  const secrets = new Map<string, string>();
  for (const name of await vault.list()) {
    const { clientId, clientSecret } = (await vault.get(name)) ?? {};
    if (clientId !== undefined && clientSecret !== undefined) secrets.set(clientId, clientSecret);
  }
  return secrets;
}

/** Hosts that the plan changes and the file does not have. */
function leavingHosts({ changes }: Plan, { services }: Config): readonly string[] {
  const staying = new Set([...services.values()].map(({ host }) => host));
  const touched = changes.flatMap(({ doors }) => doors.map(({ host }) => host));
  return [...new Set(touched)].filter((host) => !staying.has(host) && !host.includes('*')).sort();
}

class Rehearsing {
  readonly #options: RehearseOptions;
  readonly #theatre: Theatre;
  readonly #disk: Disk;
  /** Addresses at which a run without failures leaves something undone, because it waits for a person. */
  readonly #waiting = new Map<Origins, ReadonlySet<string>>();
  readonly #holes = new Map<string, Hole>();
  readonly #unfinished = new Map<string, Rehearsal['unfinished'][number]>();
  #judged = 0;

  constructor(options: RehearseOptions, theatre: Theatre) {
    this.#options = options;
    this.#theatre = theatre;
    this.#disk = frozen(options.disk);
  }

  async run(lacks: Pick<Rehearsal, 'unplayed' | 'unread'>): Promise<Rehearsal> {
    const { seed, most, onTrial, goesOn = () => true } = this.#options;
    const { worlds, sandbox } = this.#theatre;
    const before = sandbox.blindSpots();
    const first = await this.#undisturbed('ask');
    requireSamePlan(this.#options.plan, first.report?.plan);
    const standing = await this.#theatre.standing();
    const spots = [...new Set([...before, ...sandbox.blindSpots()])];
    for (const origins of worlds.slice(1)) await this.#undisturbed(origins);
    const possible = trialsOf(first, worlds, seed);
    const trials = possible.slice(0, most);
    let tried = 0;
    for (const trial of trials) {
      if (tried > 0 && !goesOn()) break;
      tried += 1;
      onTrial?.(tried, trials.length);
      await this.#try(trial);
    }
    return {
      seed,
      tried,
      possible: possible.length,
      writes: first.writes,
      reads: first.reads.length,
      judged: this.#judged,
      originsTried: worlds.length > 1 ? 'asking and not asking' : 'as described',
      holes: [...this.#holes.values()],
      unfinished: [...this.#unfinished.values()],
      standing,
      unplayed: [...lacks.unplayed, ...spots],
      unread: [...lacks.unread, ...spots],
    };
  }

  async #undisturbed(origins: Origins): Promise<Ran> {
    this.#theatre.begin(origins);
    const ran = await this.#process(overlay(this.#disk));
    this.#note([ran], undefined);
    this.#waiting.set(origins, new Set(unfinishedIn(ran.report).keys()));
    return ran;
  }

  /** Runs once with a failure, and once without. */
  async #try({ misfortune, origins }: Trial): Promise<void> {
    const theatre = this.#theatre;
    const trouble = misfortuneText(misfortune);
    theatre.begin(origins);
    const disk = overlay(this.#disk);
    if (misfortune.kind === 'random') await theatre.disturb(misfortune.seed);
    const disturbed = await this.#process(disk, misfortune);
    await theatre.calm();
    const next = await this.#process(disk);
    this.#note([disturbed, next], trouble);
    const waiting = this.#waiting.get(origins) ?? new Set();
    for (const [address, { change, why }] of unfinishedIn(next.report, waiting)) {
      if (this.#unfinished.has(address)) continue;
      this.#unfinished.set(address, { change, trouble: `${trouble}; then: ${why}` });
    }
  }

  #process(disk: Disk, misfortune?: Misfortune): Promise<Ran> {
    const { request, reconcilers, authentikUrl } = this.#options;
    const { sandbox } = this.#theatre;
    return runProcess({
      ...{ sandbox, disk, request, reconcilers },
      ...(authentikUrl !== undefined && { authentikUrl }),
      ...(misfortune && { misfortune }),
    });
  }

  #note(runs: readonly Ran[], trouble: string | undefined): void {
    this.#judged += runs.reduce((sum, { judged }) => sum + judged, 0);
    for (const hole of this.#theatre.holes(runs, trouble)) {
      const key = [hole.host, hole.path, hole.principal, hole.servedBy].join('\n');
      if (!this.#holes.has(key)) this.#holes.set(key, hole);
    }
  }
}

interface Undone {
  readonly change: string;
  readonly why: string;
}

/**
 * The unfinished changes, by address, since another step may do the rest after a failure. Changes that wait even
 * without a failure are omitted, and so are those that need them: after a failure they may appear for the first time.
 */
function unfinishedIn(
  report: Report | undefined,
  waiting: ReadonlySet<string> = new Set(),
): ReadonlyMap<string, Undone> {
  const undone = new Map<string, Undone>();
  const outcomes = new Map(report?.outcomes.map((outcome) => [outcome.change, outcome]));
  const expected = new Set<string>();
  // In a plan, a needed change precedes the changes that need it.
  for (const { id, verb, address, needs } of report?.plan?.changes ?? []) {
    const { status = 'done', error, reason = '' } = outcomes.get(id) ?? {};
    if (status === 'done') continue;
    if (waiting.has(addressId(address)) || needs.some((need) => expected.has(need))) expected.add(id);
    else {
      const why = error === undefined ? reason : describeError(error);
      undone.set(addressId(address), { change: `${verb} ${address.kind} ${address.key}`, why });
    }
  }
  return undone;
}

function requireSamePlan(live: Plan, copied: Plan | undefined): void {
  const differing = copied === undefined ? ['all of it'] : differences(live, copied);
  if (differing.length === 0) return;
  throw new UnsafeError('The copy leads to another plan, so that a rehearsal there would say nothing', {
    facts: { detail: differing.slice(0, 5).join(', ') },
    hint: 'Bug in gates: please report it with the output of `gates plan --output json`',
  });
}

/** Steps that only one of the plans has, or that differ. */
function differences(live: Plan, copied: Plan): readonly string[] {
  const origin = { gates: '', file: { name: '', sha256: '' }, apis: { cloudflare: '' } };
  const options = { adopt: false, allow: [], unverified: [] };
  const [before, after] = [live, copied].map((plan) => {
    return JSON.parse(JSON.stringify(savedPlan(plan, { ...origin, options }, '')));
  });
  return planMoves(before, after).map(({ sort, change, differences: fields }) => {
    const what = `${change.verb} ${change.address.kind} ${change.address.key}`;
    return sort === 'differs'
      ? `${what} (${fields.map(({ field }) => field).join(', ')})`
      : `${sort}: ${what}`;
  });
}
