import type { Verb } from '../../core/change.ts';
import { differingFields } from '../../core/objects/equal.ts';
import { isIneffective } from '../../core/objects/ineffective.ts';
import type { DesiredObject, Observed } from '../../core/objects/object.ts';
import type { AnyReconciler, Remedy } from '../../core/reconciler.ts';

/** The decision about one address, before its place in the order is known. */
export interface Decision {
  readonly verb: Exclude<Verb, 'prune' | 'verify'>;
  /** The live object the decision is about. */
  readonly have?: Observed;
  /** Names of the fields that differ. */
  readonly drift: readonly string[];
  readonly reason?: string;
  /** Other objects of ours with the same key, to be pruned. */
  readonly duplicates: readonly Observed[];
}

export interface DecideInput {
  readonly reconciler: AnyReconciler;
  readonly want: DesiredObject;
  /** The fields of the spec that are known now: those without references to what does not exist yet. */
  readonly known: object;
  /** The fields that are only known after apply; they always count as drift. */
  readonly unknownFields: readonly string[];
  /** Every live object with this address. */
  readonly haves: readonly Observed[];
  /** Every live object of the kind. */
  readonly siblings: readonly Observed[];
  readonly owner: string;
  /** A person asked to take over what nobody has marked. */
  readonly adopt: boolean;
  /** True if another live object needs this one. */
  readonly used: (have: Observed) => boolean;
}

/**
 * The decision table for objects that the file asks for (prune.ts decides about the others):
 *
 * | live            | owner  | decision                                                          |
 * | --------------- | ------ | ----------------------------------------------------------------- |
 * | no              |        | create; refuse if it must exist, or if an object of another shape is in its place |
 * | equal           | us     | keep                                                              |
 * | drifted         | us     | update, replace or refuse, as the kind can; refuse to replace a protected one, and what an object of others has |
 * | drifted only in fields whose same write had no effect | us | keep and warn; refuse if doors depend on it |
 * | equal           | nobody | keep, but refuse what has parts of its own; adopt when asked to    |
 * | drifted         | nobody | refuse and say how to adopt; adopt when asked to                  |
 * | any             | other  | refuse; keep an equal one of a kind that owners may share          |
 * | several, one key| us     | one of them as above (used before unused, equal before drifted, the oldest); prune the others |
 * | several, one key| any    | refuse, list them                                                 |
 */
export function decide(input: DecideInput): Decision {
  const { want, haves } = input;
  const [first] = haves;
  if (first === undefined) return decideAbsent(input);
  if (haves.length > 1) return decideSeveral(input);
  if (first.owner !== undefined && first.owner !== input.owner) {
    const shared = input.reconciler.traits?.shareable === true && driftOf(input, first).length === 0;
    if (shared) return keep(first);
    return refuse(first, [], `it belongs to "${first.owner}": change owner there, or leave it to that file`);
  }
  const all = driftOf(input, first);
  const idle = all.filter((field) =>
    isIneffective(first.ineffective, field, { want: input.known, have: first.spec as object }),
  );
  const drift = all.filter((field) => !idle.includes(field));
  if (drift.length === 0 && idle.length > 0) return decideIneffective(input, first, idle);
  const ours = first.owner === input.owner;
  if (drift.length === 0) {
    // An empty spec asks nothing of the object, so there is nothing to take over.
    const leantOn = Object.keys(want.spec as object).length === 0;
    if (!ours && !leantOn && !input.adopt && input.reconciler.traits?.hasParts === true)
      return refuse(first, [], 'it exists and is not marked as ours: `gates adopt` takes it over');
    if (ours || !input.adopt || leantOn || input.reconciler.traits?.unmarked === true) return keep(first);
    return adopted(first, []);
  }
  const remedy: Remedy = input.reconciler.remedy?.(drift, input.known, first, input.used(first)) ?? {
    verb: 'update',
  };
  if (remedy.verb === 'refuse') return refuse(first, drift, remedy.reason);
  if (remedy.verb === 'replace' && remedy.rotates !== true && want.protect !== undefined) {
    return refuse(first, drift, 'it can only be replaced, which would remove it, and it has `protect: true`');
  }
  if (input.reconciler.write === undefined) {
    return refuse(first, drift, want.mustExist ?? 'it is only looked up, and is not as the file says');
  }
  const obstacle = ours ? foreignObstacle(input) : undefined;
  if (obstacle !== undefined) return refuse(first, drift, obstacle.reason);
  if (ours) return { verb: remedy.verb, have: first, drift, duplicates: [] };
  if (input.adopt) return adopted(first, drift);
  return refuse(first, drift, 'it exists, is not marked as ours and differs: `gates adopt` takes it over');
}

