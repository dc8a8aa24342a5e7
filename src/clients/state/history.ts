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
  const directory = path.join(stateDir, 'history');
  const place = (name: string) => path.join(directory, name);
  const names = async () => (await listDirectory(directory)).filter((name) => NAME.test(name));
  const contentOf = async (name: string) => (await readOptionalFile(place(name))) ?? Buffer.alloc(0);

  async function tailOf(all: readonly string[]): Promise<Tail> {
    const name = all.at(-1);
    const bytes = name === undefined ? Buffer.alloc(0) : await contentOf(name);
    const pieces = piecesOf(bytes);
    const end = pieces.at(-1);
    const shape = { name, size: bytes.length, endsInNewline: bytes.length === 0 || bytes.at(-1) === 0x0a };
    const damage = end !== undefined && 'damage' in end ? end : undefined;
    let last = lastRecord(pieces);
    for (const earlier of all.slice(0, -1).reverse()) last ??= lastRecord(piecesOf(await contentOf(earlier)));
    return { ...shape, damage, last };
  }

  async function firstKept(keptFiles: readonly string[], next: HistoryRecord): Promise<ChainEnds['first']> {
    for (const name of keptFiles) {
      const [first] = recordsIn(piecesOf(await contentOf(name)));
      if (first !== undefined) return { n: first.n, previous: first.previous };
    }
    return { n: next.n, previous: next.previous };
  }

  let recent: { readonly key: string; readonly runs: readonly HistoryRun[] } | undefined;

  return {
    async recent() {
      const last = (await names()).slice(-RECENT_FILES);
      const sizes = await Promise.all(last.map((name) => sizeOf(place(name))));
      const key = JSON.stringify([last, sizes]);
      // Lines are only ever added.
      if (recent?.key === key) return recent.runs;
      const contents = await Promise.all(last.map(contentOf));
      const runs = contents
        .flatMap((bytes) => recordsIn(piecesOf(bytes)))
        .map(({ run }) => run)
        .reverse();
      recent = { key, runs };
      return runs;
    },

    async append(run) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const all = await names();
      const noted = await readOptionalFile(place(ENDS));
      if (noted === undefined && all.length === 0) await writePrivateFile(place(ENDS), formatEnds(emptyEnds));
      const ends = noted === undefined ? undefined : readEnds(noted);
      const endsLost = ends === undefined && (noted !== undefined || all.length > 0);
      const tail = await tailOf(all);
      const known = ends?.last ?? emptyEnds.last;
      const before = tail.last !== undefined && tail.last.n >= known.n ? tail.last : known;
      const body = {
        n: before.n + 1,
        previous: before.hash,
        ...(tail.damage && { torn: tail.damage.damage }),
        ...(endsLost && { endsLost: true as const }),
        run,
      };
      const line = formatRecord(body);
      const record = { ...body, hash: sha256(line) };
      const data = Buffer.from(`${tail.endsInNewline ? '' : '\n'}${line}\n`);
      // A line that reports damage comes after the damage, in the same file.
      const full = tail.damage === undefined && tail.size > 0 && tail.size + data.length > bounds.fileBytes;
      const name = tail.name === undefined || full ? following(tail.name) : tail.name;
      await appendDurably(place(name), data);
      const files = all.includes(name) ? all : [...all, name];
      const keptFiles = files.slice(-bounds.files);
      const dropped = files.slice(0, files.length - keptFiles.length);
      const first =
        ends === undefined || dropped.length > 0 ? await firstKept(keptFiles, record) : ends.first;
      const last = { n: record.n, hash: record.hash };
      await writePrivateFile(place(ENDS), formatEnds({ first, last }));
      await Promise.all(dropped.map((old) => rm(place(old), { force: true })));
    },

    async read() {
      const ends = await readOptionalFile(place(ENDS));
      const files = await Promise.all(
        (await names()).map(async (name) => ({ name, bytes: await contentOf(name) })),
      );
      return checkChain(files, ends && { name: ENDS, bytes: ends });
    },
  };
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
