import { isScratchOwner } from '../scratch-owner.ts';

/** The result of a story that need not be played again. */
export interface PassedStory {
  readonly calls: number;
  readonly writes: number;
  /** The reason why the server cannot be made to show it. */
  readonly unshown?: string;
}

/** The store of the progress, as text. */
export interface ProgressStore {
  save(text: string): Promise<void>;
  clear(): Promise<void>;
}

interface Kept {
  readonly owner: string;
  readonly state: string;
  readonly passed: Readonly<Record<string, PassedStory>>;
}

/** The stories that passed at one server, so that the next run continues after a stopped one. */
export class Progress {
  /** The owner of the objects that the run makes: by it, the next run finds the objects of a killed run. */
  readonly owner: string;
  readonly #state: string;
  readonly #passed: Map<string, PassedStory>;
  readonly #store: ProgressStore;

  /**
   * `text` is the record of an earlier run. `state` names the release of the server and the code of gates: a story that
   * passed with others is played again. `newOwner` is for the first run at a server.
   */
  constructor(text: string | undefined, state: string, newOwner: string, store: ProgressStore) {
    const record = text === undefined ? undefined : keptIn(text);
    this.owner = record?.owner ?? newOwner;
    this.#state = state;
    this.#passed = new Map(record?.state === state ? Object.entries(record.passed) : []);
    this.#store = store;
  }

  /** Number of stories that need not be played again. */
  get passed(): number {
    return this.#passed.size;
  }

  /** The result of a story in an earlier run; undefined if the story has to be played. */
  earlier(id: string): PassedStory | undefined {
    return this.#passed.get(id);
  }

  /** Stores the owner before the first story makes anything. `anew` forgets the stories. */
  async begin({ anew }: { readonly anew: boolean }): Promise<void> {
    if (anew) this.#passed.clear();
    await this.#keep();
  }

  async pass(id: string, story: PassedStory): Promise<void> {
    this.#passed.set(id, story);
    await this.#keep();
  }

  /** Ends a run. If each of the stories passed, it deletes the record, so that the next run begins anew. */
  async end(ids: readonly string[]): Promise<void> {
    if (ids.every((id) => this.#passed.has(id))) await this.#store.clear();
  }

  async #keep(): Promise<void> {
    const record: Kept = { owner: this.owner, state: this.#state, passed: Object.fromEntries(this.#passed) };
    await this.#store.save(`${JSON.stringify(record)}\n`);
  }
}

/** Undefined for text that no run of this release wrote. */
function keptIn(text: string): Kept | undefined {
  try {
    const { owner, state, passed } = JSON.parse(text) as Partial<Kept>;
    if (!isScratchOwner(owner) || typeof state !== 'string' || typeof passed !== 'object') return undefined;
    return { owner, state, passed };
  } catch {
    return undefined;
  }
}
