import { describe, expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { behind, home } from '../homes/authentik-home.ts';
import { Moves, type State, state, union } from '../moves/moves.ts';
import { unfinished } from '../stage/stage.ts';

const unpruned = (of: State) => `${home(of)}reconcile: { prune: false }\n`;
const ci = ['{ serviceToken: { tokens: [ci] } }', { tokens: ['ci'] }] as const;
const me = ['{ cloudflare: { emails: [me@example.dev] } }', { emails: ['me@example.dev'] }] as const;
const open = ['{ public: { reason: open } }', { public: true }] as const;

/** The route of before stays, takes the token of the gate of now, and leads to the origin of before. */
describe('while nothing is removed, the rule of a path that gets another shape, other people and another origin', () => {
  it.each<[name: string, before: State, after: State]>([
    [
      'a path with all below it becomes the path alone',
      state('me below a path', ...me, { '/open/**': me }),
      state('ci at the path', ...open, { '/open': ci }, 'next'),
    ],
    [
      'an exact path becomes one with all below it',
      state('ci at a path', ...me, { '/open': ci }),
      state('everybody below it', ...ci, { '/open/**': open }, 'next'),
    ],
  ])('is named as what has to go first: %s', async (_, before, after) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
    const moves = new Moves(sandbox, unpruned);
    await moves.sendThroughOutpost(behind);
    const { disk } = await moves.sceneOf(sandbox.snapshot(), before);
    await moves.guard(union(before, after));
    const { report } = await moves.process(disk, unpruned(after));
    const refused = (report?.plan?.changes ?? []).filter(({ verb }) => verb === 'refuse');
    expect(refused.map(({ address }) => address.kind)).toEqual(['cloudflare/ingress-rule']);
    expect(refused[0]?.reason).toContain('at an origin to which the file does not lead them');
    expect(unfinished(report).filter((line) => /interlock|whom neither|Bug/.test(line))).toEqual([]);
    expect(sandbox.exposures()).toEqual([]);
    const again = await moves.process(disk, unpruned(after));
    expect(again.writes).toBe(0);
    const removed = await moves.process(disk, home(after));
    expect(unfinished(removed.report)).toEqual([]);
    expect(sandbox.exposures()).toEqual([]);
  });

  it('is no obstacle where the origin stays', async () => {
    const [before, after] = [
      state('me below a path', ...me, { '/open/**': me }),
      state('ci at the path', ...me, { '/open': ci }),
    ];
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
    const moves = new Moves(sandbox, unpruned);
    await moves.sendThroughOutpost(behind);
    const { disk } = await moves.sceneOf(sandbox.snapshot(), before);
    await moves.guard(union(before, after));
    expect(unfinished((await moves.process(disk, unpruned(after))).report)).toEqual([]);
    expect(sandbox.exposures()).toEqual([]);
  });
});
