import { afterAll, describe, it } from 'vitest';
import { ordersSeen, playInAnyOrder } from './any-order.ts';

/** The number of pairs: `GATES_RANDOM_FILES=uncut` plays 2,000, a check 25. */
const chains =
  process.env.GATES_RANDOM_FILES === 'uncut' ? Array.from({ length: 80 }, (_, chain) => chain) : [4];

/**
 * The seed. A check plays the same chain each time. `GATES_TEST_SEED=1234` plays other chains, `1234:56` one of them again.
 */
const [wantedSeed, wantedChain] = (process.env.GATES_TEST_SEED ?? '5').split(':');
const seed = Number(wantedSeed);

describe(`random files in any order of their changes, seed ${seed}`, () => {
  afterAll(() => {
    process.stdout.write(`random files in any order: seed ${seed}, ${JSON.stringify(ordersSeen)}\n`);
  });
  it.each(wantedChain === undefined ? chains : [Number(wantedChain)])(
    'chain %i admits nobody new',
    async (chain) => {
      await playInAnyOrder(seed, chain);
    },
  );
});
