import { type EdgeView, viewOf } from '../edge/view/view.ts';
import { goExpression } from '../expressions/go-expression.ts';
import { matchesNoPath } from '../expressions/go-samples.ts';
import type { World } from '../state/world.ts';
import { matchesSent, pathRules, probedPaths, specialPaths } from './paths.ts';
import { isSkipTried, skipsAt } from './skips.ts';

/**
 * Rules that decide about a guarded host, and for which the oracle tries no path, in words for people: whom they admit
 * is unknown.
 */
export function blindSpots(world: World): string[] {
  const view = viewOf(world);
  const closed = world.guards.filter(({ admit, client }) => admit.public !== true && client === undefined);
  const hosts = new Set(closed.map(({ host }) => host));
  const spots = [...hosts].flatMap((host) => {
    const guards = world.guards.filter((guard) => guard.host === host);
    const tried = [...probedPaths(view, host, specialPaths(view, host, guards))];
    return [...tunnelSpots(world, host, tried), ...skipSpots(view, host, tried)];
  });
  return [...new Set(spots)];
}

function tunnelSpots(world: World, host: string, tried: readonly string[]): string[] {
  return pathRules(world, host).flatMap(({ tunnel, hostname, path, isReached }) => {
    if (!isReached) return [];
    // cloudflared refuses an invalid expression.
    if (goExpression(path) === null || matchesNoPath(path)) return [];
    if (tried.some((each) => matchesSent(path, each))) return [];
    const whose = hostname === '' ? 'every host' : hostname;
    return [`tunnel "${tunnel}": no path is known that the expression of ${whose} matches: ${path}`];
  });
}

function skipSpots(view: EdgeView, host: string, tried: readonly string[]): string[] {
  return skipsAt(view, host)
    .filter((skip) => !isSkipTried(view, host, skip, tried))
    .map(
      ({ rule: { expression } }) =>
        `custom rules: no visit to ${host} is known that is spared the other rules by: ${expression}`,
    );
}
