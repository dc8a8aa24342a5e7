import { UnsafeError } from '../../core/errors.ts';
import type { Disk } from '../../core/world.ts';

/** Tells whether this process is still the one that may write; asked right before each write. */
export interface WriteGuard {
  /** Rejects if it is not: then nothing is written. */
  mayWrite(): Promise<void>;
  /** The same for changes to the live systems, which a person may have paused. */
  mayChange(): Promise<void>;
  /** The same by the clocks alone, without waiting. */
  isUnexpired(): boolean;
}

/** The guard of a wire that has no other writer. */
export const unguarded: Pick<WriteGuard, 'mayWrite'> = { mayWrite: async () => {} };

/** The guard of a process that only reads. */
export const nobodyWrites: WriteGuard = { mayWrite: refuse, mayChange: refuse, isUnexpired: () => false };

async function refuse(): Promise<void> {
  throw new UnsafeError('Bug in gates: a read-only command tried to write. Please report it', {
    facts: { applied: 'no' },
  });
}

/**
 * The disk under a guard. If another process has taken over, a secret, a note or a delivered file of this one would be
 * older than the file that it replaces.
 */
export function guardedDisk({ vault, notes, sinks }: Disk, { mayWrite }: Pick<WriteGuard, 'mayWrite'>): Disk {
  return {
    vault: {
      ...vault,
      put: async (name, secret) => mayWrite().then(() => vault.put(name, secret)),
      remove: async (name) => mayWrite().then(() => vault.remove(name)),
    },
    notes: {
      ...notes,
      put: async (topic, name, text) => mayWrite().then(() => notes.put(topic, name, text)),
      clear: async (topic, name) => mayWrite().then(() => notes.clear(topic, name)),
    },
    sinks: { ...sinks, write: async (file, lines) => mayWrite().then(() => sinks.write(file, lines)) },
  };
}
