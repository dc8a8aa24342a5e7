import type { DnsRecordSpec } from '../../../reconcilers/cloudflare/dns/record-spec.ts';
import type { Desired, DesiredObject, Observation } from '../../core/objects/object.ts';
import type { Linked } from '../../core/objects/reference.ts';

/** Removes the file's tags from records in zones on the free plan, which has no tags, with a warning for each zone. */
export function withoutFreeTags(desired: Desired, observations: readonly Observation[]): Desired {
  const free = freeZones(observations);
  const counts = new Map<string, number>();
  const objects = desired.objects.map((object) => {
    if (!isTagged(object) || !free.has(object.spec.zone)) return object;
    const { tags: _, ...spec } = object.spec;
    counts.set(object.spec.zone, (counts.get(object.spec.zone) ?? 0) + 1);
    return { ...object, spec };
  });
  const warnings = [...counts].sort().map(([zone, count]) => {
    const records = count === 1 ? 'a record are' : `${count} records are`;
    return `dns.${zone}: the tags of ${records} left out, since the plan of the zone has none: take them out of the file, or choose another plan`;
  });
  return counts.size === 0 ? desired : { ...desired, objects, warnings: [...desired.warnings, ...warnings] };
}

function freeZones(observations: readonly Observation[]): ReadonlySet<string> {
  const found = observations.find(({ kind }) => kind === 'cloudflare/zone');
  if (found?.state !== 'known') return new Set();
  return new Set(
    found.objects.filter(({ attributes }) => attributes.plan === 'free').map(({ address }) => address.key),
  );
}

type Tagged = DesiredObject & { readonly spec: Linked<DnsRecordSpec> & { readonly zone: string } };

function isTagged(object: DesiredObject): object is Tagged {
  if (object.address.kind !== 'cloudflare/dns-record') return false;
  return ((object.spec as { readonly tags?: readonly string[] }).tags ?? []).length > 0;
}
