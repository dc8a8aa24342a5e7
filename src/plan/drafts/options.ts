/** A brake: changes are refused if they affect more than `floor` things and more than this share of them. */
export interface Limits {
  /** Shares from 0 to 1. */
  readonly prune: number;
  readonly change: number;
  readonly floor: number;
}

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
}
