import type { Clock } from '../../core/world.ts';
import { livenessOf, type ProcessIdentity } from '../lease/process-identity.ts';
import { killGroup } from './command.ts';

/** Milliseconds between two checks, and the number of checks before SIGKILL. */
const POLL = 100;
const LOOKS = 50;

/**
 * Ends what a command left running when its daemon was killed, because the next command must not run beside it. A
 * process of another boot or container has ended with it.
 */
export async function endLeftover(identity: ProcessIdentity, clock: Clock): Promise<void> {
  if (!(await isOurs(identity))) return;
  killGroup(identity.pid, 'SIGTERM');
  for (let look = 0; look < LOOKS && hasGroup(identity.pid); look += 1) await clock.sleep(POLL);
  killGroup(identity.pid, 'SIGKILL');
}

/** True if the process is still the same: the system reuses a number only after its complete group has ended. */
async function isOurs(identity: ProcessIdentity): Promise<boolean> {
  const liveness = await livenessOf(identity);
  if (liveness !== 'gone') return liveness === 'alive';
  return !answers(identity.pid) && identity.startedAt !== undefined && hasGroup(identity.pid);
}

function hasGroup(pid: number): boolean {
  return answers(-pid);
}

function answers(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
