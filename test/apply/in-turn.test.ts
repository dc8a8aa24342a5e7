import { expect, it } from 'vitest';
import { RejectedError, UnreachableError } from '../../src/core/errors.ts';
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
