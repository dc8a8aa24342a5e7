import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';

/** Identifies one process among all that may share the state folder. */
export interface ProcessIdentity {
  readonly pid: number;
  /**
   * The place where `pid` is unique: host name, boot and process namespace. Two containers with one name are two
   * places, and so is one machine before and after a reboot.
   */
  readonly place: string;
  readonly host: string;
  /** Distinguishes the process from a later one with the same number; undefined if the system does not say. */
  readonly startedAt: string | undefined;
}

/** `unknown`: it runs in another place, or the system does not say when processes started. */
export type Liveness = 'alive' | 'gone' | 'unknown';

export async function thisProcess(): Promise<ProcessIdentity> {
  return identityOf(process.pid);
}

/** The identity of a process on this machine. */
export async function identityOf(pid: number): Promise<ProcessIdentity> {
  return { pid, host: hostname(), place: await thisPlace(), startedAt: await startOf(pid) };
}

/** The state of the process with this identity. */
export async function livenessOf(identity: ProcessIdentity): Promise<Liveness> {
  if (identity.place !== (await thisPlace())) return 'unknown';
  if (!exists(identity.pid)) return 'gone';
  const startedAt = await startOf(identity.pid);
  if (startedAt === undefined || identity.startedAt === undefined) return 'unknown';
  return startedAt === identity.startedAt ? 'alive' : 'gone';
}

async function thisPlace(): Promise<string> {
  const boot = await orEmpty(readFile('/proc/sys/kernel/random/boot_id', 'utf8'));
  const namespace = await orEmpty(readlink('/proc/self/ns/pid'));
  return [hostname(), boot, namespace].join(' ').trim();
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Clock ticks from boot to the start of the process; `gone` for a process that has ended and was not reaped. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await orEmpty(readFile(`/proc/${pid}/stat`, 'utf8'));
  // The second field is the program's name in parentheses, which may itself contain spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  if (state === 'Z' || state === 'X') return 'gone';
  return fields[19];
}

async function orEmpty(reading: Promise<string>): Promise<string> {
  try {
    return (await reading).trim();
  } catch {
    return '';
  }
}
