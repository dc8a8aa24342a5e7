import type { Change, ReadyChange } from '../core/change.ts';
import { UnsafeError } from '../core/errors.ts';
import type { WriteInterlock, WrittenChange } from '../core/interlock.ts';
import type { Kind } from '../core/objects/address.ts';
import type { Part } from '../core/objects/part.ts';
import { parsedRoute } from '../core/objects/route-pattern.ts';
import type { World } from '../core/world.ts';
import type { Interlock, KnownDoor } from '../doors/interlock.ts';
import type { ComparedDoor } from '../doors/state/snapshot.ts';
import { doorSuspects, type HeldBack, heldBack, type Suspects } from './held-back.ts';
import type { Arrival, LiveEntry, LiveParts } from './live-parts.ts';
import { areNew, type InterlockGround, interlockOf, statesOf } from './run-ends.ts';
import { foreseenChange, partsOfKind, type RunGround, type RunStates } from './run-states.ts';

/** The clock of a run, and how long a write may take to the edge, in milliseconds. */
type Waits = Pick<World, 'clock' | 'longestLag'>;

/** The interlock of one run: it follows what the run writes, and holds back what would let somebody new in. */
export class RunInterlock implements WriteInterlock {
  readonly #states: RunStates;
  readonly #interlock: Interlock;
  readonly #waits: Waits;
  readonly #ground: RunGround;
  #live: LiveParts;
  #found: Suspects | undefined;
  /** True once a write has failed, of which nobody knows the effect. */
  #hasFailed = false;

