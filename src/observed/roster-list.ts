import type { Wire } from '../core/world.ts';

/** The fields by which an API names an object: the first that an object has is its id in paths. */
const idFields = ['operation_id', 'slug', 'id', 'pk', 'name'] as const;

type Item = Readonly<Partial<Record<(typeof idFields)[number] | 'deleted_at', unknown>>>;

interface NoteText {
  readonly ours: readonly string[];
  readonly gone?: readonly string[];
  /** A write may have made an object whose id is unknown. */
  readonly unsure?: true;
}

/** One list and the ids of our objects in it. */
export class RosterList {
  readonly path: string;
  #noteText: string | undefined;
  readonly #ours: Set<string>;
  /** Ids that the list may still show although the objects were removed. */
  readonly #gone: Set<string>;
  /** Removed by this run. */
  readonly #removed = new Set<string>();
  /** Ids in paths, by each name of a listed object. */
  readonly #ids = new Map<string, string>();
  /** An earlier run may have made objects that it could not record. */
  readonly #wasUnsure: boolean;
  #isWriting = false;
  #isDoubtful = false;

  constructor(path: string, noteText: string | undefined) {
    this.path = path;
    this.#noteText = noteText;
    const { ours, gone = [], unsure = false } = readNote(noteText);
    this.#ours = new Set(ours);
    this.#gone = new Set(gone);
    this.#wasUnsure = unsure;
  }

  /** The listed items, each once, without removed ones, and with those of ours that the list lacks. */
  async completed(listed: readonly unknown[], wire: Wire): Promise<readonly unknown[]> {
    const shown = new Set<string>();
    const items = listed.filter((item) => {
      const id = this.#learn(item);
      const isFirst = id === undefined || !shown.has(id);
      if (id !== undefined) shown.add(id);
      return isFirst;
    });
    const missing = [...this.#ours].filter((id) => !shown.has(id));
    const doubtful = [...this.#gone].filter((id) => shown.has(id));
    for (const id of this.#gone) if (!shown.has(id) && !this.#removed.has(id)) this.#gone.delete(id);
    const [found, gone] = await Promise.all([this.#ask(missing, wire), this.#ask(doubtful, wire)]);
    for (const id of missing) if (!found.has(id)) this.#ours.delete(id);
    for (const id of gone.keys()) this.#gone.delete(id);
    const live = items.filter((item) => {
      const id = idOf(item);
      return id === undefined || !doubtful.includes(id) || gone.has(id);
    });
    return [...live, ...found.values()];
  }

  /** Records an object of ours by any of its names; returns true if no run of this state folder knew it. */
  claim(names: readonly string[]): boolean {
    const id = names.map((name) => this.#ids.get(name)).find((found) => found !== undefined);
    if (id === undefined || this.#ours.has(id)) return false;
    this.#ours.add(id);
    return !this.#wasUnsure;
  }

  own(id: string): void {
    this.#ours.add(id);
  }

  remove(id: string): void {
    this.#ours.delete(id);
    this.#gone.add(id);
    this.#removed.add(id);
  }

  /** Called before a write that makes an object; returns true if that must be noted first. */
  begin(): boolean {
    const isFirst = !this.#isWriting;
    this.#isWriting = true;
    return isFirst;
  }

  /** Notes the objects in the API's answer to a write: one, several, or a batch; returns true if there is one. */
  add(reply: unknown): boolean {
    const { posts, patches } = Object(reply) as { readonly posts?: unknown; readonly patches?: unknown };
    const batch = [posts, patches].filter((part) => Array.isArray(part));
    const written = batch.length > 0 ? batch.flat() : [reply].flat();
    const ids = written.map((item) => this.#learn(item)).filter((id) => id !== undefined);
    for (const id of ids) {
      this.#ours.add(id);
      this.#gone.delete(id);
    }
    return ids.length > 0;
  }

  /** Called when the reply to such a write was lost. */
  doubt(): void {
    this.#isDoubtful = true;
  }

  /** Called at the end of a run: it has recorded everything that it made, except objects without a known id. */
  settle(): void {
    this.#isWriting = this.#isDoubtful;
  }

  /** The text for its note, if the note differs; from then on the note counts as written. */
  unwrittenText(): string | undefined {
    const [ours, gone] = [[...this.#ours].sort(), [...this.#gone].sort()];
    const note: NoteText = {
      ours,
      ...(gone.length > 0 && { gone }),
      ...(this.#isWriting && { unsure: true }),
    };
    const text = JSON.stringify(note);
    const isEmpty = this.#noteText === undefined && ours.length === 0 && gone.length === 0;
    if (text === this.#noteText || (isEmpty && !this.#isWriting)) return undefined;
    this.#noteText = text;
    return text;
  }

  /** Learns all names of an item; returns its id in paths. */
  #learn(item: unknown): string | undefined {
    const id = idOf(item);
    if (id === undefined) return undefined;
    for (const field of idFields) {
      const name = (item as Item)[field];
      // A name that is not an id says little, because two objects may have it.
      if (name !== undefined && (field !== 'name' || String(name) === id)) this.#ids.set(String(name), id);
    }
    return id;
  }

  async #ask(ids: readonly string[], wire: Wire): Promise<ReadonlyMap<string, unknown>> {
    const found = new Map<string, unknown>();
    await Promise.all(
      ids.map(async (id) => {
        const item = await wire.get(this.#pathOf(id));
        if (item === undefined || ((item as Item).deleted_at ?? null) !== null) return;
        this.#learn(item);
        found.set(id, item);
      }),
    );
    return found;
  }

  /** Authentik's paths end in a slash. */
  #pathOf(id: string): string {
    const member = encodeURIComponent(id);
    return this.path.endsWith('/') ? `${this.path}${member}/` : `${this.path}/${member}`;
  }
}

function idOf(item: unknown): string | undefined {
  const names = Object(item) as Item;
  const field = idFields.find((name) => names[name] !== undefined && names[name] !== null);
  return field === undefined ? undefined : String(names[field]);
}

/** A note that cannot be read counts as empty; the lists that this run reads fill it again. */
export function readNote(text: string | undefined): NoteText {
  try {
    const { ours, gone, unsure } = Object(JSON.parse(text ?? '{}')) as Partial<NoteText>;
    const ids = (given: unknown) =>
      Array.isArray(given) ? given.filter((id) => typeof id === 'string') : [];
    return { ours: ids(ours), gone: ids(gone), ...(unsure === true && { unsure }) };
  } catch {
    return { ours: [], unsure: true };
  }
}
