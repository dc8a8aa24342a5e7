import { type DoorEffect, isGuarding } from '../core/objects/door.ts';
import type { Observed } from '../core/objects/object.ts';
import type { Linked } from '../core/objects/reference.ts';
import { type Draft, draftId, driftBetween } from './draft.ts';
import type { Known } from './known.ts';

/**
 * A gate at a path may reach further than the path (an Access application covers what lies below it too), and the gate
 * around it takes that back. So that it is never open in between, the one around takes it in a step of its own before
 * the inner one is made, and lets go of it in a step of its own after the inner one has gone; where nothing is removed,
 * after the host leads to where its own gate is asked. Where both are made, the one around is made of that part alone, and
 * gets the rest after the inner one.
 */
export function keepAround(known: Known, drafts: readonly Draft[]): readonly Draft[] {
  const needs = new Map<string, readonly string[]>();
  const staying = left(known, drafts);
  const stepped = drafts.flatMap((draft) => {
    const steps = aroundSteps(draft, drafts, staying) ?? madeInParts(draft, drafts);
    if (steps === undefined) return [draft];
    for (const [id, need] of steps.before) needs.set(id, [...(needs.get(id) ?? []), need]);
    return steps.drafts;
  });
  const standing = [...staying, ...drafts.filter(({ have }) => have !== undefined).map(asItStands)];
  return stepped.map((draft) => {
    const taken = needs.get(draft.id) ?? [];
    const isDividing =
      taken.length > 0 || (draft.verb === 'create' && standing.some((outer) => encloses(outer, draft)));
    return isDividing ? { ...draft, needs: [...draft.needs, ...taken], doors: dividing(draft) } : draft;
  });
}

/** The draft, with what its object does to doors as it stands. */
function asItStands(draft: Draft): Draft {
  const { reconciler, have, address } = draft;
  return { ...draft, doors: reconciler.doors?.(undefined, have, address) ?? [] };
}

/** It admits others than the one around it does, which has to have at the edge what it takes, and what guards the host. */
function dividing({ doors }: Draft): readonly DoorEffect[] {
  return doors.map((effect) => (effect.step === 'guard' ? { ...effect, step: 'divide' } : effect));
}

/**
 * What lies below a path that stays falls to that path's gate, unless some other has it by name: the new one around the
 * path does, until the host leads to where the new one is asked.
 */
export function takeAround(known: Known, drafts: readonly Draft[]): readonly Draft[] {
  const staying = left(known, drafts);
  return drafts.flatMap((draft) => madeAround(draft, drafts, staying) ?? [draft]);
}

function madeAround(
  draft: Draft,
  drafts: readonly Draft[],
  staying: readonly Draft[],
): readonly Draft[] | undefined {
  const { reconciler, verb, want } = draft;
  const door = draft.doors.find(({ step, part }) => isGuarding(step) && part !== undefined);
  if (verb !== 'create' || want === undefined || door === undefined) return undefined;
  const isBelow = ({ host, part }: DoorEffect) => host === door.host && part?.startsWith(`${door.part}/`);
  const below = (others: readonly Draft[]) =>
    others.filter(({ address, doors }) => address.kind === draft.address.kind && doors.some(isBelow));
  const inside = specsIn(below(staying), ({ have }) => have?.spec);
  const deeper = specsIn(below(drafts), ({ want: asked }) => asked);
  const whole = inside.length === 0 ? undefined : reconciler.covered?.(undefined, want, inside);
  const all = whole === undefined ? undefined : reconciler.around?.(want, whole, inside, deeper);
  if (all === undefined) return undefined;
  const others = specsIn(besides(staying, draft, isBelow), ({ have }) => have?.spec);
  const free = without(reconciler, all, others);
  if (free !== undefined && driftBetween(reconciler, free, want).length === 0) return undefined;
  const kept = free ?? all;
  const giving = step(draft, { name: 'give', from: kept, to: want, part: door, reason: gives });
  return [
    { ...draft, want: kept },
    { ...giving, verb: 'update', needs: [draft.id] },
  ];
}

/** What stands of the same kind and not below: what it has by name falls to nobody. */
function besides(
  staying: readonly Draft[],
  { address }: Draft,
  isBelow: (effect: DoorEffect) => boolean | undefined,
): readonly Draft[] {
  return staying.filter(({ address: at, doors }) => at.kind === address.kind && !doors.some(isBelow));
}

/** Without what any of the others has; undefined where they have nothing of it. */
function without(
  reconciler: Draft['reconciler'],
  spec: Linked<unknown>,
  others: readonly Linked<unknown>[],
): Linked<unknown> | undefined {
  return reconciler.released?.({ spec } as Observed, others) as Linked<unknown> | undefined;
}

interface Steps {
  readonly drafts: readonly Draft[];
  /** Each of the other drafts that come after one of these. */
  readonly before: readonly (readonly [id: string, need: string])[];
}

