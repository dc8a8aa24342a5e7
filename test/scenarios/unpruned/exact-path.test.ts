import { expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { behind, home } from '../homes/authentik-home.ts';
import { host, Moves, type State, state } from '../moves/moves.ts';
import { unfinished } from '../stage/stage.ts';

const unpruned = (of: State) => `${home(of)}reconcile: { prune: false }\n`;

const me = ['{ cloudflare: { emails: [me@example.dev] } }', { emails: ['me@example.dev'] }] as const;
const ci = ['{ serviceToken: { tokens: [ci] } }', { tokens: ['ci'] }] as const;
const open = ['{ public: { reason: open } }', { public: true }] as const;
const family = { groups: ['family'] };

/**
 * The old gate becomes the cover of the new one, so it goes: what lies below the exact path loses the gate around it, or gets one of its
 * own at once.
 */
it.each<[before: State, after: State]>([
  [
    state('ci, with a path for ci', ...ci, { '/open': ci }),
    state('family, by their domain', '{ authentik: { mode: domain } }', family, {}, 'traefik'),
  ],
  [
    state('me, with an open path', ...me, { '/open': open }),
    state(
      'family, with a path for me',
      '{ authentik: { mode: forwardAuth, groups: [family] } }',
      family,
      { '/open/**': me },
      'traefik',
    ),
  ],
])(
  'a host with a gate at an exact path leaves Access in one run, while nothing is removed: %#',
  async (before, after) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
    const moves = new Moves(sandbox, unpruned);
    await moves.sendThroughOutpost([...behind, host]);
    const { disk } = await moves.sceneOf(sandbox.snapshot(), before);
    expect(unfinished((await moves.process(disk, unpruned(after))).report)).toEqual([]);
    expect((await moves.process(disk, unpruned(after))).writes).toBe(0);
  },
);
