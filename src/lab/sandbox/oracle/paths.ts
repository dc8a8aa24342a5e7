import { appFor } from '../authentik/outpost/outpost-decision.ts';
import { hostMatches } from '../edge/view/ingress.ts';
import type { EdgeView } from '../edge/view/view.ts';
import { goExpression } from '../expressions/go-expression.ts';
import { pathsMatching } from '../expressions/go-samples.ts';
import { decodedPath } from '../expressions/request-path.ts';
import { answersAnyHost } from '../state/authentik-version.ts';
import type { Guard, World } from '../state/world.ts';
import { skippedPaths } from './skips.ts';

const BESIDE = '-beside';
const BELOW = '/below';
const ABOVE = '/above';

type Header = readonly [name: string, value: string];

/** Claims of a visitor in addition to the path, which a part on the way may believe. */
export interface Claim {
  headers: readonly Header[];
  /** With its `?`, or empty. */
  query: string;
}

export const NO_CLAIM: Claim = { headers: [], query: '' };

/**
 * The paths to try: the host itself, every special path and its neighbors, and paths that match somebody's expressions
 * for parts of the host.
 */
export function probedPaths(view: EdgeView, host: string, special: readonly string[]): Set<string> {
  const paths = new Set(['/', BELOW]);
  for (const path of special)
    paths
      .add(path)
      .add(path + BELOW)
      .add(ABOVE + path)
      .add(path + BESIDE);
  return new Set([...paths, ...matchingPaths(view.world, host, paths), ...skippedPaths(view, host)]);
}

/**
 * The claims to try: none, and those that a part may believe. In the query an exempt path, if an outpost judges
 * complete URLs; in headers an exempt path, another host of the outpost and a path exempt there, if a proxy believes
 * such headers.
 */
export function claimsAt(view: EdgeView, host: string, special: readonly string[]): readonly Claim[] {
  const apps = loadsOf(view).flatMap((load) => load.apps);
  const wholeUrls = apps.some(({ mode }) => mode === 'forward_domain');
  const queries = wholeUrls
    ? special.map((path) => ({ ...NO_CLAIM, query: `?x=https://${host}${path}` }))
    : [];
  if (!view.world.origins.some(({ trustForwarded }) => trustForwarded)) return [NO_CLAIM, ...queries];
  const uri = (path: string): Header => ['x-forwarded-uri', path];
  const elsewhere = apps.flatMap(({ host: other, skipped }): Header[][] => {
    const claimed: Header = ['x-forwarded-host', other];
    return [[claimed], ...unaskedPaths(skipped).map((path) => [claimed, uri(path)])];
  });
  const headers = [
    [['x-forwarded-method', 'OPTIONS'] as const],
    ...special.map((path) => [uri(path)]),
    ...elsewhere,
  ];
  return [NO_CLAIM, ...queries, ...headers.map((each) => ({ ...NO_CLAIM, headers: each }))];
}

/** Every path that any part treats specially. */
export function specialPaths(view: EdgeView, host: string, guards: readonly Guard[]): string[] {
  const found = [
    ...guards.map((guard) => (guard.path ?? '').replace(/\/\*\*$/, '')),
    ...view.doors(host).map((door) => door.path.replace(/\/?\*.*$/, '')),
    ...view.doors(host).flatMap(({ path }) => (/\*./.test(path) ? [path.replaceAll('*', 'x')] : [])),
    ...ingressPaths(view.world, host),
    ...outpostPaths(view, host),
  ];
  return [...new Set(found)].filter((path) => path.startsWith('/') && path.length > 1);
}

/** The literal beginning of every path expression of a tunnel for `host`. */
function ingressPaths(world: World, host: string): string[] {
  return world.tunnels.flatMap((tunnel) =>
    (tunnel.versions.at(-1)?.config.ingress ?? [])
      .filter((rule) => rule.path !== undefined && rule.hostname === host)
      .map((rule) => literalStart(rule.path ?? '')),
  );
}

/** The audiences that some rule of some tunnel demands of visitors to `host`, also in a version that runs no more. */
export function demandedAudiences({ world }: EdgeView, host: string): ReadonlySet<string> {
  const rules = world.tunnels.flatMap(({ versions }) =>
    versions.flatMap(({ config }) => config.ingress ?? []),
  );
  const about = rules.filter(({ hostname = '' }) => hostMatches(hostname, host));
  return new Set(about.flatMap(({ originRequest }) => originRequest?.access?.audTag ?? []));
}

/**
 * Paths that match the tunnels' rules for parts of `host`. It omits rules without alternatives that one of `tried`
 * already reaches, since such a rule decides alike about all its paths; the oracle asks very often.
 */
function matchingPaths(world: World, host: string, tried: ReadonlySet<string>): string[] {
  return pathRules(world, host).flatMap(({ path }) => {
    const isTried = !path.includes('|') && [...tried].some((each) => matchesSent(path, each));
    return isTried ? [] : pathsMatching(path);
  });
}

/** True if the tunnel's expression matches a path as sent. */
export function matchesSent(expression: string, sent: string): boolean {
  const path = decodedPath(sent);
  return path !== null && goExpression(expression)?.test(path) === true;
}

/** A tunnel rule for some paths of its hosts. */
interface PathRule {
  tunnel: string;
  hostname: string;
  path: string;
  /** True if no earlier rule takes all paths of the host. */
  isReached: boolean;
}

/** The rules of all tunnels for some paths of `host`, unchanged, without those that lead to no origin. */
export function pathRules(world: World, host: string): PathRule[] {
  return world.tunnels.flatMap(({ name: tunnel, versions }) => {
    const rules = versions.at(-1)?.config.ingress ?? [];
    const about = rules.filter(({ hostname = '' }) => hostMatches(hostname, host));
    const whole = about.findIndex(({ path = '' }) => path === '');
    return about.flatMap(({ hostname = '', path = '', service }, index) =>
      path === '' || service.startsWith('http_status:')
        ? []
        : [{ tunnel, hostname, path, isReached: whole === -1 || index < whole }],
    );
  });
}

/** The literal beginning of every expression with which the outpost exempts a path of `host`. */
function outpostPaths(view: EdgeView, host: string): string[] {
  const anyHost = answersAnyHost(view.world.authentik.version);
  return loadsOf(view).flatMap((load) => unaskedPaths(appFor(load, host, anyHost)?.skipped ?? []));
}

/** The loads of the embedded outpost, and of those that a test put behind an origin. */
function loadsOf(view: EdgeView) {
  const names = new Set([undefined, ...view.world.origins.map(({ outpost }) => outpost)]);
  return [...names].flatMap((name) => view.outpost(name) ?? []);
}

/** The path in an expression. In domain mode it covers a complete URL, of which only the path counts here. */
function unaskedPaths(expressions: readonly string[]): string[] {
  return expressions
    .map((line) => literalStart(line.replace(/^(\(\?[ims]+\))?\^?https\??:\/\/[^/]*/, '')))
    .filter((path) => path !== '');
}

function literalStart(expression: string): string {
  const literal = /^(?:\(\?[ims]+\))?\^?((?:[\w\-/~%]|\\[./-])*)/.exec(expression)?.[1] ?? '';
  return literal.replaceAll('\\', '').replace(/\/$/, '');
}
