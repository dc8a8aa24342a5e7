import type { Desired } from '../core/objects/object.ts';
import type { Part } from '../core/objects/part.ts';
import { implies } from '../doors/admission/decision.ts';
import { admissionAt, Interlock, type InterlockOptions } from '../doors/interlock.ts';
import { hostOfUrl } from '../doors/state/places.ts';
import type { ComparedDoor } from '../doors/state/snapshot.ts';
import type { LiveParts } from './live-parts.ts';
import { type RunGround, RunStates } from './run-states.ts';

export interface InterlockGround extends Omit<RunGround, 'checked' | 'uncheckedOrigins'> {
  /** Hosts that a person vouches for: their origins count as checked. */
  readonly unverified?: readonly string[];
}

/** Gates' own probe, which may be anywhere. */
const probe = { has: 'service-token', id: 'cloudflare/service-token:probe' } as const;

/** The states of a run, as its interlock knows them. */
export function statesOf({ unverified = [], ...ground }: InterlockGround): RunStates {
  return new RunStates({ ...ground, checked: unverified });
}

/**
 * The interlock that compares steps with the start of these states and with what the file wants. `left`: the doors at which what stays only
 * because nothing is removed may admit people too.
 */
export function interlockOf(
  { start, goal, pruned }: RunStates,
  left: (door: ComparedDoor) => boolean,
  options?: InterlockOptions,
): Interlock {
  const open = openPaths(pruned);
  // The file admits nobody because gates could not read a list.
  const ends = [{ store: start.store }, { store: pruned.store.asRead(), open }];
  const withLeftovers =
    goal === pruned ? [] : [{ store: goal.store.asRead(), at: left, open, hasLeftovers: true }];
  return new Interlock([...ends, ...withLeftovers], { exempt: probe, ...options });
}

/**
 * The applications by which the file opens a path to everybody. A whole host that Access leaves open is none: its origin is the gate, and
 * has to be asked.
 */
function openPaths({ store }: LiveParts): ReadonlySet<string> {
  const parts = [...store.allParts()];
  const asking = new Set(
    parts.flatMap((part) => (part.part === 'access-policy' && part.decision !== 'bypass' ? [part.id] : [])),
  );
  return new Set(
    parts.flatMap((part) =>
      part.part === 'access-application' &&
      isPathOfOurs(part.id) &&
      !part.policies.some((id) => asking.has(id))
        ? [part.id]
        : [],
    ),
  );
}

/** True for the address of an application at a path, which is the id of one of ours (`RunStates`). */
function isPathOfOurs(id: string): boolean {
  return /^cloudflare\/access-application:[^/]+\//.test(id);
}

/**
 * True for doors of the file at which nobody gets in yet. Their host has no rule of a tunnel. Or it has no name, because a host that left
 * the file loses its name. Or its name comes to lead to a tunnel where a rule of the host only stays. Also true for a closed door of a host
 * behind a login that it shares with others: another file may have put its own people there.
 */
export function areNew(
  { proofs }: Pick<Desired, 'proofs'>,
  { start, goal, pruned }: { readonly [end in 'start' | 'goal' | 'pruned']: Pick<LiveParts, 'store'> },
): (door: ComparedDoor) => boolean {
  const parts = [...start.store.allParts()];
  const ruled = new Set(parts.flatMap((part) => (part.part === 'tunnel-rule' ? [part.hostname] : [])));
  const named = new Set(parts.flatMap((part) => (part.part === 'record' ? [part.name] : [])));
  const hosts = proofs.map(({ host }) => host).filter((host) => !(ruled.has(host) && named.has(host)));
  const goalParts = [...goal.store.allParts()];
  const added = new Set([...hosts, ...hostsLedToLeftovers(parts, goalParts, [...pruned.store.allParts()])]);
  const sharing = hostsSharingLogin(proofs, goalParts);
  const shut = new Map<string, boolean>();
  const isShut = (door: ComparedDoor) => {
    // cloudflared reads `/a/` as `/a`.
    const path = door.path.replace(/(?<=.)\/$/, '');
    const key = `${door.method} ${door.host}${path}`;
    const known = shut.get(key) ?? implies(admissionAt(start.store, { ...door, path }).admits, probe);
    shut.set(key, known);
    return known;
  };
  return (door) => added.has(door.host) || (sharing.has(door.host) && isShut(door));
}

/** The hosts whose names come to lead to a tunnel where a rule for them stays that the file does not ask for. */
function hostsLedToLeftovers(
  start: readonly Part[],
  goal: readonly Part[],
  pruned: readonly Part[],
): readonly string[] {
  const leading = (parts: readonly Part[]) =>
    new Set(parts.flatMap((part) => (part.part === 'record' ? [`${part.name} ${part.content}`] : [])));
  const ruling = (part: Part) =>
    part.part === 'tunnel-rule' ? [`${part.tunnel} ${part.hostname} ${part.path}`] : [];
  const [before, after, asked] = [leading(start), leading(goal), new Set(pruned.flatMap(ruling))];
  return goal.flatMap((part) => {
    if (part.part !== 'tunnel-rule' || ruling(part).every((rule) => asked.has(rule))) return [];
    const name = `${part.hostname} ${part.tunnel}.cfargotunnel.com`;
    return after.has(name) && !before.has(name) ? [part.hostname] : [];
  });
}

/**
 * The hosts behind the login of their domain, without those that have a login of their own that only stays: that one answers first, and has
 * the people of an earlier file at this very host.
 */
function hostsSharingLogin(proofs: Desired['proofs'], goal: readonly Part[]): ReadonlySet<string> {
  const served = new Set(goal.flatMap((part) => (part.part === 'outpost-entry' ? [part.provider] : [])));
  const logins = goal.flatMap((part) =>
    part.part === 'proxy-provider' && served.has(part.id) ? [part] : [],
  );
  const own = new Set(logins.map(({ externalHost }) => hostOfUrl(externalHost)));
  const shared = new Set(logins.flatMap(({ id, mode }) => (mode === 'forward_domain' ? [id] : [])));
  const sharing = proofs.filter(({ host, needs }) => !own.has(host) && needs.some((id) => shared.has(id)));
  return new Set(sharing.map(({ host }) => host));
}
