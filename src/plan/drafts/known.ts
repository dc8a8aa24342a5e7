import { describeError } from '../../core/errors.ts';
import { type AddressId, addressId, type Kind } from '../../core/objects/address.ts';
import { type DoorEffect, isAtHost, isLeading } from '../../core/objects/door.ts';
import type { Desired, DesiredObject, Observation, Observed } from '../../core/objects/object.ts';
import type { FullQuota } from '../../core/objects/quota.ts';
import type { AnyReconciler } from '../../core/reconciler.ts';
import type { Draft } from './draft.ts';

/** The objects that the file asks for, the live ones that were read, and the kinds that could not be read. */
export interface Known {
  readonly owner: string;
  readonly reconcilers: ReadonlyMap<Kind, AnyReconciler>;
  readonly wanted: ReadonlyMap<AddressId, DesiredObject>;
  /** Every live object that was read, of all kinds. */
  readonly objects: readonly Observed[];
  readonly byKind: ReadonlyMap<Kind, readonly Observed[]>;
  readonly byAddress: ReadonlyMap<AddressId, readonly Observed[]>;
  /** Live objects that need the one with this id. */
  readonly usersOf: ReadonlyMap<string, readonly Observed[]>;
  /** Kinds that could not be read, with the reason. */
  readonly unknown: ReadonlyMap<Kind, string>;
  /** Quotas that have no room for another object, by their names. */
  readonly full: ReadonlyMap<string, FullQuota>;
  /** Hosts that the file wants reachable, each with what carries its routes. */
  readonly routes: ReadonlyMap<string, ReadonlySet<string>>;
  /** Hosts that a gate of the file guards. */
  readonly guarded: ReadonlySet<string>;
  /** Hosts whose gate is checked from outside, whatever enforces it. */
  readonly looked: ReadonlySet<string>;
  /** Hosts whose rule against stored copies does not exist yet: until now, no login of ours decided there. */
  readonly undecided: ReadonlySet<string>;
}

export function knowledge(
  desired: Desired,
  observations: readonly Observation[],
  reconcilers: readonly AnyReconciler[],
): Known {
  const byKind = new Map<Kind, readonly Observed[]>();
  const unknown = new Map<Kind, string>();
  const full = new Map<string, FullQuota>();
  for (const observation of observations) {
    if (observation.state === 'known') {
      byKind.set(observation.kind, observation.objects);
      for (const [name, quota] of Object.entries(observation.full ?? {})) full.set(name, quota);
    } else unknown.set(observation.kind, describeError(observation.error));
  }
  const objects = [...byKind.values()].flat();
  const byAddress = grouped(objects, (object) => [addressId(object.address)]);
  const registry = new Map(reconcilers.map((reconciler) => [reconciler.kind, reconciler]));
  return {
    owner: desired.scope.owner,
    reconcilers: registry,
    wanted: new Map(desired.objects.map((want) => [addressId(want.address), want])),
    objects,
    byKind,
    byAddress,
    usersOf: grouped(objects, (object) => object.uses),
    unknown,
    full,
    looked: new Set(desired.proofs.flatMap(({ host, step }) => (step === 'prove' ? [host] : []))),
    undecided: new Set(
      (desired.unstored ?? []).flatMap(({ host, rule }) =>
        rule === undefined || byAddress.has(rule) ? [] : [host],
      ),
    ),
    ...wantedDoors(desired.objects, registry),
  };
}

/** The effects on doors of removing the live object. */
export function standingDoors(known: Known, have: Observed): readonly DoorEffect[] {
  const own = ownDoors(known, have);
  if (own.length > 0 || have.partOf === undefined)
    return own.flatMap((effect) => exchanged(known, effect)).map((effect) => vacating(known, effect));
  // The part affects no door now, but it will affect the doors of its whole once that exists.
  return hostsOf(known, have.partOf).map((host): DoorEffect => ({ host, step: 'guard' }));
}

/** True if an object is a part of something that the file asks for, even if the file does not ask for the part. */
export function isWantedPart(known: Known, have: Observed): boolean {
  const wholes = [have.partOf, ...ownDoors(known, have).map(({ exchangedFor }) => exchangedFor)];
  return wholes.some((whole) => whole !== undefined && known.wanted.has(whole));
}

/**
 * True for a part of a domain's login whose other parts exist and are in the file: a renamed application leaves the provider, with each
 * of its bindings. A gate of one host says nothing of the host's other gates.
 */
