import { link, mkdir, open, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PRIVATE_MODE, readOptionalFile } from '../../clients/state/private-file.ts';
import { UnsafeError } from '../../core/errors.ts';
import type { ProcessIdentity } from './process-identity.ts';

/** The holder of a lease, as its record says. */
export interface LeaseHolder extends ProcessIdentity {
  readonly id: string;
  /** `gates run`, `gates apply`: for people. */
  readonly command: string;
  readonly since: string;
  /** When the holder last said that it lives, by its own clock. */
  readonly renewedAt: string;
  readonly released: boolean;
}

/** The newest record in the folder of a lease: the highest number, 0 before the first, and who made it. */
export interface NewestRecord {
  readonly number: number;
  /** Undefined for a record that has gone meanwhile or is not what we write. */
  readonly holder: LeaseHolder | undefined;
}

/** Bytes of a record: it is renewed where it stands, and no end of an older text may be left behind it. */
const RECORD_SIZE = 1024;

export async function newestRecord(directory: string): Promise<NewestRecord> {
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch(explainFolder);
  const number = await highest(directory);
  return { number, holder: number === 0 ? undefined : await readHolder(directory, number) };
}

/**
 * Makes the record of a number, whole and in one step; false when another made it, or a higher one, first. When it
 * answers true, every lower record has been removed: who made one of those can see that it is over.
 *
 * `stillFree` is asked after the folder was changed by this process, which makes a network file system read it anew.
 */
export async function claimNumber(
  directory: string,
  number: number,
  holder: LeaseHolder,
  stillFree: () => Promise<boolean>,
): Promise<boolean> {
  const draft = path.join(directory, `draft-${holder.id}`);
  await writeFile(draft, recordText(holder), { mode: PRIVATE_MODE }).catch(explainFolder);
  try {
    if (!(await stillFree())) return false;
    await link(draft, fileOf(directory, number)).catch(explainLink);
  } finally {
    await rm(draft, { force: true });
  }
  // Whatever `link` said: over a network its answer can be lost, and the call that is repeated finds its own work.
  if ((await readHolder(directory, number))?.id !== holder.id) return false;
  // The number may have been used and cleaned away since the folder was read.
  if ((await highest(directory)) !== number) {
    await rm(fileOf(directory, number), { force: true });
    return false;
  }
  await removeBelow(directory, number);
  return true;
}

/**
 * Writes a record anew where it stands; false where it stands no more. It is opened and never made: who took the lease
 * has removed it, and it must not come back.
 */
export async function rewriteRecord(
  directory: string,
  number: number,
  holder: LeaseHolder,
): Promise<boolean> {
  const handle = await open(fileOf(directory, number), 'r+').catch(undefinedWhenGone);
  if (handle === undefined) return false;
  try {
    await handle.write(recordText(holder), 0);
  } finally {
    await handle.close();
  }
  return true;
}

/**
 * Whether the record of a number stands, and none above it. The record is opened: that asks a network file system's
 * server, where a list of names may be an old one.
 */
export async function isNewest(directory: string, number: number): Promise<boolean> {
  const handle = await open(fileOf(directory, number), 'r').catch(undefinedWhenGone);
  if (handle === undefined) return false;
  await handle.close();
  return (await highest(directory)) === number;
}

function recordText(holder: LeaseHolder): string {
  return `${JSON.stringify(holder)}\n`.padEnd(RECORD_SIZE);
}

async function readHolder(directory: string, number: number): Promise<LeaseHolder | undefined> {
  const content = await readOptionalFile(fileOf(directory, number));
  if (content === undefined) return undefined;
  try {
    const holder: unknown = JSON.parse(content.toString('utf8'));
    return isHolder(holder) ? holder : undefined;
  } catch {
    return undefined;
  }
}

function isHolder(value: unknown): value is LeaseHolder {
  if (typeof value !== 'object' || value === null) return false;
  const { id, pid, place, renewedAt } = value as Partial<Record<keyof LeaseHolder, unknown>>;
  return [id, place, renewedAt].every((text) => typeof text === 'string') && typeof pid === 'number';
}

async function highest(directory: string): Promise<number> {
  return Math.max(0, ...(await numbers(directory)));
}

async function numbers(directory: string): Promise<readonly number[]> {
  const names = await readdir(directory);
  return names.flatMap((name) => {
    const match = /^(\d+)\.json$/.exec(name);
    return match === null ? [] : [Number(match[1])];
  });
}

async function removeBelow(directory: string, current: number): Promise<void> {
  const old = (await numbers(directory)).filter((number) => number < current);
  await Promise.all(old.map((number) => rm(fileOf(directory, number), { force: true })));
}

function fileOf(directory: string, number: number): string {
  return path.join(directory, `${number}.json`);
}

/** @throws UnsafeError, always: what to do about a state directory that takes no file. */
export function explainFolder(error: NodeJS.ErrnoException): never {
  throw new UnsafeError('The state directory cannot be written', {
    hint: 'It has to belong to the user that gates runs as: GATES_STATE_DIR, or run as that user',
    facts: { detail: error.message },
    cause: error,
  });
}

function explainLink(error: NodeJS.ErrnoException): void {
  if (error.code === 'EEXIST') return;
  if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(error.code ?? '')) throw error;
  throw new UnsafeError('The file system of the state directory has no hard links', {
    hint: 'Put GATES_STATE_DIR on one that has them: ext4, XFS, Btrfs, ZFS or NFS',
    cause: error,
  });
}

function undefinedWhenGone(error: NodeJS.ErrnoException): undefined {
  // ESTALE: what an NFS client says of a file that another machine removed.
  if (error.code === 'ENOENT' || error.code === 'ESTALE') return undefined;
  throw error;
}