  constructor(ground: InterlockGround, waits: Waits) {
    this.#waits = waits;
    this.#ground = ground;
    this.#states = statesOf(ground);
    this.#live = this.#states.start;
    const isNew = areNew(ground.desired, this.#states);
    this.#interlock = interlockOf(this.#states, (door) => !isNew(door));
  }

  async withheld(changes: readonly ReadyChange<unknown>[]): Promise<ReadonlyMap<string, Error>> {
    const now = this.#waits.clock.now();
    this.#arrived((_, arrivesBy) => arrivesBy !== undefined && arrivesBy <= now);
    this.#interlock.look(this.#live.store);
    const held = new Map<string, HeldBack>();
    let reached: Reached = { live: this.#live, doors: new Map() };
    for (const [place, call] of callsOf(changes).entries()) {
      // Ten thousand questions take longer than a lease lasts without a renewal.
      if (place % 100 === 99) await this.#waits.clock.sleep(0);
      reached = this.#after(reached, call, held);
    }
    return errorsOf(held);
  }

  foreseen(groups: readonly (readonly Change[])[]): ReadonlyMap<string, Error> {
    if (this.#ground.prune || this.#suspects.leftovers.length === 0) return new Map();
    const held = new Map<string, HeldBack>();
    this.#interlock.look(this.#live.store);
    let reached = this.#changedTo(
      { live: this.#live, doors: new Map() },
      this.#live.settled(() => true),
    );
    // As in a run, what is held back is tried again after what can be made. Only a run knows the ids of what it makes, so other causes of
    // a foreseen write may be none.
    for (let left = groups, made = 1; made > 0; ) {
      held.clear();
      const waiting = new Set<string>();
      for (const group of left) {
        for (const { id, needs } of group)
          if (needs.some((need) => held.has(need) || waiting.has(need))) waiting.add(id);
        const possible = group.filter(({ id }) => !waiting.has(id));
        reached = this.#afterGroup(reached, possible, held);
      }
      const isLeft = ({ id }: Change) => held.has(id) || waiting.has(id);
      made = left.flat().filter((change) => !isLeft(change)).length;
      left = left.map((group) => group.filter(isLeft));
    }
    return errorsOf(new Map([...held].filter(([, { isByLeftover }]) => isByLeftover)));
  }

  /** Once these planned changes are made, without those that have to be withheld. */
  #afterGroup(before: Reached, group: readonly Change[], held: Map<string, HeldBack>): Reached {
    const writes = group.flatMap((change) => (isWrite(change) ? [foreseenChange(change)] : []));
    const made = callsOf(writes).reduce((reached, call) => this.#after(reached, call, held), before);
    const checks = group.filter(({ verb, address }) => verb === 'verify' && address.kind === 'edge/proof');
    return checks.reduce((reached, { address }) => this.#confirmed(reached, address.key), made);
  }

  /** Once a check has confirmed the host's gate. */
  #confirmed(reached: Reached, host: string): Reached {
    return this.#changedTo(reached, this.#states.withOrigin(reached.live, host));
  }

  #changedTo({ doors }: Reached, { state, changed }: ReturnType<LiveParts['settled']>): Reached {
    const known = this.#interlock.step(state.store, changed, doors).doors;
    return { live: state, doors: new Map([...doors, ...known]) };
  }

  /** Once these changes are made, without those that have to be withheld. */
  #after(reached: Reached, changes: readonly ReadyChange<unknown>[], held: Map<string, HeldBack>): Reached {
    const { live, changed } = this.#written(reached.live, changes, 'arrived');
    const { newcomersAt, doors } = this.#interlock.step(live.store, changed, reached.doors);
    const [at] = newcomersAt;
    if (at === undefined) {
      for (const [door, known] of doors) reached.doors.set(door, known);
      return { live, doors: reached.doors };
    }
    const [only, ...others] = changes;
    if (others.length > 0)
      return changes.reduce((before, change) => this.#after(before, [change], held), reached);
    if (only === undefined) return reached;
    const without = (entries: readonly LiveEntry[]) => {
      const { store } = live.with(
        entries.map((entry) => ({ ...entry, parts: [] })),
        'arrived',
      );
      const parts = [...changed, ...entries.flatMap((entry) => entry.parts)];
      return this.#interlock.step(store, parts, reached.doors);
    };
    const write = { at: nameOf(at), without, hasFailed: this.#hasFailed };
    held.set(only.id, heldBack(write, this.#ground, this.#suspects));
    return reached;
  }

  wrote(written: readonly WrittenChange[]): void {
    for (const { change, outcome } of written) {
      if (outcome.attributes !== undefined) this.#states.learn(change, outcome.attributes);
      const { kind, key } = change.address;
      if (outcome.status === 'failed' && change.verb !== 'verify') this.#hasFailed = true;
      if (kind === 'edge/proof' && change.verb === 'verify' && outcome.status === 'done') this.#checked(key);
    }
    const underWay = this.#underWay();
    for (const state of ['arrived', 'under way', 'unknown'] as const) {
      const sent = written.filter((each) => arrivalOf(each) === state).map(({ change }) => change);
      this.#write(sent, state === 'under way' ? underWay : state);
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
    this.#write(before, this.#underWay());
  }

  settled(kinds: readonly Kind[]): void {
    const sorts = new Set(kinds.flatMap((kind) => partsOfKind[kind] ?? []));
    this.#arrived(({ part }) => sorts.has(part));
  }

  arrivesBy(): Date | undefined {
    return this.#live.arrivesBy;
  }

  get #suspects(): Suspects {
    this.#found ??= doorSuspects(this.#ground, this.#states.start);
    return this.#found;
  }

  /** The arrival of what is written now. */
  #underWay(): Date {
    return new Date(this.#waits.clock.now().getTime() + this.#waits.longestLag);
  }

  #write(changes: readonly ReadyChange<unknown>[], arrival: Arrival): void {
    const { live, changed } = this.#written(this.#live, changes, arrival);
    this.#moved(live, changed);
  }

  #moved(live: LiveParts, changed: readonly Part[]): void {
    this.#live = live;
    this.#interlock.moved(changed);
  }

  #written(
    live: LiveParts,
    changes: readonly ReadyChange<unknown>[],
    arrival: Arrival,
  ): { readonly live: LiveParts; readonly changed: readonly Part[] } {
    const steps = changes.map((change) => this.#states.writeTo(live, change));
    return {
      live: live.with(
        steps.flatMap(({ entries }) => entries),
        arrival,
      ),
      changed: steps.flatMap(({ changed }) => changed),
    };
  }

  #arrived(has: Parameters<LiveParts['settled']>[0]): void {
    const { state, changed } = this.#live.settled(has);
    this.#moved(state, changed);
  }

  /** A check through the edge has confirmed the host's gate: its name, its applications and its origin are as the file says. */
  #checked(host: string): void {
    const { state, changed } = this.#states.withOrigin(this.#live, host);
    this.#moved(state, changed);
    const isAtOutpost = changed.some((part) => part.part === 'origin' && 'outpost' in part.asks);
    this.#arrived((part) => isOf(host, part) || (isAtOutpost && ofOutposts.has(part.part)));
  }
}

/** True for a change that is written; a plan also has checks, and what it keeps or refuses. */
function isWrite(change: Change): change is Change & Pick<ReadyChange<unknown>, 'verb'> {
  return !['keep', 'refuse', 'verify'].includes(change.verb);
}

/** True for a part that is about this host alone, and that a check through the edge sees at work. */
function isOf(host: string, part: Part): boolean {
  switch (part.part) {
    case 'record':
      return part.name === host;
    case 'operation':
      return part.host === host;
    case 'edge-rule':
      return 'host' in part.rule && part.rule.host === host;
    case 'token-rule':
      return part.hosts.length > 0 && part.hosts.every((each) => each === host);
    case 'worker-route':
      return parsedRoute(part.pattern).host === host;
    case 'access-application':
      return part.destinations.every((uri) => uri.split('/', 1)[0] === host);
    default:
      return false;
  }
}

function nameOf({ host, path, application }: ComparedDoor): string {
  return application === undefined ? `${host}${path}` : `the login of ${application}`;
}

function errorsOf(held: ReadonlyMap<string, HeldBack>): ReadonlyMap<string, Error> {
  return new Map([...held].map(([id, { message }]) => [id, new UnsafeError(message)]));
}

/** The state of a run after changes that are not written yet. */
interface Reached {
  readonly live: LiveParts;
  readonly doors: Map<ComparedDoor, KnownDoor>;
}

/** The state of a change after its write; undefined: gates did not send it. */
function arrivalOf({
  change: { address },
  outcome: { status },
}: WrittenChange): 'arrived' | 'under way' | 'unknown' | undefined {
  if (status === 'skipped') return undefined;
  if (status === 'failed') return 'unknown';
  return atOnce.has(address.kind) ? 'arrived' : 'under way';
}

/** Parts of which an outpost has a copy. Authentik sends it a change at once, and only an answer shows that the outpost applies it. */
const ofOutposts: ReadonlySet<Part['part']> = new Set(['outpost-entry', 'proxy-provider']);

/**
 * Kinds that are asked where they are written: a purge is done when Cloudflare answers, and Authentik asks its own database at each
 * login, but for what its outposts have.
 */
const atOnce: ReadonlySet<Kind> = new Set([
  'authentik/application',
  'authentik/binding',
  'authentik/group',
  'authentik/group-parent',
  'authentik/ldap-provider',
  'authentik/oauth2-provider',
  'authentik/provider-link',
  'authentik/saml-provider',
  'cloudflare/cached-copies',
]);

/** Kinds whose changes to one document gates sends in one call, so that they take effect together. */
const writtenAtOnce: ReadonlySet<Kind> = new Set(['cloudflare/ingress-rule', 'authentik/outpost-entry']);

/** The changes that one call makes, in their order. */
function callsOf(changes: readonly ReadyChange<unknown>[]): readonly (readonly ReadyChange<unknown>[])[] {
  const isTogether = changes.every(({ address }) => writtenAtOnce.has(address.kind));
  return isTogether ? [changes] : changes.map((change) => [change]);
}
