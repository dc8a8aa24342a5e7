import { beforeEach, describe, expect, it } from 'vitest';
import { RejectedError, UnreachableError } from '../../src/core/errors.ts';
import type { Observed } from '../../src/core/objects/object.ts';
import type { Wire } from '../../src/core/world.ts';
import { RunRoster } from '../../src/observed/roster.ts';
import { type MemoryNotes, type MemoryVault, memoryNotes, memoryVault } from '../support/memory.ts';

interface Item {
  readonly id: string;
  readonly deleted_at?: string;
}

/** An API with one list, which may lag. */
class Api {
  readonly live = new Map<string, Item>();
  /** The entries that the list shows instead of the live ones. */
  shown: readonly Item[] | undefined;
  /** The trouble of the next POST, after the API has carried it out. */
  failure: Error | undefined;
  readonly asked: string[] = [];

  readonly wire: Wire = {
    list: async () => this.shown ?? [...this.live.values()],
    get: async (path) => {
      this.asked.push(path);
      return this.live.get(path.slice('/things/'.length));
    },
    post: async (_path, body) => {
      const item = body as Item;
      this.live.set(item.id, item);
      if (this.failure !== undefined) throw this.failure;
      return item;
    },
    put: async (_path, body) => body,
    patch: async (_path, body) => body,
    delete: async (path) => {
      this.live.delete(path.slice('/things/'.length));
    },
  };
}

const observed = ({ id }: Item): Observed => ({
  address: { kind: 'cloudflare/access-policy', key: id },
  id,
  owner: 'home',
  spec: {},
  attributes: { id },
  uses: [],
});

let api: Api;
let notes: MemoryNotes;
let vault: MemoryVault;

beforeEach(() => {
  api = new Api();
  notes = memoryNotes();
  vault = memoryVault();
});

/** A run of gates, which reads the list and then acts. */
async function run(act: (wire: Wire) => Promise<unknown> = async () => undefined, owner = 'home') {
  const roster = new RunRoster({ owner, notes, vault });
  const wire = roster.recording(api.wire);
  const listed = (await roster.list(wire, '/things')) as readonly Item[];
  roster.claim(listed.map(observed), true);
  await act(wire).catch(() => undefined);
  const after = (await roster.list(wire, '/things')) as readonly Item[];
  const strangers = (await roster.strangers()).map(({ id }) => id);
  await roster.keep();
  return { listed: listed.map(({ id }) => id), after: after.map(({ id }) => id), strangers };
}

const make = (id: string) => (wire: Wire) => wire.post('/things', { id });

describe('an object that an earlier run made and the list lacks', () => {
  it('is requested by its id', async () => {
    await run(make('a'));
    api.shown = [];
    expect((await run()).listed).toEqual(['a']);
  });

  it('is known to the run that made it, and to the next one if that run was killed', async () => {
    api.shown = [];
    const killed = new RunRoster({ owner: 'home', notes, vault });
    await killed.list(api.wire, '/things');
    await killed.recording(api.wire).post('/things', { id: 'a' });
    expect(await killed.list(api.wire, '/things')).toEqual([{ id: 'a' }]);
    expect((await run()).listed).toEqual(['a']);
  });

  it('is absent if its id is, and is requested once', async () => {
    await run(make('a'));
    api.live.clear();
    expect((await run()).listed).toEqual([]);
    await run();
    expect(api.asked).toEqual(['/things/a']);
  });

  it('is absent if the API reports that it was deleted', async () => {
    await run(make('a'));
    api.live.set('a', { id: 'a', deleted_at: '2026-01-01' });
    api.shown = [];
    expect((await run()).listed).toEqual([]);
  });

  it('is not requested if another owner’s run made it', async () => {
    await run(make('a'));
    api.shown = [];
    expect((await run(undefined, 'cabin')).listed).toEqual([]);
  });
});

describe('an object that the list shows', () => {
  it('is absent if this state folder removed it, in this run or an earlier one', async () => {
    await run(make('a'));
    api.shown = [{ id: 'a' }];
    expect((await run((wire) => wire.delete('/things/a'))).after).toEqual([]);
    expect((await run()).listed).toEqual([]);
  });

  it('is one object even if the list shows it twice', async () => {
    api.shown = [{ id: 'a' }, { id: 'a' }];
    expect((await run()).listed).toEqual(['a']);
  });
});

describe('a marked object that no run of the state folder has made', () => {
  it('is a stranger, even in the first run, and only once', async () => {
    api.live.set('a', { id: 'a' });
    expect((await run()).strangers).toEqual(['a']);
    api.live.set('b', { id: 'b' });
    expect((await run()).strangers).toEqual(['b']);
    expect((await run()).strangers).toEqual([]);
  });

  it('is no stranger if an earlier version of gates left the state folder', async () => {
    await vault.put('service-token-home/ci', { id: 'a' });
    api.live.set('a', { id: 'a' });
    expect((await run()).strangers).toEqual([]);
    api.live.set('b', { id: 'b' });
    expect((await run()).strangers).toEqual(['b']);
  });

  it('is no stranger if it was adopted', async () => {
    api.live.set('a', { id: 'a' });
    const roster = new RunRoster({ owner: 'home', notes, vault });
    await roster.list(api.wire, '/things');
    await roster.recording(api.wire).put('/things/a', { id: 'a' });
    await roster.keep();
    expect((await run()).strangers).toEqual([]);
  });

  it('is no stranger if it was adopted in a batch, or by a write that gave it another id', async () => {
    for (const id of ['a', 'b']) api.live.set(id, { id });
    const unmarked = new RunRoster({ owner: 'home', notes, vault });
    const batch = { posts: [], patches: [{ id: 'a' }] };
    const wire = unmarked.recording({ ...api.wire, post: async () => batch });
    await unmarked.list(wire, '/things');
    await wire.post('/things/batch', {});
    await wire.patch('/things/b', { id: 'renamed' });
    api.live.delete('b');
    api.live.set('renamed', { id: 'renamed' });
    await unmarked.keep();
    expect((await run()).strangers).toEqual([]);
  });

  it('is no stranger after a lost reply or a kill, but one after the API refused the write', async () => {
    api.failure = new UnreachableError('gone', { facts: { applied: 'maybe' } });
    await run(make('a'));
    expect((await run()).strangers).toEqual([]);
    api.failure = undefined;
    const killed = new RunRoster({ owner: 'home', notes, vault });
    await killed.list(api.wire, '/things');
    await killed.recording(api.wire).post('/things', { id: 'b' });
    api.live.set('c', { id: 'c' });
    expect((await run()).strangers).toEqual([]);
    api.failure = new RejectedError('no', { facts: { applied: 'no' } });
    await run(make('d'));
    expect((await run()).strangers).toEqual(['d']);
  });
});

describe('writes at the same moment', () => {
  it('are sent once the note of the first is in the state folder', async () => {
    let isNoted = () => {};
    const noted = new Promise<void>((resolve) => {
      isNoted = resolve;
    });
    const slow = {
      ...notes,
      put: (topic: string, name: string, text?: string) => noted.then(() => notes.put(topic, name, text)),
    };
    const roster = new RunRoster({ owner: 'home', notes: slow, vault });
    const wire = roster.recording(api.wire);
    await roster.list(wire, '/things');
    const sent = ['a', 'b'].map((id) => wire.post('/things', { id }));
    await new Promise((resolve) => setImmediate(resolve));
    expect(api.live.size).toBe(0);
    isNoted();
    await Promise.all(sent);
    expect([...api.live.keys()]).toEqual(['a', 'b']);
  });
});
