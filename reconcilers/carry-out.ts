import type { ReadyChange } from '../src/core/change.ts';
import { QuotaError } from '../src/core/errors.ts';
import type { Outcome } from '../src/core/outcome.ts';

/** Attributes of the object that a change left behind; undefined when it left none. */
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

/**
 * Carries out changes one after the other, for APIs that take one object a call: what all calls together may
 * spend is bounded, so doing several at once would not be sooner. A change that fails fails alone. With `oneQuota`, all new
 * objects count against one quota: once that has refused one, no other is sent.
 */
export async function carryOut<Spec>(
  changes: readonly ReadyChange<Spec>[],
  act: (change: ReadyChange<Spec>) => Promise<Attributes>,
  { oneQuota = false }: { readonly oneQuota?: boolean } = {},
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  let full: QuotaError | undefined;
  for (const change of changes) {
    const isNew = change.verb === 'create' || change.verb === 'replace';
    try {
      if (isNew && full !== undefined) throw full;
      outcomes.push(done(change as ReadyChange<unknown>, await act(change)));
    } catch (error) {
      if (oneQuota && error instanceof QuotaError) full = error;
      outcomes.push(failed(change as ReadyChange<unknown>, error));
    }
  }
  return outcomes;
}
