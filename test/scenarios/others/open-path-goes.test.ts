import { expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { authentik, behind, home } from '../homes/authentik-home.ts';
import { host, Moves, type State, state } from '../moves/moves.ts';
import { runProcess, unfinished } from '../stage/stage.ts';

const me = { emails: ['me@example.dev'] };
const forMe = '{ cloudflare: { emails: [me@example.dev] } }';
const everybody = ['{ public: { reason: open } }', { public: true }] as const;
const [closed, open] = [{}, { '/health': everybody, '/open/**': everybody }].map((inside) =>
  state('me, on another tunnel', forMe, me, inside, 'away'),
) as [State, State];
const asks = authentik.find(({ name }) => name === 'family, with a path for me') as State;

/** The home with a second tunnel, by which the host is reached at first. */
const withTwoTunnels = (of: State): string =>
  home(of)
    .replace('tunnels: { homelab: {} }', 'tunnels: { homelab: {}, second: { create: true } }')
    .replace('origins:\n', 'origins:\n  away: { tunnel: second, url: "http://other.lan:80" }\n')
    .replace(
      'services:\n',
      'services:\n  anchor: { host: anchor.example.dev, origin: away, gate: { public: { reason: keeps the tunnel } } }\n',
    );

it('a path that everybody could reach is guarded once the file guards it, though the rest of its host waits', async () => {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const moves = new Moves(sandbox, withTwoTunnels);
  await moves.sendThroughOutpost(behind);
  const { disk } = await moves.sceneOf(sandbox.snapshot(), open);
  const slug = host.replaceAll('.', '-');
  await moves.byHand('POST', '/api/v3/core/applications/', { name: 'theirs', slug }, 'authentik');
  const run = () => runProcess(sandbox, disk, withTwoTunnels(asks));

  const waiting = unfinished((await run()).report);
  expect(waiting).toContainEqual(expect.stringMatching(`^refuse authentik/application:${slug}`));
  expect(waiting).toContainEqual(expect.stringMatching(`^close cloudflare/ingress-rule:second/${host} `));
  // The people of the gate that still guards the host reach its paths too, and nobody else does.
  expect(await moves.judgedBy(closed.guards)).toEqual([]);
  expect((await run()).writes).toBe(0);

  await moves.byHand('DELETE', `/api/v3/core/applications/${slug}/`, undefined, 'authentik');
  expect(unfinished((await run()).report)).toEqual([]);
  expect((await run()).writes).toBe(0);
});

it('an open path asks for a token, also below it, before its host leaves Access under a cover', async () => {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const moves = new Moves(sandbox, home);
  await moves.sendThroughOutpost(behind);
  const token = ['{ serviceToken: { tokens: [ci] } }', { tokens: ['ci'] }] as const;
  const { disk } = await moves.sceneOf(
    sandbox.snapshot(),
    state('ci, with an open path', ...token, { '/open': everybody }),
  );
  const family = '{ authentik: { mode: proxy, groups: [family] } }';
  const after = state(
    'family, with a path for ci',
    family,
    { groups: ['family'] },
    { '/open/**': token },
    'next',
  );
  const { report } = await runProcess(sandbox, disk, home(after));
  expect(unfinished(report)).toEqual([]);
  expect(await moves.judgedBy(after.guards)).toEqual([]);
  expect((await runProcess(sandbox, disk, home(after))).writes).toBe(0);
});
