import type { AuthentikState, UserRow } from '../../state/authentik-state.ts';
import type { World } from '../../state/world.ts';
import { AuthentikApiError, type AuthentikReply, noRoute } from './reply.ts';

export interface AuthentikCall {
  world: World;
  state: AuthentikState;
  /** The owner of the token; null at the few endpoints that need none. */
  caller: UserRow | null;
  method: string;
  /** The complete path, with `/api/v3` and without the query. */
  path: string;
  params: { [name: string]: string };
  query: URLSearchParams;
  /** Parsed JSON; an empty object without a body. */
  body: unknown;
  /** 32 hex digits, in the reply's `X-authentik-id` and in the events of this call. */
  requestId: string;
  userAgent: string;
  /** Scheme and host as the client wrote them. */
  origin: string;
}

export type AuthentikHandler = (call: AuthentikCall) => AuthentikReply;

/** A method, a pattern such as `/core/groups/{group_uuid}/`, and its handler. */
export type AuthentikRoute = readonly [method: string, pattern: string, handler: AuthentikHandler];

export interface MatchedPath {
  params: AuthentikCall['params'];
  /** The handler of the method; throws 405 if the path does not have it. */
  handlerFor(method: string): AuthentikHandler;
}

/**
 * A router over the routes. Literal segments take precedence over parameters. A path without a route, or without its
 * trailing slash, gets Django's 404 in HTML (facts §1.2).
 */
export function authentikRouter(routes: readonly AuthentikRoute[]): (path: string) => MatchedPath {
  const paths = pathsOf(routes);
  return (path) => {
    const segments = path.slice(1).split('/');
    const found = paths.get(segments.length)?.find((candidate) => matches(candidate.segments, segments));
    if (found === undefined) throw noRoute();
    return {
      params: parametersOf(found.segments, segments),
      handlerFor: (method) => {
        const handler = found.handlers.get(method);
        if (handler === undefined)
          throw new AuthentikApiError(405, { detail: `Method "${method}" not allowed.` });
        return handler;
      },
    };
  };
}

/** One path of the API, with what answers each of its methods. */
interface RoutedPath {
  readonly segments: readonly string[];
  readonly handlers: Map<string, AuthentikHandler>;
}

/** The paths by their number of segments, those with fewest parameters first. */
function pathsOf(routes: readonly AuthentikRoute[]): ReadonlyMap<number, readonly RoutedPath[]> {
  const byPattern = new Map<string, RoutedPath>();
  for (const [method, pattern, handler] of routes) {
    const segments = pattern.slice(1).split('/');
    const known = byPattern.get(pattern) ?? { segments, handlers: new Map<string, AuthentikHandler>() };
    byPattern.set(pattern, known);
    if (!known.handlers.has(method)) known.handlers.set(method, handler);
  }
  const sorted = [...byPattern.values()].sort(
    (a, b) => parameterCount(a.segments) - parameterCount(b.segments),
  );
  const byLength = new Map<number, RoutedPath[]>();
  for (const path of sorted) {
    const { length } = path.segments;
    byLength.set(length, [...(byLength.get(length) ?? []), path]);
  }
  return byLength;
}

function parameterCount(segments: readonly string[]): number {
  return segments.filter((segment) => segment.startsWith('{')).length;
}

/** True if the pattern matches a path with the same number of segments. */
function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  return pattern.every((segment, at) => {
    const actual = segments[at] ?? '';
    return segment === actual || (segment.startsWith('{') && actual !== '');
  });
}

function parametersOf(pattern: readonly string[], segments: readonly string[]): AuthentikCall['params'] {
  const params: AuthentikCall['params'] = {};
  pattern.forEach((segment, at) => {
    if (segment.startsWith('{')) params[segment.slice(1, -1)] = decoded(segments[at] ?? '');
  });
  return params;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** The path parameter of a route that has one. */
export function routeKey(call: AuthentikCall): string {
  return Object.values(call.params)[0] ?? '';
}
