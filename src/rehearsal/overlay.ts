import type { Disk, Notes, Secret, Sinks, Vault } from '../core/world.ts';

/**
 * A disk that reads what is under it and writes into memory: a rehearsal begins with everything that the real pass
 * would find, and leaves nothing.
 */
export function overlay({ vault, notes, sinks }: Disk): Disk {
  return { vault: vaultOver(vault), notes: notesOver(notes), sinks: sinksOver(sinks) };
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

/** Sorted, as every store gives its names. */
function namesOver(under: readonly string[], changed: ReadonlyMap<string, unknown>): readonly string[] {
  const names = new Set(under);
  for (const [name, value] of changed) {
    if (value === undefined) names.delete(name);
    else names.add(name);
  }
  return [...names].sort();
}
