import { type DoorEffect, type DoorStep, isAtHost, isGuarding, stepRank } from '../../core/objects/door.ts';
import type { Draft } from '../drafts/draft.ts';
import type { IsApart, NeedEdge } from './need-edge.ts';

interface Step {
  readonly id: string;
  readonly rank: number;
  /** The rank at which it waits for others. */
  readonly waitsAt: number;
  readonly step: DoorStep;
  readonly part?: string;
  readonly isRoute: boolean;
  readonly leadsElsewhere: boolean;
  readonly isLast: boolean;
  readonly isRefused: boolean;
}

/** `isApart`: see {@link IsApart}. */
export function* doorEdges(drafts: readonly Draft[], isApart: IsApart = () => false): Generator<NeedEdge> {
  const byHost = new Map<string, Step[]>();
  for (const draft of drafts) {
    for (const effect of draft.doors) {
      const steps = byHost.get(effect.host) ?? [];
      const { step, part, via, narrowing, anew, last } = effect;
      const kind = {
        isRoute: via !== undefined,
        leadsElsewhere: anew === 'elsewhere',
        isLast: last === true,
        isRefused: draft.verb === 'refuse',
      };
      const ranks = { rank: stepRank(step), waitsAt: stepRank(narrowing === true ? 'guard' : step) };
      steps.push({ id: draft.id, ...ranks, step, ...(part !== undefined && { part }), ...kind });
      byHost.set(effect.host, steps);
    }
  }
  for (const [host, steps] of withWildcards(byHost)) {
    for (const later of steps) {
      for (const earlier of steps) {
        if (comesBefore(earlier, later) && !isApart(later.id, earlier.id, host))
          yield [later.id, earlier.id, 'door'];
      }
    }
  }
}

function comesBefore(earlier: Step, later: Step): boolean {
  // Visitors meet the gate as it is then, with or without what is refused.
  if (later.step === 'confirm' && earlier.isRefused) return false;
  // The route of a path may match more than the path's gate covers, and only the gate around it takes the rest.
  const isGateRefused = earlier.isRefused && earlier.step === 'change' && earlier.part === undefined;
  if (isGateRefused && later.step === 'divide' && later.isRoute) return true;
  if (earlier.rank !== later.waitsAt) return earlier.rank < later.waitsAt;
  // The parts of a gate go together: without one of them, the rest may answer otherwise than either gate.
  if (earlier.step === 'vacate' && earlier.isRefused) return !later.isRefused;
  // People whom the gate of a path admits no more must not reach the origin to which the gate around it comes to lead.
  if (later.leadsElsewhere && !earlier.leadsElsewhere) return true;
  if (earlier.isLast !== later.isLast) return later.isLast;
  if (isGuarding(earlier.step)) return liesIn(earlier.part, later.part);
  return earlier.step === 'unguard' && liesIn(later.part, earlier.part);
}

/** True if the first path lies in the second, and neither is a whole host. */
export function liesIn(inner: string | undefined, outer: string | undefined): boolean {
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

/**
 * True if a path of a host has a gate of its own that admits everybody, and the draft removes it or makes it narrower.
 * Whatever guards the host meanwhile, this lets nobody in who did not get in before.
 */
export function takesPathFromEverybody(draft: Draft): boolean {
  return (
    takesFromEverybody(draft) && [...gone(draft), ...draft.doors].every(({ part }) => part !== undefined)
  );
}

/** True if the draft removes a gate that admits everybody, or makes it narrower. */
export function takesFromEverybody(draft: Draft): boolean {
  const { verb, have, doors } = draft;
  if (have === undefined || (verb !== 'prune' && verb !== 'update') || doors.length === 0) return false;
  // The removal of a gate is a guarding step only if the gate admits everybody.
  const removal = gone(draft);
  return removal.length > 0 && [...removal, ...doors].every(({ step }) => step === 'guard');
}

/** The effects on doors if the live object were removed. */
function gone({ reconciler, address, have }: Draft): readonly DoorEffect[] {
  return reconciler.doors?.(undefined, have, address) ?? [];
}
