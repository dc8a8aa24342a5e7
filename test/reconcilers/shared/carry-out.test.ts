import { describe, expect, it } from 'vitest';
import { carryOutBy, type Manner } from '../../../reconcilers/shared/carry-out.ts';
import type { ReadyChange } from '../../../src/core/change.ts';
import { QuotaError, RejectedError } from '../../../src/core/errors.ts';

type Verb = ReadyChange<unknown>['verb'];

const change = (key: string, verb: Verb = 'create'): ReadyChange<object> => ({
  id: `${verb} ${key}`,
  verb,
  address: { kind: 'authentik/group', key },
  want: {},
  have: undefined,
  drift: [],
});

/** Calls in the order of their begin, which end only when the test says so. */
class Calls {
  readonly begun: string[] = [];
  readonly #ends = new Map<string, (error?: Error) => void>();

  begin = ({ address: { key } }: ReadyChange<object>): Promise<Readonly<Record<string, string>>> => {
    this.begun.push(key);
    return new Promise((resolve, reject) => {
      this.#ends.set(key, (error) => (error === undefined ? resolve({ id: key }) : reject(error)));
    });
  };

  /** Ends a call, and resolves when everything that follows has begun. */
  async end(key: string, error?: Error): Promise<void> {
    this.#ends.get(key)?.(error);
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  }
}

function begin(manner: Manner, changes: readonly ReadyChange<object>[]) {
  const calls = new Calls();
  return { calls, outcomes: carryOutBy(manner, changes, calls.begin) };
}

describe('new objects', () => {
  it('are written in parallel, up to the limit, with outcomes in order', async () => {
    const { calls, outcomes } = begin(
      { sideBySide: 2 },
      ['a', 'b', 'c'].map((key) => change(key)),
    );
    expect(calls.begun).toEqual(['a', 'b']);
    await calls.end('b');
    expect(calls.begun).toEqual(['a', 'b', 'c']);
    await calls.end('c');
    await calls.end('a', new RejectedError('no'));
    expect((await outcomes).map(({ address, status }) => [address.key, status])).toEqual([
      ['a', 'failed'],
      ['b', 'done'],
      ['c', 'done'],
    ]);
  });

  it.each<Verb>(['update', 'replace', 'prune'])(
    'wait for each other if the changes include a %s',
    async (verb) => {
      const { calls, outcomes } = begin({ sideBySide: 4 }, [change('a'), change('b', verb), change('c')]);
      expect(calls.begun).toEqual(['a']);
      for (const key of ['a', 'b', 'c']) await calls.end(key);
      expect(await outcomes).toHaveLength(3);
    },
  );

  it('are written one after the other by default', async () => {
    const { calls } = begin({}, [change('a'), change('b')]);
    expect(calls.begun).toEqual(['a']);
    await calls.end('a');
    expect(calls.begun).toEqual(['a', 'b']);
  });

  it('do not begin once their quota has refused one', async () => {
    const { calls, outcomes } = begin(
      { sideBySide: 2, oneQuota: true },
      ['a', 'b', 'c', 'd'].map((key) => change(key)),
    );
    await calls.end('a', new QuotaError('no room'));
    expect(calls.begun).toEqual(['a', 'b']);
    await calls.end('b');
    expect((await outcomes).map(({ status }) => status)).toEqual(['failed', 'done', 'failed', 'failed']);
  });
});