/** What stands of ours and no draft is about, as what would be if it went. */
function left(known: Known, drafts: readonly Draft[]): readonly Draft[] {
  const touched = new Set(drafts.flatMap(({ have }) => have?.id ?? []));
  return known.objects.flatMap((have): readonly Draft[] => {
    const { address, owner, id } = have;
    const reconciler = known.reconcilers.get(address.kind);
    if (owner !== known.owner || touched.has(id) || reconciler?.around === undefined) return [];
    const doors = reconciler.doors?.(undefined, have, address) ?? [];
    return [
      {
        id: draftId('keep', { address, have }),
        verb: 'keep',
        reconciler,
        address,
        have,
        drift: [],
        doors,
        needs: [],
      },
    ];
  });
}

function aroundSteps(draft: Draft, drafts: readonly Draft[], staying: readonly Draft[]): Steps | undefined {
  const { reconciler, verb, want, have, address } = draft;
  if (verb !== 'update' || want === undefined || have === undefined) return undefined;
  // Steps on the way to another one are no gate of their own.
  if (draft.id !== draftId('update', { address, have })) return undefined;
  const inside = drafts.filter((other) => liesInside(other, draft));
  const made = inside.filter((other) => other.verb === 'create');
  const gone = inside.filter((other) => other.verb === 'prune');
  const further = [...gone, ...staying.filter((other) => liesInside(other, draft))];
  const others = drafts.filter(
    (other) => other.address.kind === address.kind && other.address.key !== address.key,
  );
  const standing = specsIn(others, ({ have: stands }) => stands?.spec);
  const wanted = specsIn(others, ({ want: asked }) => asked);
  const taken = reconciler.around?.(
    have.spec,
    want,
    specsIn(made, ({ want: asked }) => asked),
    standing,
  );
  const kept = reconciler.around?.(
    want,
    have.spec,
    specsIn(further, ({ have: stands }) => stands?.spec),
    wanted,
  );
  if (taken === undefined && kept === undefined) return undefined;
  const taking =
    taken === undefined
      ? undefined
      : step(draft, { name: 'take', from: have.spec, to: taken, part: partOf(made), reason: takes });
  const giving =
    kept === undefined
      ? undefined
      : step(draft, { name: 'give', from: kept, to: want, part: partOf(further), reason: gives });
  const target = kept ?? want;
  // Often the steps before and after do all of it.
  const rest = driftBetween(reconciler, target, taken ?? have.spec);
  const main: readonly Draft[] =
    rest.length === 0
      ? []
      : [{ ...draft, want: target, drift: rest, needs: [...draft.needs, ...(taking ? [taking.id] : [])] }];
  const after = [...main, ...gone].map(({ id }) => id);
  return {
    drafts: [...(taking ? [taking] : []), ...main, ...(giving ? [{ ...giving, needs: after }] : [])],
    before: taking === undefined ? [] : made.map(({ id }) => [id, taking.id] as const),
  };
}

function madeInParts(draft: Draft, drafts: readonly Draft[]): Steps | undefined {
  const { reconciler, verb, want, address } = draft;
  const part = draft.doors.find(({ step }) => isGuarding(step))?.part;
  if (verb !== 'create' || want === undefined || part === undefined) return undefined;
  // What lets everybody by is made after all that guards.
  const inner = drafts.filter(
    (other) =>
      other.verb === 'create' && liesInside(other, draft) && other.doors.some(({ step }) => isGuarding(step)),
  );
  const [one] = specsIn(inner, ({ want: asked }) => asked);
  const inside =
    one === undefined
      ? undefined
      : reconciler.around?.(
          one,
          want,
          specsIn(inner, ({ want: asked }) => asked),
          [],
        );
  if (inside === undefined) return undefined;
  const outside = without(reconciler, want, [inside]);
  const first = outside === undefined ? undefined : without(reconciler, want, [outside]);
  if (first === undefined) return undefined;
  const innermost = partOf(inner);
  const made: Draft = {
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
    // After the inner ones, which are done in this step too.
    doors: dividing(draft),
  };
  return { drafts: [made, rest], before: inner.map(({ id }) => [id, draft.id] as const) };
}

const takes = 'takes what lies below the path, before the path has a gate of its own';
const gives = 'lets go of what lies below the path: the file has no gate there any more';

function liesInside(other: Draft, draft: Draft): boolean {
  const hosts = new Set(draft.doors.map(({ host }) => host));
  return (
    other.id !== draft.id &&
    other.address.kind === draft.address.kind &&
    other.doors.some(({ host, part }) => part !== undefined && hosts.has(host))
  );
}

/** The outer one covers the path of the inner one, or all of its host. */
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

function specsIn(drafts: readonly Draft[], of: (draft: Draft) => unknown): readonly Linked<unknown>[] {
  return drafts.map(of).filter((spec) => spec !== undefined) as readonly Linked<unknown>[];
}

/** The innermost of their paths: each of them comes after the step, or before it, whatever lies in what. */
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
  const { address, have, leansOn: _, ...base } = draft;
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
