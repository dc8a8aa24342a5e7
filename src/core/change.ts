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
 * The reason why one change comes before another:
 * - `reference`: the later one refers to what the earlier one makes.
 * - `use`: the earlier one releases what the later one removes.
 * - `part`: the earlier one repairs, or removes, a part of what the later one makes.
 * - `outlasts`: the object that the later one removes must exist as long as the one that the earlier one removes.
 * - `revival`: the later one may reactivate what the earlier one repairs.
 * - `door`: the safe order of their steps at a host (core/door.ts).
 * - `series`: both are steps of one change, such as the closing of a host before the removal of its route, or the earlier one releases
 *   what the later one takes over. Where `door` would say the same, this counts: no other order is possible.
 */
export const needReasons = [
  'reference',
  'use',
  'part',
  'outlasts',
  'revival',
  'strictness',
  'door',
  'series',
] as const;
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
  /** The reasons for `needs`, in the same order; absent if there are none. */
  readonly needReasons?: readonly NeedReason[];
  readonly doors: readonly DoorEffect[];
  /** The reason why it is refused, kept or removed, and what to do. */
  readonly reason?: string;
  /** The entry of the file that asks for it, `services.grafana`; absent for objects that nobody asks for. */
  readonly because?: string;
  /** The kind that could not be read, if that is the only reason for a refusal and the change is of another kind. */
  readonly unread?: Kind;
  /**
   * The host, open and guarded before the run, that this step closes only for later steps. If those are not made, the
   * run undoes it.
   */
  readonly interim?: string;
  /** Time alone causes the change, as intended when the object was last written: nobody has changed anything. */
  readonly foreseen?: true;
}

/** The id of the change by which an object admits only gates' own probe, or it too, until the gate is checked. */
export function coverId(address: Address): string {
  return `cover ${addressId(address)}`;
}

/** The id of the change that admits everybody whom the gate admits, once it has been checked. */
export function uncoverId(address: Address): string {
  return `uncover ${addressId(address)}`;
}

export function isUncovering({ id, address }: Pick<Change, 'id' | 'address'>): boolean {
  return id === uncoverId(address);
}

export function isCover({ id, address }: Pick<Change, 'id' | 'address'>): boolean {
  return id === coverId(address);
}

/** The beginning of a check's reason if the last check did not confirm the gate. The finding follows. */
export const LAST_TIME = 'the last time: ';

/** A change with every reference filled in, as a reconciler gets it. */
export interface ReadyChange<Spec> {
  readonly id: string;
  readonly verb: Exclude<Verb, 'keep' | 'refuse'>;
  readonly address: Address;
  readonly want: Spec | undefined;
  readonly have: Observed<Spec> | undefined;
  /** Names of the fields that differ. */
  readonly drift: readonly string[];
}

/** A service that gates only watches (`manage: report`), and how the live objects differ from the file. */
export interface WatchedHost {
  readonly service: string;
  readonly host: string;
  readonly differences: readonly WatchedDifference[];
}

export interface WatchedDifference {
  readonly address: Address;
  /**
   * `missing`: no such object exists. `extra`: the file does not ask for this object of ours. `unknown`: gates cannot
   * tell, or would refuse it, for the reason.
   */
  readonly state: 'missing' | 'differs' | 'extra' | 'unknown';
  readonly drift: readonly Difference[];
  readonly reason?: string;
}

export interface Plan {
  readonly owner: string;
  /** In the order in which they will be carried out. */
  readonly changes: readonly Change[];
  /** Absent: gates only watches no service. */
  readonly watched?: readonly WatchedHost[];
  readonly warnings: readonly string[];
  /** Attributes of existing objects, for the references of this plan. */
  readonly attributes: Readonly<Record<AddressId, Readonly<Record<string, string>>>>;
  /** Kinds that could not be read, each with the reason. Changes that depend on them are refused. */
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
