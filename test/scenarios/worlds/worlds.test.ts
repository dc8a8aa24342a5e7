import { expect, it } from 'vitest';
import { adoptedWorld } from './adopted-world.ts';

// Worlds 4 and 27 have hosts with an application that admits everybody, below a foreign one for all hosts.
it.each([4, 27, 29])('an imported world leaves nothing to plan after adopt: seed %i', async (seed) => {
  const { faults, services, story } = await adoptedWorld(seed);
  expect(faults, story.join('\n')).toEqual([]);
  expect(services).toBeGreaterThan(0);
});
