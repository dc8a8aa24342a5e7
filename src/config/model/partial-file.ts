import type { Gate, GatesFile, Service } from '../../../schema/generated/config.ts';

/** A file in which every existing part has the right shape, but any part may be missing. */
export type PartOf<T> = T extends readonly (infer U)[]
  ? readonly (PartOf<U> | undefined)[]
  : T extends object
    ? { readonly [K in keyof T]?: PartOf<T[K]> | undefined }
    : T;

/** A list without its holes. */
export function compact<T>(list: readonly (T | undefined)[]): T[] {
  return list.filter((item): item is T => item !== undefined);
}

/** Services sorted by name, because their order in the file does not matter. */
export function servicesByName(file: PartOf<GatesFile>): [string, PartOf<Service> | undefined][] {
  return Object.entries(file.services ?? {}).sort(([left], [right]) => (left < right ? -1 : 1));
}

/** The settings of a gate of the file, by the key of the gate, and the keys that lead to that key. */
interface PlacedGate {
  readonly gate: PartOf<Gate>;
  readonly path: readonly string[];
  readonly service: string;
}

/** Every gate of the file with the keys that lead to it. */
export function gatesOf(file: PartOf<GatesFile>): readonly PlacedGate[] {
  return Object.entries(file.services ?? {}).flatMap(([service, entry]) => {
    const main = { gate: entry?.gate, path: ['services', service, 'gate'] };
    const exceptions = Object.entries(entry?.paths ?? {}).map(([key, gate]) => ({
      gate,
      path: ['services', service, 'paths', key],
    }));
    return compact([main, ...exceptions].map(({ gate, path }) => gate && { gate, path, service }));
  });
}
