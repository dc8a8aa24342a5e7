import { isCover } from '../../core/change.ts';
import { type DoorEffect, isGuarding } from '../../core/objects/door.ts';
import { grouped } from '../../core/objects/grouped.ts';
import type { Observed } from '../../core/objects/object.ts';
import type { Linked } from '../../core/objects/reference.ts';
import { type Draft, draftId, driftBetween, isClosing } from '../drafts/draft.ts';
import { type Known, standingDoors } from '../drafts/known.ts';
import { liesIn } from '../order/door-edges.ts';
import { isRelease } from './releases.ts';

/**
 * A gate at a path may reach further than the path (an Access application also covers the paths below it), and the
 * outer gate takes those back. To keep them guarded in between, the outer gate takes them in a step of its own before
 * the inner gate is made, and releases them in a step of its own after the inner gate is removed. It keeps them while an
 * inner gate remains that nothing removes. If both are made, the outer one is first made with that part alone, and gets
 * the rest after the inner one.
 */
export function keepAround(known: Known, drafts: readonly Draft[]): readonly Draft[] {
  const needs = new Map<string, readonly string[]>();
  const staying = standingDrafts(known, drafts);
  const ofKind = grouped(drafts, ({ address }) => address.kind);
  const stepped = drafts.flatMap((draft) => {
    if (draft.reconciler.gate?.around === undefined) return [draft];
    const alike = ofKind.get(draft.address.kind) ?? [];
    const steps = aroundSteps(draft, alike, staying) ?? madeInParts(draft, alike);
    if (steps === undefined) return [draft];
    for (const [id, need] of steps.before) needs.set(id, [...(needs.get(id) ?? []), need]);
    return steps.drafts;
  });
  const around = new Set(stepped.flatMap(({ verb, address }) => (verb === 'create' ? [address.kind] : [])));
  const outer = drafts.filter(({ have, address }) => have !== undefined && around.has(address.kind));
  const standing = [...staying, ...outer.map(asItStands)];
  return stepped.map((draft) => {
    const steps = needs.get(draft.id) ?? [];
    const isDividing =
      steps.length > 0 || (draft.verb === 'create' && standing.some((each) => encloses(each, draft)));
    return isDividing ? { ...draft, needs: [...draft.needs, ...steps], doors: dividing(draft) } : draft;
  });
}

/** The draft, with the effects of its live object on doors. */
function asItStands(draft: Draft): Draft {
  const { reconciler, have, address } = draft;
  return { ...draft, doors: reconciler.doors?.(undefined, have, address) ?? [] };
}

/** It admits others than the outer gate: the edge must first have the paths of the outer gate, and the guards. */
function dividing({ doors }: Draft): readonly DoorEffect[] {
  return doors.map((effect) => (effect.step === 'guard' ? { ...effect, step: 'divide' } : effect));
}

/** The spec without everything that `others` have; undefined if they have none of it. */
export function specWithout(
  reconciler: Draft['reconciler'],
  spec: Linked<unknown>,
  others: readonly Linked<unknown>[],
): Linked<unknown> | undefined {
  return reconciler.gate?.released?.({ spec } as Observed, others) as Linked<unknown> | undefined;
}

interface Steps {
  readonly drafts: readonly Draft[];
  /** Pairs: a draft of the plan, and the one of these steps that comes before it. */
  readonly before: readonly (readonly [id: string, need: string])[];
}

/** Our live objects that this plan does not touch, as drafts with the effects of their removal on doors. */
export function standingDrafts(known: Known, drafts: readonly Draft[]): readonly Draft[] {
  const touched = new Set(drafts.flatMap(({ have }) => have?.id ?? []));
  return known.objects.flatMap((have): readonly Draft[] => {
    const { address, owner, id } = have;
    const reconciler = known.reconcilers.get(address.kind);
    if (owner !== known.owner || touched.has(id) || reconciler?.gate?.around === undefined) return [];
    const doors = reconciler.doors?.(undefined, have, address) ?? [];
    return [unchanged({ reconciler, address, have, doors })];
  });
}

function unchanged<T extends Pick<Draft, 'reconciler' | 'address' | 'doors'> & { readonly have: Observed }>(
  draft: T,
): Draft {
  const { address, have } = draft;
  return { ...draft, id: draftId('keep', { address, have }), verb: 'keep', drift: [], needs: [] };
}

