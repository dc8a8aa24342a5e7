import { expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { behind, clientGuard, home } from '../homes/authentik-home.ts';
import { type Admitted, Moves, type State, state, union } from '../moves/moves.ts';
import { unfinished } from '../stage/stage.ts';

/** The home, with the origin `next` behind a tunnel of its own. */
const homeOfTwo = (of: State) =>
  home(of)
    .replace(/^ {2}next: .*$/m, '  next: { tunnel: lab, url: "http://traefik.lan:80", forwardAuth: true }')
    .replace('tunnels: { homelab: {} }', 'tunnels: { homelab: {}, lab: { create: true } }');

const me = ['{ cloudflare: { emails: [me@example.dev] } }', { emails: ['me@example.dev'] }] as const;
const you = ['{ cloudflare: { emails: [you@example.dev] } }', { emails: ['you@example.dev'] }] as const;
const ci = ['{ serviceToken: { tokens: [ci] } }', { tokens: ['ci'] }] as const;
const family = ['{ authentik: { mode: forwardAuth, groups: [family] } }', { groups: ['family'] }] as const;

/**
 * The gate of a path that left the file stays while nothing is removed, and the host moves to a tunnel that never had a route of that path.
 * Then a path inside gets a gate, the host another one, and the old gate goes.
 */
it.each<[name: string, gate: readonly [gate: string, admit: Admitted], origin: string]>([
  ['Authentik', family, 'traefik'],
  ['Access', you, 'app'],
])(
  'a path gets a gate inside the path of an older one, of which only the gate is left, at a host of %s',
  async (_, gate, origin) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
    const moves = new Moves(sandbox, homeOfTwo, [clientGuard]);
    await moves.sendThroughOutpost(behind);
    const { disk } = await moves.sceneOf(
      sandbox.snapshot(),
      state('with a path', ...gate, { '/api/**': you }, origin),
    );
    const moved = state('at another tunnel', ...gate, {}, 'next');
    const unpruned = `${homeOfTwo(moved)}\nreconcile: { prune: false }\n`;
    expect(unfinished((await moves.process(disk, unpruned)).report)).toEqual([]);
    const after = state('with a path inside', ...me, { '/api/v1/status': ci }, 'next');
    await moves.guard(union(moved, after));
    // The oracle does not know that the first file admits others below the path.
    await moves.admin('DELETE', '/exposures');
    expect(unfinished((await moves.process(disk, homeOfTwo(after))).report)).toEqual([]);
    expect(sandbox.exposures()).toEqual([]);
    expect((await moves.process(disk, homeOfTwo(after))).writes).toBe(0);
    expect(await moves.judgedBy(after.guards)).toEqual([]);
  },
);

it('names the gate of an open path that stays, where people from elsewhere would pass, though another path has one too', async () => {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const moves = new Moves(sandbox, homeOfTwo, [clientGuard]);
  await moves.sendThroughOutpost(behind);
  const near = '{ cloudflare: { emails: [me@example.dev], require: { countries: [FR] } } }';
  const inFrance = {
    rules: [{ include: [{ emails: ['me@example.dev'] }], require: [{ countries: ['FR'] }] }],
  };
  const open = ['{ public: { reason: open } }', { public: true }] as const;
  const { disk } = await moves.sceneOf(
    sandbox.snapshot(),
    state('with open paths', near, inFrance, { '/open': open, '/health': open }, 'app'),
  );
  const moved = `${homeOfTwo(state('at another tunnel', near, inFrance, {}, 'next'))}\nreconcile: { prune: false }\n`;
  const { report } = await moves.process(disk, moved);
  const [held = '', ...waiting] = unfinished(report);
  expect(held).toMatch(
    /access-application:app\.example\.dev\/(open|health) admits them, which the file no longer asks for/,
  );
  expect(waiting.every((line) => line.includes('waits for'))).toBe(true);
});
