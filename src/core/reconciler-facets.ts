import type { Change } from './change.ts';
import type { Address, AddressId, Kind } from './objects/address.ts';
import type { DoorEffect } from './objects/door.ts';
import type { Observed } from './objects/object.ts';
import type { Linked } from './objects/reference.ts';
import type { World } from './world.ts';

/** The facts about every object of a kind. Absent: false. */
export interface Traits {
  /** Its objects have no mark of their own (their owner is derived, or they have none), so adopting changes nothing. */
  readonly unmarked?: true;
  /** Its objects have parts that decide who gets in. Those of one without our mark are not ours, so gates does not use it even if it is equal. */
  readonly hasParts?: true;
  /** Owners may use each other's objects that match their file. Only its own owner changes or removes one. */
  readonly shareable?: true;
  /** Its objects are unfinished business of ours: they are pruned even with pruning off. */
  readonly unfinished?: true;
  /** Its objects need no other object: used objects may be removed even if these could not be read. */
  readonly usesNothing?: true;
  /**
   * The system removes, or lets go of, whatever refers to an object along with the object, where others refuse (facts/authentik,
   * "Cascades"). So gates must have read everything that may refer to it.
   */
  readonly takesAlong?: true;
  /** Its objects are copies of a host's answers, keyed by the host. Removing them purges the host. */
  readonly copies?: true;
  /**
   * Its objects have no gate, and no other kind decides whether they match the file. While a file asks only for such
   * objects, kinds without objects of ours need not be read (decision 30).
   */
  readonly plain?: true;
  /** Each object counts against the limits by itself, even if it belongs to no service. */
  readonly counted?: true;
}

/** The words of a kind for people. */
export interface Words<Spec> {
  /** The quota that a new object counts against, in words: `Access applications`. Absent: none is known. */
  quota?(spec: Linked<Spec>): string;

  /** A slow consequence of a change, for the plan. */
  afterwards?(want: Linked<Spec>, have: Spec): string | undefined;
}

/** The relations of a kind to the other live objects of it. */
export interface Siblings<Spec> {
  /** Returns the live object of another shape that prevents `want` from being created, if there is one. */
  obstacle?(
    want: Linked<Spec>,
    address: Address,
    siblings: readonly Observed<Spec>[],
  ): Observed<Spec> | undefined;

  /**
   * True if `have`, which nobody has marked, does what `want` is to do, whatever its name: `gates adopt` takes it over in
   * place of making a new one. A reference of `want` that is still open matches nothing. Absent: only the address tells.
   */
  recognizes?(want: Linked<Spec>, have: Observed<Spec>): boolean;

  /** The reason why one of our objects must stay although nobody asks for it; undefined if it need not stay. */
  retain?(have: Observed<Spec>, siblings: readonly Observed<Spec>[]): string | undefined;
}

/** The forms of a route, for kinds whose objects lead to an origin: tunnel rules, DNS records, and providers behind the tunnel. */
export interface RouteForms<Spec> {
  /** The form of a route that answers 503, which it takes before it is removed. */
  closed?(have: Observed<Spec>, owner: string): Spec;

  /**
   * The closed form, as it will be observed, that must exist in the place of `want` first, because a live object
   * already lets the host's requests through. `target`: the `otherTarget` of the host's name. Undefined if none does.
   */
  closedFirst?(
    want: Linked<Spec>,
    siblings: readonly Observed<Spec>[],
    owner: string,
    target?: string,
  ): Observed<Linked<Spec>> | undefined;

  /**
   * The other target to which the host of a name is led through the edge until the name is made or changed, by its live record or
   * by a wildcard: `<id>.cfargotunnel.com`. Undefined if neither answers for it, or if that leads to where `want` leads.
   */
  otherTarget?(want: Linked<Spec>, siblings: readonly Observed<Spec>[]): string | undefined;

  /**
   * The target through which requests reach a live route, `<id>.cfargotunnel.com`: of a name, where it leads; of a tunnel rule, where a name has
   * to lead. Undefined, or absent: it may be any.
   */
  target?(have: Spec): string | undefined;

  /**
   * True if a live name, which may have a wildcard, answers for a host that it covers: another name may hide a wildcard (RFC 4592). Absent:
   * it always does.
   */
  answersFor?(have: Spec, host: string, siblings: readonly Observed<Spec>[]): boolean;

  /** True if an open route leads to another origin than `want`. Absent: a route never does. */
  leadsElsewhere?(have: Spec, want: Linked<Spec>): boolean;

  /** True if the requests that a route leads to it go on to an origin of its own, as through a provider of mode `proxy`. */
  leadsOn?(want: Linked<Spec>): boolean;

  /** True if a route lets requests through with a token of this gate. */
  passes?(have: Spec, gate: Pick<Observed, 'attributes'>): boolean;

  /**
   * Returns `have`, except that it lets requests through only with the token that `want` demands. Undefined if it is
   * closed, or demands the token already.
   */
  demanding?(have: Spec, want: Linked<Spec>): Linked<Spec> | undefined;

  /** True if it lets requests through only with some token. */
  demands?(have: Spec): boolean;
}

