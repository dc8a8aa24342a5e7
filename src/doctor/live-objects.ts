import { readComment, readName, readTag } from '../core/marker.ts';
import type { Chart } from './check.ts';
import { accountPath, readAll, tunnelsOf, zonesOf } from './cloudflare.ts';

/** A DNS record, as far as the doctor looks at it. */
export interface RecordReply {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly content?: string;
  readonly comment?: string | null;
}

export interface ApplicationReply {
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

/** A zone is one call. */
export function recordsOf({ cloudflare }: Chart, zoneId: string): Promise<readonly RecordReply[]> {
  return readAll(cloudflare, `/zones/${zoneId}/dns_records`, 5000);
}

export async function applicationsOf(chart: Chart): Promise<readonly ApplicationReply[]> {
  return readAll(chart.cloudflare, `${await accountPath(chart)}/access/apps`, 1000);
}

export async function serviceTokensOf(chart: Chart): Promise<readonly NamedReply[]> {
  return readAll(chart.cloudflare, `${await accountPath(chart)}/access/service_tokens`, 1000);
}

export async function policiesOf(chart: Chart): Promise<readonly NamedReply[]> {
  return readAll(chart.cloudflare, `${await accountPath(chart)}/access/policies`, 1000);
}

/** What is ours of Cloudflare by its marker, and the tunnels of the file: what each is called, by id. */
export async function ourObjects(chart: Chart, owner: string): Promise<ReadonlyMap<string, string>> {
  const [zones, applications, policies, tokens, tunnels] = await Promise.all([
    zonesOf(chart),
    applicationsOf(chart),
    policiesOf(chart),
    serviceTokensOf(chart),
    tunnelsOf(chart),
  ]);
  const records = (await Promise.all(zones.map(({ id }) => recordsOf(chart, id)))).flat();
  const isOurs = ({ name }: NamedReply) => readName(name).owner === owner;
  const named = (what: string, found: readonly NamedReply[]) =>
    found.map(({ id, name }) => [id, `${what} ${name}`] as const);
  return new Map([
    ...records
      .filter(({ comment }) => readComment(comment ?? '').owner === owner)
      .map(({ id, type, name }) => [id, `DNS record ${type} ${name}`] as const),
    ...applications
      .filter(({ tags }) => tags?.some((tag) => readTag(tag) === owner))
      .map(({ id, name = id }) => [id, `Access application ${name}`] as const),
    ...named('Access policy', policies.filter(isOurs)),
    ...named('service token', tokens.filter(isOurs)),
    ...named(
      'tunnel',
      tunnels.filter(({ name }) => chart.config?.cloudflare.tunnels.has(name)),
    ),
  ]);
}
