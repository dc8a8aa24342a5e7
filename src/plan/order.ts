import { type NeedReason, type Phase, phases } from '../core/change.ts';
import { UnsafeError } from '../core/errors.ts';
import { type AddressId, addressId } from '../core/objects/address.ts';
import { type DoorStep, doorSteps, isAtHost, isGuarding, stepRank } from '../core/objects/door.ts';
import type { Draft } from './draft.ts';

/** Drafts in a safe order, each with everything that has to be done before it. */
export interface Ordered {
  readonly draft: Draft;
  readonly phase: Phase;
  readonly needs: readonly string[];
  /** The reason for each of `needs`. */
  readonly needReasons: readonly NeedReason[];
}

/** A change, one that has to be done before it, and why. */
type Edge = readonly [later: string, earlier: string, reason: NeedReason];

/**
 * Only three reasons put one change before another:
 * - a reference: an object must exist before another refers to it;
 * - a use: an object is removed after those that release it or that it outlives. Before an object is made, its former
 *   parts are removed and its drifted parts repaired; this also precedes a change that may reactivate parts of a live
 *   object. An update that makes a login stricter precedes what changes there, and one that makes it laxer follows;
 * - a door: on one host, an earlier step (core/door.ts) is done before a later one. What enlarges groups concerns every door.
 * Kept objects have no place in the order, and come at the end of the list.
 * `vain`: closings that wait for a refused draft. What takes a path from everybody does not wait for them.
 */
