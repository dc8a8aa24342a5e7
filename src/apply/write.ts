import type { ReadyChange } from '../core/change.ts';
import {
  asError,
  GatesError,
  IneffectiveError,
  QuotaError,
  UnreachableError,
  UnsafeError,
} from '../core/errors.ts';
import { addressId } from '../core/objects/address.ts';
import { fieldsOf, ineffectiveTopic } from '../core/objects/ineffective.ts';
import { type FullQuota, fullQuotaTopic } from '../core/objects/quota.ts';
import type { Outcome } from '../core/outcome.ts';
import type { AnyReconciler } from '../core/reconciler.ts';
import type { World } from '../core/world.ts';
import { lookAgain } from './look-again.ts';

/** Tries in all, the first included. */
const tries = 4;
const firstPause = 500;
const longestPause = 60_000;

/**
 * Writes changes of one kind and sees them through: where the system could not be reached, or a reply was
 * lost, waits, looks at what is there now, and does only what is still missing.
 */
export async function writeConfirmed(
  changes: readonly ReadyChange<unknown>[],
  reconciler: AnyReconciler,
  world: World,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  let todo = changes;
  for (let attempt = 1; todo.length > 0; attempt += 1) {
    const tried = (await write(todo, reconciler, world)).map((outcome) => stopped(outcome, world));
    world.forget(reconciler);
    const unsure = attempt < tries && !world.signal.aborted ? tried.filter(isUnsure) : [];
    outcomes.push(...tried.filter((outcome) => !unsure.includes(outcome)));
    if (unsure.length === 0) break;
    const left = todo.filter((change) => unsure.some((outcome) => outcome.change === change.id));
    const looked = await look(left, unsure, { reconciler, world, attempt });
    outcomes.push(...looked.outcomes);
    todo = looked.again;
  }
  for (const change of changes) await noteEffect(change, outcomes, world);
  await noteQuotas(changes, outcomes, { reconciler, world });
  return outcomes;
}

/** A quota that refused an object is remembered with what it holds; an object that it took ends that. */
async function noteQuotas(
  changes: readonly ReadyChange<unknown>[],
  outcomes: readonly Outcome[],
  { reconciler, world }: Pick<LookContext, 'reconciler' | 'world'>,
): Promise<void> {
  const nameOf = (spec: unknown) => reconciler.words?.quota?.(spec);
  const made = changes.flatMap(({ id, verb, want }) => {
    const name = verb === 'create' || verb === 'replace' ? nameOf(want) : undefined;
    const outcome = outcomes.find(({ change }) => change === id);
    return name === undefined || outcome === undefined ? [] : [{ name, outcome }];
  });
  const refused = new Set(
    made.flatMap(({ name, outcome: { error } }) => (error instanceof QuotaError ? name : [])),
  );
  const noted = made.length === 0 ? [] : await world.notes.list(fullQuotaTopic);
  for (const { name, outcome } of made)
    if (outcome.status === 'done' && !refused.has(name) && noted.includes(name))
      await world.notes.clear(fullQuotaTopic, name);
  if (refused.size === 0) return;
  try {
    const live = await world.read(reconciler);
    for (const name of refused) {
      const count = live.filter(({ spec }) => nameOf(spec) === name).length;
      const full: FullQuota = { count, at: world.clock.now().toISOString() };
      await world.notes.put(fullQuotaTopic, name, JSON.stringify(full));
    }
  } catch (error) {
    // Nothing shows their number: the next run finds out by trying.
    if (!(error instanceof GatesError) && !world.signal.aborted) throw error;
  }
}

/** A write without effect is remembered, so that the next run does not repeat it; one with effect ends that. */
async function noteEffect(
  { id, address, want, have }: ReadyChange<unknown>,
  outcomes: readonly Outcome[],
  { notes }: World,
): Promise<void> {
  const outcome = outcomes.find(({ change }) => change === id);
  if (have === undefined || outcome === undefined) return;
  const { error, status } = outcome;
  if (error instanceof IneffectiveError) {
    const [wanted, live] = [want, have.spec].map((spec) => fieldsOf(spec as object, error.fields));
    const write = { id: have.id, want: wanted, have: live };
    await notes.put(ineffectiveTopic, addressId(address), JSON.stringify(write));
  } else if (status === 'done' && have.ineffective !== undefined) {
    await notes.clear(ineffectiveTopic, addressId(address));
  }
}

async function write(
  changes: readonly ReadyChange<unknown>[],
  reconciler: AnyReconciler,
  world: World,
): Promise<readonly Outcome[]> {
  const fail = (change: ReadyChange<unknown>, error: Error): Outcome => {
    return { change: change.id, address: change.address, status: 'failed', error };
  };
  try {
    const outcomes = (await reconciler.write?.(changes, world)) ?? [];
    const silent = changes.filter((change) => !outcomes.some((outcome) => outcome.change === change.id));
    const missing = () => new UnsafeError('Bug in gates: a reconciler reported no outcome. Please report it');
    return [...outcomes, ...silent.map((change) => fail(change, missing()))];
  } catch (error) {
    return changes.map((change) => fail(change, asError(error)));
  }
}

/** A change that a stop prevented has not failed: nothing is wrong with it. */
function stopped(outcome: Outcome, { signal }: World): Outcome {
  if (!signal.aborted || outcome.error === undefined || outcome.error !== signal.reason) return outcome;
  const { change, address } = outcome;
  return { change, address, status: 'skipped', reason: 'the run was stopped before it was done' };
}

function isUnsure(outcome: Outcome): boolean {
  return outcome.status === 'failed' && outcome.error instanceof UnreachableError;
}

interface LookContext {
  readonly reconciler: AnyReconciler;
  readonly world: World;
  readonly attempt: number;
}

async function look(
  changes: readonly ReadyChange<unknown>[],
  failures: readonly Outcome[],
  { reconciler, world, attempt }: LookContext,
): Promise<{ readonly outcomes: readonly Outcome[]; readonly again: readonly ReadyChange<unknown>[] }> {
  try {
    await world.clock.sleep(pause(failures, attempt), world.signal);
    const fresh = await world.read(reconciler);
    const results = changes.map((change) => lookAgain(change, reconciler, fresh, world.scope.owner));
    return {
      outcomes: results.flatMap((result) => ('outcome' in result ? [result.outcome] : [])),
      again: results.flatMap((result) => ('again' in result ? [result.again] : [])),
    };
  } catch {
    // The live objects cannot be read either (or a person stopped the run): the first failure is the result.
    return { outcomes: failures, again: [] };
  }
}

/** Milliseconds: doubling from the first pause, or what the API asked for, never longer than the longest. */
function pause(failures: readonly Outcome[], attempt: number): number {
  const asked = failures.map((outcome) => (outcome.error as GatesError).facts.retryAfter ?? 0);
  return Math.min(longestPause, Math.max(firstPause * 2 ** (attempt - 1), ...asked));
}