/** `alike`: the drafts of its kind. */
function aroundSteps(draft: Draft, alike: readonly Draft[], staying: readonly Draft[]): Steps | undefined {
  const { reconciler, verb, want, have, address } = draft;
  if (verb !== 'update' || want === undefined || have === undefined) return undefined;
  // A step on the way to another object is not a gate of its own. A cover is one, and one that closes comes first anyway.
  const isGate = isCover(draft) ? !isClosing(draft) : draft.id === draftId('update', { address, have });
  if (!isGate) return undefined;
  const isInside = insideOf(draft);
  const inside = alike.filter(isInside);
  const creates = inside.filter((other) => other.verb === 'create');
  const prunes = inside.filter((other) => other.verb === 'prune');
  const insideStaying = staying.filter(isInside);
  const further = [...prunes, ...insideStaying];
  const others = alike.filter((other) => other.address.key !== address.key);
  const standing = specsIn(others, ({ have: stands }) => stands?.spec);
  const wanted = specsIn(others, ({ want: asked }) => asked);
  const notYet = creates.filter((made) => !others.some((other) => standsBetween(draft, other, made)));
  const { from, taking } = takingStep(draft, have, alike, { creates: notYet, standing });
  const keepFor = (inner: readonly Draft[]) =>
    reconciler.gate?.around?.(
      want,
      from,
      specsIn(inner, ({ have: stands }) => stands?.spec),
      wanted,
    );
  const kept = keepFor(insideStaying) ?? want;
  const interimSpec = keepFor(further);
  if (taking === undefined && interimSpec === undefined) return undefined;
  const giving =
    interimSpec === undefined || driftBetween(reconciler, kept, interimSpec).length === 0
      ? undefined
      : step(draft, { name: 'give', from: interimSpec, to: kept, part: partOf(prunes), reason: gives });
  const target = interimSpec ?? want;
  // The steps before and after often do all of it.
  const rest = driftBetween(reconciler, target, taking?.want ?? from);
  const main: readonly Draft[] =
    rest.length === 0
      ? []
      : [{ ...draft, want: target, drift: rest, needs: [...draft.needs, ...(taking ? [taking.id] : [])] }];
  const after = [...main, ...prunes].map(({ id }) => id);
  const steps = [...(taking ? [taking] : []), ...main, ...(giving ? [{ ...giving, needs: after }] : [])];
  return {
    drafts: steps.length === 0 ? [unchanged({ ...draft, have })] : steps,
    before: taking === undefined ? [] : creates.map(({ id }) => [id, taking.id] as const),
  };
}

/**
 * The step in which a gate takes what lies below new gates, if there is anything, and the form that the gate has before: it may have to
 * release something first.
 */
function takingStep(
  draft: Draft,
  have: Observed,
  alike: readonly Draft[],
  inside: { readonly creates: readonly Draft[]; readonly standing: readonly Linked<unknown>[] },
): { readonly from: Linked<unknown>; readonly taking: Draft | undefined } {
  const { creates, standing } = inside;
  const release = alike.find((other) => other.have === have && isRelease(other));
  const from = release?.want ?? (have.spec as Linked<unknown>);
  const wanted = specsIn(creates, ({ want: asked }) => asked);
  const to = draft.reconciler.gate?.around?.(from, draft.want ?? {}, wanted, standing);
  if (to === undefined) return { from, taking: undefined };
  const between = { name: 'take', from, to, part: partOf(creates), reason: takes } as const;
  const taking = closesToSome(draft) ? takingAtOnce(draft, between) : step(draft, between);
  const needs = release === undefined ? taking.needs : [...taking.needs, release.id];
  return { from, taking: { ...taking, needs } };
}

/** True for a gate that admits everybody, so that its removal guards the host, and that is to admit fewer. */
function closesToSome(draft: Draft): boolean {
  const isGuard = ({ step: does }: DoorEffect) => does === 'guard';
  const { doors } = asItStands(draft);
  return !isCover(draft) && doors.length > 0 && [...doors, ...draft.doors].every(isGuard);
}

/** The step in which such a gate takes that and narrows at once: between two steps, it would admit everybody there. */
function takingAtOnce(draft: Draft, between: Between): Draft {
  const { id, doors } = step(draft, between);
  const drift = driftBetween(draft.reconciler, draft.want, between.from);
  return { ...draft, id, drift, doors: [...draft.doors, ...doors] };
}

/** True for the step in which a gate takes what lies below new gates. */
export function isTaking({ id, address, have }: Draft): boolean {
  return have !== undefined && id === draftId('take', { address, have });
}

/**
 * True if a gate takes what lies below the path of a live gate, whose people alone pass there until then. A killed run
 * may leave that gate without one around it. Where it admits everybody, the outer one narrows.
 */
export function takesFromInner(known: Known, host: string, { reconciler, want, have }: Draft): boolean {
  if (reconciler.gate?.around === undefined || want === undefined) return false;
  const isInner = (effect: DoorEffect) =>
    effect.host === host && effect.part !== undefined && effect.step === 'unguard';
  const inner = (known.byKind.get(reconciler.kind) ?? [])
    .filter((other) => other.id !== have?.id && standingDoors(known, other).some(isInner))
    .map(({ spec }) => spec as Linked<unknown>);
  const before = have === undefined ? inner[0] : (have.spec as Linked<unknown>);
  return before !== undefined && reconciler.gate?.around(before, want, inner, []) !== undefined;
}

