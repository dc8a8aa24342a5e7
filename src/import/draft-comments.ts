import type { DnsRecord } from '../../schema/generated/config.ts';
import type { ImportedClient } from './authentik/clients.ts';
import type { ImportedHost } from './hosts.ts';
import type { ZoneRecords } from './records.ts';
import type { FileDraft } from './terms/draft.ts';
import { type ResourceLabel, sourceWithLabels } from './terms/resource-label.ts';
import { headingsOf } from './terraform/labeled-entries.ts';

/** A host with the name of its service. */
export interface NamedHost extends ImportedHost {
  readonly name: string;
  readonly zone: string | undefined;
  /** The labels of its objects in a Terraform state. */
  readonly labels: readonly ResourceLabel[];
}

/** A client with the labels of its objects in a Terraform state. */
export interface LabeledClient extends ImportedClient {
  readonly labels: readonly ResourceLabel[];
}

/** The entries of a draft about which the file has comments. */
export interface CommentedEntries {
  readonly hosts: readonly NamedHost[];
  readonly clients: readonly LabeledClient[];
  readonly tokens: readonly { readonly name: string; readonly source: string }[];
  readonly zones: readonly ZoneRecords[];
}

/** The sources of entries and records, and the headings above them. */
export function draftComments(
  entries: CommentedEntries,
): Pick<FileDraft, 'sources' | 'headings' | 'recordSources'> {
  return {
    sources: sourcesOf(entries),
    headings: headingsIn(entries),
    recordSources: recordSourcesIn(entries.zones),
  };
}

function sourcesOf({ hosts, clients, tokens, zones }: CommentedEntries): FileDraft['sources'] {
  return new Map([
    ...hosts.map(
      ({ name, source, labels }) => [`services/${name}`, sourceWithLabels(source, labels)] as const,
    ),
    ...clients.map(
      ({ slug, source, labels }) => [`clients/${slug}`, sourceWithLabels(source, labels)] as const,
    ),
    ...tokens.map(({ name, source }) => [`serviceTokens/${name}`, source] as const),
    ...zones.map(({ zone, records }) => [`dns/${zone}`, `records of the zone: ${records.length}`] as const),
  ]);
}

function headingsIn({ hosts, clients, zones }: CommentedEntries): FileDraft['headings'] {
  return new Map<string | DnsRecord, string>([
    ...headingsOf(hosts, ({ name, zone, labels }) => ({
      key: `services/${name}`,
      label: labels[0],
      otherwise: zone,
    })),
    ...headingsOf(clients, ({ slug, labels }) => ({ key: `clients/${slug}`, label: labels[0] })),
    ...zones.flatMap(({ records }) => [
      ...headingsOf(records, ({ record, label }) => ({ key: record, label })),
    ]),
  ]);
}

function recordSourcesIn(zones: readonly ZoneRecords[]): FileDraft['recordSources'] {
  return new Map(
    zones.flatMap(({ records }) =>
      records.flatMap(({ record, label }) => (label === undefined ? [] : [[record, label.address] as const])),
    ),
  );
}
