import { expect, test } from 'vitest';
import { Laboratory, livedInSandbox, stateOf } from './laboratory.ts';

test.each(['quick', 'full'] as const)(
  'the sandbox behaves as gates believes (%s), and is afterwards as it was before',
  async (set) => {
    const sandbox = await livedInSandbox();
    const before = stateOf(sandbox);
    const { beliefs, failures } = await new Laboratory(sandbox).run(set);
    expect(failures).toEqual({});
    expect(beliefs.filter(({ state }) => state !== 'as believed')).toEqual([]);
    expect(stateOf(sandbox)).toEqual(before);
  },
);
