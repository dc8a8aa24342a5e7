import type { DocumentTurn } from './document-turn.ts';
import type { Kind } from './objects/address.ts';
import type { Observed, Scope } from './objects/object.ts';
import type { SharedDocuments } from './shared-documents.ts';

/** A secret as the vault keeps it: named fields, `clientId`, `clientSecret`; all of them stay out of every output. */
export type Secret = Readonly<Record<string, string>>;

/**
 * The store of secrets. A secret is written before anything refers to it. It has one entry for each secret, encrypted
 * if a key is set.
 */
export interface Vault {
  get(name: string): Promise<Secret | undefined>;
  put(name: string, secret: Secret): Promise<void>;
  remove(name: string): Promise<void>;
  list(): Promise<readonly string[]>;
}

/** A file that receives a secret as `NAME=value` lines, mode 0600, written atomically. */
export interface Sinks {
  /** True when the file holds exactly these lines with the right mode. */
  holds(file: string, lines: Secret): Promise<boolean>;
  write(file: string, lines: Secret): Promise<void>;
}

/** Unfinished work that must survive a crash: written before the act, cleared after it. No secrets. */
export interface Notes {
  list(topic: string): Promise<readonly string[]>;
  /** The note's text, empty if it has none; undefined if there is no such note. */
  text(topic: string, name: string): Promise<string | undefined>;
  put(topic: string, name: string, text?: string): Promise<void>;
  clear(topic: string, name: string): Promise<void>;
}

/** The files that a run keeps on this machine for the next run. */
export interface Disk {
  readonly vault: Vault;
  readonly notes: Notes;
  readonly sinks: Sinks;
}

export interface Clock {
  now(): Date;
  /** Resolves after the time in milliseconds, or rejects with the signal's reason when it is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * One system's API, reduced to what reconcilers need. Replies are the JSON `result`, as sent. Reads are retried; a
 * write is retried only if the API refused it unread (429). Failures are UnreachableError (`facts.applied` tells
 * whether a write may have happened) or RejectedError (`facts.status`, `facts.code`).
 */
export interface Wire {
  /** One object, or undefined when the API answers 404. */
  get(path: string, query?: Query): Promise<unknown>;
  /** Every page of a list. */
  list(path: string, query?: Query): Promise<readonly unknown[]>;
  post(path: string, body?: unknown): Promise<unknown>;
  put(path: string, body?: unknown): Promise<unknown>;
  patch(path: string, body?: unknown): Promise<unknown>;
  /** Deletes; an object that is gone already (404) is a success. */
  delete(path: string): Promise<void>;
}

/** The objects of ours that each list of an API should hold, as the state folder and this run know them. */
export interface Roster {
  /**
   * Returns every page of a list as it should be, because a list may lag behind writes: an object of ours that it lacks
   * is requested by its id, and so is one that this state folder removed and the list still shows.
   */
  list(wire: Wire, path: string, query?: Query): Promise<readonly unknown[]>;
  /** The same for a list that was read in another way. */
  complete(wire: Wire, path: string, items: readonly unknown[]): Promise<readonly unknown[]>;
  /** The wire, recording what this run makes and removes in lists that it has read. */
  recording(wire: Wire): Wire;
  /** Records objects that must be found again; `isMarked` if each of them carries our mark. */
  claim(objects: readonly Observed[], isMarked: boolean): void;
  /** Marked objects of ours that no run of this state folder has made or seen: another gates of the owner made them. */
  strangers(): Promise<readonly Observed[]>;
  /** Writes what this run knows to the state folder, for the next run. Never called in a dry run. */
  keep(): Promise<void>;
}

/** One request as visitors send it: `path` is sent unchanged, including dots and escapes. */
export interface EdgeRequest {
  readonly host: string;
  readonly path: string;
  /** A POST has no body. Default: GET. */
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  /** Name servers of the host's zone, asked directly so that no cache answers for them; none: those of this machine. */
  readonly nameServers: readonly string[];
}

export interface EdgeAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The beginning of the body, some kilobytes. */
  readonly body: string;
}

/** The edge as everybody sees it. No redirect is followed. */
export interface Edge {
  /** @throws UnreachableError when the name does not resolve or nobody answers in time. */
  get(request: EdgeRequest, signal: AbortSignal): Promise<EdgeAnswer>;
}

/** An origin as cloudflared reaches it. */
export interface OriginAddress {
  /** `http(s)://host:port` */
  readonly url: string;
  /** The host that it is asked for; undefined: the public one. */
  readonly hostHeader: string | undefined;
  /** The name that its certificate must have; undefined: that of its address. */
  readonly serverName: string | undefined;
  readonly verify: boolean;
}

/** The reading half of a reconciler; see reconciler.ts. */
export interface Reader<Spec> {
  readonly kind: Kind;
  observe(world: World): Promise<readonly Observed<Spec>[]>;
}

/** Everything that a reconciler may touch: the wire, the state directory, the clock. One world lives for one run. */
export interface World {
  readonly scope: Scope;
  readonly cloudflare: Wire;
  /** Cloudflare with the token for Workers; undefined if there is none. */
  readonly workers: Wire | undefined;
  /** Undefined if the file has no `authentik` block: then Authentik is not asked anything. */
  readonly authentik: Wire | undefined;
  /** Undefined if nothing is ever checked from outside. */
  readonly edge: Edge | undefined;
  /** An origin, asked from this machine, past Cloudflare. Undefined if none is ever asked. */
  readonly originAt: ((origin: OriginAddress) => Edge) | undefined;
  /**
   * A JSON document as everybody reads it, without a token of ours. Undefined if none is ever read.
   * @throws UnreachableError, RejectedError (`facts.status`)
   */
  readonly document: ((url: string) => Promise<unknown>) | undefined;
  readonly vault: Vault;
  readonly sinks: Sinks;
  readonly notes: Notes;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Milliseconds; see `longest-lag.ts`. */
  readonly longestLag: number;
  /** New objects of one kind that may be written at the same moment; 1: one after the other (decision 0028). */
  readonly sideBySide: number;
  /** Documents that others write too, and this run's knowledge of them. */
  readonly shared: SharedDocuments;
  /** Our objects in the lists that this run reads. */
  readonly roster: Roster;
  /** Undefined in a run that writes nothing, and if nobody takes turns. */
  readonly turn: DocumentTurn | undefined;
  /** All objects of a kind, read once a run. */
  read<Spec>(reader: Reader<Spec>): Promise<readonly Observed<Spec>[]>;
  /** Forgets the objects of these kinds (of all, without argument), so that the next read asks again. */
  forget(...readers: readonly Reader<unknown>[]): void;
}
