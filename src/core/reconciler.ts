import type { Change, ReadyChange } from './change.ts';
import type { Address, Kind } from './objects/address.ts';
import type { DoorEffect } from './objects/door.ts';
import type { Observed } from './objects/object.ts';
import type { Linked } from './objects/reference.ts';
import type { Outcome } from './outcome.ts';
import type { Reader, World } from './world.ts';

/** How drift is healed: in place, by a new object before the old one goes, or by a person. */
export type Remedy =
  | { readonly verb: 'update' | 'replace' }
  | { readonly verb: 'refuse'; readonly reason: string };

/**
 * How one kind of object is read, compared and written. It never decides what is to be done: the engine
 * does, by the table in plan/decide.ts. All methods but `observe`, `write` and `settle` are pure.
 */
export interface Reconciler<Spec> extends Reader<Spec> {
  readonly kind: Kind;
  /** The kind's name for people, singular: `DNS record`. */
  readonly title: string;
  /** It carries no marker of its own (its owner is derived, or it has none), so there is nothing to adopt on an equal one. */
  readonly unmarked?: true;
  /** Owners may use each other's, as long as it is as they would have it; only its own owner changes or removes it. */
  readonly shareable?: true;
  /** Its objects are business of ours that was begun and not ended: they are pruned also where pruning is off. */
  readonly unfinished?: true;
  /** Its objects need no other object: what others use may go also while these could not be read. */
  readonly usesNothing?: true;
  /** Its objects are copies of a host's answers, keyed by the host; to remove them is to purge the host. */
  readonly copies?: true;
  /**
   * Its objects have no gate, and no other kind decides whether they are as the file asks for. While a file asks only for
   * such objects, kinds that hold nothing of ours need not be read (decision 30).
   */
  readonly plain?: true;
  /** Each object counts against the limits by itself, also where no service stands behind it. */
  readonly counted?: true;

  /**
   * Every object of the kind in scope: every owner, every page. Writes nothing. Throws when it cannot say;
   * an empty list means that there are none.
   */
  observe(world: World): Promise<readonly Observed<Spec>[]>;

  /** Fields of `want` that `have` does not match. Only fields that `want` sets count. Default: deep equality. */
  drift?(want: Partial<Spec>, have: Spec): readonly string[];

  /** The quota that a new object counts against, in words: `Access applications`. Absent: none is known. */
  quota?(spec: Linked<Spec>): string;

  /** How this drift is healed; `used` tells whether another observed object needs this one. Default: update. */
  remedy?(drift: readonly string[], want: Partial<Spec>, have: Observed<Spec>, used: boolean): Remedy;

  /** Why `want` cannot be created beside what stands, if it cannot: an object of another shape in its place. */
  obstacle?(
    want: Linked<Spec>,
    address: Address,
    siblings: readonly Observed<Spec>[],
  ): Observed<Spec> | undefined;

  /** Why an object of ours that nobody asks for must stay all the same, if it must. */
  retain?(have: Observed<Spec>, siblings: readonly Observed<Spec>[]): string | undefined;

  /** The form of a route that answers 503: it takes its place before it is removed. */
  closed?(have: Observed<Spec>, owner: string): Spec;

  /** The form of a gate that lets by nobody unasked; undefined where it does so already. */
  asking?(have: Observed<Spec>): Spec | undefined;

  /**
   * The closed form that has to stand where `want` is going to be, because something that is live already lets
   * the host's requests through; as it will be observed. Undefined when nothing does.
   */
  closedFirst?(
    want: Linked<Spec>,
    siblings: readonly Observed<Spec>[],
    owner: string,
  ): Observed<Spec> | undefined;

  /**
   * The rest of `have` after it gives up everything that `takers` are to have, for systems in which nothing belongs
   * to two objects. The rest must let nobody in. Undefined if they take nothing.
   */
  released?(have: Observed<Spec>, takers: readonly Linked<Spec>[]): Spec | undefined;

  /**
   * The cover as it is put up: all of what it is to cover, and what would fall from it to one of `beside`, those that
   * stand or are to stand in it. Where something of ours stands there (`have`), that with what `cover` admits let in
   * beside those whom it lets in itself; the cover alone (`alone`) where it lets everybody in, or nobody is to pass by it.
   * For kinds whose objects can cover a host (core/object.ts).
   */
  covered?(
    have: Observed<Spec> | undefined,
    cover: Linked<Spec>,
    beside: readonly Linked<Spec>[],
    alone?: boolean,
  ): Linked<Spec>;

  /**
   * `have` as it stands, but that it lets requests through only with what `want` demands. Undefined where it lets nothing
   * through, and where it demands that already.
   */
  demanding?(have: Spec, want: Linked<Spec>): Linked<Spec> | undefined;

  /** Whether `have` is `cover`, put up earlier: it lets nobody in but whom that lets in. Default: equality. */
  isCover?(have: Spec, cover: Spec): boolean;

  /**
   * Returns `one` extended with the destinations of `other` that lie below any of `inner`, except those that one of
   * `beside` claims. Undefined if there are none. For kinds that nest by path (Access applications).
   */
  around?(
    one: Linked<Spec>,
    other: Linked<Spec>,
    inner: readonly Linked<Spec>[],
    beside: readonly Linked<Spec>[],
  ): Linked<Spec> | undefined;

  /**
   * The effect on each host of a change from `have` to `want`. One of them may be absent; equal ones have no effect.
   */
  doors?(
    want: Linked<Spec> | undefined,
    have: Observed<Spec> | undefined,
    address: Address,
  ): readonly DoorEffect[];

  /**
   * Whether this drift is what time brings by itself, a secret that is due or a key whose end has come: something to do,
   * and no sign of anybody else. Default: it is not.
   */
  foreseen?(drift: readonly string[], want: Linked<Spec>, have: Observed<Spec>): boolean;

  /**
   * Carries out changes of one phase, all of which may be done in any order or at once. Repeatable. One
   * outcome a change; never throws for what the API says. Absent: the kind is only looked up.
   */
  write?(changes: readonly ReadyChange<Spec>[], world: World): Promise<readonly Outcome[]>;

  /**
   * Why a check of this kind could not be made at this moment; undefined where it could. Asked before a host that is open and
   * guarded is closed for the check.
   */
  blind?(check: Pick<Change, 'address' | 'want'>, world: World): Promise<Error | undefined>;

  /**
   * Waits until what was written is in force (a tunnel's connectors run the configuration); rejects when it
   * is not in time. Called before anything is taken away that this kind's objects made superfluous.
   */
  settle?(world: World): Promise<void>;

  /**
   * Waits until what was written has surely reached the edge, where nothing shows when it does, and does what has to
   * follow. `next` is what the next changes do to doors that may let somebody in or hand somebody over: only what was
   * written at their hosts is waited for. Without it: at the end of a run.
   */
  arrive?(world: World, next?: readonly DoorEffect[]): Promise<void>;

  /** A slow consequence of a change, for the plan. */
  afterwards?(want: Linked<Spec>, have: Spec): string | undefined;

  /** Keeps in the state folder what the next run has to know of what this one has read. Never called in a dry run. */
  remember?(world: World): Promise<void>;
}

/** A reconciler of some kind, for the engine, which never looks into a spec. */
export type AnyReconciler = Reconciler<unknown>;
