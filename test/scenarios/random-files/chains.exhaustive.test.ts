import { afterAll, describe, it } from 'vitest';
import { inTurn } from '../stage/cut.ts';
import { playChain } from './chain.ts';

/** The chains of one run: 2,000 pairs of files, half an hour of CPU. */
const all = Array.from({ length: 80 }, (_, chain) => chain);

/** The step between played chains: twelve checks play every seventh, 300 pairs; `GATES_RANDOM_FILES=uncut` plays all. */
const chains = process.env.GATES_RANDOM_FILES === 'uncut' ? all : all.filter((chain) => chain % 7 === 0);

/**
 * The seed of the checks, whose chains are always the same and must succeed; `npm run soak` looks for unknown
 * problems.
 */
const checked = '20261125';

/** The seed and the chain: `GATES_TEST_SEED` plays another run, `1234`, or one chain of it, `1234:56`. */
const [wantedSeed, wantedChain] = (process.env.GATES_TEST_SEED ?? checked).split(':');
const seed = Number(wantedSeed);

let pairs = 0;

describe(`random files, one after the other, seed ${seed}`, () => {
  const own = inTurn(wantedChain === undefined ? chains : [Number(wantedChain)]);
  afterAll(() => {
    const [done, inChains] = [pairs, own.length].map((number) => number.toLocaleString('en'));
    process.stdout.write(`random files: seed ${seed}, ${done} pairs in ${inChains} chains\n`);
  });
  it.each(own)('chain %i succeeds', async (chain) => {
    await playChain(seed, chain, () => {
      pairs += 1;
      return true;
    });
  });
});
