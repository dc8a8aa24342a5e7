import { stepsOf, waiting } from '../apply/turns.ts';
import { addressId, type Kind, type System, systemNames, systemOf } from '../core/address.ts';
import { type Change, isCover, isUncovering, type Plan } from '../core/change.ts';
import { type DoorEffect, isAtHost } from '../core/door.ts';
import type { Observed } from '../core/object.ts';
import type { AnyReconciler } from '../core/reconciler.ts';
import { eventWords } from './door-words.ts';

/** The parts of a kind that describe doors: its name for people, and the effects of its objects on hosts. */
export type DoorKind = Pick<AnyReconciler, 'kind' | 'title' | 'doors'>;

/** The state of a host from a step on. */
export interface DoorMoment {
  /** The number of the step; see apply/turns.ts. */
  readonly step: number;
  readonly text: string;
  /** Set where it changes who reaches the host. */
  readonly state?: DoorState;
}

/** One host over the time of a plan. */
export interface DoorStory {
  readonly host: string;
  /** The guard before the first step; absent if nobody reaches the host through an object of ours. */
  readonly now?: string;
  readonly moments: readonly DoorMoment[];
  /** The state of the host after the last step. */
  readonly end: { readonly state: DoorState; readonly text: string };
  /** Something about it is not done until what is refused is settled. */
  readonly waits: boolean;
}

/**
 * - `absent`: it is not routed, or has no name · `closed`: it answers an error · `covered`: only our probe gets in
 * - `guarded`: there is a gate · `unread`: it is open, and what may guard it could not be read · `open`: to everybody
 */
export type DoorState = 'absent' | 'closed' | 'covered' | 'guarded' | 'unread' | 'open';

/** A host as it is at one time, by the objects that the plan is about. */
interface Standing {
  readonly state: DoorState;
  readonly text: string;
  /** The systems whose objects guard the complete host. */
  readonly systems: ReadonlySet<System>;
  readonly routed: boolean;
}

/** An object at one host: what taking it away would do. */
interface Part {
  readonly kind: Kind;
  readonly effects: readonly DoorEffect[];
  readonly cover: boolean;
}

/**
 * The states through which each host goes that a step touches, if nothing fails. They follow only from the objects of
 * the plan: other objects that guard or open a host are not known here.
 */
export function doorStories(plan: Plan, kinds: readonly DoorKind[]): readonly DoorStory[] {
  const steps = stepsOf(plan);
  const hosts = [...new Set(steps.flatMap(({ doors }) => doors.map(({ host }) => host)))].sort();
  const before = new House(plan, kinds);
  const after = new House(plan, kinds);
  for (const step of steps) after.take(step);
  const now = new Map(hosts.map((host) => [host, before.standing(host)]));
  const end = new Map(hosts.map((host) => [host, after.standing(host)]));
  const told = new Map<string, DoorMoment[]>(hosts.map((host) => [host, []]));
  for (const [index, change] of steps.entries()) {
    const touched = touchedBy(change, hosts);
    const was = touched.map((host) => before.standing(host));
    before.take(change);
    for (const [place, host] of touched.entries()) {
      const [from, to] = [was[place] as Standing, before.standing(host)];
      const event = { change, from, to, first: now.get(host) as Standing, last: end.get(host) as Standing };
      for (const effect of change.doors.filter((each) => isAtHost(each.host, host))) {
        tell(told.get(host) ?? [], { step: index + 1, ...momentOf(effect, event) });
      }
    }
  }
  const late = hostsThatWait(plan);
  return hosts.map((host) => {
    const { state, text } = end.get(host) as Standing;
    return {
      host,
      ...(now.get(host)?.state !== 'absent' && { now: now.get(host)?.text ?? '' }),
      moments: told.get(host) ?? [],
      end: { state, text },
      waits: late.has(host),
    };
  });
}

/** The hosts that a change touches. A change for all hosts of a domain touches each of them. */
function touchedBy({ doors }: Change, hosts: readonly string[]): readonly string[] {
  const own = doors.map(({ host }) => host);
  if (!own.some((host) => host.startsWith('*.'))) return [...new Set(own)];
  return hosts.filter((host) => own.some((pattern) => isAtHost(pattern, host)));
}

interface DoorEvent {
  readonly change: Change;
  readonly from: Standing;
  readonly to: Standing;
  readonly first: Standing;
  readonly last: Standing;
}

function momentOf(
  effect: DoorEffect,
  { change, from, to, first, last }: DoorEvent,
): Omit<DoorMoment, 'step'> {
  const differs = from.state !== to.state || [...from.systems].some((system) => !to.systems.has(system));
  if (differs && to.state !== 'absent') return { text: to.text, state: to.state };
  const system = systemOf(change.address.kind);
  const text = eventWords(effect, {
    verb: change.verb,
    cover: isCover(change),
    uncovers: isUncovering(change),
    routed: from.routed,
    hadGate: first.systems.size > 0,
    hadThisGate: first.systems.has(system),
    keepsThisGate: last.systems.has(system),
    keepsGate: last.systems.size > 0,
  });
  return { text };
}

/** Neighbours that say the same are one moment: that of the last. */
function tell(moments: DoorMoment[], moment: DoorMoment): void {
  if (moments.at(-1)?.text === moment.text) moments.pop();
  moments.push(moment);
}

function hostsThatWait(plan: Plan): ReadonlySet<string> {
  const late = waiting(plan);
  const stuck = plan.changes.filter(({ id, verb }) => verb === 'refuse' || late.has(id));
  return new Set(stuck.flatMap(({ doors }) => doors.map(({ host }) => host)));
}

