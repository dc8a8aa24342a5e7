import { afterAll, describe, it } from 'vitest';
import { ordersSeen, playInAnyOrder } from './any-order.ts';

/** `GATES_RANDOM_FILES=uncut` plays 2,000 pairs, a check 50. */
const chains = Array.from(
  { length: process.env.GATES_RANDOM_FILES === 'uncut' ? 80 : 2 },
  (_, chain) => chain,
);

/** Another seed each time; `GATES_TEST_SEED=1234:56` plays one chain of one again. */
const [wantedSeed, wantedChain] = (process.env.GATES_TEST_SEED ?? String(Date.now() % 2 ** 31)).split(':');
const seed = Number(wantedSeed);

describe(`random files in any order of their changes, seed ${seed}`, () => {
  afterAll(() => {
    process.stdout.write(`random files in any order: seed ${seed}, ${JSON.stringify(ordersSeen)}\n`);
  });
  it.each(wantedChain === undefined ? chains : [Number(wantedChain)])(
    'chain %i lets in nobody new',
    async (chain) => {
      await playInAnyOrder(seed, chain);
    },
  );
});
