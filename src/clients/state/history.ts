import { mkdir, open, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { HistoryRun } from '../../core/record/history.ts';
import {
  type ChainEnds,
  type ChainReport,
  checkChain,
  emptyEnds,
  formatEnds,
  formatRecord,
  type HistoryRecord,
  type Piece,
  piecesOf,
  readEnds,
} from '../../core/record/history-chain.ts';
import { sha256 } from '../../core/sha256.ts';
import { listDirectory, PRIVATE_MODE, readOptionalFile, writePrivateFile } from './private-file.ts';

/** The limits of the history: bytes of one file, and number of files. */
export interface HistoryBounds {
  readonly fileBytes: number;
  readonly files: number;
}

export interface History {
  /** Resolves once the run is on disk. Only the holder of the state directory's lease may call it. */
  append(run: HistoryRun): Promise<void>;
  /** The last runs, newest first, from the last two files. The chain is not checked. */
  recent(): Promise<readonly HistoryRun[]>;
  /** All stored runs, and whether the chain is intact. */
  read(): Promise<ChainReport>;
}

const BOUNDS: HistoryBounds = { fileBytes: 512 * 1024, files: 8 };
const ENDS = 'ends.json';
/** Enough files for a week of runs without changes, or more. */
const RECENT_FILES = 2;
const NAME = /^\d{8}\.jsonl$/;

interface Tail {
  /** The newest file; undefined before the first. */
  readonly name: string | undefined;
  readonly size: number;
  readonly endsInNewline: boolean;
  readonly damage: Extract<Piece, { damage: unknown }> | undefined;
  readonly last: HistoryRecord | undefined;
}

/**
 * The runs as JSON lines in numbered files of `<state directory>/history`, each line chained to the one before, also
 * across files. A line is on disk before the note of the chain's ends; if the process is killed in between, the next
 * run continues after it. Damage is never repaired: the next line names a line that was cut short, and for other damage
 * the chain stays broken.
 */
export function createHistory(stateDir: string, bounds: HistoryBounds = BOUNDS): History {
  return new HistoryFolder(path.join(stateDir, 'history'), bounds);
}

class HistoryFolder implements History {
  readonly #directory: string;
  readonly #bounds: HistoryBounds;
  #recent: { readonly key: string; readonly runs: readonly HistoryRun[] } | undefined;

  constructor(directory: string, bounds: HistoryBounds) {
    this.#directory = directory;
    this.#bounds = bounds;
  }

  async recent(): Promise<readonly HistoryRun[]> {
    const last = (await this.#names()).slice(-RECENT_FILES);
    const sizes = await Promise.all(last.map((name) => sizeOf(this.#place(name))));
    const key = JSON.stringify([last, sizes]);
    // Lines are only ever added.
    if (this.#recent?.key === key) return this.#recent.runs;
    const contents = await Promise.all(last.map((name) => this.#contentOf(name)));
    const runs = contents
      .flatMap((bytes) => recordsIn(piecesOf(bytes)))
      .map(({ run }) => run)
      .reverse();
    this.#recent = { key, runs };
    return runs;
  }

  async append(run: HistoryRun): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const all = await this.#names();
    const { ends, isLost } = await this.#ends(all);
    const tail = await this.#tailOf(all);
    const { line, record } = recordAfter(tail, ends, isLost, run);
    const data = Buffer.from(`${tail.endsInNewline ? '' : '\n'}${line}\n`);
    const name = this.#fileFor(tail, data.length);
    await appendDurably(this.#place(name), data);
    await this.#note(all.includes(name) ? all : [...all, name], ends, record);
  }

  async read(): Promise<ChainReport> {
    const ends = await readOptionalFile(this.#place(ENDS));
    const files = await Promise.all(
      (await this.#names()).map(async (name) => ({ name, bytes: await this.#contentOf(name) })),
    );
    return checkChain(files, ends && { name: ENDS, bytes: ends });
  }

  /** The noted ends of the chain; they are lost if there are runs without them, or if nobody can read them. */
  async #ends(
    all: readonly string[],
  ): Promise<{ readonly ends: ChainEnds | undefined; readonly isLost: boolean }> {
    const noted = await readOptionalFile(this.#place(ENDS));
    if (noted === undefined && all.length === 0)
      await writePrivateFile(this.#place(ENDS), formatEnds(emptyEnds));
    const ends = noted === undefined ? undefined : readEnds(noted);
    return { ends, isLost: ends === undefined && (noted !== undefined || all.length > 0) };
  }

  async #tailOf(all: readonly string[]): Promise<Tail> {
    const name = all.at(-1);
    const bytes = name === undefined ? Buffer.alloc(0) : await this.#contentOf(name);
    const pieces = piecesOf(bytes);
    const end = pieces.at(-1);
    const shape = { name, size: bytes.length, endsInNewline: bytes.length === 0 || bytes.at(-1) === 0x0a };
    const damage = end !== undefined && 'damage' in end ? end : undefined;
    let last = lastRecord(pieces);
    for (const earlier of all.slice(0, -1).reverse())
      last ??= lastRecord(piecesOf(await this.#contentOf(earlier)));
    return { ...shape, damage, last };
  }

  /** The name of the file for the next `bytes`. */
  #fileFor({ name, damage, size }: Tail, bytes: number): string {
    // A line that reports damage comes after the damage, in the same file.
    const full = damage === undefined && size > 0 && size + bytes > this.#bounds.fileBytes;
    return name === undefined || full ? following(name) : name;
  }

  /** Notes the ends of the chain, and removes the files over the limit. */
  async #note(
    files: readonly string[],
    ends: ChainEnds | undefined,
    { n, previous, hash }: HistoryRecord,
  ): Promise<void> {
    const kept = files.slice(-this.#bounds.files);
    const dropped = files.slice(0, files.length - kept.length);
    const stands = ends !== undefined && dropped.length === 0;
    const first = stands ? ends.first : ((await this.#firstIn(kept)) ?? { n, previous });
    await writePrivateFile(this.#place(ENDS), formatEnds({ first, last: { n, hash } }));
    await Promise.all(dropped.map((old) => rm(this.#place(old), { force: true })));
  }

  async #firstIn(files: readonly string[]): Promise<ChainEnds['first'] | undefined> {
    for (const name of files) {
      const [first] = recordsIn(piecesOf(await this.#contentOf(name)));
      if (first !== undefined) return { n: first.n, previous: first.previous };
    }
    return undefined;
  }

  async #names(): Promise<string[]> {
    return (await listDirectory(this.#directory)).filter((name) => NAME.test(name));
  }

  async #contentOf(name: string): Promise<Buffer> {
    return (await readOptionalFile(this.#place(name))) ?? Buffer.alloc(0);
  }

  #place(name: string): string {
    return path.join(this.#directory, name);
  }
}

/** The next line of the chain, after the later of the last line and the noted end. */
function recordAfter(
  { last, damage }: Tail,
  ends: ChainEnds | undefined,
  endsLost: boolean,
  run: HistoryRun,
): { readonly line: string; readonly record: HistoryRecord } {
  const known = ends?.last ?? emptyEnds.last;
  const before = last !== undefined && last.n >= known.n ? last : known;
  const body = {
    n: before.n + 1,
    previous: before.hash,
    ...(damage && { torn: damage.damage }),
    ...(endsLost && { endsLost: true as const }),
    run,
  };
  const line = formatRecord(body);
  return { line, record: { ...body, hash: sha256(line) } };
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file)).size;
}

function recordsIn(pieces: readonly Piece[]): readonly HistoryRecord[] {
  return pieces.flatMap((piece) => ('record' in piece ? [piece.record] : []));
}

function lastRecord(pieces: readonly Piece[]): HistoryRecord | undefined {
  return recordsIn(pieces).at(-1);
}

function following(name: string | undefined): string {
  const number = name === undefined ? 1 : Number.parseInt(name, 10) + 1;
  return `${String(number).padStart(8, '0')}.jsonl`;
}

/** In one write, flushed, including the name of a new file. */
async function appendDurably(file: string, data: Buffer): Promise<void> {
  const handle = await open(file, 'a', PRIVATE_MODE);
  try {
    await handle.appendFile(data);
    await handle.sync();
  } finally {
    await handle.close();
  }
  const folder = await open(path.dirname(file), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
