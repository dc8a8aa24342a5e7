import { expect, it } from 'vitest';
import { isPending } from '../../../src/core/change.ts';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { newDisk } from '../stage/disk.ts';
import { askAdmin } from '../stage/hand.ts';
import { runProcess, unfinished } from '../stage/stage.ts';

const host = 'mine.example.dev';
const keys =
  ', cookie: { sameSite: none }, cors: { origins: ["https://app.example.dev"], methods: [PUT], credentials: true }';

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
  mine: { host: ${host}, origin: app, gate: { cloudflare: { emails: [me@example.dev]${more} } } }
`;
}

it('Access answers scripts of the sites that the file names, and no request reaches the origin without a login', async () => {
  const sandbox = await createSandbox({ zones: ['example.dev'] });
  const disk = newDisk();
  const ask = async (method: string, headers: Readonly<Record<string, string>> = {}) => {
    const answer = await sandbox.edge(
      new Request(`http://${host}/`, { method, headers, redirect: 'manual' }),
    );
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
  };
  const applied = async (text: string) => {
    const { report, writes } = await runProcess(sandbox, disk, text);
    expect(unfinished(report)).toEqual([]);
    return {
      writes,
      warnings: report?.plan?.warnings ?? [],
      pending: report?.plan?.changes.filter(isPending),
    };
  };
  const preflight = (origin: string) => ask('OPTIONS', { origin, 'access-control-request-method': 'PUT' });

  await applied(file(''));
  expect((await preflight('https://app.example.dev')).status).toBe(302);

  const { warnings } = await applied(file(keys));
  expect(warnings).toEqual([
    expect.stringMatching(/^services\.mine: browsers send the session/),
    expect.stringMatching(/^services\.mine: scripts of https:\/\/app\.example\.dev/),
  ]);
  expect(await preflight('https://app.example.dev')).toMatchObject({
    status: 200,
    body: '',
    headers: {
      'access-control-allow-origin': 'https://app.example.dev',
      'access-control-allow-methods': 'PUT',
      'access-control-allow-credentials': 'true',
    },
  });
  const other = await preflight('https://other.example.org');
  expect(other.headers).not.toHaveProperty('access-control-allow-origin');
  for (const method of ['OPTIONS', 'PUT', 'GET']) expect((await ask(method)).status, method).toBe(302);
  expect(await applied(file(keys))).toMatchObject({ writes: 0, pending: [] });

  // Without the keys, the settings stay, and the plan says so.
  const later = await applied(file(''));
  expect(later).toMatchObject({ writes: 0, pending: [] });
  expect(later.warnings).toEqual([
    expect.stringContaining('by same_site_cookie_attribute'),
    expect.stringContaining('by cors_headers'),
  ]);
  expect(await applied(file(', cookie: { sameSite: lax }'))).toMatchObject({ writes: 1 });
  const token = (await askAdmin(sandbox, 'POST', '/login', { host, email: 'me@example.dev' })) as {
    readonly jwt: string;
  };
  const session = { cookie: `CF_Authorization=${token.jwt}` };
  expect((await ask('GET', session)).status).not.toBe(302);
});
