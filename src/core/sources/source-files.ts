/** A file that `include` of gates.yaml names. */
export type IncludedFile = {
  /** Relative to the folder of gates.yaml, `services/grafana.yaml`. */
  readonly file: string;
} & ({ readonly bytes: Uint8Array } | IncludeRefusal);

/** The reason why a file cannot be included, and what to do. */
export interface IncludeRefusal {
  readonly refusal: string;
  readonly hint: string;
}

/** gates.yaml with the files that it includes. */
export interface SourceFiles {
  readonly main: Uint8Array;
  /** The entries of `include` that were looked up. */
  readonly patterns: readonly string[];
  readonly included: readonly IncludedFile[];
  /** The account of the file that is meant; absent: the only one, or all of them. */
  readonly account?: string;
}

/** The first byte of packed files: a control character, which no valid gates.yaml has. */
const PACKED = 0x1c;
const LINE_BREAK = 0x0a;

/**
 * All files as one sequence of bytes, which is stored, compared and hashed like a single file. A gates.yaml without
 * `include` is its own packed form. Otherwise a line of JSON with the length of each file comes first.
 */
export function packFiles({ main, patterns, included, account }: SourceFiles): Uint8Array {
  // A file that looks packed is packed itself, so that nobody can forge the line of JSON.
  if (patterns.length === 0 && account === undefined && main[0] !== PACKED) return main;
  const files = included.map((each) => {
    return 'bytes' in each ? { file: each.file, length: each.bytes.byteLength } : each;
  });
  const header = JSON.stringify({ main: main.byteLength, patterns, files, account });
  const contents = included.flatMap((each) => ('bytes' in each ? [each.bytes] : []));
  return Buffer.concat([Buffer.from([PACKED]), Buffer.from(`${header}\n`), main, ...contents]);
}

/** Reverses {@link packFiles}. */
export function unpackFiles(packed: Uint8Array): SourceFiles {
  if (packed[0] !== PACKED) return { main: packed, patterns: [], included: [] };
  const end = packed.indexOf(LINE_BREAK);
  const header = headerOf(packed.subarray(1, end));
  // Bytes that never went through `packFiles`; the parser refuses the control character.
  if (header === undefined) return { main: packed, patterns: [], included: [] };
  let offset = end + 1;
  const next = (length: number) => {
    offset += length;
    return packed.subarray(offset - length, offset);
  };
  const main = next(header.main);
  const included = header.files.map((each): IncludedFile => {
    return 'length' in each ? { file: each.file, bytes: next(each.length) } : each;
  });
  const { patterns, account } = header;
  return { main, patterns, included, ...(account !== undefined && { account }) };
}

/** The same files, of which one account is meant; undefined: none in particular. */
export function withAccount(packed: Uint8Array, account: string | undefined): Uint8Array {
  const { main, patterns, included } = unpackFiles(packed);
  return packFiles({ main, patterns, included, ...(account !== undefined && { account }) });
}

interface Header {
  readonly main: number;
  readonly patterns: readonly string[];
  readonly account?: string;
  readonly files: readonly (
    | ({ readonly file: string } & IncludeRefusal)
    | { file: string; length: number }
  )[];
}

function headerOf(line: Uint8Array): Header | undefined {
  try {
    const header = JSON.parse(Buffer.from(line).toString('utf8'));
    return Array.isArray(header?.files) && Array.isArray(header.patterns) ? header : undefined;
  } catch {
    return undefined;
  }
}

/** The text of one file of the packed ones; of gates.yaml if no file is named. */
export function sourceText(packed: Uint8Array, file: string | undefined): string {
  const { main, included } = unpackFiles(packed);
  const named = included.find((each) => each.file === file);
  const bytes =
    file === undefined ? main : named !== undefined && 'bytes' in named ? named.bytes : new Uint8Array();
  return new TextDecoder().decode(bytes);
}

/** The name of an included file as people see it, beside the name of gates.yaml: `home/dns.yaml` beside `home/gates.yaml`. */
export function besideMain(main: string, file: string | undefined): string {
  return file === undefined ? main : `${main.slice(0, main.lastIndexOf('/') + 1)}${file}`;
}
