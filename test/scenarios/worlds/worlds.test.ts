import { expect, it } from 'vitest';
import { adoptedWorld } from './adopted-world.ts';

// Worlds 4 and 27 have hosts with an application that admits everybody, below a foreign one for all hosts. In 188 a tunnel rule
// leads to an outpost that forwards nothing; in 353 an application admits a person beside its groups.
it.each([4, 27, 29, 188, 353])(
  'an imported world leaves nothing to plan after adopt: seed %i',
  async (seed) => {
    const { faults, services, story } = await adoptedWorld(seed);
    expect(faults, story.join('\n')).toEqual([]);
    expect(services).toBeGreaterThan(0);
  },
);
