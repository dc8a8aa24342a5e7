import type { Notes, Secret, Sinks, Vault } from '../../src/core/world.ts';

export interface MemoryVault extends Vault {
  readonly entries: ReadonlyMap<string, Secret>;
}

export function memoryVault(entries = new Map<string, Secret>()): MemoryVault {
  return {
    entries,
    get: async (name) => entries.get(name),
    put: async (name, secret) => void entries.set(name, secret),
    remove: async (name) => void entries.delete(name),
    list: async () => [...entries.keys()].sort(),
  };
}

export interface MemorySinks extends Sinks {
  readonly files: ReadonlyMap<string, Secret>;
}

export function memorySinks(files = new Map<string, Secret>()): MemorySinks {
  return {
    files,
    holds: async (file, lines) => JSON.stringify(files.get(file)) === JSON.stringify(lines),
    write: async (file, lines) => void files.set(file, lines),
  };
}

export interface MemoryNotes extends Notes {
  /** The notes by topic and name, each on its own line. */
  readonly texts: ReadonlyMap<string, string>;
}

export function memoryNotes(notes = new Map<string, string>()): MemoryNotes {
  const prefix = (topic: string) => `${topic}\n`;
  return {
    texts: notes,
    list: async (topic) =>
      [...notes.keys()]
        .filter((name) => name.startsWith(prefix(topic)))
        .map((name) => name.slice(prefix(topic).length))
        .sort(),
    text: async (topic, name) => notes.get(prefix(topic) + name),
    put: async (topic, name, text = '') => void notes.set(prefix(topic) + name, text),
    clear: async (topic, name) => void notes.delete(prefix(topic) + name),
  };
}
