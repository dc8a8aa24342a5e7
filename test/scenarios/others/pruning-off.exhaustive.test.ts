import { describe, expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { Moves } from '../moves/moves.ts';
import { copyOf, newDisk } from '../stage/disk.ts';
import { askAdmin } from '../stage/hand.ts';
import { runProcess, unfinished } from '../stage/stage.ts';

const host = 'app.example.dev';
const fileOf = (service: string, prune: boolean) => `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik:
  url: http://authentik.lan:9000
  service: auth
  domains: { example.dev: { groups: [admins] } }
groups: { admins: {} }
serviceTokens: { ci: {} }
reconcile: { prune: ${prune} }
origins: { traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true } }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  app: { host: ${host}, origin: traefik, ${service} }
`;

const open = '{ public: { reason: test } }';

async function newWorld() {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const world = new Moves(sandbox, () => '');
  return { sandbox, world, disk: newDisk() };
}

describe('after pruning was disabled', () => {
  it('an outer gate guards the paths below a remaining open path from the start', async () => {
    const { sandbox, world, disk } = await newWorld();
    const before = fileOf(
      `gate: { cloudflare: { emails: [you@example.dev] } }, paths: { /api/v1/status: ${open} }`,
      true,
    );
    const after = fileOf(
      'gate: { serviceToken: { tokens: [ci] } }, paths: { /api/v1/**: { cloudflare: { emails: [me@example.dev] } } }',
      false,
    );
    expect(unfinished((await runProcess(sandbox, disk, before)).report)).toEqual([]);
    await world.guard([
      { host, admit: { emails: ['you@example.dev'], tokens: ['gates:home/ci'] } },
      { host, path: '/api/v1/**', admit: { emails: ['you@example.dev', 'me@example.dev'] } },
      { host, path: '/api/v1/status', admit: { public: true } },
    ]);
    const begun = sandbox.snapshot();
    for (let write = 1; ; write += 1) {
      sandbox.restore(begun);
      const own = await copyOf(disk);
      const pass = await runProcess(sandbox, own, after, { write, kind: 'kill' });
      expect(unfinished((await runProcess(sandbox, own, after)).report)).toEqual([]);
      expect(sandbox.exposures()).toEqual([]);
      expect((await runProcess(sandbox, own, after)).writes).toBe(0);
      if (pass.writes < write) break;
    }
  });

  it('an open object below a cover goes before the cover, since it would admit everybody again', async () => {
    const { sandbox, world, disk } = await newWorld();
    await world.sendThroughOutpost([host]);
    const before = fileOf(
      `gate: { authentik: { mode: forwardAuth, groups: [admins] } }, paths: { /open/**: ${open} }`,
      true,
    );
    const domain = 'gate: { authentik: { mode: domain } }';
    expect(unfinished((await runProcess(sandbox, disk, before)).report)).toEqual([]);
    const begun = sandbox.snapshot();
    const guards = [{ host, admit: { groups: ['admins'] } }];
    let covered = 0;
    for (let write = 1; ; write += 1) {
      sandbox.restore(begun);
      const own = await copyOf(disk);
      const pass = await runProcess(sandbox, own, fileOf(domain, true), { write, kind: 'kill' });
      const isClosed = (await world.judgedBy(guards)).length === 0;
      if (isClosed) covered += 1;
      const { report } = await runProcess(sandbox, own, fileOf(domain, false));
      expect(unfinished(report)).toEqual([]);
      if (isClosed) expect(sandbox.exposures()).toEqual([]);
      if (pass.writes < write) break;
    }
    expect(covered).toBeGreaterThan(3);
  });

  it('a route through the previous tunnel is closed, since the cover of its host may not exist yet', async () => {
    const { sandbox, world, disk } = await newWorld();
    await world.sendThroughOutpost([host]);
    const login = (mode: string) => `gate: { authentik: { mode: ${mode}, groups: [admins] } }`;
    const before = fileOf(login('proxy'), true);
    const after = fileOf(login('forwardAuth'), false)
      .replace('tunnels: { homelab: {} }', 'tunnels: { homelab: {}, lab: { create: true } }')
      .replace('traefik: { tunnel: homelab', 'traefik: { tunnel: lab');
    await askAdmin(sandbox, 'POST', '/edit', {
      ...{ actor: 'them', system: 'cloudflare', method: 'POST' },
      path: `/accounts/${sandbox.accountId}/access/apps`,
      body: { name: 'all', type: 'self_hosted', domain: '*.example.dev', policies: [] },
    });
    const run = async (text: string) => {
      const pass = await runProcess(sandbox, disk, text, undefined, undefined, 5_000);
      expect(unfinished(pass.report)).toEqual([]);
      return pass;
    };
    await run(before);
    await world.guard([{ host, admit: { groups: ['admins'] } }]);
    await run(after);
    expect(sandbox.exposures()).toEqual([]);
    expect((await run(after)).writes).toBe(0);
  });

  it('the login of a domain does not wait for a host of another gate, whose check fails in every run', async () => {
    const { sandbox, world, disk } = await newWorld();
    await world.sendThroughOutpost([host, 'docs.example.dev']);
    const docs = (paths: string) =>
      `  docs: { host: docs.example.dev, origin: traefik, gate: { authentik: { mode: domain } }, ${paths} }\n`;
    const login = (mode: string) => `gate: { authentik: { mode: ${mode}, groups: [admins] } }`;
    const before = fileOf('gate: { serviceToken: { tokens: [ci] } }', true) + docs('');
    const next = `${fileOf(login('proxy'), false)}${docs(`paths: { /open: ${open} }`)}
  deaf: { host: deaf.example.dev, origin: traefik, ${login('forwardAuth')} }
`;
    expect(unfinished((await runProcess(sandbox, disk, before)).report)).toEqual([]);
    const left = unfinished((await runProcess(sandbox, disk, next)).report);
    expect(left).toContainEqual(expect.stringContaining('verify edge/proof:deaf.example.dev'));
    expect(left).not.toContainEqual(expect.stringContaining('domain-example-dev'));
    expect((await runProcess(sandbox, disk, next)).writes).toBe(0);
  });

  it('a path inside takes nothing that a remaining application has by name', async () => {
    const { sandbox, world, disk } = await newWorld();
    const to = (...emails: readonly string[]) => `{ cloudflare: { emails: [${emails.join(', ')}] } }`;
    const before = fileOf(
      `gate: { serviceToken: { tokens: [ci] } }, paths: { /api/**: ${to('you@example.dev')}, /api/v1/status: ${open} }`,
      true,
    );
    const next = fileOf(
      `gate: ${open}, paths: { /api/v1/**: ${to('me@example.dev', 'you@example.dev')} }`,
      false,
    );
    expect(unfinished((await runProcess(sandbox, disk, before)).report)).toEqual([]);
    await world.guard([
      { host, admit: { public: true } },
      { host, path: '/api/**', admit: { public: true } },
      { host, path: '/api/v1/**', admit: { emails: ['me@example.dev', 'you@example.dev'] } },
      { host, path: '/api/v1/status', admit: { public: true } },
    ]);
    expect(unfinished((await runProcess(sandbox, disk, next)).report)).toEqual([]);
    expect((await runProcess(sandbox, disk, next)).writes).toBe(0);
    expect(sandbox.exposures()).toEqual([]);
  });
});
