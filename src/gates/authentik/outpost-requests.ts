import type { CheckRequest } from '../../../reconcilers/edge/finding.ts';
import type { PathException, Service } from '../../config/model/config.ts';
import { type Door, doorAt } from '../../desired/terms/doors.ts';

/**
 * Requests that all reach the host's own gate. An origin that believes a client's forwarding headers would let the
 * outpost judge another request than the one it gets (facts/edge, Traefik and forward auth), so each header is tried.
 * So are the neighbors of each exception, in the spellings that systems read differently.
 */
export function outpostRequests(service: Service): readonly CheckRequest[] {
  const root: CheckRequest = { path: '/' };
  const { paths: skipped, gate } = service;
  // In mode proxy the outpost forwards exactly the request that it judges, whatever headers it believes.
  const handsOn = gate.enforcedBy === 'origin';
  // An exception inside another one has neighbors that the outer one opens, once a program resolves their dots.
  const isGuarded = (path: string) =>
    [path, resolved(path)].every((read) => isOwnDoor(doorAt(service, read)));
  const guarded = [...new Set(skipped.flatMap(neighbours))].filter(isGuarded);
  const encoded = (handsOn ? skipped.flatMap(encodings) : []).filter(
    (path) => doorAt(service, path) !== 'refused',
  );
  return [
    root,
    ...(handsOn ? spoofs(skipped) : []).map((headers): CheckRequest => ({ path: '/', headers })),
    ...[...guarded, ...encoded].map(lookFor),
    ...(handsOn ? waysOut(outpostPath).filter(isGuarded) : []).map(
      (path): CheckRequest => ({ ...lookFor(path), outpost: true }),
    ),
  ];
}

/** The outpost reserves this path on every host: an origin that asks about it always gets a yes. */
const outpostPath = '/outpost.goauthentik.io';

function spoofs(skipped: readonly PathException[]): readonly Readonly<Record<string, string>>[] {
  return [
    { 'X-Forwarded-Host': 'gates-probe.invalid' },
    { 'X-Forwarded-Method': 'OPTIONS' },
    // The outpost reads this header if its answer is 401 and not a redirect, and prefers it to the origin's headers.
    { 'X-Original-URI': `${outpostPath}/gates-probe` },
    ...skipped.map(({ prefix, form }) => ({ 'X-Forwarded-Uri': form === 'exact' ? prefix : `${prefix}/x` })),
  ];
}

function neighbours({ prefix }: PathException): readonly string[] {
  return [`${prefix}z`, prefix.toUpperCase(), ...waysOut(prefix)];
}

/** Paths whose dots lead out of the path again, for a server that resolves them. */
function waysOut(prefix: string): readonly string[] {
  return [`${prefix}/../gates-probe`, `${prefix}%2F..%2Fgates-probe`];
}

/** The path as programs read it that decode its slashes and resolve its dots. */
function resolved(path: string): string {
  return new URL(path.replaceAll('%2F', '/'), 'http://origin.invalid').pathname;
}

/**
 * Paths that the outpost counts as an exception and the application may not, because only one of them decodes slashes.
 * In mode proxy, no program between them could tell these apart.
 */
function encodings({ prefix, form }: PathException): readonly string[] {
  const inner = `/${prefix.slice(1).replaceAll('/', '%2F')}`;
  return form === 'subtree' ? [`${inner}%2Fgates-probe`] : inner === prefix ? [] : [inner];
}

function lookFor(path: string): CheckRequest {
  return path.includes('%2F') ? { path, encoded: true } : { path };
}

function isOwnDoor(door: Door | 'refused'): boolean {
  return door !== 'refused' && door.path === undefined;
}
