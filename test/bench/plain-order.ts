import { probeKey } from '../../reconcilers/cloudflare/access/policy/probe-key.ts';
import { type Change, isCarriedOut, type Phase, type Plan } from '../../src/core/change.ts';
import { addressId } from '../../src/core/objects/address.ts';
import type { Desired } from '../../src/core/objects/object.ts';
import { referencesIn } from '../../src/core/objects/reference.ts';

/** The desired objects without those that exist only to check gates: no proofs, no cover, no probe token. */
export function withoutProofs(desired: Desired): Desired {
  const objects = desired.objects.filter(({ address }) => address.key !== probeKey);
  return { ...desired, objects, proofs: [] };
}

/**
 * The plan as a tool would order it that knows references but no doors: creations, then updates, then removals, each
 * after what it depends on. Nothing is closed on the way, and nothing waits. Changes that these rules leave unordered
 * keep the planner's order; with a `seed`, creations and updates come in a random order. The reconcilers are those of
 * gates, which refuse unsafe writes such as a login without its binding: so this is a plain order of careful writes.
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
    // Any update may release an object that goes.
    if (verb === 'prune') for (const one of kept) if (one.verb !== 'prune') needs.get(id)?.add(one.id);
  }
  const changes = kept.map((change): Change => {
    const before = [...(needs.get(change.id) ?? [])].filter((id) => id !== change.id);
    return { ...change, phase: phaseOf(change), doors: [], needs: before };
  });
  return { ...plan, changes: seed === undefined ? changes : shuffledButPrunes(changes, seed) };
}

/** True for steps that only keep people out in the meantime. */
function isInterim({ id, verb }: Change): boolean {
  return verb === 'verify' || id.startsWith('close ') || id.startsWith('release ');
}

function phaseOf({ verb }: Change): Phase {
  if (verb === 'prune') return 'clean';
  return verb === 'create' || verb === 'replace' ? 'prepare' : 'open';
}

/** Shuffles all changes except prunes; the same seed gives the same order. */
function shuffledButPrunes(changes: readonly Change[], seed: number): readonly Change[] {
  const random = randomFrom(seed);
  const places = new Map(changes.map(({ id, verb }) => [id, verb === 'prune' ? 1 : random()]));
  return [...changes].sort((left, right) => (places.get(left.id) ?? 1) - (places.get(right.id) ?? 1));
}

/** A random generator (Mulberry32): numbers from 0 up to 1. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
