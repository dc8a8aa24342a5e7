import { sha256 } from '../sha256.ts';
import type { HistoryRun } from './history.ts';

/** One line of the history, read back. */
export interface HistoryRecord {
  /** From 1, without a gap, on through every file. */
  readonly n: number;
  /** SHA-256 of the line before, without its newline. */
  readonly previous: string;
  /** The torn text between the previous line and this one: the beginning of a line that a crash cut short. */
  readonly torn?: Torn;
  /** The note of the chain's ends was missing or unreadable when this was written. */
  readonly endsLost?: true;
  readonly run: HistoryRun;
  /** SHA-256 of this line. */
  readonly hash: string;
}

export interface Torn {
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * The two ends of the chain, kept next to the files. Without them nobody would notice if lines at the end were cut off,
 * or know that lines at the beginning were dropped on purpose.
 */
export interface ChainEnds {
  readonly first: { readonly n: number; readonly previous: string };
  readonly last: { readonly n: number; readonly hash: string };
}

export interface HistoryFile {
  readonly name: string;
  readonly bytes: Buffer;
}

/** A complete line, or the damage in the place of one. */
export type Piece =
  | { readonly line: number; readonly record: HistoryRecord }
  | { readonly line: number; readonly damage: Torn };

export interface ChainReport {
  /** Every complete line, oldest first, even if the chain is broken. */
  readonly records: readonly HistoryRecord[];
  /** The first place where the chain is broken, and how; undefined if it is intact. */
  readonly broken: { readonly place: string; readonly reason: string } | undefined;
  /** Remains of crashes after which the chain continues. */
  readonly notes: readonly string[];
}

/** The hash that the very first line names as its predecessor. */
const NOTHING = '0'.repeat(64);
const NEWLINE = 0x0a;

export const emptyEnds: ChainEnds = { first: { n: 1, previous: NOTHING }, last: { n: 0, hash: NOTHING } };

/** A line without its newline. It ends in the SHA-256 of the text before, so it can be checked by itself. */
export function formatRecord(record: Omit<HistoryRecord, 'hash'>): string {
  const { n, previous, torn, endsLost, run } = record;
  const body = JSON.stringify({ n, previous, torn, endsLost, run }).slice(0, -1);
  return `${body},"check":"${sha256(Buffer.from(body))}"}`;
}

export function formatEnds({ first, last }: ChainEnds): string {
  const ends = {
    first: { n: first.n, previous: first.previous },
    last: { n: last.n, hash: last.hash },
  };
  return `${JSON.stringify(ends)}\n`;
}

/** Undefined unless `formatEnds` wrote exactly these bytes. */
export function readEnds(bytes: Buffer): ChainEnds | undefined {
  try {
    const ends = JSON.parse(bytes.toString('utf8')) as ChainEnds;
    return bytes.equals(Buffer.from(formatEnds(ends))) ? ends : undefined;
  } catch {
    return undefined;
  }
}

/** The lines of a file. Adjacent incomplete lines count as one damage. */
export function piecesOf(bytes: Buffer): readonly Piece[] {
  const pieces: Piece[] = [];
  let damage: { readonly from: number; readonly line: number } | undefined;
  const close = (end: number) => {
    if (damage === undefined) return;
    pieces.push({ line: damage.line, damage: tornOf(bytes.subarray(damage.from, end)) });
    damage = undefined;
  };
  let line = 0;
  for (let from = 0; from < bytes.length; ) {
    line += 1;
    const newline = bytes.indexOf(NEWLINE, from);
    const record = newline === -1 ? undefined : readRecord(bytes.subarray(from, newline));
    if (record === undefined) damage ??= { from, line };
    else {
      close(from);
      pieces.push({ line, record });
    }
    from = newline === -1 ? bytes.length : newline + 1;
  }
  close(bytes.length);
  return pieces;
}

/** The final newline does not count: it may have been added to continue after the damage. */
function tornOf(bytes: Buffer): Torn {
  const raw = bytes.at(-1) === NEWLINE ? bytes.subarray(0, -1) : bytes;
  return { bytes: raw.length, sha256: sha256(raw) };
}

const CHECK = /^,"check":"([0-9a-f]{64})"\}$/;
const CHECK_LENGTH = ',"check":""}'.length + 64;