/** Kinds that stand before a host and ask nobody: they keep answers of the gate out of a cache. */
const asksNobody: ReadonlySet<Kind> = new Set<Kind>(['cloudflare/cache-rule']);

/** The objects at every host, as they stand; changed step by step. */
class House {
  readonly #kinds: ReadonlyMap<Kind, DoorKind>;
  readonly #atHost = new Map<string, Map<string, Part>>();
  readonly #hostsOf = new Map<string, Set<string>>();
  /** Hosts to which the plan has, or had, a name: without it a route leads nobody anywhere. */
  readonly #everNamed: ReadonlySet<string>;
  readonly #blind: boolean;
  readonly #patterns: string[] = [];

  constructor(plan: Plan, kinds: readonly DoorKind[]) {
    this.#kinds = new Map(kinds.map((kind) => [kind.kind, kind]));
    this.#blind = plan.unknown.length > 0;
    for (const { have, doors } of plan.changes) {
      // A cover that an earlier run left.
      const cover = doors.some((effect) => effect.cover === true);
      if (have !== undefined) this.#put(keyOf(have), have, cover);
    }
    const publishes = ({ step }: DoorEffect) => step === 'publish';
    this.#everNamed = new Set([
      ...plan.changes.flatMap(({ doors }) => doors.filter(publishes).map(({ host }) => host)),
      ...[...this.#atHost].flatMap(([host, parts]) =>
        [...parts.values()].some(({ effects }) => effects.some(publishes)) ? [host] : [],
      ),
    ]);
  }

  /** Carries a change out. */
  take(change: Change): void {
    const { have, want, address, verb } = change;
    if (verb === 'verify') return;
    const made = addressId(address);
    const key = have === undefined ? made : keyOf(have);
    // An object that an earlier step made has no id in the plan.
    for (const gone of [key, made]) this.#remove(gone);
    if (verb === 'prune' || want === undefined) return;
    const cover = isCover(change) && !this.#guards(have);
    this.#put(key, { address, spec: want } as Observed, cover);
  }

  standing(host: string): Standing {
    const around = this.#patterns.filter((pattern) => pattern !== host && isAtHost(pattern, host));
    const parts = [host, ...around].flatMap((at) => [...(this.#atHost.get(at)?.values() ?? [])]);
    const has = (test: (effect: DoorEffect) => boolean) => parts.some(({ effects }) => effects.some(test));
    const guards = parts.filter(
      ({ kind, effects, cover }) =>
        !cover &&
        !asksNobody.has(kind) &&
        effects.some(({ step, part }) => step === 'unguard' && part === undefined),
    );
    const systems = new Set(guards.map(({ kind }) => systemOf(kind)));
    const routed = has(({ step, live }) => step === 'unroute' && live === true);
    const named = has(({ step }) => step === 'publish');
    const being = (state: DoorState, text: string) => ({ state, text, systems, routed });
    if (parts.some(({ cover }) => cover)) return being('covered', 'hidden until its gate is checked');
    if (!routed && named && has(({ step }) => step === 'unroute')) return being('closed', 'closed');
    if (!routed || (!named && this.#everNamed.has(host))) return being('absent', 'not reachable');
    if (guards.length > 0) return being('guarded', `behind ${this.#names(guards, systems)}`);
    if (this.#blind) return being('unread', 'open, and what guards it could not be read');
    const isWhole = ({ step, live, part }: DoorEffect) =>
      step === 'unroute' && live === true && part === undefined;
    if (!has(isWhole)) return being('open', 'open at some paths, closed at the others');
    const paths = has(({ step, part }) => step === 'unguard' && part !== undefined)
      ? ', but for some paths'
      : '';
    return being('open', `open to everybody${paths}`);
  }

  #put(key: string, object: Observed, cover: boolean): void {
    const { kind } = object.address;
    for (const effect of this.#effects(object)) {
      const parts = this.#atHost.get(effect.host) ?? new Map<string, Part>();
      if (!this.#atHost.has(effect.host) && effect.host.startsWith('*.')) this.#patterns.push(effect.host);
      this.#atHost.set(effect.host, parts);
      this.#hostsOf.set(key, (this.#hostsOf.get(key) ?? new Set()).add(effect.host));
      parts.set(key, { kind, cover, effects: [...(parts.get(key)?.effects ?? []), effect] });
    }
  }

  #remove(key: string): void {
    for (const host of this.#hostsOf.get(key) ?? []) this.#atHost.get(host)?.delete(key);
    this.#hostsOf.delete(key);
  }

  #guards(object: Observed | undefined): boolean {
    return object !== undefined && this.#effects(object).some(({ step }) => step === 'unguard');
  }

  #effects(object: Observed): readonly DoorEffect[] {
    return this.#kinds.get(object.address.kind)?.doors?.(undefined, object, object.address) ?? [];
  }

  /** `its Access application`, or the system where several of its objects make up the gate. */
  #names(guards: readonly Part[], systems: ReadonlySet<System>): string {
    const names = [...systems].map((system) => {
      const kinds = [...new Set(guards.map(({ kind }) => kind))].filter((kind) =>
        kind.startsWith(`${system}/`),
      );
      const [only] = kinds;
      const title = kinds.length === 1 && only !== undefined ? this.#kinds.get(only)?.title : undefined;
      return title === undefined ? systemNames[system] : `its ${title}`;
    });
    return names.join(' and ');
  }
}

function keyOf(have: Observed): string {
  return `${addressId(have.address)} ${have.id}`;
}
