import type { Config } from '../../config/model/config.ts';
import type { ParsedConfig } from '../../config/parse-config.ts';
import type { Mistake } from '../../core/mistake.ts';
import { packFiles, type SourceFiles, unpackFiles } from '../../core/sources/source-files.ts';
import { plainValue } from './yaml-place.ts';

/** A valid gates.yaml that a person has, to which an import adds what it and the files that it includes lack. */
export class ExistingFile {
  /** The text of gates.yaml, without a byte order mark: each offset counts from the first line. */
  readonly text: string;
  /** The configuration of all files together. */
  readonly config: Config;
  readonly warnings: readonly Mistake[];
  readonly #files: SourceFiles;

  /** `source`: gates.yaml, packed with the files that it includes. */
  constructor(source: Uint8Array, { config, warnings }: ParsedConfig) {
    this.#files = unpackFiles(source);
    this.text = textOf(this.#files.main);
    this.config = config;
    this.warnings = warnings;
  }

  /** All files, with another text of gates.yaml. */
  with(text: string): Uint8Array {
    return packFiles({ ...this.#files, main: new TextEncoder().encode(text) });
  }

  /** The number of records that gates.yaml itself has in a zone: those of the included files come after them. */
  recordCount(zone: string): number {
    return countOf(this.text, zone);
  }

  /** The index of the first record of a file among all records of the zone. */
  firstRecordOf(file: string | undefined, zone: string): number {
    if (file === undefined) return 0;
    const earlier = this.#files.included.filter((each) => each.file < file);
    const texts = earlier.flatMap((each) => ('bytes' in each ? [textOf(each.bytes)] : []));
    return [this.text, ...texts].reduce((count, text) => count + countOf(text, zone), 0);
  }
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function countOf(text: string, zone: string): number {
  const { dns } = (plainValue(text) ?? {}) as { readonly dns?: Readonly<Record<string, unknown>> | null };
  const lists = Object.entries(dns ?? {}).filter(([name]) => name.toLowerCase() === zone);
  return lists.reduce((count, [, list]) => count + (Array.isArray(list) ? list.length : 0), 0);
}
