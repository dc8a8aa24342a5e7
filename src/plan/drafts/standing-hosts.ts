import { type Address, type AddressId, addressId, parseAddressId } from '../../core/objects/address.ts';
import { type DoorEffect, type DoorStep, isAtHost } from '../../core/objects/door.ts';
import type { GateCheck, Observed } from '../../core/objects/object.ts';
import type { Draft } from './draft.ts';
import { type Known, standingDoors } from './known.ts';

/** The effect of a live object of ours on a door. */
interface StandingDoor {
  readonly address: Address;
  readonly effect: DoorEffect;
}

/** A live name at the edge, and the host or pattern of hosts that it is for. */
interface StandingName {
  readonly pattern: string;
  readonly have: Observed;
}

const guarding: ReadonlySet<DoorStep> = new Set(['unguard', 'vacate', 'change']);

/** The hosts before the run, by our live objects; `isLed` also counts foreign ones. */
export class StandingHosts {
  readonly #exact = new Map<string, StandingDoor[]>();
  readonly #wildcards: StandingDoor[] = [];
  /** Hosts, and patterns of hosts, to which a route leads, and the names at the edge, whoever owns them. */
  readonly #led: { readonly routes: readonly string[]; readonly names: readonly StandingName[] };
  readonly #byKind: Known['byKind'];
  readonly #wanted: Known['wanted'];
  readonly #reconcilers: Known['reconcilers'];
  readonly #undecided: Known['undecided'];
  /** True if gates could not read a kind of routes, or any kind that concerns doors. */
  readonly #isBlind: { readonly routes: boolean; readonly doors: boolean };