export function order(
  drafts: readonly Draft[],
  kinds: readonly string[],
  vain: ReadonlySet<string> = new Set(),
): readonly Ordered[] {
  const still = drafts.filter((draft) => draft.verb === 'keep');
  const moving = drafts.filter((draft) => draft.verb !== 'keep');
  const needs = new Map<string, Map<string, NeedReason>>(moving.map(({ id }) => [id, new Map()]));
  // A refused change waits for nothing, because it is never made.
  const refusals = new Set(moving.flatMap(({ id, verb }) => (verb === 'refuse' ? [id] : [])));
  const takings = new Set(vain.size === 0 ? [] : moving.filter(takesPathFromEverybody).map(({ id }) => id));
  const add = ([later, earlier, reason]: Edge): void => {
    const known = needs.get(later);
    if (reason === 'door' && vain.has(earlier) && takings.has(later)) return;
    // The first of several reasons says the most.
    if (later !== earlier && !refusals.has(later) && known?.has(earlier) === false)
      known.set(earlier, reason);
  };
  for (const edge of referenceEdges(moving)) add(edge);
  for (const edge of useEdges(moving)) add(edge);
  for (const edge of partEdges(drafts)) add(edge);
  for (const edge of strictnessEdges(drafts)) add(edge);
  for (const edge of doorEdges(moving)) add(edge);
  for (const edge of enlargingEdges(moving)) add(edge);
  for (const { id, needs: own } of moving) {
    const known = needs.get(id);
    for (const earlier of own) if (known?.has(earlier) === false) known.set(earlier, 'series');
  }
  const place = (draft: Draft) => phases.indexOf(phaseOf(draft)) * 1000 + kinds.indexOf(draft.address.kind);
  const first = moving
    .map((draft) => ({ draft, place: place(draft) }))
    .sort((a, b) => a.place - b.place || compareText(a.draft.id, b.draft.id))
    .map(({ draft }) => draft);
  return [
    ...sortByNeeds(first, needs).map((draft) => {
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

/** By code unit: the order is for machines and has to be the same everywhere. */
function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** The phase that people read: from the earliest door step of the change, or from its verb if it has none. */
export function phaseOf(draft: Draft): Phase {
  const ranks = draft.doors.map((effect) => stepRank(effect.step));
  if (ranks.length === 0) return draft.verb === 'prune' ? 'clean' : 'prepare';
  return phaseOfStep[doorSteps[Math.min(...ranks)] ?? 'close'];
}

const phaseOfStep: Readonly<Record<DoorStep, Phase>> = {
  close: 'close',
  guard: 'guard',
  divide: 'guard',
  change: 'guard',
  attest: 'guard',
  route: 'open',
  publish: 'open',
  vacate: 'prove',
  prove: 'prove',
  purge: 'retire',
  unroute: 'retire',
  unguard: 'retire',
  confirm: 'retire',
};

/** Only objects that are made, or cannot be made, come first: an existing object can be referred to at once. */
function* referenceEdges(drafts: readonly Draft[]): Generator<Edge> {
  const makers = new Map<AddressId, string>();
  for (const draft of drafts) {
    if (draft.want !== undefined && ['create', 'replace', 'refuse'].includes(draft.verb)) {
      makers.set(addressId(draft.address), draft.id);
    }
  }
  for (const draft of drafts) {
    for (const target of draft.leansOn ?? []) {
      const maker = makers.get(target);
      if (maker !== undefined) yield [draft.id, maker, 'reference'];
    }
  }
}

function* useEdges(drafts: readonly Draft[]): Generator<Edge> {
  const removals = new Map<string, string>();
  for (const draft of drafts) {
    if (draft.verb === 'prune' && draft.have !== undefined) removals.set(draft.have.id, draft.id);
  }
  for (const draft of drafts) {
    for (const used of draft.have?.uses ?? []) {
      const removal = removals.get(used);
      if (removal !== undefined) yield [removal, draft.id, 'use'];
    }
  }
  const going = new Map(
    drafts.flatMap(({ id, verb, address }) => (verb === 'prune' ? [[addressId(address), id] as const] : [])),
  );
  const coming = new Map(
    drafts.flatMap(({ id, verb, address }) => (verb === 'create' ? [[addressId(address), id] as const] : [])),
  );
  for (const { id, verb, have } of drafts) {
    const isMended = verb === 'prune' || verb === 'update';
    const whole = isMended && have?.partOf !== undefined ? coming.get(have.partOf) : undefined;
    if (whole !== undefined) yield [whole, id, 'part'];
  }
  for (const { id, verb, have } of drafts) {
    for (const outlived of (verb === 'prune' ? have?.outlives : undefined) ?? []) {
      const removal = going.get(outlived);
      if (removal !== undefined) yield [id, removal, 'outlasts'];
    }
  }
}

/**
 * Repairing a login that someone disabled in the dashboard reactivates its bindings. So the plan first removes bindings
 * that someone added there and recreates bindings that someone deleted.
 */
function* partEdges(drafts: readonly Draft[]): Generator<Edge> {
  const updates = new Map(
    drafts.flatMap((draft) =>
      draft.verb === 'update' && draft.have !== undefined ? [[draft.have.id, draft]] : [],
    ),
  );
  const changesTo = (whole: Draft) =>
    (whole.have?.uses ?? [])
      .flatMap((used) => updates.get(used) ?? [])
      .filter((draft) => strictnessOf(draft) >= 0);
  const standing = new Map(
    drafts.flatMap((draft) =>
      draft.have !== undefined && (draft.verb === 'keep' || draft.verb === 'update')
        ? [[addressId(draft.address), draft]]
        : [],
    ),
  );
  const guards = ({ doors }: Draft) => doors.every(({ step }) => isGuarding(step));
  const makers = new Map(
    drafts.flatMap((draft) =>
      ['create', 'refuse'].includes(draft.verb) && draft.doors.length > 0 && guards(draft)
        ? [[addressId(draft.address), draft]]
        : [],
    ),
  );
  for (const draft of drafts) {
    const { id, verb, have } = draft;
    const isMended = (verb === 'prune' || verb === 'update') && guards(draft);
    const whole = isMended && have?.partOf !== undefined ? standing.get(have.partOf) : undefined;
    if (whole !== undefined) for (const change of changesTo(whole)) yield [change.id, id, 'revival'];
  }
  for (const whole of standing.values()) {
    const newParts = (whole.leansOn ?? []).flatMap((part) => makers.get(part) ?? []);
    for (const change of changesTo(whole)) {
      // A binding that is made of the changed object admits nobody before it is made.
      for (const part of newParts) if (!isMadeOf(part, change)) yield [change.id, part.id, 'revival'];
    }
  }
}

/**
 * A stricter login asks everybody for more before it admits somebody else, and a laxer one asks for less only when it
 * admits nobody else any more. So a laxer one also waits for what is refused.
 */
function* strictnessEdges(drafts: readonly Draft[]): Generator<Edge> {
  for (const draft of drafts) {
    const own = strictnessOf(draft);
    if (own === 0) continue;
    for (const other of besides(draft, drafts)) {
      if (other.verb === 'keep' || other.verb === 'verify') continue;
      const theirs = strictnessOf(other);
      if (own < theirs) yield [other.id, draft.id, 'strictness'];
      if (own > theirs) yield [draft.id, other.id, 'strictness'];
    }
  }
}

/** The drafts of the objects that use the same login: the login itself, its parts, and those that it needs and that are made. */
function besides({ address, have }: Draft, drafts: readonly Draft[]): ReadonlySet<Draft> {
  const id = addressId(address);
  const users = drafts.filter(
    (other) =>
      addressId(other.address) === have?.partOf ||
      (have !== undefined && other.have?.uses.includes(have.id) === true) ||
      other.leansOn?.includes(id) === true,
  );
  const wholes = new Set(users.map((user) => addressId(user.address)));
  const needed = new Set(users.flatMap(({ leansOn = [] }) => leansOn));
  const parts = drafts.filter(({ verb, address: at, have: live }) => {
    const isMade = verb === 'create' || verb === 'refuse';
    return (isMade && needed.has(addressId(at))) || (live?.partOf !== undefined && wholes.has(live.partOf));
  });
  return new Set([...users, ...parts]);
}

/** See `Reconciler.strictness`; 0: any other change. */
function strictnessOf({ verb, reconciler, want, have }: Draft): number {
  if (have === undefined || !['update', 'adopt', 'prune'].includes(verb)) return 0;
  return reconciler.strictness?.(want, have) ?? 0;
}

function isMadeOf({ verb, leansOn }: Draft, { address }: Draft): boolean {
  return verb === 'create' && leansOn?.includes(addressId(address)) === true;
}

/**
 * See `Reconciler.enlarges`. A closing waits for nothing, and no removal lets anybody in. If a removal is refused, what
 * waits for it waits for a later run.
 */
function* enlargingEdges(drafts: readonly Draft[]): Generator<Edge> {
  for (const enlarging of drafts) {
    const { enlarges } = enlarging.reconciler;
    if (enlarges === undefined) continue;
    for (const draft of drafts) {
      const isAlike = draft.address.kind === enlarging.address.kind;
      if (!isAlike && !enlarges.includes(draft.address.kind)) continue;
      const isClosing = draft.doors.some(({ step }) => step === 'close');
      if (enlarging.want === undefined) {
        if (draft.want !== undefined && !isClosing) yield [draft.id, enlarging.id, 'door'];
      } else if (!isAlike) yield [enlarging.id, draft.id, 'door'];
    }
  }
}

/**
 * True if a path of a host has a gate of its own that admits everybody, and the draft removes it or makes it narrower.
 * Whatever guards the host meanwhile, this lets nobody in who did not get in before.
 */
function takesPathFromEverybody({ verb, reconciler, address, have, doors }: Draft): boolean {
  if (have === undefined || (verb !== 'prune' && verb !== 'update') || doors.length === 0) return false;
  // The removal of a gate is a guarding step only if the gate admits everybody.
  const removal = reconciler.doors?.(undefined, have, address) ?? [];
  return [...removal, ...doors].every(({ step, part }) => step === 'guard' && part !== undefined);
}

interface Step {
  readonly id: string;
  readonly rank: number;
  readonly step: DoorStep;
  readonly part?: string;
  readonly isRoute: boolean;
  readonly isRefused: boolean;
}

function* doorEdges(drafts: readonly Draft[]): Generator<Edge> {
  const byHost = new Map<string, Step[]>();
  for (const draft of drafts) {
    for (const effect of draft.doors) {
      const steps = byHost.get(effect.host) ?? [];
      const { step, part, via } = effect;
      const kind = { isRoute: via !== undefined, isRefused: draft.verb === 'refuse' };
      steps.push({ id: draft.id, rank: stepRank(step), step, ...(part !== undefined && { part }), ...kind });
      byHost.set(effect.host, steps);
    }
  }
  for (const steps of withWildcards(byHost).values()) {
    for (const later of steps) {
      for (const earlier of steps) if (comesBefore(earlier, later)) yield [later.id, earlier.id, 'door'];
    }
  }
}

function comesBefore(earlier: Step, later: Step): boolean {
  // The route of a path may match more than the path's gate covers, and only the gate around it takes the rest.
  const isGateRefused = earlier.isRefused && earlier.step === 'change' && earlier.part === undefined;
  if (isGateRefused && later.step === 'divide' && later.isRoute) return true;
  if (earlier.rank !== later.rank) return earlier.rank < later.rank;
  if (isGuarding(earlier.step)) return liesIn(earlier.part, later.part);
  return earlier.step === 'unguard' && liesIn(later.part, earlier.part);
}

/** True if the first path lies in the second, and neither is a whole host. */
function liesIn(inner: string | undefined, outer: string | undefined): boolean {
  return outer !== undefined && inner?.startsWith(`${outer}/`) === true;
}

/** A step for all hosts of a domain is a step at each of them. */
function withWildcards(byHost: ReadonlyMap<string, readonly Step[]>): ReadonlyMap<string, readonly Step[]> {
  const wildcards = [...byHost].filter(([host]) => host.startsWith('*.'));
  if (wildcards.length === 0) return byHost;
  return new Map(
    [...byHost].map(([host, steps]) => {
      const wildcardSteps = wildcards.filter(([pattern]) => pattern !== host && isAtHost(pattern, host));
      // An effect that names the host itself replaces the same draft's effect for the domain.
      const own = new Set(steps.map(({ id }) => id));
      const others = wildcardSteps.flatMap(([, found]) => found.filter(({ id }) => !own.has(id)));
      return [host, [...steps, ...others]];
    }),
  );
}

/** A stable topological order: of the drafts that are possible next, always the first in the list. */
function sortByNeeds(
  drafts: readonly Draft[],
  needs: ReadonlyMap<string, ReadonlyMap<string, NeedReason>>,
): readonly Draft[] {
  const byId = new Map(drafts.map((draft) => [draft.id, draft]));
  const sorted: Draft[] = [];
  const state = new Map<string, 'visiting' | 'done'>();
  const visit = (draft: Draft): void => {
    if (state.get(draft.id) === 'done') return;
    if (state.get(draft.id) === 'visiting')
      throw new UnsafeError('Bug in gates: the plan needs itself. Please report it', {
        facts: { detail: circle(state, draft.id).join(' needs ') },
      });
    state.set(draft.id, 'visiting');
    for (const need of needs.get(draft.id)?.keys() ?? []) {
      const earlier = byId.get(need);
      if (earlier !== undefined) visit(earlier);
    }
    state.set(draft.id, 'done');
    sorted.push(draft);
  };
  for (const draft of drafts) visit(draft);
  return sorted;
}

/** The changes that need each other, from the one that is visited twice back to itself. */
function circle(state: ReadonlyMap<string, 'visiting' | 'done'>, met: string): readonly string[] {
  const underWay = [...state].flatMap(([id, at]) => (at === 'visiting' ? [id] : []));
  return [...underWay.slice(underWay.indexOf(met)), met];
}
