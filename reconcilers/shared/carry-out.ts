import type { ReadyChange } from '../../src/core/change.ts';
import { QuotaError } from '../../src/core/errors.ts';
import type { Outcome } from '../../src/core/outcome.ts';

/** Attributes of the object after a change; undefined if none is left. */
export type Attributes = Readonly<Record<string, string>> | undefined;

export function done(change: ReadyChange<unknown>, attributes?: Attributes): Outcome {
  const { id, address } = change;
  return { change: id, address, status: 'done', ...(attributes && { attributes }) };
}

export function failed(change: ReadyChange<unknown>, error: unknown): Outcome {
  const { id, address } = change;
  return {
    change: id,
    address,
    status: 'failed',
    error: error instanceof Error ? error : new Error(String(error)),
  };
}

/** The way in which the changes of one kind are carried out. */
export interface Manner {
  /** All new objects count against one quota: after it has refused one, no other is attempted. */
  readonly oneQuota?: boolean;
  /**
   * The most new objects that may be written at the same moment, if each has calls of its own on which nothing else
   * depends (decision 0028). Applies only to a group that makes nothing but new objects. Default: 1.
   */
  readonly sideBySide?: number;
}

/** Carries out changes one after the other, for APIs with one object in each call. Each change fails alone. */
export function carryOut<Spec>(
  changes: readonly ReadyChange<Spec>[],
  act: (change: ReadyChange<Spec>) => Promise<Attributes>,
): Promise<readonly Outcome[]> {
  return carryOutBy({}, changes, act);
}

/** Carries out changes in another manner. The outcomes are in the order of the changes. */
export async function carryOutBy<Spec>(
  { oneQuota = false, sideBySide = 1 }: Manner,
  changes: readonly ReadyChange<Spec>[],
  act: (change: ReadyChange<Spec>) => Promise<Attributes>,
): Promise<readonly Outcome[]> {
  const outcomes = new Map<ReadyChange<Spec>, Outcome>();
  let full: QuotaError | undefined;
  const carryOutOne = async (change: ReadyChange<Spec>): Promise<Outcome> => {
    const isNew = change.verb === 'create' || change.verb === 'replace';
    try {
      if (isNew && full !== undefined) throw full;
      return done(change as ReadyChange<unknown>, await act(change));
    } catch (error) {
      if (oneQuota && error instanceof QuotaError) full = error;
      return failed(change as ReadyChange<unknown>, error);
    }
  };
  const lanes = changes.every(({ verb }) => verb === 'create') ? sideBySide : 1;
  const waiting = changes.values();
  const carryOutNext = async (): Promise<void> => {
    // All lanes take from one iterator, so that each change is taken once.
    for (const change of waiting) outcomes.set(change, await carryOutOne(change));
  };
  await Promise.all(Array.from({ length: lanes }, carryOutNext));
  return changes.flatMap((change) => outcomes.get(change) ?? []);
}
