import { describe, expect, it } from 'vitest';
import { RejectedError, UnreachableError, UnsafeError } from '../../src/core/errors.ts';
import type { WriteInterlock } from '../../src/core/interlock.ts';
import type { ProgressEvent } from '../../src/core/progress.ts';
import type { TurnTaker } from '../../src/core/turn-taker.ts';
import { applyInTurn } from '../../src/run/in-turn.ts';
import { planOf, thing, want } from '../plan/support/fakes.ts';
import { testWorld } from './memory.ts';

it('a run waits when it cannot read its documents after taking the turn, and gives the turn back', async () => {
  const world = testWorld(new AbortController().signal);
  const plan = planOf([want(thing, 'a', { value: 'v' })], []);
  let [looks, released] = [0, 0];
  const turns: TurnTaker = {
    documents: async () => {
      looks += 1;
      if (looks > 1) throw new RejectedError('No', { facts: { status: 409 } });
      return ['tunnel t'];
    },
    take: async (documents) => ({
      documents: new Set(documents),
      refused: new Map(),
      world,
      release: async () => {
        released += 1;
      },
    }),
    sweep: async () => {},
  };
  const done = await applyInTurn(plan, {
    ...{ world, turns, reconcilers: [thing], isAgreed: false, interlock: () => undefined },
    replan: async () => plan,
  });
  expect(done.waitsFor).toBe('what is live to be read: No');
  expect(done.outcomes.map(({ status }) => status)).toEqual(['skipped']);
  expect([looks, released]).toEqual([2, 1]);
});

it('a run waits when it cannot learn its documents, and writes nothing', async () => {
  const world = testWorld(new AbortController().signal);
  const plan = planOf([want(thing, 'a', { value: 'v' })], []);
  const turns: TurnTaker = {
    documents: async () => {
      throw new UnreachableError('No answer');
    },
    take: async () => ({ waitsFor: 'nothing' }),
    sweep: async () => {},
  };
  const done = await applyInTurn(plan, {
    ...{ world, turns, reconcilers: [thing], isAgreed: false, interlock: () => undefined },
    replan: async () => plan,
  });
  expect(done.waitsFor).toBe('what is live to be read: No answer');
  expect(done.outcomes.map(({ status }) => status)).toEqual(['skipped']);
});

describe('a run of which the interlock holds back every write', () => {
  /** Holds a change back when it is asked for the first times. */
  async function runHeldBack(times: number) {
    const world = testWorld(new AbortController().signal);
    const plan = planOf([want(thing, 'a', { value: 'v' })], []);
    const taken: string[] = [];
    const events: ProgressEvent[] = [];
    let asked = 0;
    const interlock: WriteInterlock = {
      foreseen: () => new Map(),
      withheld: async (changes) => {
        asked += 1;
        return new Map(asked > times ? [] : changes.map(({ id }) => [id, new UnsafeError('held back')]));
      },
      ...{ wrote: () => {}, unmade: () => {}, settled: () => {}, arrivesBy: () => undefined },
    };
    const turns: TurnTaker = {
      documents: async () => ['tunnel t'],
      take: async (documents) => {
        taken.push(...documents);
        return { waitsFor: 'somebody else' };
      },
      sweep: async () => {},
    };
    const done = await applyInTurn(plan, {
      ...{ world, turns, reconcilers: [thing], isAgreed: false, interlock: () => interlock },
      ...{ replan: async () => plan, onEvent: (event) => events.push(event) },
    });
    return { done, taken, events: events.map(({ type }) => type) };
  }

  it('takes no turn, and says what it holds back', async () => {
    const { done, taken, events } = await runHeldBack(Number.POSITIVE_INFINITY);
    expect(done.outcomes).toMatchObject([{ status: 'failed', error: { message: 'held back' } }]);
    expect([done.waitsFor, taken, events]).toEqual([undefined, [], ['started', 'finished']]);
  });

  it('takes a turn if one may be sent, and has sent nothing before', async () => {
    const { done, taken, events } = await runHeldBack(0);
    expect(done.outcomes).toMatchObject([{ status: 'skipped' }]);
    expect([done.waitsFor, taken, events]).toEqual(['somebody else', ['tunnel t'], []]);
  });
});
