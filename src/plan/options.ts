/** A brake: refused when more than `floor` things and more than this share of them would go or change. */
export interface Limits {
  /** Shares from 0 to 1. */
  readonly prune: number;
  readonly change: number;
  readonly floor: number;
}

/** What a person or the file decides about a plan, beside what it is about. */
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
  /** Hosts that a person vouches for: opened without being looked at. */
  readonly unverified?: readonly string[];
  /** Every gate is looked at, also where nothing happens. */
  readonly watch?: boolean;
  /** Only this service, and what it leans on. */
  readonly service?: string;
}
