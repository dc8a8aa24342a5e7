import { expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { Moves, state } from '../moves/moves.ts';
import { newDisk } from '../stage/disk.ts';
import { unfinished } from '../stage/stage.ts';

const origins = {
  shell: 'ssh://nas.lan:22',
  desktop: 'rdp://pc.lan:3389',
  share: 'smb://nas.lan:445',
  database: 'tcp://db.lan:5432',
  socket: 'unix:/run/app.sock',
};

const fileFor = ({ service }: { readonly service: string | undefined }) => `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
origins:
${Object.entries(origins)
  .map(([name, url]) => `  ${name}: { tunnel: homelab, url: "${url}" }\n`)
  .join('')}  other: { tunnel: homelab, url: "http://other.lan:80" }
services:
  other: { host: other.example.dev, origin: other, gate: { public: { reason: keeps the tunnel in use } } }
${service ?? ''}
`;

it.each(Object.entries(origins))(
  'Access guards a server that speaks no HTTP, or listens at a socket: %s',
  async (name, url) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
    const moves = new Moves(sandbox, fileFor);
    const guarded = state(
      'me',
      '{ cloudflare: { emails: [me@example.dev] } }',
      { emails: ['me@example.dev'] },
      {},
      name,
    );
    await moves.guard(guarded.guards);
    const disk = newDisk();
    const first = await moves.process(disk, fileFor(guarded));
    expect(unfinished(first.report)).toEqual([]);
    const { tunnels } = JSON.parse(sandbox.snapshot());
    const rules = tunnels.flatMap(
      ({ versions }: { versions: { config: { ingress: object[] } }[] }) =>
        versions.at(-1)?.config.ingress ?? [],
    );
    expect(rules).toContainEqual(expect.objectContaining({ hostname: 'app.example.dev', service: url }));
    const again = await moves.process(disk, fileFor(guarded));
    expect(again.writes).toBe(0);
    expect(sandbox.exposures()).toEqual([]);
  },
);
