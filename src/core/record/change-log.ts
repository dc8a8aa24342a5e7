import type { AddressId, System } from '../objects/address.ts';
import type { Query } from '../world.ts';

/** Somebody, or a program, that changed a live object outside this gates, by the name that the system's log has. */
export interface Actor {
  /** An email address, a user name, or `the token "ci"`. Foreign text: it may contain anything. */
  readonly name: string;
  /** RFC 3339: their last change of the object in the time that was read. */
  readonly at: string;
  /** Absent if the log does not say. */
  readonly interface?: 'dashboard' | 'API';
}

/** The changes outside gates to an object that differs from the file although the file did not change. */
export interface OutsideChange {
  readonly how: 'changed' | 'removed' | 'added';
  /** The latest first. If there are several, any may have caused the difference. Empty: the log has no entry for it. */
  readonly by: readonly Actor[];
}

/** The changes outside this gates to the objects of a plan. It is no part of the plan, and no step depends on it. */
export interface Attribution {
  /** Objects are left out if gates cannot say whether anybody changed them. */
  readonly changes: ReadonlyMap<AddressId, OutsideChange>;
  /** Logs that gates could not read, or not far enough back. */
  readonly gaps: readonly { readonly system: System; readonly reason: string }[];
  /** RFC 3339: when the logs were read. */
  readonly at: string;
}

/** One write of this state folder. */
export interface OwnWrite {
  readonly system: 'cloudflare' | 'authentik';
  /** RFC 3339, by the clock of this machine. */
  readonly at: string;
  readonly method: string;
  /** The form of the logs: without `/client/v4` at Cloudflare, with `/api/v3` at Authentik. */
  readonly path: string;
  /**
   * The id that the reply gave the request: `cf-ray` without the place that answered, or `x-authentik-id`. Absent
   * without a reply.
   */
  readonly requestId?: string;
}

/** The logs of both systems, and this state folder's record of its own writes. */
export interface ChangeLogs {
  /** One page of a Cloudflare list with cursors. No `cursor`: the last page. */
  page(path: string, query: Query): Promise<{ readonly items: readonly unknown[]; readonly cursor?: string }>;
  readonly cloudflare: { get(path: string, query?: Query): Promise<unknown> };
  /** Undefined if the file has no Authentik. */
  readonly authentik: { get(path: string, query?: Query): Promise<unknown> } | undefined;
  /** The writes of the last 30 days. */
  ownWrites(): Promise<readonly OwnWrite[]>;
}
