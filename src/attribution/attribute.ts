import { accountPath } from '../../reconcilers/cloudflare/account/account.ts';
import type { Plan } from '../core/change.ts';
import { describeError, GatesError } from '../core/errors.ts';
import { type AddressId, parseAddressId, type System, systemOf } from '../core/objects/address.ts';
import type { Desired, Observation } from '../core/objects/object.ts';
import type { AnyReconciler } from '../core/reconciler.ts';
import type { Attribution, ChangeLogs, OutsideChange } from '../core/record/change-log.ts';
import type { World } from '../core/world.ts';
import { ownAccount, readEvents } from './authentik-log.ts';
import { ownTokenId, readAuditLog } from './cloudflare-log.ts';
import { inOrderNote } from './in-order.ts';
import { type Evidence, hasPrograms, judgeSuspect } from './judge.ts';
import type { ReadLog } from './log-entry.ts';
import { type Suspect, suspectsIn } from './outside-changes.ts';

/** The longest time that gates looks back, in milliseconds. */
const LONGEST = 30 * 24 * 60 * 60 * 1000;

/** The readings and the plan of a run. */
export interface AttributionGround {
  readonly world: World;
  readonly desired: Desired;
  readonly observed: readonly Observation[];
  readonly reconcilers: readonly AnyReconciler[];
  readonly plan: Plan;
  readonly plannedAt: Date;
}

/**
 * The people and programs that changed the objects of a plan outside this gates (decision 36). Undefined, and without a
 * call, if nobody did. Never throws: a log that cannot be read is a gap.
 *
 * Calls: at Cloudflare at most 3 pages of the log and 2 for the token, at Authentik 5 pages of events and 1 for the
 * account.
 */
export async function attribute(
  ground: AttributionGround,
  logs: ChangeLogs,
): Promise<Attribution | undefined> {
  try {
    return await attributed(ground, logs);
  } catch (error) {
    return unknownTo(['cloudflare', 'authentik'], error, ground.world.clock.now());
  }
}

async function attributed(ground: AttributionGround, logs: ChangeLogs): Promise<Attribution | undefined> {
  const { world } = ground;
  const note = await inOrderNote(world);
  const suspects = note === undefined ? [] : suspectsIn(ground, note);
  if (suspects.length === 0) return undefined;
  const now = world.clock.now();
  const { plannedAt } = ground;
  // Without its own record, gates would report its own writes as another's.
  const ownWrites = await logs.ownWrites();
  const read = { world, logs, now, plannedAt, ownWrites };
  const found = await Promise.all([
    judged('cloudflare', suspects, () => cloudflareSource(read)),
    judged('authentik', suspects, () => authentikSource(read)),
  ]);
  return {
    changes: new Map(found.flatMap(({ changes }) => changes)),
    gaps: found.flatMap(({ gaps }) => gaps),
    at: now.toISOString(),
  };
}

function unknownTo(systems: readonly System[], error: unknown, now: Date): Attribution {
  const reason = `the notes in the state folder could not be read: ${describeError(error)}`;
  return {
    changes: new Map(),
    gaps: systems.map((system) => ({ system, reason })),
    at: now.toISOString(),
  };
}

interface Reading {
  readonly world: World;
  readonly logs: ChangeLogs;
  readonly now: Date;
  readonly plannedAt: Date;
  readonly ownWrites: Evidence['ownWrites'];
}

/** One system: its log, and the identity of gates there. */
interface Source extends Reading {
  readonly log: (since: string) => Promise<ReadLog>;
  readonly ownIdentity: () => Promise<string | undefined>;
}

interface Judged {
  readonly changes: readonly (readonly [AddressId, OutsideChange])[];
  readonly gaps: Attribution['gaps'];
}

async function cloudflareSource(reading: Reading): Promise<Source> {
  const { world, logs, now } = reading;
  const account = await accountPath(world);
  return {
    ...reading,
    log: (since) => readAuditLog(logs, account, { since, now }),
    ownIdentity: () => ownTokenId(logs, account),
  };
}

async function authentikSource(reading: Reading): Promise<Source> {
  const { logs } = reading;
  return { ...reading, log: (since) => readEvents(logs, since), ownIdentity: () => ownAccount(logs) };
}

async function judged(system: System, all: readonly Suspect[], open: () => Promise<Source>): Promise<Judged> {
  const suspects = all.filter(({ address }) => systemOf(parseAddressId(address).kind) === system);
  if (suspects.length === 0) return { changes: [], gaps: [] };
  try {
    const source = await open();
    const { now, plannedAt, ownWrites } = source;
    const oldest = Math.min(...suspects.map(({ since }) => Date.parse(since)));
    const from = Math.max(oldest, now.getTime() - LONGEST);
    // A minute earlier, because clocks differ.
    const log = await source.log(new Date(from - 60_000).toISOString());
    const evidence = { log, ownWrites, readBy: plannedAt.toISOString() };
    const ownIdentity = hasPrograms(suspects, evidence) ? await source.ownIdentity() : undefined;
    const changes = suspects.flatMap((suspect) => {
      const change = judgeSuspect(suspect, { ...evidence, ownIdentity });
      return change === undefined ? [] : [[suspect.address, change] as const];
    });
    return { changes, gaps: log.isCutOff ? [{ system, reason: tooLong(log) }] : [] };
  } catch (error) {
    return { changes: [], gaps: [{ system, reason: reasonOf(system, error) }] };
  }
}

function tooLong({ entries }: ReadLog): string {
  const oldest = entries.at(-1)?.at;
  return `gates read only the newest part of the log${oldest === undefined ? '' : `, since ${oldest}`}`;
}

const PERMISSION: Readonly<Partial<Record<System, string>>> = {
  cloudflare: 'the token may not read the audit log (optional permission: Account / Account Settings / Read)',
  authentik: 'the token may not read the events (optional permission: authentik_events.view_event)',
};

function reasonOf(system: System, error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'the log did not answer in time';
  const isForbidden = error instanceof GatesError && error.facts.status === 403;
  return (
    (isForbidden ? PERMISSION[system] : undefined) ?? `the log could not be read: ${describeError(error)}`
  );
}
