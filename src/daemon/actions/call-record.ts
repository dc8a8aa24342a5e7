import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { readOptionalFile, writePrivateFile } from '../../clients/state/private-file.ts';
import { UnsafeError } from '../../core/errors.ts';
import type { Clock } from '../../core/world.ts';
import type { ProcessIdentity } from '../lease/process-identity.ts';
import type { Log } from '../log/log.ts';

/** One call of an action. Times are RFC 3339. */
export interface Call {
  readonly id: string;
  readonly action: string;
  /**
   * `done`: it ended with exit status 0 or a 2xx status. `failed`: it ended otherwise. `interrupted`: the daemon ended
   * before it, and how far it came is unknown.
   */
  readonly state: 'queued' | 'running' | 'done' | 'failed' | 'interrupted';
  readonly askedAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  /** The process of the command, while it runs. */
  readonly process?: ProcessIdentity;
  readonly exit?: number;
  /** The signal that ended the command. */
  readonly signal?: string;
  /** HTTP status of the answer. */
  readonly status?: number;
  /** The reason why it failed or was interrupted. */
  readonly reason?: string;
}

/** A used signature, and the call that it started; a question starts none. */
export interface Spent {
  readonly digest: string;
  /** Milliseconds since 1970 after which the signature is stale anyway. */
  readonly until: number;
  readonly action: string;
  readonly id?: string;
}

/** Every known call: waiting and running ones, and the last that ended. Oldest first. */
export interface CallBook {
  readonly calls: readonly Call[];
  readonly spent: readonly Spent[];
  /** Milliseconds since 1970 at which a record was lost: gates does not know which earlier signatures are spent. */
  readonly unknownBefore?: number;
}

export interface CallStoreOptions {
  readonly isOurs: () => Promise<boolean>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Pick<Log, 'warn'>;
}

export interface CallStore {
  current(): CallBook;
  /** Takes effect once it is on disk; changes are sequential. @throws if it cannot be written, without a change. */
  change<Answer>(make: (book: CallBook) => { book: CallBook; answer: Answer }): Promise<Answer>;
  /** Keeps the output of a command. */
  keepOutput(id: string, output: string): Promise<void>;
  output(id: string): Promise<string | undefined>;
}

/** Ended calls that are kept for each action. */
const KEPT = 20;
const NOTHING: CallBook = { calls: [], spent: [] };

/**
 * The record `actions.json` in the state folder with the calls and the spent signatures, replaced in one step; outputs
 * are in `actions/<id>.txt`. gates writes nothing once the folder belongs to another daemon. gates never writes a
 * damaged record, so one is renamed to `actions.json.broken`, and the daemon starts nevertheless.
 */
export async function openCallStore(
  stateDir: string,
  { isOurs, clock, log }: CallStoreOptions,
): Promise<CallStore> {
  const file = path.join(stateDir, 'actions.json');
  const outputFile = (id: string) => path.join(stateDir, 'actions', `${id}.txt`);
  const content = (await readOptionalFile(file))?.toString('utf8');
  const savedBook = content === undefined ? NOTHING : bookIn(content);
  let book = savedBook ?? { ...NOTHING, unknownBefore: clock.now().getTime() };
  if (savedBook === undefined) {
    const aside = `${file}.broken`;
    await rename(file, aside);
    log.warn('record of action calls was damaged and set aside', { file: aside });
    await writePrivateFile(file, `${JSON.stringify(book)}\n`);
  }
  let writing: Promise<unknown> = Promise.resolve();

  async function mustBeOurs(): Promise<void> {
    if (await isOurs()) return;
    throw new UnsafeError('Another daemon has taken over', { hint: 'Ask that one' });
  }

  async function write(next: CallBook): Promise<void> {
    if (next === book) return;
    await mustBeOurs();
    const nextBook = { ...next, calls: withoutOld(next.calls) };
    await writePrivateFile(file, `${JSON.stringify(nextBook)}\n`);
    const dropped = next.calls.filter((call) => !nextBook.calls.includes(call));
    book = nextBook;
    for (const { id } of dropped) await rm(outputFile(id), { force: true });
  }

  return {
    current: () => book,
    change(make) {
      const changed = writing.then(async () => {
        const { book: next, answer } = make(book);
        await write(next);
        return answer;
      });
      writing = changed.catch(() => {});
      return changed;
    },
    async keepOutput(id, output) {
      await mustBeOurs();
      await writePrivateFile(outputFile(id), output);
    },
    output: async (id) => (await readOptionalFile(outputFile(id)))?.toString('utf8'),
  };
}

/** Undefined if the record is damaged. */
function bookIn(content: string): CallBook | undefined {
  try {
    const read = JSON.parse(content) as Partial<CallBook>;
    const { calls, spent } = read;
    return Array.isArray(calls) && Array.isArray(spent) ? { ...read, calls, spent } : undefined;
  } catch {
    return undefined;
  }
}

function withoutOld(calls: readonly Call[]): readonly Call[] {
  const ended = new Map<string, number>();
  const kept = [...calls].reverse().filter(({ action, state }) => {
    if (state === 'queued' || state === 'running') return true;
    const count = (ended.get(action) ?? 0) + 1;
    ended.set(action, count);
    return count <= KEPT;
  });
  return kept.reverse();
}
