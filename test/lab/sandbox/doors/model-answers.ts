import { decideFor } from '../../../../src/doors/admission/decision.ts';
import type { PartStore } from '../../../../src/doors/state/part-store.ts';
import { waysTo } from '../../../../src/doors/ways.ts';
import type { Reached } from './sandbox-answers.ts';

export type Model =
  | { readonly verdict: 'refused' }
  /** `perhaps`: what may answer in place of these origins. */
  | { readonly verdict: 'admitted'; readonly to: readonly string[]; readonly perhaps: readonly string[] }
  | { readonly verdict: 'unknown'; readonly reasons: readonly string[] };

/** Answers a visitor's question to the sandbox with the model. */
export function modelled(store: PartStore, { host, path, method, holds }: Reached): Model {
  const ways = waysTo(store, { host, path, method });
  const verdicts = ways.flatMap(({ to, admits }) =>
    holds.map((each) => ({ to, verdict: decideFor(admits, each) })),
  );
  const to = verdicts.flatMap((each) => (each.verdict === 'admitted' ? [each.to] : []));
  const reasons = verdicts.flatMap(({ verdict }) =>
    typeof verdict === 'object' ? verdict.unknown.map(({ reason }) => reason) : [],
  );
  const perhaps = verdicts.flatMap((each) => (typeof each.verdict === 'object' ? [each.to] : []));
  if (to.length > 0) return { verdict: 'admitted', to: [...new Set(to)], perhaps: [...new Set(perhaps)] };
  if (reasons.length > 0) return { verdict: 'unknown', reasons: [...new Set(reasons)].sort() };
  return { verdict: 'refused' };
}
