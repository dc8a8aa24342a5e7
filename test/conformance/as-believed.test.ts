import { expect, test } from 'vitest';
import { Laboratory, livedInSandbox, stateOf } from './laboratory.ts';

test('the sandbox behaves as gates believes, and is afterwards as it was before', async () => {
  const sandbox = await livedInSandbox();
  const before = stateOf(sandbox);
  const { beliefs, failures } = await new Laboratory(sandbox).run();
  expect(failures).toEqual({});
  expect(beliefs.filter(({ state }) => state !== 'as believed')).toEqual([]);
  expect(stateOf(sandbox)).toEqual(before);
});
