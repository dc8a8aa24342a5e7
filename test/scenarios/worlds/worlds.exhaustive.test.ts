import { afterAll, describe, expect, it } from 'vitest';
import { ofThisTurn } from '../../support/turn.ts';
import { adoptedWorld } from './adopted-world.ts';

/** The seeds: `GATES_WORLDS=2000` plays as many, `GATES_WORLDS=40-300` those from 40 on. A check plays one of 24 parts of 60. */
const [first = 0, last] = (process.env.GATES_WORLDS ?? '60').split('-').map(Number);
const [from, to] = last === undefined ? [0, first] : [first, last];
const seeds = ofThisTurn(Array.from({ length: to - from }, (_, index) => from + index));

describe('importing a world that three owners and a person made', () => {
  const seen = { worlds: 0, services: 0, leftovers: 0 };
  afterAll(() => {
    const [worlds, services, leftovers] = Object.values(seen).map((count) => count.toLocaleString('en'));
    process.stdout.write(
      `imported worlds: ${worlds} from seed ${from} on, ${services} services, ${leftovers} entries left out\n`,
    );
  });

  it.each(seeds)(
    'leaves nothing to plan after adopt, and no foreign object changed: seed %i',
    async (seed) => {
      const { faults, services, leftovers, story } = await adoptedWorld(seed);
      seen.worlds += 1;
      seen.services += services;
      seen.leftovers += leftovers.length;
      expect(faults, story.join('\n')).toEqual([]);
    },
  );
});
