import { type Difference, isCarriedOut, type Plan } from '../../core/change.ts';
import { equal } from '../../core/objects/equal.ts';
import { type ChangeDocument, type PlanDocument, planDocument } from './plan-json.ts';

/** The input of a plan apart from the live systems. */
export interface PlanOrigin {
  /** The version of gates that made it. */
  readonly gates: string;
  readonly file: { readonly name: string; readonly sha256: string };
  /** The APIs that it was made from; `authentik` only if the environment differs from the file. */
  readonly apis: { readonly cloudflare: string; readonly authentik?: string };
  readonly options: {
    readonly adopt: boolean;
    readonly allow: readonly ('prune' | 'change')[];
    readonly unverified: readonly string[];
    readonly service?: string;
  };
}

/** The file of `gates plan --save`; schema/saved-plan.schema.json describes it. It has no secrets. */
export interface SavedPlan extends PlanOrigin {
  readonly version: 1;
  /** RFC 3339. */
  readonly savedAt: string;
  readonly plan: PlanDocument;
  /** The live objects by the id of their change, without those that are kept. */
  readonly observed: Readonly<Record<string, unknown>>;
}

export function savedPlan(plan: Plan, origin: PlanOrigin, savedAt: string): SavedPlan {
  const moving = plan.changes.filter(isCarriedOut);
  const observed = moving.flatMap(({ id, have }) => (have === undefined ? [] : [[id, have.spec] as const]));
  return { version: 1, ...origin, savedAt, plan: planDocument(plan), observed: Object.fromEntries(observed) };
}

/** A difference between one step of a saved plan and the same step now. */
export interface PlanMove {
  /** `gone`: only the saved plan has it. `new`: only the current plan has it. `differs`: both have it. */
  readonly sort: 'gone' | 'new' | 'differs';
  readonly change: ChangeDocument;
  readonly differences: readonly Difference[];
}

/**
 * The differences since a plan was saved; both plans as they were read back from JSON. None means that the current plan
 * is the same, step by step, made from the same objects. Only the words of a step's reason may differ.
 */
export function planMoves(saved: SavedPlan, now: SavedPlan): readonly PlanMove[] {
  const before = new Map(saved.plan.changes.map((change) => [change.id, change]));
  const after = new Map(now.plan.changes.map((change) => [change.id, change]));
  const gone = [...before.values()].filter(({ id }) => !after.has(id)).map(alone('gone'));
  const added = [...after.values()].filter(({ id }) => !before.has(id)).map(alone('new'));
  const both = [...before.values()].flatMap((change) => {
    const step = after.get(change.id);
    if (step === undefined) return [];
    const differences = differencesOf(
      { change, observed: saved.observed[change.id] },
      { change: step, observed: now.observed[change.id] },
    );
    return differences.length === 0 ? [] : [{ sort: 'differs' as const, change: step, differences }];
  });
  return [...gone, ...added, ...both];
}

function alone(sort: 'gone' | 'new'): (change: ChangeDocument) => PlanMove {
  return (change) => ({ sort, change, differences: [] });
}

interface Side {
  readonly change: ChangeDocument;
  readonly observed: unknown;
}

function differencesOf(left: Side, right: Side): readonly Difference[] {
  const fields = ['step', 'want', 'have', 'drift', 'doors', 'needs', 'phase', 'verb'] as const;
  return [
    { field: 'observed', before: left.observed, after: right.observed },
    ...fields.map((field) => ({ field, before: left.change[field], after: right.change[field] })),
  ].filter(({ before, after }) => !equal(before, after));
}
