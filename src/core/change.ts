import { type Address, type AddressId, addressId, type Kind } from './objects/address.ts';
import type { DoorEffect } from './objects/door.ts';
import type { Observed } from './objects/object.ts';
import type { Linked } from './objects/reference.ts';

/**
 * The effect of a change: create · adopt (mark as ours, and repair) · update · replace (new before old) · prune ·
 * keep (nothing) · refuse (needs a person, or another service has to be right first) · verify (a probe).
 */
export type Verb = 'create' | 'adopt' | 'update' | 'replace' | 'prune' | 'keep' | 'refuse' | 'verify';

/** The order of a plan as people read it; within a phase, references and door steps decide. */
export const phases = ['prepare', 'close', 'guard', 'open', 'prove', 'retire', 'clean'] as const;
export type Phase = (typeof phases)[number];

/** One field that differs; values as the kind's spec has them, references included. */
export interface Difference {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

/**
 * Why one change is done before another one:
 * - `reference`: the later one refers to what the earlier one makes.
 * - `use`: the earlier one lets go of what the later one removes.
 * - `part`: the earlier one puts right, or removes, a part of what the later one makes.
 * - `outlasts`: what the later one removes has to stand as long as what the earlier one removes.
 * - `revival`: the later one may put to work again what the earlier one puts right.
 * - `door`: the safe order of their steps at a host (core/door.ts).
 * - `series`: both are steps of one change, such as the closing of a host before the removal of its route.
 */
export const needReasons = ['reference', 'use', 'part', 'outlasts', 'revival', 'door', 'series'] as const;
export type NeedReason = (typeof needReasons)[number];

/** One step of a plan: data, without secrets, that can be printed, saved and carried out. */
export interface Change<Spec = unknown> {
  /** Unique in the plan: verb and address, and `close` when a closing step precedes a removal. */
  readonly id: string;
  readonly verb: Verb;
  readonly phase: Phase;
  readonly address: Address;
  readonly want?: Linked<Spec>;
  readonly have?: Observed<Spec>;
  readonly drift: readonly Difference[];
  /** Ids of changes that have to be done first; if one is not, this one is skipped. */
  readonly needs: readonly string[];
  /** Why, for each of `needs`, in their order; absent where there are none. */
  readonly needReasons?: readonly NeedReason[];
  readonly doors: readonly DoorEffect[];
  /** Why it is refused, kept or removed, and what to do. */
  readonly reason?: string;
  /** The entry of the file that asks for it, `services.grafana`; absent for what nobody asks for. */
  readonly because?: string;
  /** The kind that could not be read, where it is refused for that alone and is of another kind itself. */
  readonly unread?: Kind;
  /**
   * The host, open and guarded before the run, that this step closes only for later steps. If those are not made, the run
   * undoes it.
   */
  readonly interim?: string;
  /** Time alone brings it, as it was meant when the object was last written: nobody has changed anything. */
  readonly foreseen?: true;
}

/** The id of what lets nobody but our own probe in, or the probe too, until a gate has been seen to work. */
export function coverId(address: Address): string {
  return `cover ${addressId(address)}`;
}

/** The id of what makes room for everybody whom the gate admits, once that has been checked. */
export function uncoverId(address: Address): string {
  return `uncover ${addressId(address)}`;
}

export function isUncovering({ id, address }: Pick<Change, 'id' | 'address'>): boolean {
  return id === uncoverId(address);
}

export function isCover({ id, address }: Pick<Change, 'id' | 'address'>): boolean {
  return id === coverId(address);
}

/** How the reason of a check begins whose last run did not confirm the gate; what it found follows. */
export const LAST_TIME = 'the last time: ';

/** A change with every reference filled in: what a reconciler is handed. */
export interface ReadyChange<Spec> {
  readonly id: string;
  readonly verb: Exclude<Verb, 'keep' | 'refuse'>;
  readonly address: Address;
  readonly want: Spec | undefined;
  readonly have: Observed<Spec> | undefined;
  /** Names of the fields that differ. */
  readonly drift: readonly string[];
}

export interface Plan {
  readonly owner: string;
  /** In the order in which they will be carried out. */
  readonly changes: readonly Change[];
  readonly warnings: readonly string[];
  /** Attributes of what stands already, for the references of this plan. */
  readonly attributes: Readonly<Record<AddressId, Readonly<Record<string, string>>>>;
  /** Kinds that could not be read, each with the reason; what leans on them is refused. */
  readonly unknown: readonly { readonly kind: string; readonly reason: string }[];
}

/** Verbs that change something or ask for a person: with one of them in it, a plan is not empty. */
export function isPending(change: Change): boolean {
  return change.verb !== 'keep' && change.verb !== 'verify';
}

/** True if an apply writes something for the change. */
export function isWrite(change: Change): boolean {
  return isPending(change) && change.verb !== 'refuse';
}

/** Verbs that an apply acts on. Refused changes are among them, because the changes that depend on them wait. */
export function isCarriedOut(change: Change): boolean {
  return change.verb !== 'keep';
}
