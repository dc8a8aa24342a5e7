import { readYaml } from './yaml-document.ts';

/** The most characters of the section: 100 long entries. Parsing the costliest takes a quarter of a second. */
const MAX_SECTION = 24 * 1024;

/**
 * The entries of `include` in gates.yaml; none if there is no such section, or none that can be read. Only that section
 * is parsed, so that the daemon can look up the files without reading a costly gates.yaml in its main thread. The parser
 * later refuses an `include` that this function does not find.
 */
export function includeEntries(main: Uint8Array): readonly string[] {
  const text = new TextDecoder().decode(main);
  const start = text.search(/^include[ \t]*:/m);
  if (start === -1) return [];
  const rest = text.slice(start, start + MAX_SECTION);
  const length = /\n(?=[^\s#\]-]|---)/.exec(rest)?.index ?? rest.length;
  const read = readYaml(rest.slice(0, length + 1));
  if (!('document' in read)) return [];
  const { include } = read.document.value as { readonly include?: unknown };
  return Array.isArray(include) ? include.filter((entry) => typeof entry === 'string') : [];
}
