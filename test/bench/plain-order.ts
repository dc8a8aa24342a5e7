import { probeKey } from '../../reconcilers/edge/proof.ts';
import { type Change, isCarriedOut, type Phase, type Plan } from '../../src/core/change.ts';
import { addressId } from '../../src/core/objects/address.ts';
import type { Desired } from '../../src/core/objects/object.ts';
import { referencesIn } from '../../src/core/objects/reference.ts';

/** What the file asks for, without what is there only to look at gates: no proofs, no cover, no token of the probe. */
export function withoutProofs(desired: Desired): Desired {
  const objects = desired.objects.filter(({ address }) => address.key !== probeKey);
  return { ...desired, objects, proofs: [] };
}

/**
 * The changes of a plan as a tool makes them that knows references and nothing of doors: what is new, then what changes,
 * then what goes, each after what has to stand before it. Nothing is closed on the way, and nothing is waited for. What
 * none of this puts in order comes in the order of the plan, which is that of gates; with a `seed`, what is new and what
 * changes comes in one of chance. The reconcilers stay those of gates, with what they refuse to write: a login without
 * its binding, for one. So this is a plain order of careful writes.
 */
export function plainOrder(plan: Plan, desired: Desired, seed?: number): Plan {
  const kept = plan.changes.filter((change) => isCarriedOut(change) && !isInterim(change));
  const makers = new Map(
    kept
      .filter(({ verb }) => verb === 'create' || verb === 'replace')
      .map(({ id, address }) => [addressId(address), id]),
  );
  const further = new Map(desired.objects.map(({ address, needs = [] }) => [addressId(address), needs]));
  const removals = new Map(
    kept.flatMap(({ id, verb, have }) => (verb === 'prune' && have !== undefined ? [[have.id, id]] : [])),
  );
  const needs = new Map<string, Set<string>>(kept.map(({ id }) => [id, new Set()]));
  for (const { id, address, want, have, verb } of kept) {
    const targets =
      want === undefined ? [] : [...referencesIn(want), ...(further.get(addressId(address)) ?? [])];
    for (const target of targets) needs.get(id)?.add(makers.get(target) ?? id);
    for (const used of have?.uses ?? []) needs.get(removals.get(used) ?? '')?.add(id);
    // What changes may let go of what goes.
    if (verb === 'prune') for (const one of kept) if (one.verb !== 'prune') needs.get(id)?.add(one.id);
  }
  const changes = kept.map((change): Change => {
    const before = [...(needs.get(change.id) ?? [])].filter((id) => id !== change.id);
    return { ...change, phase: phaseOf(change), doors: [], needs: before };
  });
  return { ...plan, changes: seed === undefined ? changes : shuffledButPrunes(changes, seed) };
}

/** Steps that only keep people out in the meantime. */
function isInterim({ id, verb }: Change): boolean {
  return verb === 'verify' || id.startsWith('close ') || id.startsWith('release ');
}

function phaseOf({ verb }: Change): Phase {
  if (verb === 'prune') return 'clean';
  return verb === 'create' || verb === 'replace' ? 'prepare' : 'open';
}

/** The same order for the same seed. */
function shuffledButPrunes(changes: readonly Change[], seed: number): readonly Change[] {
  const random = randomFrom(seed);
  const places = new Map(changes.map(({ id, verb }) => [id, verb === 'prune' ? 1 : random()]));
  return [...changes].sort((left, right) => (places.get(left.id) ?? 1) - (places.get(right.id) ?? 1));
}

/** Mulberry32: numbers from 0 up to 1. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
