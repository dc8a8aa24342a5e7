import type { AccessApplicationSpec } from '../../../reconcilers/cloudflare/access/access-application.ts';
import {
  canonicalUri,
  doorOf,
  hostIn,
} from '../../../reconcilers/cloudflare/access/application/destination.ts';
import { grouped } from '../../core/objects/grouped.ts';
import type { Observed } from '../../core/objects/object.ts';
import { Inexpressible } from '../terms/inexpressible.ts';
import type { LiveObjects } from '../terms/live-objects.ts';
import { titleOf } from './access-gate.ts';

type Application = Observed<AccessApplicationSpec>;

/** The Access applications of one host: that of the host itself, and those of its paths, by the path of the file. */
export interface HostApplications {
  readonly own: Application | undefined;
  readonly paths: readonly { readonly path: string; readonly application: Application }[];
}

/**
 * The applications that decide at a host.
 * @throws Inexpressible if one of them decides at other hosts too, or at a path that the file does not have.
 */
export function applicationsAt(host: string, live: LiveObjects): HostApplications {
  const { byHost, wild } = live.once(placedApplications);
  const here = byHost.get(host) ?? [];
  const wide = wild.find(({ spec }) => spec.destinations.some((uri) => isWildcardOver(hostIn(uri), host)));
  const below = new Set(here.flatMap(({ spec }) => spec.destinations.map(canonicalUri)));
  const placed = here.map((application) => ({ application, path: pathOf(application, host, below) }));
  const own = placed.find(({ path }) => path === undefined)?.application;
  if (own === undefined && wide !== undefined)
    throw new Inexpressible(
      `${titleOf(wide)} guards it together with other hosts (${wide.spec.destinations.join(', ')})`,
    );
  const paths = placed.flatMap(({ path, application }) =>
    path === undefined ? [] : [{ path, application }],
  );
  return { own, paths };
}

/** The applications by each host of them, and those that have a wildcard in a host. */
function placedApplications(live: LiveObjects): {
  readonly byHost: ReadonlyMap<string | undefined, readonly Application[]>;
  readonly wild: readonly Application[];
} {
  const places = live.of('cloudflare/access-application').flatMap((application) => {
    const hosts = new Set(application.spec.destinations.map(hostIn));
    return [...hosts].map((host) => ({ host, application }));
  });
  const byHost = [...grouped(places, ({ host }) => host)].map(
    ([host, each]) => [host, each.map(({ application }) => application)] as const,
  );
  const wild = places.flatMap(({ host, application }) => (host?.includes('*') ? [application] : []));
  return { byHost: new Map(byHost), wild };
}

/** The path of the host, `/a` or `/a/**`, at which an application decides; undefined for the host itself. */
function pathOf(application: Application, host: string, all: ReadonlySet<string>): string | undefined {
  const uris = application.spec.destinations.map(canonicalUri);
  const other = uris.find((uri) => hostIn(uri) !== host);
  if (other !== undefined)
    throw new Inexpressible(
      `${titleOf(application)} guards it together with ${hostIn(other) ?? 'a private destination'}`,
    );
  if (uris.includes(host)) return undefined;
  const doors = [...new Set(uris.map(doorOf))].sort((left, right) => left.length - right.length);
  const [outermost = ''] = doors;
  if (doors.some((door) => door !== outermost && !door.startsWith(`${outermost}/`)))
    throw new Inexpressible(`${titleOf(application)} guards several paths of it`);
  const path = outermost.slice(host.length);
  if (path.includes('*')) throw new Inexpressible(`${titleOf(application)} has a wildcard inside of a path`);
  // Access counts the paths below a destination to it, unless another application names them.
  const isExact = all.has(`${outermost}/*`) && !uris.includes(`${outermost}/*`);
  return isExact ? path : `${path}/**`;
}

function isWildcardOver(pattern: string | undefined, host: string): boolean {
  if (pattern === undefined || !pattern.includes('*')) return false;
  const expression = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${expression}$`).test(host);
}
