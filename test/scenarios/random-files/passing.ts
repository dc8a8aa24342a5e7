import { playChain } from './chain.ts';
import type { Revision } from './file.ts';
import type { World } from './play/played-world.ts';

/**
 * Plays a chain in which somebody pushes another file before each one: its run is disturbed, and the next file comes at once.
 * @throws {Finding}
 */
export async function playPassing(
  seed: number,
  chain: number,
  afterEach?: (world: World) => boolean,
): Promise<void> {
  const revisions: Revision[] = [];
  await playChain(seed, chain, afterEach, async (play, step, between) => {
    // The last revision made the file of before, so the other file has that of before it.
    const passing = revisions.at(-2);
    revisions.push(step.revision);
    await play.step(passing === undefined ? step : { ...step, passing }, between);
  });
}
