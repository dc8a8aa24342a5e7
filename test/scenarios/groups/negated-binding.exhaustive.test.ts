import { describe, expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { ChangedHome } from '../deeds/changed-home.ts';
import { Moves } from '../moves/moves.ts';
import { type HierarchyGate, hierarchyBehind, hierarchyHome, hierarchyStates } from './hierarchy-home.ts';

/**
 * Somebody negates a binding, so that everybody gets in but the members of a group, and the file takes members out of that group. They
 * would get in before the repair of the binding, or after it, so the login admits nobody meanwhile.
 */
describe('after somebody negated a binding', () => {
  const stateOf = (gate: HierarchyGate, name: string) => {
    const found = hierarchyStates(gate).find((state) => state.name === name);
    if (found === undefined) throw new Error(`There is no state ${name}`);
    return found;
  };

  it.each<{ gate: HierarchyGate; before: string; after: string; killed?: true }>([
    { gate: 'forwardAuth', before: 'the staff with the admins', after: 'the staff' },
    { gate: 'domain', before: 'the staff with the admins', after: 'the staff' },
    {
      ...{ gate: 'domain', killed: true },
      ...{ before: 'the staff with the admins', after: 'all, and the staff in the admins' },
    },
    {
      gate: 'domain',
      before: 'all, with the staff and the admins',
      after: 'the staff, and the admins elsewhere',
    },
    { gate: 'proxy', before: 'the staff with the admins', after: 'the staff' },
    {
      ...{ gate: 'forwardAuth', killed: true },
      ...{ before: 'the staff with the admins', after: 'all, and the staff in the admins' },
    },
    {
      gate: 'access',
      ...{ before: 'all, with the staff and the admins', after: 'the staff, and the admins elsewhere' },
    },
  ])('nobody new gets in: $gate, $before → $after', async ({ gate, killed, ...moved }) => {
    const [before, after] = [stateOf(gate, moved.before), stateOf(gate, moved.after)];
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
    const moves = new Moves(sandbox, hierarchyHome);
    await moves.sendThroughOutpost(hierarchyBehind);
    const changed = await ChangedHome.of(moves, before, ['admins']);
    const deeds = changed.deeds.filter(({ what }) => what === 'negate a binding');
    expect(deeds).not.toEqual([]);
    for (const deed of deeds) {
      await changed.play(deed, after);
      let write = 1;
      while (killed && (await changed.play(deed, after, write))) write += 1;
    }
  });
});
