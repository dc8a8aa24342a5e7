import { markName, readName } from '../../../src/core/objects/marker.ts';

/** The content of our token configuration's description, the only place where a later run can read it. */
export interface ConfigurationText {
  readonly owner: string;
  readonly host: string;
  readonly keySet: string;
  /** Beginnings of key names, each with the time (RFC 3339) until which the key stays. */
  readonly leaving: Readonly<Record<string, string>>;
}

/** The number of characters that identify a key: its name is a long hash, and a description has 500 characters. */
export const namedBy = 16;

/** The most characters of a key set's place that are stored; an address may be longer. */
const longestPlace = 150;

/** The beginning of a key's name, without separators. */
export function shortKeyName(kid: string): string {
  return encodeURIComponent(kid).slice(0, namedBy);
}

/** The stored beginning of a key set's place. */
export function shortPlace(keySet: string): string {
  return keySet.replaceAll(';', '%3B').slice(0, longestPlace);
}

/** `gates:home/api.example.dev; keys of api; 5f0c… until 2026-12-01T00:00:00Z` */
export function writeText({ owner, host, keySet, leaving }: ConfigurationText): string {
  const ends = Object.entries(leaving)
    .sort()
    .map(([name, end]) => `${name} until ${end}`);
  return [markName(owner, host), `keys of ${shortPlace(keySet)}`, ...ends].join('; ');
}

/** Undefined for a description that is not ours. */
export function readConfigurationText(description: string): ConfigurationText | undefined {
  const [mark = '', ...rest] = description.split('; ');
  const { owner, key: host } = readName(mark);
  if (owner === undefined) return undefined;
  const place = rest.find((part) => part.startsWith('keys of '))?.slice('keys of '.length) ?? '';
  const ends = rest.flatMap((part) => {
    const [, name, end] = /^(\S+) until (\S+)$/.exec(part) ?? [];
    return name === undefined || end === undefined ? [] : [[name, end] as const];
  });
  return { owner, host, keySet: place, leaving: Object.fromEntries(ends) };
}
