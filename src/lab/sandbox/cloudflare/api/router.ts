import type { World } from '../../state/world.ts';
import { CloudflareApiError, type CloudflareReply } from './reply.ts';

export interface CloudflareCall {
  world: World;
  params: { [name: string]: string };
  query: URLSearchParams;
  /** The token of the request; empty for an edit of another actor. */
  bearer: string;
  /** Parsed JSON, or the texts of a form; undefined without a body. */
  body: unknown;
  /** The parts of a form. */
  parts?: FormParts;
}

/** The parts of a form by their names; the type of a part that is no file is empty. */
export interface FormParts {
  [name: string]: { type: string; text: string };
}

export type CloudflareHandler = (call: CloudflareCall) => CloudflareReply;

/** A method, a pattern such as `/zones/{zone_id}/dns_records`, and its handler. */
export type CloudflareRoute = readonly [method: string, pattern: string, handler: CloudflareHandler];

interface CompiledRoute {
  method: string;
  pattern: string;
  segments: readonly string[];
  handler: CloudflareHandler;
}

export type Router = (
  method: string,
  path: string,
) => { handler: CloudflareHandler; pattern: string; params: CloudflareCall['params'] };

/**
 * A router over the routes. Literal segments take precedence over parameters. Throws 404 code 7003 for a path without a
 * route, and 405 code 10405 for a method that the path does not have (facts §1).
 */
export function cloudflareRouter(routes: readonly CloudflareRoute[]): Router {
  const compiled: CompiledRoute[] = routes
    .map(([method, pattern, handler]) => ({
      method,
      pattern,
      segments: pattern.slice(1).split('/'),
      handler,
    }))
    .sort((a, b) => parameterCount(a) - parameterCount(b));
  const byLength = new Map<number, CompiledRoute[]>();
  for (const route of compiled) {
    const { length } = route.segments;
    byLength.set(length, [...(byLength.get(length) ?? []), route]);
  }
  return (method, path) => {
    const segments = path.slice(1).split('/');
    const there = (byLength.get(segments.length) ?? []).filter((route) => matches(route, segments));
    if (there.length === 0) {
      throw new CloudflareApiError(404, {
        code: 7003,
        message: `Could not route to ${path}, perhaps your object identifier is invalid?`,
      });
    }
    const route = there.find((candidate) => candidate.method === method);
    if (route === undefined) {
      throw new CloudflareApiError(405, { code: 10405, message: 'Method not allowed for this URI' });
    }
    return { handler: route.handler, pattern: route.pattern, params: parametersOf(route, segments) };
  };
}

function parameterCount(route: CompiledRoute): number {
  return route.segments.filter((segment) => segment.startsWith('{')).length;
}

/** True if the route matches a path with the same number of segments. */
function matches(route: CompiledRoute, segments: readonly string[]): boolean {
  return route.segments.every((segment, at) => {
    const actual = segments[at] ?? '';
    return segment === actual || (segment.startsWith('{') && actual !== '');
  });
}

function parametersOf(route: CompiledRoute, segments: readonly string[]): CloudflareCall['params'] {
  const params: CloudflareCall['params'] = {};
  route.segments.forEach((segment, at) => {
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

/** A path parameter of the route's pattern. */
export function param(call: CloudflareCall, name: string): string {
  return call.params[name] ?? '';
}
