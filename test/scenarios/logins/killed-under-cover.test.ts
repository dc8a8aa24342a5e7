import { expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { authentik, behind, clientGuard, home } from '../homes/authentik-home.ts';
import { host, Moves, type State } from '../moves/moves.ts';
import { unfinished } from '../stage/stage.ts';

/** The application asks by itself, but for a public path inside one that Access guards. */
const itself: State = {
  name: 'the application itself asks, with a public path',
  service: `  app:
    host: ${host}
    origin: traefik
    gate: { authentik: { mode: oidc, client: app } }
    paths:
      /api/**: { cloudflare: { emails: [me@example.dev] } }
      /api/status: { public: { reason: open } }`,
  origin: 'http://traefik.lan:80',
  guards: [{ host, admit: { public: true } }],
};

/** The outpost still answers at the public path then, for the people of before. */
it.each([4, 5, 6])(
  'a run that is killed by its write %i, with the host under its cover, holds back nothing of the next one',
  async (write) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
    const moves = new Moves(sandbox, home, [clientGuard]);
    await moves.sendThroughOutpost(behind);
    const before = authentik.find(({ name }) => name === 'admins');
    if (before === undefined) throw new Error('no such state');
    const { disk } = await moves.sceneOf(sandbox.snapshot(), before);
    const { report: killed } = await moves.process(disk, home(itself), { write, kind: 'kill' });
    expect(killed).toBeUndefined();
    expect(unfinished((await moves.process(disk, home(itself))).report)).toEqual([]);
    expect((await moves.process(disk, home(itself))).writes).toBe(0);
  },
);
