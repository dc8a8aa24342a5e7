import path from 'node:path';
import { readOptionalFile, writePrivateFile } from '../../clients/state/private-file.ts';
import type { Clock } from '../../core/world.ts';
import type { Log } from '../log/log.ts';

/** A door whose visitors have a token of Access, and the content that the token must have. */
export interface Expected {
  readonly host: string;
  /** As in the file, `/a` or `/a/**`; absent for the host itself. */
  readonly path?: string;
  readonly issuer: string;
  readonly audience: string;
  /** The address of the issuer's keys. */
  readonly keysUrl: string;
  /** Name of its account, in a file with several. */
  readonly account?: string;
}

/** The demands of the doors, in the accounts that could be read. */
export interface ExpectedReading {
  readonly doors: readonly Expected[];
  /** Accounts that could not be read, with the reason; the name is undefined in a file with one account. */
  readonly unread: readonly { readonly account: string | undefined; readonly error: unknown }[];
}

export interface Expectations {
  /**
   * The demands of the door; undefined if the applied file has no such door. `refused`: the last token did not match,
   * so the demands are read again, unless that just happened.
   */
  of(host: string, path: string | undefined, refused?: boolean): Promise<Expected | undefined>;
}

interface Parts {
  readonly stateDir: string;
  /** Every such door of the last good revision, read from the systems. */
  readonly read: () => Promise<ExpectedReading>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Milliseconds between readings, also between those that a stranger's token can cause. */
const FRESH = 5 * 60_000;
const SOONEST = 30_000;

/**
 * The demands of the doors, read when first needed and stored in the state folder, so that a system that cannot be read
 * locks nobody out, not even after a start.
 */
export function createExpectations({ stateDir, read, clock, log }: Parts): Expectations {
  const file = path.join(stateDir, 'expected.json');
  let known: readonly Expected[] | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  async function readAgain(): Promise<void> {
    try {
      const { doors, unread } = await read();
      for (const { account, error } of unread)
        log.warn('checks of tokens could not be read from the file', { ...(account && { account }), error });
      // An account that could not be read keeps its doors: it must not lock out the visitors of the others.
      const before = unread.length === 0 ? [] : (known ?? (await kept(file)) ?? []);
      known = [...doors, ...before.filter(({ account }) => unread.some((each) => each.account === account))];
      await writePrivateFile(file, JSON.stringify(known));
    } catch (error) {
      known ??= await kept(file);
      log.warn('checks of tokens could not be read from the file', { error });
    }
    readAt = clock.now().getTime();
  }

  return {
    async of(host, where, refused = false) {
      const find = () => known?.find((door) => door.host === host && door.path === where);
      const wanted = find() === undefined || refused ? SOONEST : FRESH;
      if (clock.now().getTime() - readAt >= wanted) {
        reading ??= readAgain().finally(() => {
          reading = undefined;
        });
        await reading;
      }
      return find();
    },
  };
}

async function kept(file: string): Promise<readonly Expected[] | undefined> {
  try {
    const content = await readOptionalFile(file);
    return content === undefined ? undefined : (JSON.parse(content.toString('utf8')) as readonly Expected[]);
  } catch {
    return undefined;
  }
}
