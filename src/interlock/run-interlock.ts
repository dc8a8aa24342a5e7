import type { Change, ReadyChange } from '../core/change.ts';
import { UnsafeError } from '../core/errors.ts';
import type { WriteInterlock, WrittenChange } from '../core/interlock.ts';
import type { Kind } from '../core/objects/address.ts';
import type { Part } from '../core/objects/part.ts';
import { Interlock, type KnownDoor } from '../doors/interlock.ts';
import type { DoorRequest } from '../doors/state/snapshot.ts';
import type { Arrival, LiveParts } from './live-parts.ts';
import { type RunGround, RunStates } from './run-states.ts';

export interface InterlockGround extends Omit<RunGround, 'checked' | 'uncheckedOrigins'> {
  /** Hosts that a person vouches for: their origins count as checked. */
  readonly unverified?: readonly string[];
}

/** Gates' own probe, which may be anywhere. */
const probe = { has: 'service-token', id: 'cloudflare/service-token:probe' } as const;

/** The interlock of one run: it follows what the run writes, and holds back what would let somebody new in. */
export class RunInterlock implements WriteInterlock {
  readonly #states: RunStates;
  readonly #interlock: Interlock;
  #live: LiveParts;

  constructor({ unverified = [], ...ground }: InterlockGround) {
    this.#states = new RunStates({ ...ground, checked: unverified });
    const { start, goal, pruned } = this.#states;
    this.#live = start;
    // Leftovers may keep people out whom the file admits. The file admits nobody because gates could not read a list.
    const goals = [...new Set([goal, pruned])].map(({ store }) => store.asRead());
    this.#interlock = new Interlock([start.store, ...goals], probe);
  }

  withheld(changes: readonly ReadyChange<unknown>[]): ReadonlyMap<string, Error> {
    this.#interlock.look(this.#live.store);
    const errors = new Map<string, Error>();
    let reached: Reached = { live: this.#live, doors: new Map() };
    for (const call of callsOf(changes)) reached = this.#after(reached, call, errors);
    return errors;
  }

  /** Once these changes are made, without those that have to be withheld. */
  #after(reached: Reached, changes: readonly ReadyChange<unknown>[], errors: Map<string, Error>): Reached {
    const { live, changed } = this.#written(reached.live, changes, 'arrived');
    const { newcomersAt, doors } = this.#interlock.step(live.store, changed, reached.doors);
    const [at] = newcomersAt;
    if (at === undefined) {
      for (const [door, known] of doors) reached.doors.set(door, known);
      return { live, doors: reached.doors };
    }
    const [only, ...others] = changes;
    if (others.length > 0)
      return changes.reduce((before, change) => this.#after(before, [change], errors), reached);
    if (only !== undefined) errors.set(only.id, new UnsafeError(wouldOpen(at)));
    return reached;
  }

  wrote(written: readonly WrittenChange[]): void {
    for (const { change, outcome } of written) {
      if (outcome.attributes !== undefined) this.#states.learn(change, outcome.attributes);
      const { kind, key } = change.address;
      if (kind === 'edge/proof' && change.verb === 'verify' && outcome.status === 'done')
        this.#learnOrigin(key);
    }
    for (const arrival of ['arrived', 'under way', 'unknown'] as const) {
      const sent = written.filter((each) => arrivalOf(each) === arrival).map(({ change }) => change);
      const { live, changed } = this.#written(this.#live, sent, arrival);
      this.#live = live;
      this.#interlock.moved(changed);
    }
  }

  unmade(changes: readonly Change[]): void {
    const before = changes.map(({ id, address, have }): ReadyChange<unknown> => {
      const undone = { id, address, have, drift: [] };
      return have === undefined
        ? { ...undone, verb: 'prune', want: undefined }
        : { ...undone, verb: 'update', want: have.spec };
    });
    // Other changes of the same document may be on its way to the edge still.
    const { live, changed } = this.#written(this.#live, before, 'under way');
    this.#live = live;
    this.#interlock.moved(changed);
  }

  #written(
    live: LiveParts,
    changes: readonly ReadyChange<unknown>[],
    arrival: Arrival,
  ): { readonly live: LiveParts; readonly changed: readonly Part[] } {
    const steps = changes.flatMap((change) => this.#states.stepOf(live, change) ?? []);
    return {
      live: live.with(
        steps.map(({ after }) => after),
        arrival,
      ),
      changed: steps.flatMap(({ changed }) => changed),
    };
  }

  settled(): void {
    const { state, changed } = this.#live.settled();
    this.#live = state;
    this.#interlock.moved(changed);
  }

  #learnOrigin(host: string): void {
    const { state, changed } = this.#states.withOrigin(this.#live, host);
    this.#live = state;
    this.#interlock.moved(changed);
  }
}

/** The state of a run after changes that are not written yet. */
interface Reached {
  readonly live: LiveParts;
  readonly doors: Map<DoorRequest, KnownDoor>;
}

/** The state of a change after its write; undefined: gates did not send it. */
function arrivalOf({ change: { address }, outcome: { status } }: WrittenChange): Arrival | undefined {
  if (status === 'skipped') return undefined;
  if (status === 'failed') return 'unknown';
  return atOnce.has(address.kind) ? 'arrived' : 'under way';
}

/** Authentik asks its own database at each login. Only an outpost has a copy: of its providers. */
const atOnce: ReadonlySet<Kind> = new Set([
  'authentik/application',
  'authentik/binding',
  'authentik/group',
  'authentik/oauth2-provider',
  'authentik/provider-link',
]);

/** Kinds whose changes to one document gates sends in one call, so that they take effect together. */
const writtenAtOnce: ReadonlySet<Kind> = new Set(['cloudflare/ingress-rule', 'authentik/outpost-entry']);

/** The changes that one call makes, in their order. */
function callsOf(changes: readonly ReadyChange<unknown>[]): readonly (readonly ReadyChange<unknown>[])[] {
  const isTogether = changes.every(({ address }) => writtenAtOnce.has(address.kind));
  return isTogether ? [changes] : changes.map((change) => [change]);
}

function wouldOpen({ host, path }: DoorRequest): string {
  return `Bug in gates: this write would let somebody in at ${host}${path} whom neither the file nor the state before it admits. gates has not sent it. Please report it`;
}
