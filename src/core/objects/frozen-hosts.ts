import type { Desired } from './object.ts';

/** Hosts at which a run removes nothing, because their service is refused, or because gates only watches it. */
export function frozenHosts({
  refusals,
  watched = [],
}: Pick<Desired, 'refusals' | 'watched'>): ReadonlySet<string> {
  return new Set([...refusals, ...watched].map(({ host }) => host));
}
