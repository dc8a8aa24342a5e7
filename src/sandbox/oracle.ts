import { login } from './edge/access.ts';
import { tokenClaims } from './edge/access-token.ts';
import { policyMatches } from './edge/policy-decision.ts';
import { route } from './edge/route.ts';
import { type EdgeView, viewOf } from './edge/view.ts';
import type { Visit } from './edge/visit.ts';
import type { AccessClaims, Exposure, Guard, ServiceToken, World } from './world.ts';

/** A person whom no file admits anywhere. */
export const STRANGER = 'stranger@example.net';

/** Somebody who tries a door, with whatever sessions and tokens they really can get. */
interface Suspect {
  principal: string;
  admittedBy(admit: Guard['admit']): boolean;
  visit(host: string, path: string): Visit;
}

const BESIDE = '-beside';
const BELOW = '/below';

/**
 * Asks the edge, for every guard, whether somebody gets through whom it does not admit, and notes each that does as
 * an exposure of call `n`. Asked after every write without asking first whether the write could matter: what seems
 * not to matter is exactly what the product may be wrong about.
 */
export function judge(world: World, n: number): Exposure[] {
  if (world.guards.length === 0) return [];
  const view = viewOf(world);
  const suspects = suspectsOf(view);
  const found: Exposure[] = [];
  for (const host of new Set(world.guards.map((guard) => guard.host))) {
    const guards = world.guards.filter((guard) => guard.host === host);
    for (const path of probedPaths(view, host, guards)) {
      const guard = governing(guards, path);
      if (!guard || guard.admit.public) continue;
      for (const suspect of suspects) {
        if (suspect.admittedBy(guard.admit)) continue;
        const { verdict } = route(view, suspect.visit(host, path));
        if (verdict.kind !== 'delivery') continue;
        found.push({ n, host, path, principal: suspect.principal, servedBy: verdict.servedBy });
      }
    }
  }
  world.exposures.push(...found);
  return found;
}

/** The guard with the longest path that covers `path`; paths are `/a` or `/a/**`, as in gates.yaml. */
function governing(guards: readonly Guard[], path: string): Guard | undefined {
  return guards.filter((guard) => covers(guard.path, path)).toSorted(innerFirst)[0];
}

/** By what a path says literally, since `/a/**` is written longer than `/a/b`, which lies in it; an exact path first. */
function innerFirst(left: Guard, right: Guard): number {
  const [one = '', other = ''] = [left.path, right.path];
  const difference = other.replace(/\/\*\*$/, '').length - one.replace(/\/\*\*$/, '').length;
  return difference === 0 ? one.length - other.length : difference;
}

function covers(guarded: string | undefined, path: string): boolean {
  if (guarded === undefined || guarded === '/**') return true;
  if (!guarded.endsWith('/**')) return guarded === path;
  const root = guarded.slice(0, -3);
  return path === root || path.startsWith(`${root}/`);
}

/** Where to try: the host itself, and at, below and beside every path that anything treats in a way of its own. */
function probedPaths(view: EdgeView, host: string, guards: readonly Guard[]): Set<string> {
  const special = [
    ...guards.map((guard) => (guard.path ?? '').replace(/\/\*\*$/, '')),
    ...view.doors(host).map((door) => door.path.replace(/\/?\*.*$/, '')),
    ...ingressPaths(view.world, host),
  ].filter((path) => path.startsWith('/') && path.length > 1);
  const paths = new Set(['/', BELOW]);
  for (const path of special)
    paths
      .add(path)
      .add(path + BELOW)
      .add(path + BESIDE);
  return paths;
}

/** The literal beginning of every path expression that a tunnel has for `host`. */
function ingressPaths(world: World, host: string): string[] {
  return world.tunnels.flatMap((tunnel) =>
    (tunnel.versions.at(-1)?.config.ingress ?? [])
      .filter((rule) => rule.path !== undefined && rule.hostname === host)
      .map((rule) => literalStart(rule.path ?? '')),
  );
}

function literalStart(expression: string): string {
  const literal = /^\^?((?:[\w\-/~%]|\\[./-])*)/.exec(expression)?.[1] ?? '';
  return literal.replaceAll('\\', '').replace(/\/$/, '');
}

function suspectsOf(view: EdgeView): Suspect[] {
  const { guards, sessions } = view.world;
  const people = new Set([
    STRANGER,
    ...guards.flatMap((guard) => guard.admit.emails ?? []),
    ...sessions.flatMap((claims) => claims.email ?? []),
  ]);
  return [
    { principal: 'anonymous', admittedBy: () => false, visit: (host, path) => knock(host, path) },
    ...[...people].flatMap((email) => personSuspect(view, email)),
    ...[view.world.strangerToken, ...view.world.serviceTokens].map((token) => tokenSuspect(view, token)),
  ];
}

/**
 * A person with a session at every application that lets them log in, and with those they hold from before, which
 * a policy that now refuses them does not end. They also send those sessions where the tunnel
 * looks for one, in case nothing at the edge takes the header away.
 */
function personSuspect(view: EdgeView, email: string): Suspect[] {
  const held = view.world.sessions.filter((claims) => claims.email === email && claims.exp * 1000 > view.now);
  const claims = [...view.world.apps.flatMap((app) => login(view, app, email) ?? []), ...held];
  if (claims.length === 0) return [];
  const sessions = claims.map((each) => ({ claims: each }));
  const assertion = { claims: merged(claims) };
  return [
    {
      principal: email,
      admittedBy: (admit) => isPersonAdmitted(admit, email),
      visit: (host, path) => ({ ...knock(host, path), sessions, assertion }),
    },
  ];
}

/** Who is in a group, the sandbox does not know of people whom another guard admits; of the stranger it does. */
function isPersonAdmitted(admit: Guard['admit'], email: string): boolean {
  if (email !== STRANGER && admit.groups !== undefined) return true;
  return (admit.emails ?? []).some((admitted) => admitted.toLowerCase() === email.toLowerCase());
}

function tokenSuspect(view: EdgeView, token: ServiceToken): Suspect {
  const claims = view.world.apps
    .filter((app) =>
      view
        .policies(app)
        .some((policy) => policy.decision === 'non_identity' && policyMatches(policy, { token })),
    )
    .map((app) => tokenClaims(view.world, app, token));
  const headers = [
    ['cf-access-client-id', token.clientId],
    ['cf-access-client-secret', token.secret],
  ] as const;
  const assertion = claims.length > 0 ? { claims: merged(claims) } : null;
  return {
    principal: `token ${token.name}`,
    admittedBy: (admit) => isTokenAdmitted(view.world, admit, token),
    visit: (host, path) => ({ ...knock(host, path), headers, assertion }),
  };
}

/**
 * A token that the API lists is judged only where the guard names tokens: elsewhere it may be one with which the
 * product proves a door before it opens it. The hidden one is admitted nowhere.
 */
function isTokenAdmitted(world: World, admit: Guard['admit'], token: ServiceToken): boolean {
  if (token === world.strangerToken) return false;
  if (admit.tokens === undefined) return true;
  const name = token.name.replace(/#\d+$/, '');
  const short = name.slice(name.lastIndexOf('/') + 1);
  return admit.tokens.some((admitted) => [token.id, token.clientId, name, short].includes(admitted));
}

/** One assertion that stands for sending each of them in turn. */
function merged(claims: readonly AccessClaims[]): AccessClaims | null {
  const [first] = claims;
  return first ? { ...first, aud: claims.flatMap((each) => each.aud) } : null;
}

function knock(host: string, path: string): Visit {
  return { method: 'GET', host, path, query: '', headers: [], body: null, sessions: [], assertion: null };
}
