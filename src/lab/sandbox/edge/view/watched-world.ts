import type { World } from '../../state/world.ts';
import { type Answers, sameElements } from './answers.ts';

/**
 * A world that can only be read, and notes who reads which of its tables. Rows that did not change between two rounds
 * are the same objects, although everybody changes a world in place: rows are copies, compared by their text.
 * `current` returns the world of the round.
 */
export function watchedWorld(answers: Answers, current: () => World): World {
  const authentik = watched<World['authentik']>(answers, (name) => {
    const state = current().authentik;
    return state[name as keyof typeof state];
  });
  return watched<World>(answers, (name) => current()[name as keyof World], { authentik });
}

function watched<T extends object>(
  answers: Answers,
  read: (name: string) => unknown,
  parts: Readonly<Record<string, unknown>> = {},
): T {
  const tables = new Map<string, () => unknown>(
    Object.entries(parts).map(([name, part]) => [name, () => part]),
  );
  const get = (_: object, name: string) => {
    let table = tables.get(name);
    if (table === undefined) {
      const copied = tableMemory();
      table = answers.observer(() => copied(read(name)));
      tables.set(name, table);
    }
    return table();
  };
  const refuse = () => {
    throw new Error('a watched world is read member by member, and never written');
  };
  const traps = { get, set: refuse, has: refuse, ownKeys: refuse, deleteProperty: refuse };
  return new Proxy<T>(Object.freeze({}) as T, { ...traps, getOwnPropertyDescriptor: refuse });
}

/** Copies one table again and again: the same copy while its text is the same, and else the same rows of the old copy. */
function tableMemory(): (value: unknown) => unknown {
  let texts: readonly string[] = [];
  let rows: readonly unknown[] = [];
  const copied = (now: readonly string[]) => {
    if (sameElements(texts, now)) return rows;
    const known = new Map(texts.map((text, row) => [text, rows[row]]));
    rows = now.map((text) => known.get(text) ?? JSON.parse(text));
    texts = now;
    return rows;
  };
  return (value) => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return copied(value.map((row) => JSON.stringify(row)));
    return copied([JSON.stringify(value)])[0];
  };
}
