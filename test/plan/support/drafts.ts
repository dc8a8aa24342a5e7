import type { DesiredObject, GateCheck, Observation, Observed } from '../../../src/core/objects/object.ts';
import type { AnyReconciler, Reconciler } from '../../../src/core/reconciler.ts';
import { type Draft, draftId } from '../../../src/plan/drafts/draft.ts';
import { type Known, knowledge } from '../../../src/plan/drafts/known.ts';

interface Live {
  readonly wants?: readonly DesiredObject[];
  readonly lives?: readonly Observed[];
  readonly proofs?: readonly GateCheck[];
}

/** The knowledge of a plan about these objects, if every kind was read. */
export function knownOf(
  kinds: readonly AnyReconciler[],
  { wants = [], lives = [], proofs = [] }: Live,
): Known {
  const scope = { owner: 'home', account: 'account', zones: ['example.dev'], tunnels: ['homelab'] };
  const observations = kinds.map(({ kind }): Observation => {
    return { kind, state: 'known', objects: lives.filter(({ address }) => address.kind === kind) };
  });
  return knowledge({ scope, objects: wants, proofs, refusals: [], warnings: [] }, observations, kinds);
}

/** A draft of a kind, with the id that the planner would give it. */
export function draftOf<Spec>(
  reconciler: Reconciler<Spec>,
  { key, verb, ...more }: Partial<Draft> & Pick<Draft, 'verb'> & { readonly key: string },
): Draft {
  const address = { kind: reconciler.kind, key };
  const id = draftId(verb, { address, ...(more.have !== undefined && { have: more.have }) });
  return {
    id,
    verb,
    reconciler: reconciler as AnyReconciler,
    address,
    drift: [],
    doors: [],
    needs: [],
    ...more,
  };
}
