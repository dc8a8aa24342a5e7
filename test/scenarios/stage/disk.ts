import {
  type MemoryNotes,
  type MemorySinks,
  type MemoryVault,
  memoryNotes,
  memorySinks,
  memoryVault,
} from '../../support/memory.ts';

/** The state directory and the delivered files, which survive a process. */
export interface Disk {
  readonly vault: MemoryVault;
  readonly notes: MemoryNotes;
  readonly sinks: MemorySinks;
}

export function newDisk(): Disk {
  return { vault: memoryVault(), notes: memoryNotes(), sinks: memorySinks() };
}

/** A copy of the disk. */
export async function copyOf({ vault, notes, sinks }: Disk): Promise<Disk> {
  return {
    vault: memoryVault(new Map(vault.entries)),
    notes: memoryNotes(new Map(notes.texts)),
    sinks: memorySinks(new Map(sinks.files)),
  };
}

/** The content of a disk; equal for equal disks that were written in the same order. */
export function contentsOf({ vault, notes, sinks }: Disk): string {
  return JSON.stringify([vault.entries, notes.texts, sinks.files].map((map) => [...map]));
}

/** A store that fails once the process is gone. */
export function guarded<Store extends object>(store: Store, alive: <T>(value: T) => T): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const method = Reflect.get(target, name);
      return typeof method === 'function'
        ? async (...args: unknown[]) => alive(method).apply(target, args)
        : method;
    },
  });
}
