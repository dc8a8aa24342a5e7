import { expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { Moves } from '../moves/moves.ts';
import { newDisk } from '../stage/disk.ts';
import { runProcess, unfinished } from '../stage/stage.ts';

const fileOf = (content: string, ignore: boolean) => `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
origins: { app: { tunnel: homelab, url: "http://app.lan:80" } }
services:
  app: { host: app.example.dev, origin: app, gate: { cloudflare: { emails: [me@example.dev] } }${ignore ? ', ignore: [name]' : ''} }
dns:
  example.dev: [{ name: www, type: CNAME, content: ${content}, ttl: 300, comment: ours${ignore ? ', ignore: [ttl, comment]' : ''} }]
`;

interface Row {
  readonly id: string;
  readonly name: string;
  readonly content?: string;
  readonly ttl?: number;
  readonly comment?: string;
}

it('makes fields that another tool owns as the file says, and then leaves them as that tool has them', async () => {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const moves = new Moves(sandbox, () => '');
  const disk = newDisk();
  const rowsAt = async (path: string) =>
    ((await moves.byHand('GET', path, undefined)) as { readonly result: readonly Row[] }).result;
  const record = async () => (await rowsAt(moves.records)).find(({ name }) => name === 'www.example.dev');
  const apps = `/accounts/${sandbox.accountId}/access/apps`;
  const app = async () => (await rowsAt(apps)).find(({ name }) => !name.includes('probe'));
  expect(unfinished((await runProcess(sandbox, disk, fileOf('example.net', true))).report)).toEqual([]);
  expect(await record()).toMatchObject({ ttl: 300, comment: 'gates:home ours' });
  const { id } = (await record()) as Row;
  await moves.byHand('PATCH', `${moves.records}/${id}`, { ttl: 900, comment: 'gates:home theirs' });
  const before = (await app()) as Row;
  await moves.byHand('PUT', `${apps}/${before.id}`, { ...before, name: 'The app' });
  const idle = await runProcess(sandbox, disk, fileOf('example.net', true));
  expect(idle.writes, 'nothing differs').toBe(0);
  await runProcess(sandbox, disk, fileOf('example.org', true));
  expect(await record()).toMatchObject({ content: 'example.org', ttl: 900, comment: 'gates:home theirs' });
  expect(await app()).toMatchObject({ name: 'The app' });
  await runProcess(sandbox, disk, fileOf('example.org', false));
  expect(await record()).toMatchObject({ ttl: 300, comment: 'gates:home ours' });
  expect(await app()).toMatchObject({ name: 'app.example.dev' });
});
