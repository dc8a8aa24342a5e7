import { describe, expect, it } from 'vitest';
import { isPending } from '../../../src/core/change.ts';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { sandboxEdge } from '../../support/sandbox-edge.ts';
import { newDisk } from '../stage/disk.ts';
import { runProcess, unfinished } from '../stage/stage.ts';

const host = 'app.example.dev';
const text = `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik: { url: "http://authentik.lan:9000", service: auth }
groups: { admins: {} }
origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  docs: { host: docs.example.dev, origin: traefik, gate: { public: { reason: test } } }
  mine: { host: mine.example.dev, origin: traefik, gate: { cloudflare: { emails: [me@example.dev] } } }
  app: { host: ${host}, origin: traefik, gate: { authentik: { groups: [admins] } } }
`;

async function house() {
  const sandbox = await createSandbox({ zones: ['example.dev'] });
  const disk = newDisk();
  const edge = sandboxEdge(sandbox);
  const signal = new AbortController().signal;
  const traefik = async (forwardAuth: readonly string[]) => {
    const body = JSON.stringify({ url: 'http://traefik.lan:80', kind: 'traefik', forwardAuth });
    await sandbox.fetch(`${sandbox.urls.admin}/origins`, { method: 'PUT', body });
  };
  await traefik([host]);
  return {
    traefik,
    pass: (how?: 'watch') => runProcess(sandbox, disk, text, how),
    ask: async (name = host) => {
      const { status, headers } = await edge.get({ host: name, path: '/', nameServers: [] }, signal);
      const { location, 'x-sandbox-served-by': by = '' } = headers;
      return location === undefined ? `${status} ${by}` : `${status} ${new URL(location).host}`;
    },
  };
}

const looks = (pass: Awaited<ReturnType<typeof runProcess>>) =>
  (pass.report?.plan?.changes ?? [])
    .filter(({ verb }) => verb === 'verify')
    .map(({ address }) => address.key);

describe('a run that watches', () => {
  it('checks every gate and writes nothing if all is well', async () => {
    const at = await house();
    expect(unfinished((await at.pass()).report)).toEqual([]);
    const watched = await at.pass('watch');
    expect(looks(watched)).toEqual([host, 'mine.example.dev']);
    expect(unfinished(watched.report)).toEqual([]);
    expect(watched.writes).toBe(0);
    expect(watched.report?.plan?.changes.filter(isPending)).toEqual([]);
    expect(looks(await at.pass())).toEqual([]);
  });

  it('closes at once a host at which the application answers, and no other', async () => {
    const at = await house();
    await at.pass();
    await at.traefik([]);
    expect(await at.ask()).toBe('200 origin');
    const watched = await at.pass('watch');
    expect(unfinished(watched.report)).toEqual([
      expect.stringMatching(/app\.example\.dev.*does not send the host through the outpost/),
    ]);
    expect(await at.ask()).toMatch(/^503/);
    expect(await at.ask('docs.example.dev')).toBe('200 origin');
    expect(await at.ask('mine.example.dev')).toBe('302 example.cloudflareaccess.com');
  });

  it('leaves it closed to everybody, run after run, until the gate is confirmed again', async () => {
    const at = await house();
    await at.pass();
    await at.traefik([]);
    await at.pass('watch');
    for (const how of [undefined, 'watch', undefined] as const) {
      await at.pass(how);
      expect(await at.ask()).toBe('403 access');
    }
    await at.traefik([host]);
    expect(unfinished((await at.pass()).report)).toEqual([]);
    expect(await at.ask()).toBe('302 auth.example.dev');
    expect((await at.pass()).writes).toBe(0);
  });
});