/** The forms of a gate, for kinds whose objects stand in front of hosts and their paths. */
export interface GateForms<Spec> {
  /** The form of a gate that admits nobody without a login; undefined if it does so already. */
  asking?(have: Observed<Spec>): Spec | undefined;

  /**
   * The cover as it is put up: with all that it must cover, including what would otherwise fall to one of `beside`, the
   * other objects that exist or are wanted. If we have an object there (`have`), it also admits whomever `cover`
   * admits. It becomes the cover alone if it admits everybody, or if nobody may pass it now (`alone`). For kinds whose
   * objects can cover a host (core/object.ts).
   */
  covered?(
    have: Observed<Spec> | undefined,
    cover: Linked<Spec>,
    beside: readonly Linked<Spec>[],
    alone?: boolean,
  ): Linked<Spec>;

  /** True if `have` is an earlier `cover`: it admits only whom that admits. Default: equality. */
  isCover?(have: Spec, cover: Spec): boolean;

  /**
   * Returns `outer` extended with the destinations of `previousOuter` that lie below any of `inner`, except those that
   * one of `siblings` claims: the longest path decides. Undefined if there are none. For kinds that nest by path (Access applications).
   */
  around?(
    outer: Linked<Spec>,
    previousOuter: Linked<Spec>,
    inner: readonly Linked<Spec>[],
    siblings: readonly Linked<Spec>[],
  ): Linked<Spec> | undefined;

  /**
   * The rest of `have` after it gives up everything that `takers` are to have, for systems in which nothing belongs
   * to two objects. The rest must let nobody in. Undefined if they take nothing.
   */
  released?(have: Observed<Spec>, takers: readonly Linked<Spec>[]): Spec | undefined;

  /**
   * Those of `siblings`, all live objects of the kind, that answer for what `have` gives up in its `released` form, as long as
   * no taker has it. Absent: nothing does.
   */
  heirs?(
    have: Observed<Spec>,
    released: Linked<Spec>,
    siblings: readonly Observed<Spec>[],
  ): readonly Observed<Spec>[];
}

/** The effect of a change on a login, for kinds that are a login or a part of one. */
export interface LoginEffects<Spec> {
  /** The host at which people log in. Whoever serves it tells who they are. */
  servedAt?(want: Linked<Spec>): string | undefined;

  /**
   * The effect of an update or a removal on the login to which the object belongs. Below 0: the login asks for more, before
   * anything else of it changes. Above 0: it asks for less, after everything else, the greater the later. Absent, and 0:
   * neither.
   */
  strictness?(want: Linked<Spec> | undefined, have: Observed<Spec>): number;

  /**
   * True if an update makes a login ask people for less, or for something else. As long as a part of the login stays that
   * the file does not name, its people would get in without what both files ask of them, so the update waits. Absent: false.
   */
  loosens?(want: Linked<Spec>, have: Observed<Spec>): boolean;

  /**
   * True if an update makes something good again by which people get in wherever it is used, such as a token that somebody disabled. As long
   * as an object that uses it and that the file does not name stays, its removal refused, the update waits. Absent: false.
   */
  enables?(want: Linked<Spec>, have: Observed<Spec>): boolean;

  /**
   * The form with everything of `want` that still asks people for what `have` asks them, if an update makes a login ask for
   * less and changes something else too. The plan writes this form first. Absent, and undefined: one update does it all.
   */
  strictForm?(want: Linked<Spec>, have: Observed<Spec>): Linked<Spec> | undefined;

  /** True for a part of a login that admits everybody but those whom it names. */
  negated?(have: Spec): boolean;

  /** The form of a login in which nobody passes it, whatever its parts admit. */
  unlinked?(have: Spec): Linked<Spec>;

  /** The objects whose people it admits and that it names without a reference, such as a group in a claim. */
  admitsByName?(spec: Linked<Spec>): readonly AddressId[];

  /**
   * Kinds whose objects admit more people once an object of this kind exists, wherever they are. Its objects are removed
   * before changes of these kinds, and made after all of them.
   */
  readonly enlarges?: readonly Kind[];

  /** With `enlarges`: the id of the object that has more people, and of the one whose people these are. */
  enlargement?(spec: Linked<Spec>): { readonly of: string; readonly by: string };
}

/** The moments around the writes of a run at which a kind has something to do. */
export interface Moments {
  /**
   * Waits until the written objects have taken effect (a tunnel's connectors run the configuration). Rejects if that
   * takes too long. Called before anything is removed that this kind's objects replace.
   */
  settle?(world: World): Promise<void>;

  /**
   * Waits until the written objects have surely reached the edge, if nothing shows when they do, and then does what
   * must follow. `next`: the effects of the next changes on doors that may admit or hand over somebody. Only writes at
   * their hosts are waited for. Absent: at the end of a run.
   */
  arrive?(world: World, next?: readonly DoorEffect[]): Promise<void>;

  /**
   * The reason why a check of this kind could not be made now; undefined if it could. Asked before an open, guarded
   * host is closed for the check.
   */
  blind?(check: Pick<Change, 'address' | 'want'>, world: World): Promise<Error | undefined>;

  /** Keeps in the state folder what the next run must know of this run's reads. Never called in a dry run. */
  remember?(world: World): Promise<void>;
}
