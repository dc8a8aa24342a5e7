import { link, mkdir, open, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PRIVATE_MODE, readOptionalFile } from '../../clients/state/private-file.ts';
import { UnsafeError } from '../../core/errors.ts';
import type { ProcessIdentity } from './process-identity.ts';

/** The holder of a lease, as in its record. */
export interface LeaseHolder extends ProcessIdentity {
  readonly id: string;
  /** For people: `gates run`, `gates apply`. */
  readonly command: string;
  readonly since: string;
  /** The time of the last renewal, by the holder's clock. */
  readonly renewedAt: string;
  readonly released: boolean;
}

/** The newest record in a lease's folder: the highest number (0 before the first) and its holder. */
export interface NewestRecord {
  readonly number: number;
  /** Undefined if the record was removed meanwhile, or is not from gates. */
  readonly holder: LeaseHolder | undefined;
}

/** Bytes of a record: a renewal overwrites it in place, and must leave no end of the older text. */
const RECORD_SIZE = 1024;

export async function newestRecord(directory: string): Promise<NewestRecord> {
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch(explainFolder);
  const number = await highest(directory);
  return { number, holder: number === 0 ? undefined : await readHolder(directory, number) };
}

/**
 * Makes the complete record of a number in one step; false if somebody else made it, or a higher one, first. True means
 * that every lower record has been removed, by which its maker can see that it has lost the lease.
 *
 * `stillFree` is called after this process changed the folder, which makes a network file system read it anew.
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
  // The reply to `link` does not count: over a network it can get lost, and the repeated call finds its own record.
  if ((await readHolder(directory, number))?.id !== holder.id) return false;
  // The number may have been used and removed since the folder was read.
  if ((await highest(directory)) !== number) {
    await rm(fileOf(directory, number), { force: true });
    return false;
  }
  await removeBelow(directory, number);
  return true;
}

/**
 * Overwrites a record in place; false if it no longer exists. The file is opened and never created, because the process
 * that took the lease has removed it, and it must not return.
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
 * True if the record of a number exists, and none above it. Opening it asks the server of a network file system, whose
 * list of names may be outdated.
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

/** @throws UnsafeError, always: the hint says what to do about a state folder that cannot be written. */
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
  // ESTALE: an NFS client's error for a file that another machine removed.
  if (error.code === 'ENOENT' || error.code === 'ESTALE') return undefined;
  throw error;
}
