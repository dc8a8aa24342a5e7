import type { WorkerRoutePart } from '../../core/objects/parts/access-parts.ts';
import {
  isMoreSpecificRoute,
  parsedRoute,
  routeCoversHost,
  routeCoversPath,
} from '../../core/objects/route-pattern.ts';
import { type Admission, everybody, unknown } from '../admission/admission.ts';
import { anyHostOf } from '../state/places.ts';
import type { View } from '../state/view.ts';
import { nameOf, type ZoneRequest } from './edge-rules.ts';
import { readingsOf } from './path-reading.ts';

/**
 * The Worker that gets a request which Access lets past:
 * - `none`: no Worker runs
 * - `identity`: that of gates, which passes on requests with a JWT for this audience, as they are
 * - `unknown`: one of which gates knows nothing. It may answer by itself, with anything that it can fetch, and it may pass
 *   the request on. Whoever Access refuses does not reach it.
 */
export type RunningWorker =
  | { readonly runs: 'none' }
  | { readonly runs: 'identity'; readonly audience: string }
  /** `answers`: the fact that it answers by itself. */
  | { readonly runs: 'unknown'; readonly about: string; readonly answers: Admission };

/** Most requests meet no Worker: gates reads routes only for a file that asks for a Worker. */
export function workerFor(view: View, request: ZoneRequest): RunningWorker {
  if (view.unread('worker-route')) return unread(request);
  const routes = view.parts('worker-route', [request.host, anyHostOf(request.zone)], (route) =>
    mayMatch(route, request),
  );
  // On a route without a Worker nothing runs, and it takes the place of less specific ones.
  if (routes.every(({ script }) => script === '')) return { runs: 'none' };
  const deciding = decidingOf(routes, request);
  if (deciding?.script === '') return { runs: 'none' };
  for (const part of deciding === undefined ? routes : [deciding])
    view.weigh?.({ layer: 'Worker', part, admits: everybody });
  if (deciding === undefined) return foreign(routes, request);
  if (view.unread('worker')) return unread(request);
  const [own] = view.parts('worker', deciding.script);
  // Beyond the account's limit of requests, visitors may pass a Worker whose route fails open.
  if (own?.audience === undefined || deciding.failsOpen !== false) return foreign([deciding], request);
  return { runs: 'identity', audience: own.audience };
}

function mayMatch({ pattern }: WorkerRoutePart, { host, path }: ZoneRequest): boolean {
  const route = parsedRoute(pattern);
  // A pattern of `http` too: the visitor may ask so.
  return routeCoversHost(route, host) && readingsOf(path).some((reading) => routeCoversPath(route, reading));
}

/** The route that matches the request for certain, whatever its query and scheme, and is within every other one. */
function decidingOf(routes: readonly WorkerRoutePart[], { path }: ZoneRequest): WorkerRoutePart | undefined {
  const parsed = routes.map((part) => ({ part, route: parsedRoute(part.pattern) }));
  return parsed.find(
    ({ part, route }) =>
      route.scheme === '' &&
      part.pattern.endsWith('*') &&
      readingsOf(path).every((reading) => routeCoversPath(route, reading)) &&
      parsed.every((other) => other.part === part || isMoreSpecificRoute(route, other.route)),
  )?.part;
}

function unread(request: ZoneRequest): RunningWorker {
  const about = `Workers for ${nameOf(request)}`;
  return { runs: 'unknown', about, answers: unknown('not read', about) };
}

function foreign(routes: readonly WorkerRoutePart[], request: ZoneRequest): RunningWorker {
  const shown = routes.map(({ script, pattern }) => `${script || 'no Worker'} at ${pattern}`).join(' or ');
  const about = `${shown}, ${nameOf(request)}`;
  return { runs: 'unknown', about, answers: unknown('foreign Worker', about) };
}