function madeInParts(draft: Draft, alike: readonly Draft[]): Steps | undefined {
  const { reconciler, verb, want, address } = draft;
  const part = draft.doors.find(({ step }) => isGuarding(step))?.part;
  if (verb !== 'create' || want === undefined || part === undefined) return undefined;
  // A gate that admits everybody is made after every guarding step.
  const isInside = insideOf(draft);
  const inner = alike.filter(
    (other) => other.verb === 'create' && isInside(other) && other.doors.some(({ step }) => isGuarding(step)),
  );
  const [firstInner] = specsIn(inner, ({ want: asked }) => asked);
  const inside =
    firstInner === undefined
      ? undefined
      : reconciler.gate?.around?.(
          firstInner,
          want,
          specsIn(inner, ({ want: asked }) => asked),
          [],
        );
  if (inside === undefined) return undefined;
  const outside = specWithout(reconciler, want, [inside]);
  const first = outside === undefined ? undefined : specWithout(reconciler, want, [outside]);
  if (first === undefined) return undefined;
  const innermost = partOf(inner);
  const firstStep: Draft = {
    ...draft,
    want: first,
    doors: innermost === undefined ? [] : [{ ...innermost, step: 'guard' }],
    reason: takes,
  };
  const rest: Draft = {
    ...draft,
    id: draftId('update', { address }),
    verb: 'update',
    drift: driftBetween(reconciler, want, first),
    needs: [...draft.needs, draft.id],
    // After the inner ones, which this step also guards.
    doors: dividing(draft),
  };
  return { drafts: [firstStep, rest], before: inner.map(({ id }) => [id, draft.id] as const) };
}

const takes = 'takes what lies below the path, before the path has a gate of its own';
const gives = 'releases what lies below the path: the file has no gate there any more';

/** True for drafts of the same kind at a path of a host of this one. */
function insideOf({ id, address, doors }: Draft): (other: Draft) => boolean {
  const hosts = new Set(doors.map(({ host }) => host));
  return (other) =>
    other.id !== id &&
    other.address.kind === address.kind &&
    other.doors.some(({ host, part }) => part !== undefined && hosts.has(host));
}

/** True if a live gate inside the outer one covers the path of the new one: its people pass there until it goes. */
function standsBetween(outer: Draft, other: Draft, made: Draft): boolean {
  const around = partsIn(asItStands(outer).doors);
  const between = partsIn(asItStands(other).doors);
  return between.some(
    (path) =>
      partsIn(made.doors).some((part) => liesIn(part, path)) &&
      !around.some((part) => part === path || liesIn(part, path)),
  );
}

function partsIn(doors: readonly DoorEffect[]): readonly string[] {
  return doors.flatMap(({ part }) => part ?? []);
}

/** True if the outer one covers the path of the inner one, or all of its host. */
function encloses(outer: Draft, inner: Draft): boolean {
  const isOver = ({ host, part }: DoorEffect) =>
    inner.doors.some(
      (effect) =>
        isGuarding(effect.step) &&
        effect.host === host &&
        effect.part !== undefined &&
        (part === undefined || effect.part.startsWith(`${part}/`)),
    );
  return outer.address.kind === inner.address.kind && outer.doors.some(isOver);
}

export function specsIn(drafts: readonly Draft[], of: (draft: Draft) => unknown): readonly Linked<unknown>[] {
  return drafts.map(of).filter((spec) => spec !== undefined) as readonly Linked<unknown>[];
}

/** The innermost of their paths: the step comes before or after all of them, however they are nested. */
function partOf(drafts: readonly Draft[]): DoorEffect | undefined {
  const parts = drafts.flatMap(({ doors }) => doors).filter(({ part }) => part !== undefined);
  const depth = ({ part = '' }: DoorEffect) => part.length;
  return parts.sort((one, other) => depth(other) - depth(one))[0];
}

interface Between {
  readonly name: 'take' | 'give';
  readonly from: unknown;
  readonly to: Linked<unknown>;
  readonly part: DoorEffect | undefined;
  readonly reason: string;
}

function step(draft: Draft, { name, from, to, part, reason }: Between): Draft {
  // Only the change itself closes the host for now.
  const { address, have, leansOn: _, interim: __, ...base } = draft;
  const does = name === 'take' ? ('guard' as const) : ('unguard' as const);
  return {
    ...base,
    address,
    id: draftId(name, { address, ...(have && { have }) }),
    want: to,
    ...(have && { have }),
    drift: driftBetween(draft.reconciler, to, from),
    doors: part === undefined ? [] : [{ host: part.host, step: does, part: part.part ?? '' }],
    needs: [],
    reason,
  };
}
