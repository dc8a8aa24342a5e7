import { expect, it } from 'vitest';
import { isPending } from '../../../src/core/change.ts';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { askAdmin } from '../stage/hand.ts';
import { newDisk, runProcess, unfinished } from '../stage/stage.ts';

const host = 'mine.example.dev';

function file(more: string): string {
  return `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
services:
  mine: { host: ${host}, origin: app, gate: { cloudflare: { emails: [me@example.dev] } }${more} }
`;
}

it('x', async () => {
  const sandbox = await createSandbox({ zones: ['example.dev'] });
  const disk = newDisk();
  await askAdmin(sandbox, 'PUT', '/guards', { host, admit: { emails: ['me@example.dev'] }, identity: ['X-User'] });
  for (const more of [', identityHeader: { user: X-User }', ', identityHeader: { user: X-User }', ', identityHeader: { user: X-Remote }', '']) {
    const { report, sorts } = await runProcess(sandbox, disk, file(more));
    console.log(more, report?.mistakes, report?.plan?.changes.filter(isPending).map(({ id, phase, doors, needs }) => [phase, id, doors.map((d) => d.step).join(), ]));
    console.log(unfinished(report), sorts, sandbox.exposures?.());
  }
});
