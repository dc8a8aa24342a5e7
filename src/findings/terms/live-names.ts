import type { DnsRecordSpec } from '../../../reconcilers/cloudflare/dns/record-spec.ts';
import type { Observed } from '../../core/objects/object.ts';
import { matchesHost } from '../../desired/live/host-pattern.ts';
import { tunnelOf } from '../../import/records.ts';
import type { LiveObjects } from '../../import/terms/live-objects.ts';
import { nameUnder } from '../../import/visits.ts';

export type LiveRecord = Observed<DnsRecordSpec>;

/** A host that a DNS record leads to a tunnel. */
export interface TunneledHost {
  /** A name that the record covers: for `*.example.dev`, one that no other record has. */
  readonly host: string;
  /** The name in the record or in a tunnel rule: `*.example.dev`. */
  readonly shown: string;
}

/** The most CNAME records on the way to a tunnel. */
const longestChain = 8;

/** The names of the zones that were read, and where their records lead. */
export class LiveNames {
  readonly #zones: readonly string[];
  readonly #records: ReadonlyMap<string, readonly LiveRecord[]>;
  readonly #wildcards: readonly string[];
  /** The names with a record of any type. */
  readonly #all: ReadonlySet<string>;
  readonly #live: LiveObjects;

  constructor(live: LiveObjects) {
    const records = new Map<string, LiveRecord[]>();
    for (const record of live.of('cloudflare/dns-record')) {
      if (!leadsSomewhere(record)) continue;
      const name = record.spec.name.toLowerCase();
      records.set(name, [...(records.get(name) ?? []), record]);
    }
    this.#live = live;
    this.#all = new Set(live.of('cloudflare/dns-record').map(({ spec }) => spec.name.toLowerCase()));
    this.#zones = live.scope.zones;
    this.#records = records;
    this.#wildcards = [...records.keys()].filter((name) => name.startsWith('*.'));
  }

  /** True if the records of the name were read. */
  isRead(name: string): boolean {
    return this.#zones.some((zone) => name === zone || name.endsWith(`.${zone}`));
  }

  /** True if a name has a record of any type, or a wildcard covers it. */
  exists(name: string): boolean {
    return this.#all.has(name) || this.recordsOf(name).length > 0;
  }

  /** The address records of a name, by their own name or by a wildcard. */
  recordsOf(name: string): readonly LiveRecord[] {
    const own = this.#records.get(name);
    if (own !== undefined) return own;
    const over = this.#wildcards.filter((wildcard) => matchesHost(wildcard, name));
    const nearest = over.sort((left, right) => right.length - left.length)[0];
    return nearest === undefined ? [] : (this.#records.get(nearest) ?? []);
  }

  /** Ids of the tunnels to which a name leads, along CNAME records. */
  tunnelsOf(name: string, depth = 0): readonly string[] {
    if (depth > longestChain) return [];
    return this.recordsOf(name).flatMap((record) => {
      const tunnel = tunnelOf(record);
      if (tunnel !== undefined) return [tunnel];
      const { type, content = '' } = record.spec;
      return type === 'CNAME' ? this.tunnelsOf(content.toLowerCase(), depth + 1) : [];
    });
  }

  /** Every host that leads to a tunnel; for a wildcard, the hosts of tunnel rules that it covers and one more. */
  tunneled(): readonly TunneledHost[] {
    const names = [...this.#records.keys()].filter((name) => this.tunnelsOf(name).length > 0);
    const ruled = this.#live
      .of('cloudflare/ingress-rule')
      .map(({ spec }) => spec.hostname)
      .filter((name) => !name.includes('*') && this.isRead(name) && this.tunnelsOf(name).length > 0);
    const hosts = new Map([...names, ...ruled].map((name) => [nameUnder(name), name] as const));
    return [...hosts].map(([host, shown]) => ({ host, shown }));
  }
}

function leadsSomewhere({ spec }: LiveRecord): boolean {
  return spec.type === 'A' || spec.type === 'AAAA' || spec.type === 'CNAME';
}
