import type { AddressId } from './address.ts';

/**
 * The effect of a change on the way into a host, in the one order that is safe for that host: closing steps come first,
 * the gate exists before anything routes to it, a name is published last, and no guard is removed while something still
 * routes. The planner derives every order from these steps and from references only; it knows no kind by name.
 */
export const doorSteps = [
  'close',
  'guard',
  'divide',
  'change',
  'attest',
  'route',
  'publish',
  'vacate',
  'prove',
  'purge',
  'unroute',
  'unguard',
  'confirm',
] as const;

/**
 * - `close`: the host stops reaching its origin (an ingress rule turned to 503).
 * - `guard`: a gate is put up or narrowed: nobody gets through who did not before.
 * - `divide`: a path of the host gets a gate of its own, or a route that demands its token. The edge may know the gate
 *   of the path before it knows which paths the outer gate has taken, so this comes after every `guard`. It comes
 *   before the outer gate admits others, because the path of a route may be larger than that of its gate.
 * - `change`: a gate admits different people than before: some no longer, some for the first time. It comes after
 *   `guard`, because whatever an inner gate protects must be protected before the outer gate changes.
 * - `attest`: a gate that cannot be checked from outside is read back before anything routes to it.
 * - `route`: requests are let through to an origin, or to another one.
 * - `publish`: the name starts, stops or changes where it resolves.
 * - `vacate`: an object that answered before all other gates, and so would hide the gate that replaces it, is removed.
 *   The tunnel or a cover keeps out everybody whom the new gate does not admit.
 * - `prove`: the gate is checked from outside, before anything that guarded the host until now is removed.
 * - `purge`: Cloudflare drops its copies of the host's answers. Nothing stores more of them by then, and whatever kept
 *   strangers from them still exists.
 * - `unroute`: a route is removed for good.
 * - `unguard`: a gate is removed or admits more than it did.
 * - `confirm`: the gate is checked once more as visitors meet it, without anything that only the probe passes.
 */
export type DoorStep = (typeof doorSteps)[number];

export interface DoorEffect {
  /** The hostname, lower case; a wildcard host is written as the system writes it, `*.example.dev`. */
  readonly host: string;
  readonly step: DoorStep;
  /** For `route`, `unroute`, and the route of `divide`: the tunnel's name, which tells a move from an end. */
  readonly via?: string;
  /**
   * For `unroute`: the route still lets requests through, so it has to be closed before it is removed. For `publish` of
   * an existing name: it leads through the edge.
   */
  readonly live?: boolean;
  /** For `unroute`: another route answers in its place, so this one lets nobody through now. */
  readonly shadowed?: true;
  /**
   * For gates: only this path of the host and everything below it, never the host itself. Of two gates, the inner one
   * is put up first and removed last: people whom the outer one admits may have no business in the inner one. For
   * routes: only the paths that this expression matches.
   */
  readonly part?: string;
  /**
   * The object that contains the other one. While the file asks for this object, an `unguard` of the other one is an
   * exchange (`change`) at the hosts that this one guards, because its replacement exists before.
   */
  readonly exchangedFor?: AddressId;
  /** With `exchangedFor`: the exchange admits fewer people and nobody else (`divide`). */
  readonly narrows?: true;
  /**
   * For `unguard`: it answers before the tunnel and before Access, so no other gate of the host can be checked while it
   * exists. If the file guards the host by another gate, it is removed before the check (`vacate`).
   */
  readonly first?: true;
  /** For `unguard`: what else is removed at the host is removed before. */
  readonly last?: true;
  /**
   * The step instead, if the plan changes no gate of the host besides: the change would then admit or lock out nobody
   * whom another order would not.
   */
  readonly alone?: DoorStep;
  /**
   * For `route`: the change only makes the route demand a token. So it waits for what closes the host, and for nothing else there,
   * while everything that waits for a route waits for it.
   */
  readonly narrowing?: true;
  /**
   * For `guard` and `change`: the change makes the object answer at the host, as a new object would. `elsewhere`: behind it is another origin, so it
   * counts as made anew if people of its login come or go too.
   */
  readonly anew?: true | 'elsewhere';
  /** For `guard`: the part of a login that is made admits people, at once if the login stands already. */
  readonly admits?: true;
  /** For `unguard`: the removed or replaced object admitted only gates' own probe. */
  readonly cover?: true;
}

/** True if a step puts up or narrows a gate, of the host or of a path of it. */
export function isGuarding(step: DoorStep): boolean {
  return step === 'guard' || step === 'divide';
}

/** True if it makes requests reach an origin, or a different one than before. */
export function isLeading({ step, via }: DoorEffect): boolean {
  return step === 'route' || step === 'publish' || (step === 'divide' && via !== undefined);
}

/** The place of a step in the safe order, from 0. */
export function stepRank(step: DoorStep): number {
  return doorSteps.indexOf(step);
}

/** True if an effect at `pattern`, a host or all hosts below a domain (`*.example.dev`), is one at this host. */
export function isAtHost(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === host;
  return pattern === host || host === pattern.slice(2) || host.endsWith(pattern.slice(1));
}
