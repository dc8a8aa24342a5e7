import { expect, it } from 'vitest';
import { isPending } from '../../../src/core/change.ts';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { newDisk } from '../stage/disk.ts';
import { runProcess } from '../stage/stage.ts';

const file = (more: {
  readonly tunnels: string;
  readonly origins: string;
  readonly services: string;
}) => `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {}${more.tunnels} }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
${more.origins}
services:
  stays: { host: stays.example.dev, origin: app, gate: { public: { reason: open } } }
${more.services}
`;

it('a run removes the rules of a tunnel that leaves the file together with its services', async () => {
  const sandbox = await createSandbox({ zones: ['example.dev'] });
  const disk = newDisk();
  const before = file({
    tunnels: ', second: { create: true }',
    origins: '  other: { tunnel: second, url: "http://other.lan:80" }',
    services: '  goes: { host: goes.example.dev, origin: other, gate: { public: { reason: open } } }',
  });
  await runProcess(sandbox, disk, before);
  expect(sandbox.snapshot()).toContain('http://other.lan:80');
  const after = file({ tunnels: '', origins: '', services: '' });
  const pass = await runProcess(sandbox, disk, after);
  expect(pass.report?.outcomes.map(({ status }) => status)).toEqual(['done', 'done', 'done', 'done']);
  const { tunnels, records } = JSON.parse(sandbox.snapshot());
  const second = tunnels.find(({ name }: { name: string }) => name === 'second');
  expect(JSON.stringify(second.versions?.at(-1) ?? second)).not.toContain('goes.example.dev');
  expect(records.map(({ name }: { name: string }) => name)).toEqual(['stays.example.dev']);
  const again = await runProcess(sandbox, disk, after);
  expect([again.writes, again.report?.plan?.changes.filter(isPending)]).toEqual([0, []]);
});
