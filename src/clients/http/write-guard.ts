import { UnsafeError } from '../../core/errors.ts';
import type { Disk } from '../../core/world.ts';

/** Says whether this process is still the one that may write; asked right before each write. */
export interface WriteGuard {
  /** Rejects where it is not: nothing is written then. */
  mayWrite(): Promise<void>;
  /** The same for what changes the live systems, from which a person may have taken gates' hands. */
  mayChange(): Promise<void>;
  /** The same by the clocks alone, at once. */
  isUnexpired(): boolean;
}

/** For a wire of which nobody else can be the writer. */
export const unguarded: Pick<WriteGuard, 'mayWrite'> = { mayWrite: async () => {} };

/** For what only looks. */
export const nobodyWrites: WriteGuard = { mayWrite: refuse, mayChange: refuse, isUnexpired: () => false };

async function refuse(): Promise<void> {
  throw new UnsafeError('Bug in gates: a read-only command tried to write. Please report it', {
    facts: { applied: 'no' },
  });
}

/**
 * The disk under a guard. A secret, a note or a delivered file that a process writes after another has gone on in its
 * place would be older than what it replaces.
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
