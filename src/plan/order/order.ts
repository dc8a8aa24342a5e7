import { type NeedReason, type Phase, phases } from '../../core/change.ts';
import { type Draft, refused } from '../drafts/draft.ts';
import { doorEdges, takesPathFromEverybody } from './door-edges.ts';
import { enlargingEdges, loginHostEdges, partEdges, strictnessEdges } from './login-edges.ts';
import type { IsApart, NeedEdge } from './need-edge.ts';
import { phaseOf } from './phase.ts';
import { referenceEdges, useEdges } from './reference-edges.ts';

/** Drafts in a safe order, each with everything that has to be done before it. */
export interface Ordered {
  readonly draft: Draft;
  readonly phase: Phase;
  readonly needs: readonly string[];
  /** The reason for each of `needs`. */
  readonly needReasons: readonly NeedReason[];
}

/**
 * Only three reasons put one change before another:
 * - a reference: an object must exist before another refers to it;
 * - a use: an object is removed after those that release it or that it outlives. Before an object is made, its former
 *   parts and what is in its place are removed, and its drifted parts repaired; this also precedes a change that may reactivate parts of a live
 *   object. An update that makes a login stricter precedes what changes there, and one that makes it laxer follows;
 * - a door: on one host, an earlier step (core/objects/door.ts) is done before a later one. What enlarges groups concerns every door. A gate
 *   that comes to use a login waits until the name and the routes of the login's host are repaired.
 * Kept objects have no place in the order, and come at the end of the list. Changes that need each other are a mistake of gates: they are
 * refused, and the others are made.
 */
export function order(
  drafts: readonly Draft[],
  kinds: readonly string[],
  beside: BesideRefused = {},
): readonly Ordered[] {
  const still = drafts.filter((draft) => draft.verb === 'keep');
  const moving = drafts.filter((draft) => draft.verb !== 'keep');
  const needs = needsOf(moving, drafts, beside);
  const place = (draft: Draft) => phases.indexOf(phaseOf(draft)) * 1000 + kinds.indexOf(draft.address.kind);
  const first = moving
    .map((draft) => ({ draft, place: place(draft) }))
    .sort((a, b) => a.place - b.place || compareText(a.draft.id, b.draft.id))
    .map(({ draft }) => draft);
  const { sorted, circle } = sortByNeeds(first, needs);
  if (circle.length > 0) return order(withoutCircle(drafts, circle), kinds, beside);
  return [
    ...sorted.map((draft) => {
      const known = [...(needs.get(draft.id) ?? [])].sort(([one], [other]) => compareText(one, other));
      return {
        draft,
        phase: phaseOf(draft),
        needs: known.map(([id]) => id),
        needReasons: known.map(([, reason]) => reason),
      };
    }),
    ...still.map((draft) => ({ draft, phase: 'prepare' as const, needs: [], needReasons: [] })),
  ];
}

/** The order beside refused drafts. */
export interface BesideRefused {
  /** Closings that wait for a refused draft. */
  readonly vain?: ReadonlySet<string>;
  readonly isApart?: IsApart | undefined;
}

/** The drafts that have to be done before each draft, and the reasons, by ids. */
type Needs = ReadonlyMap<string, ReadonlyMap<string, NeedReason>>;

function needsOf(
  moving: readonly Draft[],
  drafts: readonly Draft[],
  { vain = new Set(), isApart }: BesideRefused,
): Needs {
  const needs = new Map<string, Map<string, NeedReason>>(moving.map(({ id }) => [id, new Map()]));
  // A refused change waits for nothing, because it is never made.
  const refusals = new Set(moving.flatMap(({ id, verb }) => (verb === 'refuse' ? [id] : [])));
  const byId = new Map(moving.map((draft) => [draft.id, draft]));
  // A change that takes a path from everybody waits for no closing that waits for it, or that is made in vain.
  const goesFirst = (id: string, closing: string) => {
    const draft = byId.get(id);
    const waits = vain.has(closing) || byId.get(closing)?.needs.includes(id) === true;
    return waits && draft !== undefined && takesPathFromEverybody(draft);
  };
  for (const [later, earlier, reason] of edgesBetween(moving, drafts, isApart)) {
    const known = needs.get(later);
    if (reason === 'door' && goesFirst(later, earlier)) continue;
    // The first of several reasons says the most.
    if (later !== earlier && !refusals.has(later) && known?.has(earlier) === false)
      known.set(earlier, reason);
  }
  for (const { id, needs: own } of moving) {
    const known = needs.get(id);
    // No step of a series goes before an earlier one, even where the order at the host would allow it (`PendingChanges`).
    for (const earlier of own)
      if (known !== undefined && (known.get(earlier) ?? 'door') === 'door') known.set(earlier, 'series');
  }
  return needs;
}

/** The reasons that say the most come first. */
function* edgesBetween(
  moving: readonly Draft[],
  drafts: readonly Draft[],
  isApart: IsApart | undefined,
): Generator<NeedEdge> {
  yield* referenceEdges(moving);
  yield* useEdges(moving);
  yield* partEdges(drafts);
  yield* strictnessEdges(drafts);
  yield* doorEdges(moving, isApart);
  yield* enlargingEdges(moving);
  yield* loginHostEdges(drafts);
}

/** By code unit: the order is for machines and has to be the same everywhere. */
function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

interface Sorted {
  readonly sorted: readonly Draft[];
  /** Changes that need each other, from one of them to what it needs, and so on; empty if there are none. */
  readonly circle: readonly string[];
}

/** A stable topological order: of the drafts that are possible next, always the first in the list. */
function sortByNeeds(drafts: readonly Draft[], needs: Needs): Sorted {
  const byId = new Map(drafts.map((draft) => [draft.id, draft]));
  const sorted: Draft[] = [];
  const state = new Map<string, 'visiting' | 'done'>();
  const circle: string[] = [];
  const visit = (draft: Draft): void => {
    if (state.get(draft.id) === 'done' || circle.length > 0) return;
    if (state.get(draft.id) === 'visiting') {
      const underWay = [...state].flatMap(([id, at]) => (at === 'visiting' ? [id] : []));
      circle.push(...underWay.slice(underWay.indexOf(draft.id)));
      return;
    }
    state.set(draft.id, 'visiting');
    for (const need of needs.get(draft.id)?.keys() ?? []) {
      const earlier = byId.get(need);
      if (earlier !== undefined) visit(earlier);
    }
    state.set(draft.id, 'done');
    sorted.push(draft);
  };
  for (const draft of drafts) visit(draft);
  return { sorted, circle };
}

function withoutCircle(drafts: readonly Draft[], circle: readonly string[]): readonly Draft[] {
  const text = [...circle, circle[0]].join(' needs ');
  const reason = `Bug in gates: this change needs itself. Please report it (${text})`;
  return drafts.map((draft) =>
    circle.includes(draft.id) ? refused({ ...draft, needs: [] }, reason) : draft,
  );
}
