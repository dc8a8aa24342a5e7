import { expect, it } from 'vitest';
import { createSandbox, parseLag } from '../../../src/lab/sandbox/index.ts';
import { Moves } from '../moves/moves.ts';
import { newDisk } from '../stage/disk.ts';
import { askAdmin } from '../stage/hand.ts';
import { runProcess, unfinished } from '../stage/stage.ts';

const host = 'app.example.dev';
const fileOf = (paths: string) => `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
serviceTokens: { ci: {} }
origins: { app: { tunnel: homelab, url: "http://app.lan:80" } }
services:
  app: { host: ${host}, origin: app, gate: { serviceToken: { tokens: [ci] } }${paths} }
`;

interface Rule {
  readonly hostname?: string;
  readonly originRequest?: object;
}

it.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'a tunnel that somebody set to require no token requires one again before a path gets its own gate, lag %i',
  async (seed) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
    const [world, disk] = [new Moves(sandbox, () => ''), newDisk()];
    const run = async (paths: string) => {
      const lag = parseLag(`random,seed=${seed}`);
      const pass = await runProcess(sandbox, disk, fileOf(paths), undefined, undefined, lag, true);
      expect(unfinished(pass.report)).toEqual([]);
      return pass;
    };
    await run('');
    await sandbox.arrive();
    const [tunnel] = JSON.parse(sandbox.snapshot()).tunnels;
    const ingress: readonly Rule[] = tunnel.versions.at(-1).config.ingress;
    expect(ingress.some((rule) => rule.hostname === host && rule.originRequest !== undefined)).toBe(true);
    await askAdmin(sandbox, 'POST', '/edit', {
      ...{ actor: 'somebody', system: 'cloudflare', method: 'PUT' },
      path: `/accounts/${sandbox.accountId}/cfd_tunnel/${tunnel.id}/configurations`,
      body: { config: { ingress: ingress.map(({ originRequest: _, ...rule }) => rule) } },
    });
    await world.guard([
      { host, admit: { tokens: ['gates:home/ci'] } },
      { host, path: '/open', admit: { tokens: ['gates:home/ci'], emails: ['you@example.dev'] } },
    ]);
    const paths = ', paths: { /open: { cloudflare: { emails: [you@example.dev] } } }';
    await run(paths);
    expect(sandbox.exposures()).toEqual([]);
    expect((await run(paths)).writes).toBe(0);
  },
);
