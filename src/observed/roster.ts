import { GatesError } from '../core/errors.ts';
import type { Observed } from '../core/objects/object.ts';
import type { Notes, Query, Roster, Vault, Wire } from '../core/world.ts';
import { RosterList, readNote } from './roster-list.ts';

/** Topic of notes: ids of our objects, by owner and path of the list. */
const topic = 'roster';

/** Ids of the owner's objects in every list that runs of this state folder have made or seen. */
export async function recordedIds(notes: Notes, owner: string): Promise<ReadonlySet<string>> {
  const names = (await notes.list(topic)).filter((name) => name.startsWith(`${owner} `));
  const texts = await Promise.all(names.map((name) => notes.text(topic, name)));
  return new Set(texts.flatMap((text) => readNote(text).ours));
}

/** The state folder of a roster, and the owner of its objects: two owners may share a state folder. */
interface RosterParts {
  readonly owner: string;
  readonly notes: Notes;
  readonly vault: Vault;
}

/** The roster of one run. */
export class RunRoster implements Roster {
  readonly #parts: RosterParts;
  readonly #lists = new Map<string, RosterList>();
  readonly #unseen: Observed[] = [];
  /** Notes of earlier runs; read once, before this run writes one. */
  #earlier: Promise<readonly string[]> | undefined;
  /** Notes are written one after the other, so that an older text never replaces a newer one. */
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: RosterParts) {
    this.#parts = parts;
  }

  async list(wire: Wire, path: string, query?: Query): Promise<readonly unknown[]> {
    return this.complete(wire, path, await wire.list(path, query));
  }

  async complete(wire: Wire, path: string, items: readonly unknown[]): Promise<readonly unknown[]> {
    return (await this.#read(path)).completed(items, wire);
  }

  recording(wire: Wire): Wire {
    return {
      ...wire,
      post: (path, body) => this.#recordingPost(wire, path, body),
      put: async (path, body) => this.#written(path, await wire.put(path, body)),
      patch: async (path, body) => this.#written(path, await wire.patch(path, body)),
      delete: async (path) => {
        await wire.delete(path);
        const [list, id] = this.#memberAt(path) ?? [];
        if (id !== undefined) list?.remove(id);
      },
    };
  }

  claim(objects: readonly Observed[], isMarked: boolean): void {
    for (const object of objects) {
      for (const list of this.#lists.values()) {
        if (list.claim([object.id, object.attributes.id ?? '']) && isMarked) this.#unseen.push(object);
      }
    }
  }

  async strangers(): Promise<readonly Observed[]> {
    const isNoted = ((await this.#earlier) ?? []).length > 0;
    // A state folder with secrets and without a roster is that of an earlier version of gates.
    if (!isNoted && (await this.#parts.vault.list()).length > 0) return [];
    return this.#unseen;
  }

  async keep(): Promise<void> {
    for (const list of this.#lists.values()) {
      list.settle();
      await this.#note(list);
    }
  }

  async #read(path: string): Promise<RosterList> {
    this.#earlier ??= this.#notesOfOwner();
    const known = this.#lists.get(path);
    if (known !== undefined) return known;
    await this.#earlier;
    const text = await this.#parts.notes.text(topic, this.#nameOf(path));
    const list = this.#lists.get(path) ?? new RosterList(path, text);
    this.#lists.set(path, list);
    return list;
  }

  async #notesOfOwner(): Promise<readonly string[]> {
    const names = await this.#parts.notes.list(topic);
    return names.filter((name) => name.startsWith(`${this.#parts.owner} `));
  }

  #nameOf(path: string): string {
    return `${this.#parts.owner} ${path}`;
  }

  async #recordingPost(wire: Wire, path: string, body: unknown): Promise<unknown> {
    const list = this.#lists.get(path) ?? this.#memberAt(path)?.[0];
    if (list === undefined) return wire.post(path, body);
    // Simultaneous writes wait for the note of the first.
    await (list.begin() ? this.#note(list) : this.#writing);
    try {
      const reply = await wire.post(path, body);
      if (list.add(reply)) await this.#note(list);
      return reply;
    } catch (error) {
      if (!(error instanceof GatesError && error.facts.applied === 'no')) list.doubt();
      throw error;
    }
  }

  #written(path: string, reply: unknown): unknown {
    const [list, id] = this.#memberAt(path) ?? [];
    // A write may change the id in the path: an application of Authentik has its slug there.
    if (id !== undefined && list?.add(reply) === false) list.own(id);
    return reply;
  }

  /** The list and the member's id, if this is the path of a list's member. */
  #memberAt(path: string): readonly [list: RosterList, id: string] | undefined {
    const [, parent = '', id = ''] = /^(.*\/)([^/]+)\/?$/.exec(path) ?? [];
    const list = this.#lists.get(parent) ?? this.#lists.get(parent.slice(0, -1));
    return list === undefined ? undefined : [list, decodeURIComponent(id)];
  }

  #note(list: RosterList): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      const text = list.unwrittenText();
      if (text !== undefined) await this.#parts.notes.put(topic, this.#nameOf(list.path), text);
    });
    return this.#writing;
  }
}
