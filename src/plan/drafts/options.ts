import type { Change } from '../../core/change.ts';

/** A brake: changes are refused if they affect more than `floor` things and more than this share of them. */
export interface Limits {
  /** Shares from 0 to 1. */
  readonly prune: number;
  readonly change: number;
  readonly floor: number;
}

/** A change whose place in the order is not known yet. */
export type ProposedChange = Omit<Change, 'phase' | 'needs' | 'needReasons'>;

/**
 * The hosts, of the given ones, at which each of these changes would let somebody in whom neither the file nor the state before the
 * run admits, by the id of the change. They are made one after the other, without those that open such a host. `made`: what is
 * made before.
 */
export type OpeningHosts<T> = (
  changes: readonly T[],
  hosts: ReadonlySet<string>,
  made: readonly T[],
) => ReadonlyMap<string, ReadonlySet<string>>;

/** The decisions of a person or the file about a plan, in addition to its content. */
export interface PlanOptions {
  /** Take over live objects that nobody has marked. */
  readonly adopt: boolean;
  /** Only take over, and change nothing else. */
  readonly adoptOnly?: boolean;
  /** Remove objects of ours that the file no longer asks for. */
  readonly prune: boolean;
  readonly limits: Limits;
  /** Limits that a person has lifted for this run. */
  readonly allow: readonly ('prune' | 'change')[];
  /** Hosts that a person vouches for: opened without a check. */
  readonly unverified?: readonly string[];
  /** Every gate is checked, even if nothing changes. */
  readonly watch?: boolean;
  /** Only this service, and everything that it depends on. */
  readonly service?: string;
  /** Hosts that earlier runs served, and of which none purged the copies since they left the file. Default: none. */
  readonly served?: readonly string[];
  /** Absent: a change for many hosts waits for everything that is refused at one of them. */
  readonly openingHosts?: OpeningHosts<ProposedChange>;
}
