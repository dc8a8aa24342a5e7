import { readComment, readName, readTag } from '../../core/objects/marker.ts';
import type { Chart } from './check.ts';
import { chartedAccountPath, readAll, tunnelsOf, zonesOf } from './cloudflare.ts';

/** The fields of a DNS record that the doctor reads. */
export interface RecordReply {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly content?: string;
  readonly comment?: string | null;
  /** RFC 3339. */
  readonly created_on?: string;
}

export interface ListedAccessApplication {
  readonly id: string;
  readonly name?: string;
  readonly domain?: string;
  readonly destinations?: readonly { readonly uri?: string }[] | null;
  readonly tags?: readonly string[] | null;
}

export interface NamedReply {
  readonly id: string;
  readonly name: string;
}

/** Each zone takes one call. */
export function recordsOf({ cloudflare }: Chart, zoneId: string): Promise<readonly RecordReply[]> {
  return readAll(cloudflare, `/zones/${zoneId}/dns_records`, 5000);
}

export async function applicationsOf(chart: Chart): Promise<readonly ListedAccessApplication[]> {
  return readAll(chart.cloudflare, `${await chartedAccountPath(chart)}/access/apps`, 1000);
}

export async function serviceTokensOf(chart: Chart): Promise<readonly NamedReply[]> {
  return readAll(chart.cloudflare, `${await chartedAccountPath(chart)}/access/service_tokens`, 1000);
}

export async function policiesOf(chart: Chart): Promise<readonly NamedReply[]> {
  return readAll(chart.cloudflare, `${await chartedAccountPath(chart)}/access/policies`, 1000);
}

/** A live object of Cloudflare that is ours. */
export interface OurObject {
  readonly name: string;
  /** Epoch milliseconds since when it is ours, if it was foreign before. */
  readonly since?: number;
}

/** Our objects at Cloudflare by their mark, by id, and the tunnels to which our records lead. */
export async function ourObjects(chart: Chart, owner: string): Promise<ReadonlyMap<string, OurObject>> {
  const [zones, applications, policies, tokens, tunnels] = await Promise.all([
    zonesOf(chart),
    applicationsOf(chart),
    policiesOf(chart),
    serviceTokensOf(chart),
    tunnelsOf(chart),
  ]);
  const records = (await Promise.all(zones.map(({ id }) => recordsOf(chart, id))))
    .flat()
    .filter(({ comment }) => readComment(comment ?? '').owner === owner);
  const isOurs = ({ name }: NamedReply) => readName(name).owner === owner;
  const named = (what: string, found: readonly NamedReply[]) =>
    found.filter(isOurs).map(({ id, name }) => [id, { name: `${what} ${name}` }] as const);
  return new Map<string, OurObject>([
    ...records.map(({ id, type, name }) => [id, { name: `DNS record ${type} ${name}` }] as const),
    ...applications
      .filter(({ tags }) => tags?.some((tag) => readTag(tag) === owner))
      .map(({ id, name = id }) => [id, { name: `Access application ${name}` }] as const),
    ...named('Access policy', policies),
    ...named('service token', tokens),
    ...tunnels.flatMap(({ id, name }) => {
      const leading = records.filter(({ content }) => content === `${id}.cfargotunnel.com`);
      if (leading.length === 0 || !chart.config?.cloudflare.tunnels.has(name)) return [];
      const since = Math.min(...leading.map(({ created_on: at }) => Date.parse(at ?? '') || 0));
      return [[id, { name: `tunnel ${name}`, since }] as const];
    }),
  ]);
}
