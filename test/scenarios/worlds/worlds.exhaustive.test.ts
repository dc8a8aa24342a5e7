import { appendFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { adoptedWorld } from './adopted-world.ts';

const [from = 0, to = 40] = (process.env.GATES_WORLDS ?? '0-40').split('-').map(Number);
const seeds = Array.from({ length: to - from }, (_, index) => from + index);

describe('importing a world that three owners made', () => {
  it.each(seeds)(
    'leaves nothing to plan after adopt, and no foreign object changed: seed %i',
    async (seed) => {
      const { faults, story, services, leftovers } = await adoptedWorld(seed).catch((error) => ({
        faults: [String(error.stack)],
        story: [],
        services: 0,
        leftovers: [],
      }));
      appendFileSync('/tmp/worlds.log', `${JSON.stringify({ seed, faults, services, leftovers })}\n`);
      expect(faults, story.join('\n')).toEqual([]);
    },
  );
});
