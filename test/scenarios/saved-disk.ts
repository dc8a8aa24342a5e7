import type { Notes, Secret, Vault } from '../../src/core/world.ts';
import { memorySinks } from '../world.ts';
import type { Disk } from './stage.ts';

/** A disk that can be written down, and had again as it was at that moment. No file is delivered to it. */
export interface SavedDisk extends Disk {
  /** Equal for equal contents, whatever the order they came in. */
  save(): string;
}

interface Contents {
  readonly secrets: readonly (readonly [string, Secret])[];
  readonly notes: readonly (readonly [topic: string, name: string])[];
}

/** The disk that `saved` tells of; an empty one without it. */
export function savedDisk(saved?: string): SavedDisk {
  const contents: Contents = saved === undefined ? { secrets: [], notes: [] } : JSON.parse(saved);
  const secrets = new Map(contents.secrets);
  const entries = new Set(contents.notes.map((entry) => JSON.stringify(entry)));
  const vault: Vault = {
    get: async (name) => secrets.get(name),
    put: async (name, secret) => void secrets.set(name, secret),
    remove: async (name) => void secrets.delete(name),
    list: async () => [...secrets.keys()].sort(),
  };
  const noted = () => [...entries].sort().map((entry): [string, string] => JSON.parse(entry));
  const notes: Notes = {
    list: async (topic) => noted().flatMap(([own, name]) => (own === topic ? [name] : [])),
    put: async (topic, name) => void entries.add(JSON.stringify([topic, name])),
    clear: async (topic, name) => void entries.delete(JSON.stringify([topic, name])),
  };
  return {
    vault,
    notes,
    sinks: memorySinks(),
    save: () => JSON.stringify({ secrets: [...secrets].sort(), notes: noted() } satisfies Contents),
  };
}
