import type { DnsRecord, GatesFile } from '../../../schema/generated/config.ts';

/** The sections of a file that an import fills. */
export const sections = [
  'origins',
  'groups',
  'services',
  'clients',
  'serviceTokens',
  'dns',
  'waf',
] as const satisfies readonly (keyof GatesFile)[];

export type FileSection = (typeof sections)[number];

/** Something live that the file does not have: it stays as it is. */
export interface LeftOut {
  /** The section in which it would be. */
  readonly section: FileSection;
  /** The host, or the words for anything else: `docs.example.dev`, `4 DNS records of example.dev`. */
  readonly what: string;
  readonly reason: string;
  /** The part of its entry that is known, by the name that the entry would have. */
  readonly entry?: Readonly<Record<string, unknown>>;
}

/** A file that says what is live, before it is text. */
export interface FileDraft {
  readonly file: GatesFile;
  /** The source of an entry, by `section/name`. */
  readonly sources: ReadonlyMap<string, string>;
  /** Headings above entries, by `section/name`, and above plain records, by the record. */
  readonly headings: ReadonlyMap<string | DnsRecord, string>;
  /** The source of a plain record, which stands behind it on its line. */
  readonly recordSources: ReadonlyMap<DnsRecord, string>;
  readonly leftovers: readonly LeftOut[];
  /** The host of each service, by the name of the service. */
  readonly hosts: ReadonlyMap<string, string>;
  /** The ids of the plain records of each zone, in the order of the file; undefined: the file had it before. */
  readonly recordIds: ReadonlyMap<string, readonly (string | undefined)[]>;
}

/** Results of checks: entries that are left out, each with the reason. Hosts by name, plain records by id, clients by slug. */
export interface Excluded {
  readonly hosts: ReadonlyMap<string, string>;
  readonly records: ReadonlyMap<string, string>;
  readonly clients: ReadonlyMap<string, string>;
  /** Hosts that reach the same server as another host behind another gate, which the file has to confirm. */
  readonly aliases: ReadonlySet<string>;
}
