import type { Exposure, Sandbox } from '../../../../src/lab/sandbox/index.ts';
import { isCopy } from '../../orders/random-order.ts';
import { loginHostOf } from '../admission.ts';
import { clientOf, hosts, leansOnOrigin, plainHostOf, type RandomFile, type Service } from '../file.ts';
import {
  answeredHosts,
  dividedDoors,
  isUnlinked,
  ledHosts,
  type Neighbours,
  occupiedHost,
  openedLogins,
  ruledHosts,
  rulesOf,
  type State,
} from '../neighbours.ts';
import type { Hindrance } from './excuses.ts';
import type { PlayedWorld } from './played-world.ts';

/** A file, and the one before it. */
export interface Files {
  readonly before: RandomFile;
  readonly file: RandomFile;
}

/** The excuses of a play: hosts and people for which the world may differ from its file. Plain data, which can be copied. */
export interface Allowances {
  /** Pairs `host principal` that a change by hand admitted. */
  byHand: ReadonlySet<string>;
  /** Hosts that cannot be opened, and hosts whose changes wait for those. */
  unchanged: ReadonlySet<string>;
  /** Hosts with another gate than in their file, since their next gate waits. */
  leavers: ReadonlySet<string>;
  /** Hosts whose tunnel rule a person deleted, or whose name a person led elsewhere. */
  unruled: ReadonlySet<string>;
  /** Hosts at which a person deleted the application of a path: the people of the host reach the path too. */
  fallen: ReadonlySet<string>;
  /** Hosts with copies that a run of this file purged when an earlier one could not, with the number of that call. */
  copiesDropped: ReadonlyMap<string, number>;
  /** Copies of what answered in place of a host whose rule or name a person had taken away: its place, and the time. */
  copiesOfOthers: ReadonlySet<string>;
  /** The hosts of all files so far. */
  known: ReadonlySet<string>;
}

export function noAllowances(): Allowances {
  const none: ReadonlySet<string> = new Set();
  return {
    ...{ byHand: none, unchanged: none, leavers: none, unruled: none, fallen: none, known: none },
    ...{ copiesDropped: new Map(), copiesOfOthers: none },
  };
}

/** The oracle's person whom no file ever admits. */
const stranger = 'stranger@example.net';

/** The exposures that nothing of this excuses. */
export function unexcused(
  exposures: readonly Exposure[],
  allowed: Allowances,
  file: RandomFile,
): readonly Exposure[] {
  return exposures.filter(({ host, principal }) => {
    if (isGiven(allowed, file, host)) return false;
    // A login that lets in the stranger, an account without any group, lets in everybody; also whom a later policy is the first to name.
    const person = principal.startsWith('token ') ? [] : [stranger];
    const openedTo = [nameOf(principal), 'anonymous', ...person];
    return !openedTo.some((name) => allowed.byHand.has(`${host} ${name}`));
  });
}

/** Looks at the rules and the applications of paths, and returns a function that notes which a person has removed since. */
export function watchRemovals(world: PlayedWorld): (allowed: Allowances) => void {
  const [ruled, led] = [answeredHosts(world.state()), ledHosts(world.state())];
  const divided = dividedDoors(world.state());
  return (allowed) => {
    const [stillRuled, stillLed] = [answeredHosts(world.state()), ledHosts(world.state())];
    const unruled = [
      ...[...ruled].filter((host) => !stillRuled.has(host)),
      ...[...led].filter((host) => !stillLed.has(host)),
    ];
    allowed.unruled = new Set([...allowed.unruled, ...unruled]);
    const stillDivided = dividedDoors(world.state());
    const fallen = [...divided].filter((door) => !stillDivided.has(door));
    allowed.fallen = new Set([...allowed.fallen, ...fallen.map((door) => door.replace(/\/.*/, ''))]);
  };
}

/** Notes hosts whose copies a run has purged, with the call that did. */
export function noteDropped(allowed: Allowances, hosts: ReadonlySet<string>, sandbox: Sandbox): void {
  if (hosts.size === 0) return;
  const purge = sandbox
    .calls()
    .findLast(({ path, status }) => path.endsWith('/purge_cache') && status === 200);
  const noted = [...hosts].map((host) => [host, purge?.n ?? 0] as const);
  allowed.copiesDropped = new Map([...allowed.copiesDropped, ...noted]);
}

/** Notes what the edge has stored of hosts whose rule or name a person has taken away. */
export function noteCopiesOfOthers(allowed: Allowances, world: PlayedWorld): void {
  const copies = copiesIn(world.state()).filter(({ host }) => allowed.unruled.has(host));
  allowed.copiesOfOthers = new Set([...allowed.copiesOfOthers, ...copies.map(({ copy }) => copy)]);
}

/** The exposures without those from such copies. */
export function withoutCopiesOfOthers(
  exposures: readonly Exposure[],
  { copiesOfOthers }: Allowances,
  world: PlayedWorld,
): readonly Exposure[] {
  if (exposures.length === 0 || copiesOfOthers.size === 0) return exposures;
  const places = new Set(
    copiesIn(world.state()).flatMap(({ place, copy }) => (copiesOfOthers.has(copy) ? [place] : [])),
  );
  return exposures.filter(
    (exposure) => !(isCopy(exposure) && places.has(`${exposure.host}${exposure.path}`)),
  );
}

