import type { DnsRecordSpec } from '../../reconcilers/cloudflare/dns/record-spec.ts';
import { grouped } from '../core/objects/grouped.ts';
import { EntryNames } from './terms/names.ts';
import type { ResourceLabel } from './terms/resource-label.ts';

type Place = Pick<DnsRecordSpec, 'name' | 'zone'>;

/**
 * The name of the service at each host: the one that the file has already, else that of the Terraform state, else `grafana` for
 * grafana.example.dev. If several zones have such a host: `grafana-example`, or `grafana-example-dev` if that is taken.
 */
export function serviceNames(
  places: readonly Place[],
  known: ReadonlyMap<string, string>,
  labelsAt: ReadonlyMap<string, readonly ResourceLabel[]>,
): ReadonlyMap<string, string> {
  const names = new EntryNames(known.values());
  const sameName = grouped(places, ownName);
  return new Map(
    places.map((place) => {
      const { name: host, zone } = place;
      const own = ownName(place);
      const isShared = new Set(sameName.get(own)?.map((each) => each.zone)).size > 1;
      const plain = isShared && host !== zone ? [`${own}-${zone.split('.')[0]}`] : [own];
      const labeled = labelsAt.get(host)?.flatMap((label) => label.names) ?? [];
      return [host, known.get(host) ?? names.give(...labeled, ...plain, host)];
    }),
  );
}

/** `grafana` for grafana.example.dev, `example` for the zone itself. */
function ownName({ name: host, zone }: Place): string {
  return host === zone ? (zone.split('.')[0] ?? zone) : host.slice(0, -zone.length - 1);
}
