import { describe, expect, it } from 'vitest';
import { isPending } from '../../../src/core/change.ts';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { sandboxEdge } from '../../support/sandbox-edge.ts';
import { newDisk } from '../stage/disk.ts';
import { askAdmin } from '../stage/hand.ts';
import { runProcess, unfinished } from '../stage/stage.ts';
import type { Trouble } from '../stage/trouble.ts';

const account = '0123456789abcdef0123456789abcdef';

const file = (access = '') => `version: 1
owner: home
cloudflare:
  account: ${account}
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example${access} }
authentik: { url: "http://authentik.lan:9000", service: auth }
groups: { family: {} }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
services:
  app: { host: app.example.dev, origin: app, gate: { public: { reason: open } } }
  photos: { host: photos.example.dev, origin: traefik, gate: { authentik: { groups: [family] } } }
  mine: { host: mine.example.dev, origin: app, gate: { cloudflare: { emails: [me@example.dev] } } }
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
`;

/** A home whose account blocks, or does not block, hosts without an Access application. */
async function home(settings: object) {
  const sandbox = await createSandbox({ zones: ['example.dev'] });
  const disk = newDisk();
  const forwardAuth = ['photos.example.dev'];
  await askAdmin(sandbox, 'PUT', '/origins', { url: 'http://traefik.lan:80', kind: 'traefik', forwardAuth });
  const choose = (chosen: object) =>
    askAdmin(sandbox, 'POST', '/edit', {
      actor: 'ann',
      system: 'cloudflare',
      method: 'PUT',
      path: `/accounts/${account}/access/organizations`,
      body: chosen,
    });
  await choose(settings);
  const edge = sandboxEdge(sandbox);
  return {
    choose,
    async run(text: string, trouble?: Trouble) {
      const { report } = await runProcess(sandbox, disk, text, trouble);
      return report;
    },
    async statusOf(host: string) {
      const answer = await edge.get({ host, path: '/', nameServers: [] }, new AbortController().signal);
      return answer.status;
    },
  };
}

const blocks = { deny_unmatched_requests: true };
const reasonsOf = (report: Awaited<ReturnType<Awaited<ReturnType<typeof home>>['run']>>) =>
  (report?.plan?.changes ?? []).flatMap(({ verb, address, reason }) =>
    verb === 'refuse' ? [[address.key, reason]] : [],
  );

describe('an account that blocks every host without an Access application', () => {
  it('has those hosts refused, the login page first, and the others opened', async () => {
    const { run, statusOf } = await home(blocks);
    const reasons = reasonsOf(await run(file()));
    expect(reasons.map(([key]) => key)).toEqual([
      'auth.example.dev',
      'app.example.dev',
      'photos.example.dev',
    ]);
    for (const [, reason] of reasons) {
      expect(reason).toContain('exempt the zone example.dev');
      expect(reason).toContain('openDoors: bypass');
    }
    expect(await statusOf('mine.example.dev')).toBe(302);
  });

  it('has them opened if their zone is exempted', async () => {
    const exempted = { deny_unmatched_requests_exempted_zone_names: ['example.dev'] };
    const { run, statusOf } = await home({ ...blocks, ...exempted });
    expect(unfinished(await run(file()))).toEqual([]);
    expect(await statusOf('app.example.dev')).toBe(200);
  });

  it('admits everybody to them with `openDoors: bypass`, once their gates have been checked', async () => {
    const { run, statusOf } = await home(blocks);
    const report = await run(file(', openDoors: bypass'));
    expect(unfinished(report)).toEqual([]);
    const ids = report?.plan?.changes.map(({ id }) => id) ?? [];
    const [check, uncover] = ['verify edge/proof', 'uncover cloudflare/access-application'].map((id) =>
      ids.indexOf(`${id}:photos.example.dev`),
    );
    expect(check).toBeGreaterThan(-1);
    expect(uncover).toBeGreaterThan(check ?? 0);
    expect(await statusOf('app.example.dev')).toBe(200);
    expect(await statusOf('photos.example.dev')).toBe(302);
    expect((await run(file(', openDoors: bypass')))?.plan?.changes.filter(isPending)).toEqual([]);
  });

  it('has the bypasses removed once it blocks nothing any more', async () => {
    const { run, choose, statusOf } = await home(blocks);
    await run(file(', openDoors: bypass'));
    await choose({ deny_unmatched_requests: false });
    expect(unfinished(await run(file(', openDoors: bypass')))).toEqual([]);
    expect(await statusOf('app.example.dev')).toBe(200);
    expect(await statusOf('photos.example.dev')).toBe(302);
  });
});

it('an account whose setting is unknown keeps open hosts, and gets no further ones', async () => {
  const { run, statusOf } = await home({});
  const without = file().replace(/^ {2}app: \{ host.*\n/m, '');
  expect(unfinished(await run(without))).toEqual([]);
  const read = `cloudflare /client/v4/accounts/${account}/access/organizations`;
  const reasons = reasonsOf(await run(file(), { read, from: 1 }));
  const waits = reasons.filter(([, reason]) => reason?.includes('Require Access Protection'));
  expect(waits.map(([key]) => key)).toEqual(['app.example.dev']);
  expect(await statusOf('photos.example.dev')).toBe(302);
});
