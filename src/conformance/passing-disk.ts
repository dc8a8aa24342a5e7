import { equal } from '../core/objects/equal.ts';
import type { Disk, Secret } from '../core/world.ts';

/** A disk that ends with the process, so that no secret and no note of a scratch object outlives it. */
export function passingDisk(): Disk {
  const secrets = new Map<string, Secret>();
  const notes = new Map<string, string>();
  const files = new Map<string, Secret>();
  const key = (topic: string, name: string) => `${topic}\n${name}`;
  return {
    vault: {
      get: async (name) => secrets.get(name),
      put: async (name, secret) => void secrets.set(name, secret),
      remove: async (name) => void secrets.delete(name),
      list: async () => [...secrets.keys()].sort(),
    },
    notes: {
      list: async (topic) =>
        [...notes.keys()].flatMap((at) =>
          at.startsWith(key(topic, '')) ? [at.slice(topic.length + 1)] : [],
        ),
      text: async (topic, name) => notes.get(key(topic, name)),
      put: async (topic, name, text = '') => void notes.set(key(topic, name), text),
      clear: async (topic, name) => void notes.delete(key(topic, name)),
    },
    sinks: {
      holds: async (file, lines) => equal(files.get(file), lines),
      write: async (file, lines) => void files.set(file, lines),
    },
  };
}
