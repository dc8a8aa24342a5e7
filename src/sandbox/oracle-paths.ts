import { appFor } from './authentik/outpost-decision.ts';
import { answersAnyHost } from './authentik/version.ts';
import type { EdgeView } from './edge/view.ts';
import type { Guard, World } from './world.ts';

const BESIDE = '-beside';
const BELOW = '/below';

type Header = readonly [name: string, value: string];

/** Where to try: the host itself, and at, below and beside every path that anything treats in a way of its own. */
export function probedPaths(view: EdgeView, host: string, guards: readonly Guard[]): Set<string> {
  const paths = new Set(['/', BELOW]);
  for (const path of specialPaths(view, host, guards))
    paths
      .add(path)
      .add(path + BELOW)
      .add(path + BESIDE);
  return paths;
}

/**
 * What a visitor may claim to have asked for, besides claiming nothing: a path that is excepted here, or another host of
 * the outpost's, and a path excepted there. Only where a proxy believes such claims is there anything to try.
 */
export function disguises(view: EdgeView, host: string, guards: readonly Guard[]): readonly Header[][] {
  if (!view.world.origins.some(({ trustForwarded }) => trustForwarded)) return [[]];
  const uri = (path: string): Header => ['x-forwarded-uri', path];
  const here = specialPaths(view, host, guards).map((path) => [uri(path)]);
  const elsewhere = appsOf(view).flatMap((app) => {
    const claimed: Header = ['x-forwarded-host', app.host];
    return [[claimed], ...skippedPaths(app.skipped).map((path) => [claimed, uri(path)])];
  });
  return [[], [['x-forwarded-method', 'OPTIONS']], ...here, ...elsewhere];
}

function specialPaths(view: EdgeView, host: string, guards: readonly Guard[]): string[] {
  return [
    ...guards.map((guard) => (guard.path ?? '').replace(/\/\*\*$/, '')),
    ...view.doors(host).map((door) => door.path.replace(/\/?\*.*$/, '')),
    ...ingressPaths(view.world, host),
    ...outpostPaths(view, host),
  ].filter((path) => path.startsWith('/') && path.length > 1);
}

/** The literal beginning of every path expression that a tunnel has for `host`. */
function ingressPaths(world: World, host: string): string[] {
  return world.tunnels.flatMap((tunnel) =>
    (tunnel.versions.at(-1)?.config.ingress ?? [])
      .filter((rule) => rule.path !== undefined && rule.hostname === host)
      .map((rule) => literalStart(rule.path ?? '')),
  );
}

/** The literal beginning of every expression by which the outpost lets a path of `host` pass. */
function outpostPaths(view: EdgeView, host: string): string[] {
  const anyHost = answersAnyHost(view.world.authentik.version);
  return loadsOf(view).flatMap((load) => skippedPaths(appFor(load, host, anyHost)?.skipped ?? []));
}

function appsOf(view: EdgeView) {
  return loadsOf(view).flatMap(({ apps }) => apps);
}

/** The embedded outpost, and those that a test put behind an origin. */
function loadsOf(view: EdgeView) {
  const names = new Set([undefined, ...view.world.origins.map(({ outpost }) => outpost)]);
  return [...names].flatMap((name) => view.outpost(name) ?? []);
}

/** In domain mode an expression is about a whole URL, of which the path counts here. */
function skippedPaths(expressions: readonly string[]): string[] {
  return expressions
    .map((line) => literalStart(line.replace(/^(\(\?[ims]+\))?\^?https\??:\/\/[^/]*/, '')))
    .filter((path) => path !== '');
}

function literalStart(expression: string): string {
  const literal = /^(?:\(\?[ims]+\))?\^?((?:[\w\-/~%]|\\[./-])*)/.exec(expression)?.[1] ?? '';
  return literal.replaceAll('\\', '').replace(/\/$/, '');
}