function copiesIn({ edgeCache = {} }: State) {
  return Object.values(edgeCache).map(({ host, path, storedAt }) => {
    const place = `${host}${path}`;
    return { host, place, copy: `${place} ${storedAt}` };
  });
}

/** Notes whom changes by hand have let in. */
export function noteByHand(allowed: Allowances, exposures: readonly Exposure[]): void {
  const pairs = exposures.map(({ host, principal }) => `${host} ${nameOf(principal)}`);
  allowed.byHand = new Set([...allowed.byHand, ...pairs]);
}

/** The names without further words. */
function nameOf(principal: string): string {
  return principal.replace(/, .*/, '');
}

/** Hosts without a file so far that foreign objects serve, and one with a foreign gate. */
export function foreignHosts(
  { known }: Allowances,
  files: Files,
  { wildcard }: Neighbours,
): readonly string[] {
  if (wildcard !== 'open') return [];
  const [before, now] = [files.before, files.file].map(
    ({ services }) => new Set(services.map(({ host }) => host)),
  );
  const stays = (host: string) => host !== occupiedHost && before?.has(host) && now?.has(host);
  return hosts.filter((host) => !known.has(host) && !stays(host));
}

/**
 * Remembers hosts with a rule of ours, which stay closed afterwards. A host that waited without a rule was never
 * ours, since a plain record kept its name from a catch-all. Forgets a host whose name a plain record had, which a
 * catch-all gets once the record goes; and a host whose rule somebody removed after the file asked for it.
 */
export function rememberHosts(allowed: Allowances, file: RandomFile, world: PlayedWorld): void {
  const ruled = ruledHosts(world.state());
  const asked = file.services.flatMap(({ host }) => (host !== occupiedHost && ruled.has(host) ? [host] : []));
  const plain = plainHostOf(file);
  const isForgotten = (host: string) => host === plain || isGiven(allowed, file, host);
  allowed.known = new Set([...allowed.known, ...asked].filter((host) => !isForgotten(host)));
}

/**
 * Forgets what people changed by hand once the run has repaired it. A run does not repair a gate that the file no longer has: the host
 * keeps it until the next gate is available, or because nothing is removed. The client of the occupied host stays as an earlier file
 * left it.
 */
export function forgetMended(allowed: Allowances, { before, file }: Files, world: PlayedWorld): void {
  const gateAt = ({ services }: RandomFile, at: string) => {
    const { gate, inside } = services.find(({ host }) => host === at) ?? {};
    return JSON.stringify([gate, inside]);
  };
  const isLeft = (host: string) => allowed.leavers.has(host) || gateAt(before, host) !== gateAt(file, host);
  allowed.leavers = new Set([...allowed.unchanged].filter(isLeft));
  const left = new Set(
    [...allowed.leavers, ...loginsLeft(file, world)].flatMap((host) => [
      host,
      loginHostOf(clientOf({ host })),
    ]),
  );
  if (world.of.neighbours.accessOn !== 'none') left.add(loginHostOf(clientOf({ host: occupiedHost })));
  allowed.byHand = new Set([...allowed.byHand].filter((entry) => left.has(entry.split(' ')[0] ?? '')));
}

/** Hosts at which an unwanted login answers before the wanted one. */
function loginsLeft({ prune, services }: RandomFile, world: PlayedWorld): readonly string[] {
  const asked = services.filter(({ gate }) => gate.type !== 'forwardAuth').map(({ host }) => host);
  return prune ? [] : asked.filter((host) => !isUnlinked(world.state(), host));
}

function isGiven({ unruled }: Allowances, { services }: RandomFile, host: string): boolean {
  return unruled.has(host) && services.every((service) => service.host !== host);
}

export function hindranceOf(file: RandomFile, world: PlayedWorld): Hindrance {
  const servesAll = world.of.neighbours.wildcard === 'open';
  return { waiting: waitingHosts(file, world), servesAll, prune: file.prune };
}

/**
 * Hosts of the file that cannot be opened: the origin does not ask, they have a foreign application, or a path of an earlier file, which
 * stays, is open where the check asks.
 */
function waitingHosts({ services, prune }: RandomFile, world: PlayedWorld): ReadonlySet<string> {
  const { deaf, neighbours: near } = world.of;
  const opened = openedLogins(world.state());
  return new Set(
    services
      .filter((service) => {
        if (service.host === occupiedHost) return near.accessOn !== 'none';
        // A login that leaves is not repaired, and answers until it is gone: a person must remove it.
        if (opened.has(service.host) && service.gate.type === 'domain') return true;
        if (!prune && isOpenBeside(service, world.state())) return true;
        return deaf.includes(service.host) && leansOnOrigin(service);
      })
      .map(({ host }) => host),
  );
}

/** True if a route of a path leads to an origin right beside an exception of the file, where the check asks too. */
function isOpenBeside({ host, inside }: Service, { tunnels }: State): boolean {
  const beside = inside.filter(([path]) => !path.includes('*')).map(([path]) => `${path}z`);
  return tunnels
    .flatMap(rulesOf)
    .filter(({ hostname, path }) => hostname === host && path !== undefined)
    .some(
      ({ path = '', service = '' }) =>
        !service.startsWith('http_status:') &&
        beside.some((at) => new RegExp(path.replace('(?i)', '')).test(at)),
    );
}