export function isPartOfStaying(known: Known, { step, host: hosts }: DoorEffect): boolean {
  const guards = (have: Observed) =>
    standingDoors(known, have).some((effect) => effect.step === 'unguard' && effect.host === hosts);
  return (
    (step === 'unguard' || step === 'guard') &&
    hosts.startsWith('*.') &&
    known.objects.some((have) => known.wanted.has(addressId(have.address)) && guards(have))
  );
}

function ownDoors(known: Known, have: Observed): readonly DoorEffect[] {
  return known.reconcilers.get(have.address.kind)?.doors?.(undefined, have, have.address) ?? [];
}

/**
 * The effect, if the object that contains this one stays: an exchange at the hosts that the containing object guards.
 * A host that only still lies behind it admits fewer people, and its failures, such as of a check, delay no others.
 */
function exchanged(known: Known, effect: DoorEffect): readonly DoorEffect[] {
  const { exchangedFor, narrows, ...plain } = effect;
  const step = narrows === true ? 'divide' : 'change';
  const hosts = exchangedFor === undefined || plain.step !== 'unguard' ? [] : hostsOf(known, exchangedFor);
  return hosts.length === 0 ? [plain] : hosts.map((host): DoorEffect => ({ host, step }));
}

/** An object that hides the gate that replaces it is removed before that gate is checked. */
function vacating(known: Known, { first, ...effect }: DoorEffect): DoorEffect {
  const { guarded, looked } = known;
  const isGuarded = guarded.has(effect.host) || looked.has(effect.host);
  const isReplaced = first === true && effect.step === 'unguard' && isGuarded;
  return isReplaced ? { ...effect, step: 'vacate' } : effect;
}

/**
 * The drafts with the final step of each effect that depends on the rest of the plan (`DoorEffect.alone`): whether anything
 * else changes a gate of its host.
 */
export function withFinalSteps(drafts: readonly Draft[]): readonly Draft[] {
  if (!drafts.some(({ doors }) => doors.some(({ alone }) => alone !== undefined))) return drafts;
  const others = new Set(
    drafts.flatMap(({ verb, doors }) =>
      verb === 'verify' ? [] : doors.flatMap(({ host, alone }) => (alone === undefined ? [host] : [])),
    ),
  );
  const isAlone = (host: string) => ![...others].some((pattern) => isAtHost(pattern, host));
  return drafts.map((draft) => ({
    ...draft,
    doors: draft.doors.map(({ alone, ...effect }) =>
      alone !== undefined && isAlone(effect.host) ? { ...effect, step: alone } : effect,
    ),
  }));
}

/** The hosts that the wanted object with this id guards; none if the file does not ask for it. */
function hostsOf(known: Known, id: AddressId): readonly string[] {
  const want = known.wanted.get(id);
  if (want === undefined) return [];
  const { address, spec } = want;
  const guarded = known.reconcilers.get(address.kind)?.doors?.(spec, undefined, address) ?? [];
  return [...new Set(guarded.map(({ host }) => host))];
}

/** The hosts that these objects serve or guard. Names that lead past the tunnels of the file serve nothing of ours. */
export function hostsServed(
  wants: readonly DesiredObject[],
  reconcilers: readonly AnyReconciler[],
): ReadonlySet<string> {
  const registry = new Map(reconcilers.map((reconciler) => [reconciler.kind, reconciler]));
  const { routes, guarded } = wantedDoors(wants, registry);
  const served = [...routes].flatMap(([host, carriers]) => (carriers.size > 0 ? [host] : []));
  return new Set([...served, ...guarded].filter((host) => !host.startsWith('*.')));
}

function wantedDoors(
  wants: readonly DesiredObject[],
  reconcilers: ReadonlyMap<Kind, AnyReconciler>,
): Pick<Known, 'routes' | 'guarded'> {
  const routes = new Map<string, Set<string>>();
  const guarded = new Set<string>();
  for (const want of wants) {
    const effects = reconcilers.get(want.address.kind)?.doors?.(want.spec, undefined, want.address) ?? [];
    for (const effect of effects) {
      if (effect.step === 'guard') guarded.add(effect.host);
      if (!isLeading(effect)) continue;
      const carriers = routes.get(effect.host) ?? new Set<string>();
      if (effect.via !== undefined) carriers.add(effect.via);
      routes.set(effect.host, carriers);
    }
  }
  return { routes, guarded };
}

function grouped<Key extends string>(
  objects: readonly Observed[],
  keysOf: (object: Observed) => readonly Key[],
): ReadonlyMap<Key, readonly Observed[]> {
  const groups = new Map<Key, Observed[]>();
  for (const object of objects) {
    for (const key of keysOf(object)) {
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [object]);
      else group.push(object);
    }
  }
  return groups;
}
