import type { AddressId } from './address.ts';

/**
 * The effect of a change on the way into a host, in the one order that is safe for that host: steps that close come
 * first, the gate exists before anything routes to it, a name is published last, and no guard is removed while
 * something still routes. The planner derives every order from these steps and from references only; it knows no kind
 * by name.
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
 * - `guard`: a gate is put up or narrowed: nobody gets through whom it did not let through before.
 * - `divide`: a path of the host gets a gate of its own, or a route that demands its token. The edge may know the gate of the
 *   path before it knows what the one around it has taken, so it comes after all that guards; and before the one around admits
 *   others, because the path of a route may be larger than that of its gate.
 * - `change`: a gate lets through others than before, some no longer and some for the first time. It comes after
 *   `guard`, because what a gate inside it protects must be protected before the gate around it changes.
 * - `attest`: a gate that nobody can see from outside is read back before anything routes to it.
 * - `route`: requests are let through to an origin, or to another one.
 * - `publish`: the name starts, stops or changes where it resolves.
 * - `vacate`: what answered before all other gates goes, where another gate has taken its place: it would hide that one.
 *   Whoever is not let in by the new one is kept out by the tunnel or by a cover.
 * - `prove`: the gate is looked at from outside, before anything that guarded the host until now goes.
 * - `purge`: Cloudflare drops its copies of the host's answers. Nothing stores more of them by then, and what kept them from
 *   strangers still stands.
 * - `unroute`: a route is taken away for good.
 * - `unguard`: a gate is removed or admits more than it did.
 * - `confirm`: the gate is checked once more as visitors meet it, with nothing before it that only the probe passes.
 */
export type DoorStep = (typeof doorSteps)[number];

export interface DoorEffect {
  /** The hostname, lower case; a wildcard host is written as the system writes it, `*.example.dev`. */
  readonly host: string;
  readonly step: DoorStep;
  /** For `route`, `unroute`, and the route of `divide`: what carries it (the tunnel's name), so that a move can be told from an end. */
  readonly via?: string;
  /**
   * For `unroute`: the route still lets requests through, so it has to be closed before it is removed. For `publish` of a name that
   * stands: it leads through the edge.
   */
  readonly live?: boolean;
  /**
   * For what guards or lets by: only this path of the host and what lies below it, never the host itself. Of two gates
   * the inner one is put up first and taken away last: whom the outer one admits may have no business in the inner.
   * For routes: only the paths that this expression matches.
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
   * For `unguard`: it answers before the tunnel and before Access, so that no other gate of the host can be seen while it
   * stands. Where the file guards the host by another one, it goes before that one is looked at (`vacate`).
   */
  readonly first?: true;
  /** For `guard`: what changes comes to answer at the host, as a new object would. */
  readonly anew?: true;
  /** For `unguard`: what goes, or makes room, let in nobody but our own probe. */
  readonly cover?: true;
}

/** Whether a step puts up or narrows a gate, of the host or of a path of it. */
export function isGuarding(step: DoorStep): boolean {
  return step === 'guard' || step === 'divide';
}

/** Whether it makes requests reach an origin, or another one than before. */
export function isLeading({ step, via }: DoorEffect): boolean {
  return step === 'route' || step === 'publish' || (step === 'divide' && via !== undefined);
}

/** The place of a step in the safe order, from 0. */
export function stepRank(step: DoorStep): number {
  return doorSteps.indexOf(step);
}

/** Whether an effect at `pattern`, a host or all hosts below a domain (`*.example.dev`), is one at this host. */
export function isAtHost(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === host;
  return pattern === host || host === pattern.slice(2) || host.endsWith(pattern.slice(1));
}
