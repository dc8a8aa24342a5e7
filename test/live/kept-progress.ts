import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { Progress, type ProgressStore } from '../../src/conformance/authentik/progress.ts';
import { newScratchOwner } from '../../src/conformance/scratch-owner.ts';
import type { LiveServer } from './live-server.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** The sources that a story depends on, besides the server. */
const sources = ['src', 'reconcilers', 'test/live', 'package-lock.json'];

/**
 * The record of stories that passed at this server with this state of the code: a file in the folder
 * `GATES_LIVE_PROGRESS`, or in `.live/`. The sandbox has no record: each run has its own sandbox.
 */
export function progressAt(
  { name, release, rewind }: Pick<LiveServer, 'name' | 'release' | 'rewind'>,
  { GATES_LIVE_PROGRESS: folder = path.join(root, '.live') }: Readonly<Record<string, string | undefined>>,
): Progress {
  const owner = newScratchOwner(Math.random);
  if (rewind !== undefined) return new Progress(undefined, '', owner, nowhere);
  const file = path.join(folder, `${createHash('sha256').update(name).digest('hex').slice(0, 16)}.json`);
  const text = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  return new Progress(text, `${release} ${stateOfCode()}`, owner, inFile(file));
}

const nowhere: ProgressStore = { save: async () => {}, clear: async () => {} };

function inFile(file: string): ProgressStore {
  return {
    save: async (text) => {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(`${file}.new`, text);
      renameSync(`${file}.new`, file);
    },
    clear: async () => rmSync(file, { force: true }),
  };
}

function stateOfCode(): string {
  const hash = createHash('sha256');
  for (const file of sources.flatMap((source) => filesIn(path.join(root, source))))
    hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

function filesIn(place: string): readonly string[] {
  if (statSync(place).isFile()) return [place];
  const entries = readdirSync(place, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}
