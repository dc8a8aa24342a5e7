import { expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { surroundings } from '../homes/surroundings.ts';
import { Moves } from '../moves/moves.ts';
import { newDisk } from '../stage/disk.ts';
import { runProcess, unfinished } from '../stage/stage.ts';

const fileOf = (rest: string) => `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
origins: { app: { tunnel: homelab, url: "http://app.lan:80" } }
${rest}`;

const service = fileOf(
  'services: { app: { host: app.example.dev, origin: app, gate: { cloudflare: { emails: [me@example.dev] } } } }',
);
const record = fileOf('dns: { example.dev: [{ name: app, type: A, content: 192.0.2.9 }] }');

it.each(surroundings)(
  'a plain record takes the name of a service, $name, and gives it back',
  async ({ place }) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
    const moves = new Moves(sandbox, () => '');
    await place(moves);
    const disk = newDisk();
    for (const text of [service, record, service]) {
      expect(unfinished((await runProcess(sandbox, disk, text)).report)).toEqual([]);
      expect((await runProcess(sandbox, disk, text)).writes).toBe(0);
    }
  },
);
