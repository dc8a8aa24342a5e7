import type { Disk, Notes, Secret, Sinks, Vault } from '../../core/world.ts';

/**
 * A disk that reads from the one below it and writes into memory: a rehearsal starts with everything that the real run
 * would find, and leaves nothing.
 */
export function overlay({ vault, notes, sinks }: Disk): Disk {
  return { vault: vaultOver(vault), notes: notesOver(notes), sinks: sinksOver(sinks) };
}

/**
 * The disk as it is when each part of it is first read: later changes by others do not count, and hundreds of runs do
 * not read it again. Only an overlay may receive writes.
 */
export function frozen({ vault, notes, sinks }: Disk): Disk {
  const read = remembered();
  return {
    vault: {
      ...vault,
      get: (name) => read(['secret', name], () => vault.get(name)),
      list: () => read(['secrets'], () => vault.list()),
    },
    notes: {
      ...notes,
      list: (topic) => read(['topic', topic], () => notes.list(topic)),
      text: (topic, name) => read(['text', topic, name], () => notes.text(topic, name)),
    },
    sinks: {
      ...sinks,
      holds: (file, lines) => read(['file', file, JSON.stringify(lines)], () => sinks.holds(file, lines)),
    },
  };
}

function remembered(): <T>(key: readonly string[], read: () => Promise<T>) => Promise<T> {
  const answers = new Map<string, Promise<unknown>>();
  return <T>(key: readonly string[], read: () => Promise<T>) => {
    const name = JSON.stringify(key);
    const known = answers.get(name) ?? read();
    answers.set(name, known);
    return known as Promise<T>;
  };
}

function vaultOver(under: Vault): Vault {
  const changed = new Map<string, Secret | undefined>();
  return {
    get: async (name) => (changed.has(name) ? changed.get(name) : under.get(name)),
    put: async (name, secret) => void changed.set(name, secret),
    remove: async (name) => void changed.set(name, undefined),
    list: async () => namesOver(await under.list(), changed),
  };
}

function notesOver(under: Notes): Notes {
  const topics = new Map<string, Map<string, string | undefined>>();
  const changedIn = (topic: string) => {
    const changed = topics.get(topic) ?? new Map<string, string | undefined>();
    topics.set(topic, changed);
    return changed;
  };
  return {
    list: async (topic) => namesOver(await under.list(topic), changedIn(topic)),
    text: async (topic, name) => {
      const changed = changedIn(topic);
      return changed.has(name) ? changed.get(name) : under.text(topic, name);
    },
    put: async (topic, name, text = '') => void changedIn(topic).set(name, text),
    clear: async (topic, name) => void changedIn(topic).set(name, undefined),
  };
}

function sinksOver(under: Sinks): Sinks {
  const written = new Map<string, string>();
  return {
    holds: async (file, lines) => {
      const text = written.get(file);
      return text === undefined ? under.holds(file, lines) : text === JSON.stringify(lines);
    },
    write: async (file, lines) => void written.set(file, JSON.stringify(lines)),
  };
}

/** The names in sorted order, as every store returns them. */
function namesOver(under: readonly string[], changed: ReadonlyMap<string, unknown>): readonly string[] {
  const names = new Set(under);
  for (const [name, value] of changed) {
    if (value === undefined) names.delete(name);
    else names.add(name);
  }
  return [...names].sort();
}
