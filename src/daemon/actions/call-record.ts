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
   * `done`: it came to its end, with exit status 0 or a status of 2xx · `failed`: anything else that ended ·
   * `interrupted`: the daemon ended before it; nobody knows how far it came.
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
  /** Why it failed, or was interrupted. */
  readonly reason?: string;
}

/** A signature that has been used, and what it started; a question starts nothing. */
export interface Spent {
  readonly digest: string;
  /** Milliseconds since 1970 from which on it is stale. */
  readonly until: number;
  readonly action: string;
  readonly id?: string;
}

/** Every call that is known: what waits and runs, and the last that ended. Oldest first. */
export interface CallBook {
  readonly calls: readonly Call[];
  readonly spent: readonly Spent[];
  /** Milliseconds since 1970, once a book was lost: nobody knows which signatures of before are spent. */
  readonly unknownBefore?: number;
}

export interface CallStoreOptions {
  readonly isOurs: () => Promise<boolean>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Pick<Log, 'warn'>;
}

export interface CallStore {
  current(): CallBook;
  /** Takes effect once it is on disk; one after the other. @throws where it could not be written: nothing changed. */
  change<Answer>(make: (book: CallBook) => { book: CallBook; answer: Answer }): Promise<Answer>;
  /** Keeps the output of a command. */
  keepOutput(id: string, output: string): Promise<void>;
  output(id: string): Promise<string | undefined>;
}

/** Calls that have ended and are remembered, for each action. */
const KEPT = 20;
const NOTHING: CallBook = { calls: [], spent: [] };

/**
 * `actions.json` in the state directory with the calls and the signatures that are spent, replaced in one step; what was
 * printed lies beside it, `actions/<id>.txt`. Nothing is written once the directory is another daemon's. A book that is not
 * whole was not written here: it is put aside as `actions.json.broken`, and no daemon fails to start because of it.
 */
export async function openCallStore(
  stateDir: string,
  { isOurs, clock, log }: CallStoreOptions,
): Promise<CallStore> {
  const file = path.join(stateDir, 'actions.json');
  const outputFile = (id: string) => path.join(stateDir, 'actions', `${id}.txt`);
  const content = (await readOptionalFile(file))?.toString('utf8');
  const whole = content === undefined ? NOTHING : bookIn(content);
  let book = whole ?? { ...NOTHING, unknownBefore: clock.now().getTime() };
  if (whole === undefined) {
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
    const kept = { ...next, calls: withoutOld(next.calls) };
    await writePrivateFile(file, `${JSON.stringify(kept)}\n`);
    const gone = next.calls.filter((call) => !kept.calls.includes(call));
    book = kept;
    for (const { id } of gone) await rm(outputFile(id), { force: true });
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

/** Undefined where it is not whole. */
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
