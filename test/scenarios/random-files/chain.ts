import fc from 'fast-check';
import { describeError, GatesError } from '../../../src/core/errors.ts';
import { deed } from './drift.ts';
import { enriched, extrasIn, palette } from './extras.ts';
import { revision } from './file.ts';
import { neighbours } from './neighbours.ts';
import { Play, type Step } from './play/play.ts';
import type { World } from './play/played-world.ts';
import { type Interleaving, interleaving, secondWriter } from './second-writer.ts';
import { disturbance } from './trouble.ts';

/** The number of files in one world. It is small, since a finding is played again from the first file. */
const filesEach = 25;

const fewDeeds = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  { weight: 2, arbitrary: fc.array(deed, { minLength: 1, maxLength: 2 }) },
);

const step: fc.Arbitrary<Step> = fc.record({
  revision,
  before: fewDeeds,
  troubles: fc.oneof(
    { weight: 4, arbitrary: disturbance.map((item) => [item]) },
    { weight: 1, arbitrary: fc.array(disturbance, { minLength: 2, maxLength: 3 }) },
  ),
  meanwhile: fc.oneof({ weight: 5, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fewDeeds }),
});

const world: fc.Arbitrary<World> = fc.record({
  neighbours,
  deaf: fc.oneof(fc.constant([]), fc.constant([]), fc.constantFrom(['b.example.dev', 'c2.example.dev'])),
  lag: fc.constantFrom('none', '5000', 'random'),
  writer: secondWriter,
});

/** A finding, with everything needed to repeat it. */
export class Finding extends Error {
  override readonly name = 'Finding';

  with(story: string): Finding {
    return new Finding(`${this.message}\n${story}`);
  }
}

/** Plays one file, with the seed of its chain. */
type PlayStep = (play: Play, step: Step, between: Interleaving | undefined, seed: number) => Promise<void>;

/**
 * Plays files one after another in one world, each disturbed on its way and then left alone; the two numbers determine
 * everything. `afterEach` gets each success; false ends the chain.
 * @throws {Finding}
 */
export async function playChain(
  seed: number,
  chain: number,
  afterEach: (world: World) => boolean = () => true,
  playStep: PlayStep = (play, each, between) => play.step(each, between),
): Promise<void> {
  // Neighboring seeds must not share chains.
  const mixed = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) + chain;
  const [first] = fc.sample(world, { numRuns: 1, seed: mixed });
  const steps = fc.sample(step, { numRuns: filesEach, seed: mixed });
  const additions = fc
    .sample(palette, { numRuns: 1, seed: mixed })
    .flatMap((colors) => fc.sample(extrasIn(colors), { numRuns: filesEach, seed: mixed }));
  const interleavings = fc.sample(interleaving, { numRuns: filesEach, seed: mixed });
  if (first === undefined) return;
  const finding = (error: unknown, at: string) => {
    const what = error instanceof GatesError ? describeError(error) : String(error);
    return new Finding(`${what}

again: GATES_TEST_SEED=${seed}:${chain} npx vitest run --project exhaustive test/scenarios/random-files
${at} of seed ${seed}, chain ${chain}, among ${JSON.stringify(first)}`);
  };
  const play = await Play.begin(first, mixed).catch((error) => {
    throw finding(error, 'beginning');
  });
  for (const [index, drawn] of steps.entries()) {
    const more = additions[index];
    const each =
      more === undefined ? drawn : { ...drawn, revision: enriched(drawn.revision, more, first.neighbours) };
    await playStep(play, each, interleavings[index], mixed + index).catch((error) => {
      throw finding(error, `file ${index}`).with(play.story());
    });
    if (!afterEach(first)) return;
  }
}