function readRecord(line: Buffer): HistoryRecord | undefined {
  const body = line.subarray(0, Math.max(0, line.length - CHECK_LENGTH));
  const check = CHECK.exec(line.subarray(body.length).toString('latin1'))?.[1];
  if (check !== sha256(body)) return undefined;
  try {
    const { n, previous, torn, endsLost, run } = JSON.parse(line.toString('utf8')) as HistoryRecord;
    const more = { ...(torn && { torn }), ...(endsLost && { endsLost }) };
    return { n, previous, ...more, run, hash: sha256(line) };
  } catch {
    return undefined;
  }
}

/** Follows the chain through all files, oldest first. `ends`: the file on disk, undefined if there is none. */
export function checkChain(files: readonly HistoryFile[], ends: HistoryFile | undefined): ChainReport {
  const records: HistoryRecord[] = [];
  const notes: string[] = [];
  let broken: ChainReport['broken'];
  const fail = (place: string, reason: string) => {
    broken ??= { place, reason };
  };
  const known = ends === undefined ? undefined : readEnds(ends.bytes);
  if (known === undefined && (files.length > 0 || ends !== undefined)) {
    fail(ends?.name ?? 'ends.json', 'the note of where the chain begins and ends is gone or was changed');
  }
  for (const { name, bytes } of files) {
    let damage: { readonly place: string; readonly torn: Torn } | undefined;
    for (const piece of piecesOf(bytes)) {
      const place = `${name}:${piece.line}`;
      if ('damage' in piece) {
        damage = { place, torn: piece.damage };
        continue;
      }
      const { record } = piece;
      const wrong = tornFault(damage?.torn, record) ?? linkFault(records.at(-1), record, known);
      if (wrong !== undefined) fail(damage?.place ?? place, wrong);
      else if (damage !== undefined)
        notes.push(`${damage.place} was cut short by a crash; run ${record.n} says so`);
      if (record.endsLost) notes.push(`${place} says that the note of the chain's ends was lost before it`);
      records.push(record);
      damage = undefined;
    }
    if (damage !== undefined) fail(damage.place, 'the line is incomplete, and no later line says why');
  }
  const missing = known && endFault(records, known);
  if (missing !== undefined) fail(files.at(-1)?.name ?? 'ends.json', missing);
  return { records, broken, notes };
}

function tornFault(damage: Torn | undefined, { torn }: HistoryRecord): string | undefined {
  if (damage?.sha256 === torn?.sha256 && damage?.bytes === torn?.bytes) return undefined;
  return damage === undefined
    ? 'the rest of a line that was cut short has been taken away'
    : 'the line is not what was written';
}

function linkFault(
  before: HistoryRecord | undefined,
  { n, previous }: HistoryRecord,
  ends: ChainEnds | undefined,
): string | undefined {
  if (ends !== undefined && n === ends.first.n && previous !== ends.first.previous)
    return `run ${n} does not begin the chain that was begun`;
  if (before === undefined) {
    // Files that were to be dropped when the process was killed are still there: the chain begins earlier.
    return ends !== undefined && n > ends.first.n
      ? `it begins with run ${n}, and ${ends.first.n} is the first that is kept`
      : undefined;
  }
  if (n !== before.n + 1) return `run ${n} follows run ${before.n}`;
  return previous === before.hash ? undefined : `run ${n} was written after another run ${before.n}`;
}

/** A process that was killed after the line and before the note leaves a line more, never one less. */
function endFault(records: readonly HistoryRecord[], { last }: ChainEnds): string | undefined {
  if (last.n === 0) return undefined;
  const record = records.find(({ n }) => n === last.n);
  if (record === undefined) return `run ${last.n} was written and is missing`;
  return record.hash === last.hash ? undefined : `run ${last.n} is not the one that was written`;
}
