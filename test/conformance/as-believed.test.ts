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

test('API Shield is not asked where the plan does not include it', async () => {
  const { beliefs } = await new Laboratory(await livedInSandbox({ plan: 'free' })).run();
  const others = beliefs.filter(({ state }) => state !== 'as believed');
  expect(others.map(({ belief }) => belief.split('/')[0])).toEqual(Array(5).fill('shield'));
  expect(new Set(others.map(({ why }) => why))).toEqual(
    new Set(['the plan of the zone does not include API Shield']),
  );
});
