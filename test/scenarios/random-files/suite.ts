import { afterAll, describe, it } from 'vitest';
import { inTurn } from '../stage/cut.ts';
import { playChain } from './chain.ts';

/** The chains of one run, over all parts: 2,000 pairs of files, half an hour of CPU. */
const all = Array.from({ length: 80 }, (_, chain) => chain);

/** The step between played chains: a check plays every seventh, 300 pairs; `GATES_RANDOM_FILES=uncut` plays all. */
const chains = process.env.GATES_RANDOM_FILES === 'uncut' ? all : all.filter((chain) => chain % 7 === 0);

/**
 * The seed of a check, which plays the same chains each time and must succeed; `npm run soak` looks for unknown
 * problems.
 */
const checked = '20261125';

/** The seed and the chain: `GATES_TEST_SEED` plays another run, `1234`, or one chain of it, `1234:56`. */
const [wantedSeed, wantedChain] = (process.env.GATES_TEST_SEED ?? checked).split(':');
const seed = Number(wantedSeed);

/** Plays every `of`-th chain of the run. The parts are separate files, so that they run in parallel. */
export function playPart(part: number, of: number): void {
  const wanted = wantedChain === undefined ? chains : [Number(wantedChain)];
  const own = inTurn(wanted.filter((chain) => chain % of === part));
  let pairs = 0;
  describe(`random files, one after the other, seed ${seed}`, () => {
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
}
