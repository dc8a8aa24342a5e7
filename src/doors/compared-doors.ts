import type { Part } from '../core/objects/part.ts';
import type { ClientPart, OtherClientPart } from '../core/objects/parts/authentik-parts.ts';
import { parsedRoute } from '../core/objects/route-pattern.ts';
import { pathClasses } from './paths.ts';
import { PartStore } from './state/part-store.ts';
import type { ComparedDoor } from './state/snapshot.ts';

/**
 * The doors of a state that the interlock compares: each class of paths of each host that a part names, with each method that an operation
 * has; and the login of each client.
 */
export function doorsIn(parts: readonly Part[]): readonly ComparedDoor[] {
  const all = PartStore.of({ parts });
  const hosts = new Set(parts.flatMap(hostsIn));
  const methods = new Set([
    'GET',
    ...parts.flatMap((part) => (part.part === 'operation' ? [part.method] : [])),
  ]);
  const clients = new Set(parts.flatMap((part) => (isClient(part) ? [part.id] : [])));
  const applications = new Set(
    parts.flatMap((part) =>
      part.part === 'provider-link' && clients.has(part.provider) ? [part.application] : [],
    ),
  );
  return [
    ...[...hosts].flatMap((host) =>
      pathClasses(all, host).flatMap((path) => [...methods].map((method) => ({ host, path, method }))),
    ),
    ...[...applications].map((application) => ({ host: application, path: '', application })),
  ];
}

function isClient(part: Part): part is ClientPart | OtherClientPart {
  return part.part === 'client' || part.part === 'other-client';
}

/** Types of records that lead visitors somewhere. */
const leading: ReadonlySet<string> = new Set(['A', 'AAAA', 'CNAME', 'NS']);

/** A label that no host has. */
const other = 'gates-other';

function hostsIn(part: Part): readonly string[] {
  const named = (host: string) => (host === '*' ? [] : [host.replaceAll('*', other)]);
  switch (part.part) {
    case 'record':
      return leading.has(part.type) && !part.name.startsWith('_') ? named(part.name) : [];
    case 'tunnel-rule':
      return named(part.hostname);
    case 'access-application':
      return part.destinations.flatMap((uri) => named(uri.split('/')[0] ?? ''));
    case 'worker-route':
      return named(parsedRoute(part.pattern).host);
    default:
      return [];
  }
}
