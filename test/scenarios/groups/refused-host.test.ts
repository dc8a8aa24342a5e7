import { expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { ChangedHome } from '../deeds/changed-home.ts';
import { obstacles } from '../deeds/obstacles.ts';
import { Moves } from '../moves/moves.ts';
import { hierarchyBehind, hierarchyHome, hierarchyStates } from './hierarchy-home.ts';

/** The group keeps its parent while the host is refused, and the client keeps its people as long as the next ones wait for that. */
it('a client gets other people once a refused host comes free, while a group changes its parent', async () => {
  const states = hierarchyStates('forwardAuth');
  const [before] = states.filter(({ name }) => name === 'the staff, and the admins elsewhere');
  const [after] = states.filter(({ name }) => name === 'the staff');
  const [obstacle] = obstacles;
  if (before === undefined || after === undefined || obstacle === undefined) throw new Error('renamed');
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const moves = new Moves(sandbox, hierarchyHome);
  await moves.sendThroughOutpost(hierarchyBehind);
  const changed = await ChangedHome.of(moves, before, ['admins']);
  await changed.obstruct(obstacle, after);
  expect(sandbox.exposures()).toEqual([]);
});
