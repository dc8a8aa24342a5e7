import { domainToASCII } from 'node:url';
import type { Part } from '../core/part.ts';

/** What gates knows of the live systems, or what a file asks of them. */
export interface Snapshot {
  readonly parts: readonly Part[];
  /** Sorts of parts that could not be read: unknown, never absent. */
  readonly unread?: ReadonlySet<Part['part']>;
  /** Parts that may be one or another: at the edge a write may not have arrived, or its reply was lost. */
  readonly choices?: readonly Choice[];
}

/** One of these, and nobody knows which. */
export interface Choice {
  /** Names the choice; two snapshots with the same name mean the same choice, value by value. */
  readonly name: string;
  readonly reason: string;
  /**
   * At least two. Each replaces the parts of `Snapshot.parts` that the choice is about, which are not in there. Where the
   * order of parts matters (rules of a zone or a tunnel), a value has all of them.
   */
  readonly values: readonly (readonly Part[])[];
}

/** One request of the internet, as sent. */
export interface DoorRequest {
  /** Lower case, without a port. */
  readonly host: string;
  /** Begins with `/`; neither decoded nor normalized; without a query. */
  readonly path: string;
  /** Default: `GET`. */
  readonly method?: string;
}

export type PartOfSort<S extends Part['part']> = Extract<Part, { readonly part: S }>;

/** The parts of a list by the keys under which the layers look for them. */
export class PartIndex {
  readonly #parts = new Map<string, Part[]>();
  readonly #places = new Map<Part, number>();

  constructor(parts: readonly Part[]) {
    for (const [place, part] of parts.entries()) {
      this.#places.set(part, place);
      for (const key of keysOf(part)) {
        const there = this.#parts.get(placeOf(part.part, key));
        if (there === undefined) this.#parts.set(placeOf(part.part, key), [part]);
        else there.push(part);
      }
    }
  }

  /** The parts of a sort under any of the keys, in the order of the list. */
  parts<S extends Part['part']>(sort: S, keys: readonly string[]): readonly PartOfSort<S>[] {
    const lists = keys.flatMap((key) => {
      const list = this.#parts.get(placeOf(sort, key)) as readonly PartOfSort<S>[] | undefined;
      return list === undefined ? [] : [list];
    });
    const [only = [], ...others] = lists;
    if (others.length === 0) return only;
    const found = lists.flat();
    const orderOf = (part: Part) => this.#places.get(part) ?? 0;
    return [...new Set(found)].sort((left, right) => orderOf(left) - orderOf(right));
  }
}

/** Where the layers look for parts of a sort under a key. */
export function placeOf(sort: Part['part'], key: string): string {
  return `${sort} ${key}`;
}

/** The places at which the layers look for a part. */
export function placesOf(part: Part): readonly string[] {
  return keysOf(part).map((key) => placeOf(part.part, key));
}

/** Key of parts that are looked for all together. */
export const everyKey = '';

/** Key of the Access applications with a `*` in the host of a destination. */
export const wildcardHost = '*';

/** Key of the cache rules of others in a zone. */
export function foreignRules(zone: string): string {
  return `foreign ${zone}`;
}

/** Key of the Access applications with this audience. */
export function audienceKey(audience: string): string {
  return `audience ${audience}`;
}

/** Keys of the proxy providers for a host, of those for a domain, and of those that skip paths. */
export const domainKey = 'domains';
export const skipKey = 'skipped paths';
export function externalHostKey(host: string): string {
  return `host ${host}`;
}

/** Key of the entry of a provider in an outpost. */
export function entryKey(outpost: string, provider: string): string {
  return `${outpost} ${provider}`;
}

/** `grafana.example.dev` of `https://grafana.example.dev`, with its port: compared as it is written. */
export function hostOfUrl(url: string): string {
  return /^https?:\/\/([^/?#]*)/.exec(url)?.[1] ?? '';
}

/**
 * Keys of the rules of a tunnel that are for a host. cloudflared compares whole names, also a name with other letters in its
 * ASCII form; `*.example.dev` is for every name that ends in `.example.dev` (`matchHost`).
 */
export function ruleKeys(tunnel: string, host: string): readonly string[] {
  const labels = host.split('.');
  const wildcards = labels.slice(1).map((_, place) => `*.${labels.slice(place + 1).join('.')}`);
  return [host, '*', ...wildcards].map((name) => `${tunnel} ${name}`);
}

function ruleHost(hostname: string): string {
  if (hostname === '') return '*';
  return /[^ -~]/.test(hostname) && !hostname.startsWith('*') ? domainToASCII(hostname) : hostname;
}

function keysOf(part: Part): readonly string[] {
  switch (part.part) {
    case 'zone':
    case 'organization':
      return [everyKey];
    case 'record':
      return [recordKey(part.name, part.zone)];
    case 'edge-rule':
    case 'token-rule':
      return [part.zone];
    case 'operation':
      return [part.host];
    case 'cache-rule':
      return [part.host ?? foreignRules(part.zone)];
    case 'access-application':
      return [...new Set([...part.destinations.map(hostKey), audienceKey(part.audience)])];
    case 'tunnel':
      return [part.id, everyKey];
    case 'tunnel-rule':
      return [`${part.tunnel} ${ruleHost(part.hostname)}`];
    case 'origin':
      return [part.service];
    case 'provider-link':
      return [part.provider];
    case 'binding':
      return [part.application];
    case 'outpost-entry':
      return [everyKey, part.outpost, entryKey(part.outpost, part.provider)];
    case 'proxy-provider':
      return [
        ...[part.id, externalHostKey(hostOfUrl(part.externalHost))],
        ...(part.mode === 'forward_domain' ? [domainKey] : []),
        ...(part.skipPaths === '' ? [] : [skipKey]),
      ];
    default:
      return [part.id];
  }
}

function hostKey(destination: string): string {
  const [host = ''] = destination.split('/', 1);
  return host.includes('*') ? wildcardHost : host.toLowerCase();
}

/** The name one label below the zone that `name` is or lies below: `b.example.dev` of `a.b.example.dev`. */
export function recordKey(name: string, zone: string): string {
  if (name === zone) return zone;
  const below = name.slice(0, -zone.length - 1).split('.');
  return `${below.at(-1)}.${zone}`;
}
