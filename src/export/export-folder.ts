import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { listDirectory, readOptionalFile, writePrivateFile } from '../clients/state/private-file.ts';
import { ConfigError } from '../core/errors.ts';
import type { Query } from '../core/world.ts';
import {
  type ExportedAnswer,
  type ExportedSystem,
  inMemberOrder,
  isMembers,
  type JsonValue,
  type SystemsExport,
} from './exported-answer.ts';

/** The table of contents: the file that makes a folder an export. */
const CONTENTS = 'export.json';

/** Changes when an older gates could not read a folder of a newer one. */
const FORMAT = 'gates-export/1';

/** The table of contents, apart from the answers. */
interface Contents extends Omit<SystemsExport, 'answers'> {
  readonly format: string;
  /** False while files are being written. */
  readonly isComplete: boolean;
  /** The files with the answers, relative to the folder. */
  readonly files: readonly string[];
}

/** One file: a question and its answer. */
interface AnswerFile {
  readonly system: ExportedSystem;
  readonly path: string;
  readonly query?: Query;
  readonly items?: readonly JsonValue[];
  readonly object?: JsonValue;
}

/**
 * Refuses a folder in which a file of somebody else could be lost.
 * @throws ConfigError unless the folder is missing, empty, or an export.
 */
export async function requireExportPlace(folder: string): Promise<void> {
  const names = await readingFolder(folder, () => listDirectory(folder));
  if (names.length === 0 || (await contentsOf(folder)) !== undefined) return;
  throw new ConfigError(`${folder} is neither empty nor an export`, {
    hint: 'Name an empty or a new folder',
  });
}

/** Writes an export in place of the one that the folder has. Equal answers give equal bytes. */
export async function writeExport(folder: string, { answers, ...about }: SystemsExport): Promise<void> {
  await requireExportPlace(folder);
  const before = (await contentsOf(folder))?.files ?? [];
  const files = new Map(answers.map((answer) => [fileNameOf(answer), answer]));
  const contents: Contents = { format: FORMAT, ...about, isComplete: false, files: [...files.keys()].sort() };
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // An export that was cut off must not look like one of a smaller account.
    await writeJson(folder, CONTENTS, { ...contents, files: [...new Set([...before, ...contents.files])] });
    for (const [name, answer] of files) await writeJson(folder, name, fileOf(answer));
    for (const name of before.filter((old) => !files.has(old)))
      await rm(path.join(folder, name), { force: true });
    await writeJson(folder, CONTENTS, { ...contents, isComplete: true });
  } catch (cause) {
    throw unusable(folder, 'written', cause);
  }
}

/** @throws ConfigError if the folder is not a complete export. */
export async function readExport(folder: string): Promise<SystemsExport> {
  const contents = await readingFolder(folder, () => contentsOf(folder));
  if (contents === undefined) {
    throw new ConfigError(`${folder} is no export`, { hint: '`gates export FOLDER` makes one' });
  }
  const { files, isComplete, format: _, ...about } = contents;
  if (!isComplete) throw damaged(folder);
  const answers = await Promise.all(files.map((name) => readAnswer(folder, name)));
  return { ...about, answers };
}

/** The name of the file, from the path of the question alone. */
function fileNameOf({ system, path: asked }: ExportedAnswer): string {
  const segments = asked.split('/').filter((segment) => segment !== '');
  return `${[system, ...segments].map((segment) => segment.replace(/[^\w.-]|^\.+/g, '_')).join('/')}.json`;
}

function fileOf({ content, ...about }: ExportedAnswer): AnswerFile {
  return { ...about, ...content };
}

async function readAnswer(folder: string, name: string): Promise<ExportedAnswer> {
  const file = parsed(await readOptionalFile(path.join(folder, name))) as AnswerFile | undefined;
  if (file === undefined) throw damaged(folder);
  const { items, object, ...about } = file;
  if (Array.isArray(items)) return { ...about, content: { items } };
  if (object === undefined) throw damaged(folder);
  return { ...about, content: { object } };
}

/** The table of contents; undefined if the folder has none. */
async function contentsOf(folder: string): Promise<Contents | undefined> {
  const found = parsed(await readOptionalFile(path.join(folder, CONTENTS)));
  if (!isMembers(found) || typeof found.format !== 'string' || !Array.isArray(found.files)) return undefined;
  if (found.format !== FORMAT) {
    throw new ConfigError(`${folder} is an export of another version of gates`, { hint: 'Export again' });
  }
  // A name that leads out of the folder would have a file removed or read there.
  if (found.files.some((name) => !isInside(name))) throw damaged(folder);
  return found as unknown as Contents;
}

function isInside(name: JsonValue): boolean {
  return (
    typeof name === 'string' && /^(cloudflare|authentik)\/[\w./-]+\.json$/.test(name) && !name.includes('..')
  );
}

function parsed(bytes: Buffer | undefined): JsonValue | undefined {
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(bytes.toString()) as JsonValue;
  } catch {
    return undefined;
  }
}

async function writeJson(folder: string, name: string, value: object): Promise<void> {
  const text = JSON.stringify(inMemberOrder(value as JsonValue), null, 2);
  await writePrivateFile(path.join(folder, name), `${text}\n`);
}

async function readingFolder<Found>(folder: string, read: () => Promise<Found>): Promise<Found> {
  try {
    return await read();
  } catch (cause) {
    throw cause instanceof ConfigError ? cause : unusable(folder, 'read', cause);
  }
}

function damaged(folder: string): ConfigError {
  return new ConfigError(`${folder} is an export that was not written completely`, { hint: 'Export again' });
}

function unusable(folder: string, verb: string, cause: unknown): ConfigError {
  const { code } = cause as NodeJS.ErrnoException;
  const why = code === undefined ? '' : ` (${code})`;
  return new ConfigError(`${folder} cannot be ${verb}${why}`, { hint: 'Name another folder', cause });
}
