import { describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from '../../../src/lab/sandbox/index.ts';
import { browserOf } from '../../lab/sandbox/edge/browser.ts';
import { visit } from '../../lab/sandbox/edge/scene.ts';
import { pendingIn } from '../adopting/adopted.ts';
import { importedAfterApplyOf } from '../import/applied-file.ts';
import { newDisk } from '../stage/disk.ts';
import { askAdmin, Hand } from '../stage/hand.ts';
import { runCommand, runProcess, unfinished } from '../stage/stage.ts';

type World = Parameters<typeof browserOf>[0];

const host = 'app.example.dev';
const settings =
  'session: 10m, basicAuth: { userAttribute: app_user, passwordAttribute: app_password }, interceptAuthorization: false';
const byDomain = '{ authentik: { mode: domain } }';

/** The places of the settings, by mode. */
const files = [
  { mode: 'forwardAuth', gate: (more: string) => `{ authentik: { groups: [admins]${more} } }` },
  { mode: 'proxy', gate: (more: string) => `{ authentik: { mode: proxy, groups: [admins]${more} } }` },
  { mode: 'domain', gate: () => byDomain, ofDomain: (more: string) => more },
] as const;

type Mode = (typeof files)[number];

function fileOf(mode: Mode, more = `, ${settings}`): string {
  const ofDomain = 'ofDomain' in mode ? mode.ofDomain(more) : '';
  return `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik:
  url: http://authentik.lan:9000
  service: auth
  domains: { example.dev: { groups: [admins]${ofDomain} } }
groups: { admins: {} }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  app: { host: ${host}, origin: ${mode.mode === 'proxy' ? 'app' : 'traefik'}, gate: ${mode.gate(more)} }
`;
}

/** A world in which the file is applied, with ada among the admins, and bob in no group. */
async function homeOf(mode: Mode): Promise<{ sandbox: Sandbox; world: World; text: string }> {
  const sandbox = await createSandbox({ zones: ['example.dev'] });
  const traefik = { url: 'http://traefik.lan:80', kind: 'traefik', forwardAuth: [host] };
  await askAdmin(sandbox, 'PUT', '/origins', traefik);
  const text = fileOf(mode);
  const disk = newDisk();
  expect(unfinished((await runProcess(sandbox, disk, text)).report)).toEqual([]);
  expect(pendingIn(await runCommand('plan', { sandbox, disk, text }, undefined))).toEqual([]);
  const hand = new Hand(sandbox);
  const attributes = { app_user: 'ada-at-app', app_password: 'hunter2' };
  const admins = await hand.group('admins');
  await hand.post('/core/users/', { username: 'ada', name: 'Ada', groups: [admins], attributes });
  await hand.post('/core/users/', { username: 'bob', name: 'Bob' });
  return { sandbox, world: JSON.parse(sandbox.snapshot()), text };
}

const minutes = (world: World, count: number) => {
  world.clockOffset += count * 60_000;
};

describe.each(files)('in mode $mode, the settings of the outpost', (mode) => {
  it('let ada in for as long as her session lasts, and bob never', async () => {
    const { world } = await homeOf(mode);
    const ada = browserOf(world, { username: 'ada' });
    expect(await ada.follow(`https://${host}/`)).toMatchObject({ status: 200, servedBy: 'origin' });
    minutes(world, 9);
    const within = await ada.follow(`https://${host}/`);
    expect([within.servedBy, within.way.length]).toEqual(['origin', 1]);
    minutes(world, 2);
    const after = await ada.follow(`https://${host}/`, { until: '/application/o/authorize/' });
    expect(after).toMatchObject({ status: 302 });
    expect(after.servedBy).not.toBe('origin');
    const bob = await browserOf(world, { username: 'bob' }).follow(`https://${host}/`);
    expect(bob.servedBy).not.toBe('origin');
  });

  it('send the application the name and the password of ada', async () => {
    const { world } = await homeOf(mode);
    const seen = await browserOf(world, { username: 'ada' }).follow(`https://${host}/`);
    const sent = Buffer.from('ada-at-app:hunter2').toString('base64');
    expect(JSON.parse(seen.text).headers.authorization).toBe(`Basic ${sent}`);
  });

  it('let nobody in by an `Authorization` header that proves nothing', async () => {
    const { world } = await homeOf(mode);
    const seen = await visit(world, `https://${host}/`, { authorization: 'Bearer of-the-application' });
    expect(seen).toMatchObject({ status: 302, servedBy: 'authentik' });
  });

  it('are imported as the file had them', () => importedAfterApplyOf(fileOf(mode), [host]));
});