/** Keeps the object if no door depends on it. Otherwise refuses it, so that nothing that depends on it opens. */
function decideIneffective(
  { want, reconciler }: DecideInput,
  have: Observed,
  fields: readonly string[],
): Decision {
  const reason = `an earlier write of ${fields.join(', ')} had no effect, and is not repeated until the file or the object changes`;
  const doors = reconciler.doors?.(want.spec, have, want.address) ?? [];
  return doors.length > 0 ? refuse(have, fields, reason) : { ...keep(have), reason };
}

function decideAbsent(input: DecideInput): Decision {
  const { want, reconciler } = input;
  if (want.mustExist !== undefined || reconciler.write === undefined) {
    return { verb: 'refuse', drift: [], duplicates: [], reason: want.mustExist ?? 'it does not exist' };
  }
  const obstacle = foreignObstacle(input);
  if (obstacle !== undefined) return refuse(obstacle.have, [], obstacle.reason);
  return { verb: 'create', drift: [], duplicates: [] };
}

/** The object of others that has what the file asks for, and the reason to wait for its removal. */
function foreignObstacle({ want, reconciler, siblings, owner }: DecideInput) {
  const have = reconciler.siblings?.obstacle?.(want.spec, want.address, siblings);
  if (have === undefined || have.owner === owner) return undefined;
  const whose = have.owner === undefined ? 'not marked as ours' : `owned by "${have.owner}"`;
  const place = `${reconciler.title} ${have.address.key} (${whose}) exists in its place`;
  return { have, reason: `${place}: remove it, or take it out of the file` };
}

function decideSeveral(input: DecideInput): Decision {
  const { haves, owner, used } = input;
  const ours = haves.every((have) => have.owner === owner);
  const isEqual = (have: Observed) => driftOf(input, have).length === 0;
  const rank = (have: Observed) => (used(have) ? 0 : 2) + (isEqual(have) ? 0 : 1);
  const [chosen, ...rest] = [...haves].sort((left, right) => rank(left) - rank(right) || byAge(left, right));
  if (ours && chosen !== undefined) return { ...decide({ ...input, haves: [chosen] }), duplicates: rest };
  const ids = haves.map((have) => `${have.id} (${have.owner ?? 'unmarked'})`).join(', ');
  return {
    verb: 'refuse',
    drift: [],
    duplicates: [],
    reason: `several live objects have this key: ${ids}. Remove all but one`,
  };
}

function driftOf({ reconciler, known, unknownFields }: DecideInput, have: Observed): readonly string[] {
  const differing = reconciler.drift?.(known, have.spec) ?? differingFields(known, have.spec as object);
  return [...new Set([...differing, ...unknownFields])];
}

function adopted(have: Observed, drift: readonly string[]): Decision {
  const { foundAs } = have;
  const reason = `it does what the file asks for, under the name "${foundAs}"`;
  return { verb: 'adopt', have, drift, duplicates: [], ...(foundAs !== undefined && { reason }) };
}

function keep(have: Observed): Decision {
  return { verb: 'keep', have, drift: [], duplicates: [] };
}

function refuse(have: Observed, drift: readonly string[], reason: string): Decision {
  return { verb: 'refuse', have, drift, duplicates: [], reason };
}

/** Oldest first; those without an age last, by id, so that the order is always the same. */
export function byAge(left: Observed, right: Observed): number {
  const ages = (left.createdAt ?? '9999').localeCompare(right.createdAt ?? '9999');
  return ages === 0 ? left.id.localeCompare(right.id) : ages;
}
