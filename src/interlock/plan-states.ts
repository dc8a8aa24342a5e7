import type { Change } from '../core/change.ts';
import { addressId } from '../core/objects/address.ts';
import { type DoorEffect, isAtHost, stepRank } from '../core/objects/door.ts';
import type { Part } from '../core/objects/part.ts';
import { type FileOrigin, originsOf } from './file-origins.ts';
import { liveOrigins, originKey } from './live-origins.ts';
import type { LiveParts } from './live-parts.ts';
import { originEntries, type PartSource, type RunGround, RunStates, type StateChange } from './run-states.ts';

export interface PlanStatesGround extends Omit<RunGround, 'checked' | 'uncheckedOrigins'> {
  /** Hosts that a person vouches for: their origins count as checked. */
  readonly unverified?: readonly string[];
}

/** Steps of a plan that follow each other, and the states around them. Each changes an object of its own. */
export interface StepsTaken {
  readonly before: LiveParts;
  readonly after: LiveParts;
  readonly steps: readonly StepTaken[];
}

export interface StepTaken extends StateChange {
  /** From 1, as the plan counts its steps. */
  readonly step: number;
}

/** Steps of a plan that are taken one by one. Of one with more, neighbors of one kind are taken together. */
const mostSingleSteps = 500;

/**
 * The states of the doors over a plan, as a person is shown them: as if each step were done, had reached the edge at once, and each
 * check had confirmed its gate. When the plan begins, an origin asks what the live objects show (`liveOrigins`). It asks what the
 * file says once a check has confirmed that; without a check, once the old gate of the host begins to go, or after the last step
 * there.
 */
export class PlanStates {
  readonly start: LiveParts;
  readonly goal: LiveParts;
  readonly #states: RunStates;
  readonly #steps: readonly Change[];
  readonly #origins: readonly FileOrigin[];
  readonly #shown: ReadonlyMap<string, string>;

  constructor({ unverified = [], ...ground }: PlanStatesGround, steps: readonly Change[]) {
    this.#states = new RunStates({ ...ground, checked: unverified, uncheckedOrigins: true });
    this.#steps = steps;
    this.#origins = originsOf(ground.desired);
    const objects = ground.observed.flatMap((each) => (each.state === 'known' ? each.objects : []));
    const parts = this.#states.start.store.allParts();
    const shown = liveOrigins({ parts, objects, file: this.#origins });
    this.start = this.#states.start.withAll(originEntries(shown.map((part) => ({ part }))));
    this.goal = this.#states.goal;
    const all = this.start.store.possibleParts('origin', ['']);
    this.#shown = new Map(all.map(({ service, hosts, asks }) => [originKey(service, hosts?.[0]), asks.who]));
  }

  /** The steps in their order, one by one; of a plan with many, neighbors of one kind together. */
  *taken(): Iterable<StepsTaken> {
    const settling = this.#settlingAt();
    const isSingle = this.#steps.length <= mostSingleSteps;
    let before = this.start;
    let steps: StepTaken[] = [];
    let changed = new Set<string>();
    const flush = (): StepsTaken => {
      const after = before.with(
        steps.flatMap(({ entries }) => entries),
        'arrived',
      );
      const found = { before, after, steps };
      [before, steps, changed] = [after, [], new Set()];
      return found;
    };
    for (const [index, change] of this.#steps.entries()) {
      const isNext =
        isSingle || isApart(change, this.#steps[index - 1]) || changed.has(addressId(change.address));
      if (isNext && steps.length > 0) yield flush();
      const changes = [
        this.#states.changeTo(before, change),
        ...(settling.get(index) ?? []).map((host) => this.#states.originsAt(host)),
      ];
      steps.push({
        step: index + 1,
        entries: changes.flatMap(({ entries }) => entries),
        changed: changes.flatMap((each) => each.changed),
      });
      changed.add(addressId(change.address));
    }
    if (steps.length > 0) yield flush();
  }

  /** The state after a step of this number, 0 for before the first; undefined if the plan has no such step. */
  afterStep(step: number): LiveParts | undefined {
    if (step === 0) return this.start;
    for (const { before, steps } of this.taken()) {
      if (steps.every((each) => each.step < step)) continue;
      const entries = steps.filter((each) => each.step <= step).flatMap((each) => each.entries);
      return before.with(entries, 'arrived');
    }
    return undefined;
  }

  /** The object that a part of a state comes from; undefined for an origin. */
  sourceOf(state: LiveParts, part: Part): PartSource | undefined {
    return this.#states.sourceOf(state, part);
  }

  /** Hosts whose origins ask what the file says from a step on, by the index of that step. */
  #settlingAt(): ReadonlyMap<number, readonly string[]> {
    const open = new Set(
      this.#origins.flatMap(({ host, part }) =>
        this.#shown.get(originKey(part.service, part.hosts?.[0])) === part.asks.who ? [] : [host],
      ),
    );
    const byHost = effectsByHost(this.#steps, open);
    const found = new Map<number, string[]>();
    for (const host of open) {
      const here = byHost.get(host) ?? [];
      const check = here.find(({ isCheck }) => isCheck);
      const index = (check ?? here.find(({ isLate }) => isLate) ?? here.at(-1))?.index ?? 0;
      found.set(index, [...(found.get(index) ?? []), host]);
    }
    return found;
  }
}

function isApart(change: Change, previous: Change | undefined): boolean {
  return previous?.verb !== change.verb || previous.address.kind !== change.address.kind;
}

interface HostStep {
  readonly index: number;
  readonly isCheck: boolean;
  /** It removes what guarded the host. */
  readonly isLate: boolean;
}

function effectsByHost(
  steps: readonly Change[],
  hosts: ReadonlySet<string>,
): ReadonlyMap<string, readonly HostStep[]> {
  const found = new Map<string, HostStep[]>([...hosts].map((host) => [host, []]));
  for (const [index, { verb, doors }] of steps.entries()) {
    const touched = doors.flatMap((effect) => hostsOf(effect, hosts).map((host) => [host, effect] as const));
    for (const [host, { step }] of touched) {
      const isLate = verb === 'prune' && stepRank(step) > stepRank('prove');
      found.get(host)?.push({ index, isCheck: verb === 'verify', isLate });
    }
  }
  return found;
}

function hostsOf({ host }: DoorEffect, hosts: ReadonlySet<string>): readonly string[] {
  if (!host.startsWith('*.')) return hosts.has(host) ? [host] : [];
  return [...hosts].filter((each) => isAtHost(host, each));
}