  constructor(known: Known) {
    this.#wanted = known.wanted;
    this.#reconcilers = known.reconcilers;
    this.#undecided = known.undecided;
    this.#byKind = known.byKind;
    const unread = [...known.unknown.keys()].map((kind) => known.reconcilers.get(kind));
    this.#isBlind = {
      routes: unread.some((reconciler) => reconciler?.route?.closed !== undefined),
      doors: unread.some((reconciler) => reconciler?.doors !== undefined),
    };
    const routes = new Set<string>();
    const names: StandingName[] = [];
    for (const have of known.objects) {
      for (const effect of standingDoors(known, have)) {
        if (effect.live === true && effect.shadowed !== true) {
          if (effect.step === 'publish') names.push({ pattern: effect.host, have });
          else routes.add(effect.host);
        }
        if (have.owner !== known.owner) continue;
        const door = { address: have.address, effect };
        if (effect.host.startsWith('*.')) this.#wildcards.push(door);
        const doors = this.#exact.get(effect.host);
        if (doors === undefined) this.#exact.set(effect.host, [door]);
        else doors.push(door);
      }
    }
    this.#led = { routes: [...routes], names };
  }

  /**
   * True if an open route of ours leads to the host, as far as gates can tell. If the name moves, its live target is
   * unknown, unless the route there is one of those that are to be removed (`leaving`).
   */
  isOpen(host: string, here: readonly Draft[], leaving: readonly Draft[]): boolean {
    if (this.#isBlind.routes) return true;
    return this.#at(host).some(isOpenRoute) && (leaving.length > 0 || !publishes(host, here));
  }

  /**
   * True if we have an open route at the host, as far as gates can tell, besides those of `closed`. Another route may answer in its place
   * for now.
   */
  mayOpen(host: string, closed: ReadonlySet<AddressId> = new Set()): boolean {
    const isOpen = ({ address, effect }: StandingDoor) =>
      isOpening(effect) && !closed.has(addressId(address));
    return this.#isBlind.routes || this.#at(host).some(isOpen);
  }

  /**
   * False if the host has no name at the edge, or if no route leads to any of its paths, whoever owns them. Another
   * record may hide a wildcard (`RouteForms.answersFor`).
   */
  isLed(host: string): boolean {
    const isHere = (pattern: string) => isAtHost(pattern, host);
    const { routes, names } = this.#led;
    const isNamed = names.some(({ pattern, have }) => isHere(pattern) && this.#answersFor(have, host));
    return (this.#isBlind.routes || routes.some(isHere)) && (this.#isBlind.doors || isNamed);
  }

  /**
   * True if we have a name or routes at the host, but no route that lets requests for the whole host through: an earlier run closed the route
   * of the host, somebody removed it, or a foreign wildcard answers in its place. False if the file asks for a closed route.
   */
  isClosed(host: string): boolean {
    const doors = this.#exact.get(host) ?? [];
    const routes = doors.filter(({ effect: { step, via } }) => step === 'unroute' && via !== undefined);
    const whole = routes.filter(({ effect: { part } }) => part === undefined);
    const isOurs = routes.length > 0 || doors.some(({ effect: { step } }) => step === 'publish');
    return isOurs && !whole.some((route) => isOpenRoute(route) || this.#asksClosed(route));
  }

  /** True if the file asks for a closed route, because only paths of the host lead anywhere. */
  #asksClosed({ address }: StandingDoor): boolean {
    const want = this.#wanted.get(addressId(address));
    const doors = want && this.#reconcilers.get(address.kind)?.doors?.(want.spec, undefined, address);
    return doors?.some(({ step }) => step === 'close') === true;
  }

  /**
   * True if one of our objects guards the whole host, as far as gates can tell, or if only some of its paths lead
   * anywhere, for example because the daemon itself is the gate.
   */
  isGuarded(host: string): boolean {
    const doors = this.#at(host);
    const isLimited = doors.filter(isOpenRoute).every(({ effect }) => effect.part !== undefined);
    const isBehind = doors.some(({ effect }) => isGuard(effect)) && !this.joinsLogin(host);
    return this.#isBlind.doors || isLimited || isBehind;
  }

  /**
   * True if the login of its domain is the only guard of the host, and nothing shows that the origin asks that login: by
   * the file before, it may be open to everybody.
   */
  joinsLogin(host: string): boolean {
    if (this.#isBlind.doors || !this.#undecided.has(host)) return false;
    // A part of the login is exchanged at the hosts that the file puts behind it, whatever was behind it before.
    const isOwn = ({ effect }: StandingDoor) => isGuard(effect) && effect.step !== 'change';
    return this.#at(host).some(({ effect }) => isGuard(effect)) && !(this.#exact.get(host) ?? []).some(isOwn);
  }

  /**
   * True if the host has a guard that is not part of its new gate: the file no longer asks for it, or the gate has
   * another object of its kind, such as the login of a domain.
   */
  hasOtherGate({ host, needs }: GateCheck): boolean {
    const kinds = new Set(needs.map((need) => parseAddressId(need).kind));
    return this.#at(host).some(({ address, effect }) => {
      const id = addressId(address);
      const isOther = !this.#wanted.has(id) || (kinds.has(address.kind) && !needs.includes(id));
      return isGuard(effect) && isOther;
    });
  }

  /**
   * True if the host was not behind its gate before: no open route of ours leads there, or another object of ours guards it,
   * also one in the place of the gate's cover that is exchanged (`exchanged`: the objects that the plan changes).
   */
  comesBehind({ host, cover }: GateCheck, exchanged: ReadonlySet<AddressId>): boolean {
    const doors = this.#exact.get(host) ?? [];
    const place = cover && addressId(cover.address);
    const isOther = ({ address, effect }: StandingDoor) => {
      const id = addressId(address);
      const isExchanged = id === place && exchanged.has(id);
      return isGuard(effect) && effect.step !== 'change' && (isExchanged || !this.#wanted.has(id));
    };
    return !doors.some(isOpenRoute) || doors.some(isOther);
  }

  #answersFor({ address: { kind }, spec }: Observed, host: string): boolean {
    return (
      this.#reconcilers.get(kind)?.route?.answersFor?.(spec, host, this.#byKind.get(kind) ?? []) !== false
    );
  }

  #at(host: string): readonly StandingDoor[] {
    const wildcardDoors = this.#wildcards.filter(({ effect }) => isAtHost(effect.host, host));
    return [...(this.#exact.get(host) ?? []), ...wildcardDoors];
  }
}

function isOpening({ step, live }: DoorEffect): boolean {
  return step === 'unroute' && live === true;
}

function isOpenRoute({ effect }: StandingDoor): boolean {
  return isOpening(effect) && effect.shadowed !== true;
}

function isGuard({ step, part }: DoorEffect): boolean {
  return guarding.has(step) && part === undefined;
}

function publishes(host: string, drafts: readonly Draft[]): boolean {
  return drafts.some(
    ({ verb, doors }) =>
      verb !== 'prune' &&
      verb !== 'refuse' &&
      doors.some((effect) => effect.host === host && effect.step === 'publish'),
  );
}
