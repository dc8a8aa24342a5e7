import type { ReadyChange } from './change.ts';
import type { Address, Kind } from './objects/address.ts';
import type { DoorEffect } from './objects/door.ts';
import type { Observed } from './objects/object.ts';
import type { Linked } from './objects/reference.ts';
import type { Outcome } from './outcome.ts';
import type {
  GateForms,
  LoginEffects,
  Moments,
  RouteForms,
  Siblings,
  Traits,
  Words,
} from './reconciler-facets.ts';
import type { Reader, World } from './world.ts';

/** The remedy for drift: in place, by a new object before the old one is removed, or by a person. */
export type Remedy =
  | { readonly verb: 'update' }
  /** `rotates`: the old object stays for a time, and what depends on it does too. */
  | { readonly verb: 'replace'; readonly rotates?: true }
  | { readonly verb: 'refuse'; readonly reason: string };

/**
 * The methods that read, compare and write one kind of object. They never decide what to do: the engine does, by the
 * table in plan/decisions/decide.ts. All methods but `observe`, `write` and those of `moments` are pure. Most kinds need only
 * the methods here; a facet is for the few kinds to which it applies (decision 55).
 */
export interface Reconciler<Spec> extends Reader<Spec> {
  readonly kind: Kind;
  /** The kind's name for people, singular: `DNS record`. */
  readonly title: string;

  /**
   * Returns every object of the kind in scope: every owner, every page. Writes nothing. Throws when it cannot say; an
   * empty list means that there are none.
   */
  observe(world: World): Promise<readonly Observed<Spec>[]>;

  /** Fields of `want` that `have` does not match. Only fields that `want` sets count. Default: deep equality. */
  drift?(want: Partial<Spec>, have: Spec): readonly string[];

  /** The remedy for this drift. `used`: another observed object needs this one. Default: update. */
  remedy?(drift: readonly string[], want: Partial<Spec>, have: Observed<Spec>, used: boolean): Remedy;

  /**
   * True if time alone causes this drift, such as a secret that is due or a key that expires: there is work to do, but
   * no sign that anybody changed anything. Default: false.
   */
  foreseen?(drift: readonly string[], want: Linked<Spec>, have: Observed<Spec>): boolean;

  /**
   * The effect on each host of a change from `have` to `want`. One of them may be absent; equal ones have no effect.
   */
  doors?(
    want: Linked<Spec> | undefined,
    have: Observed<Spec> | undefined,
    address: Address,
  ): readonly DoorEffect[];

  /**
   * Makes changes of one phase, in any order or at once. Repeatable. Returns one outcome for each change, and never
   * throws because of an API's answer. Absent: the kind is read-only.
   */
  write?(changes: readonly ReadyChange<Spec>[], world: World): Promise<readonly Outcome[]>;

  /** Absent: none holds. */
  readonly traits?: Traits;
  readonly words?: Words<Spec>;
  readonly siblings?: Siblings<Spec>;
  /** For kinds whose objects lead to an origin. */
  readonly route?: RouteForms<Spec>;
  /** For kinds whose objects stand in front of hosts and their paths. */
  readonly gate?: GateForms<Spec>;
  /** For kinds that are a login or a part of one. */
  readonly login?: LoginEffects<Spec>;
  readonly moments?: Moments;
}

/** A reconciler of some kind, for the engine, which never looks into a spec. */
export type AnyReconciler = Reconciler<unknown>;
