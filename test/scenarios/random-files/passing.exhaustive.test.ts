import { it } from 'vitest';
import { playPassing } from './passing.ts';

/** The seed and the chain; a check plays the same 25 files each time. `GATES_TEST_SEED=1234:56` plays another chain. */
const [seed, chain = 0] = (process.env.GATES_TEST_SEED ?? '6:0').split(':').map(Number);

it(`random files, before each of which another is pushed, admit nobody new: seed ${seed}, chain ${chain}`, async () => {
  await playPassing(seed ?? 0, chain);
});
