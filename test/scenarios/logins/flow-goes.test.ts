import { expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { type Admitted, Moves } from '../moves/moves.ts';
import { isCopy } from '../orders/random-order.ts';
import { newDisk } from '../stage/disk.ts';
import { unfinished } from '../stage/stage.ts';

const host = 'app.example.dev';
const docs =
  'docs: { host: docs.example.dev, origin: traefik, gate: { authentik: { mode: domain } }, paths: { /open: { public: { reason: test } } } }';

const fileOf = (domain: string, ...services: readonly string[]) => `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik:
  url: http://authentik.lan:9000
  service: auth
  domains: { example.dev: { ${domain} } }
groups: { admins: {} }
origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  app: { host: ${host}, origin: traefik, gate: { authentik: { mode: domain } } }
${services.map((service) => `  ${service}\n`).join('')}`;

const uma: Admitted = { rules: [{ include: [{ users: ['uma'] }], require: [{ passes: ['flow mfa'] }] }] };
const admins: Admitted = { groups: ['admins'] };

/** Somebody else's host may ask at the login of the domain too, and no cover of ours hides it meanwhile. */
it('a domain asks for its flow until nobody of before gets in any more, whatever else of it changes', async () => {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const moves = new Moves(sandbox, () => '');
  const person = { username: 'uma', name: 'uma', groups: [] };
  await moves.byHand('POST', '/api/v3/core/users/', person, 'authentik');
  const flow = { name: 'mfa', slug: 'mfa', title: 'mfa', designation: 'authorization' };
  await moves.byHand('POST', '/api/v3/flows/instances/', flow, 'authentik');
  await moves.sendThroughOutpost([host, 'docs.example.dev', 'theirs.example.dev']);
  const { tunnels } = JSON.parse(sandbox.snapshot()) as { tunnels: { id: string }[] };
  const rule = { hostname: 'theirs.example.dev', service: 'http://traefik.lan:80' };
  await moves.byHand('PUT', `/accounts/${sandbox.accountId}/cfd_tunnel/${tunnels[0]?.id}/configurations`, {
    config: { ingress: [rule, { service: 'http_status:404' }] },
  });
  const content = `${tunnels[0]?.id}.cfargotunnel.com`;
  await moves.byHand('POST', moves.records, {
    type: 'CNAME',
    name: 'theirs',
    content,
    proxied: true,
    ttl: 1,
  });
  const disk = newDisk();
  const first = await moves.process(disk, fileOf('users: [uma], flow: mfa', docs));
  expect(unfinished(first.report)).toEqual([]);
  const union: Admitted = { ...uma, ...admins };
  await moves.guard(['theirs.example.dev', host].map((each) => ({ host: each, admit: union })));
  const after = fileOf('groups: [admins]');
  const { report } = await moves.process(disk, after);
  // Nothing keeps copies of the foreign host's answers out of the cache.
  expect(sandbox.exposures().filter((exposure) => !isCopy(exposure))).toEqual([]);
  expect(unfinished(report)).toEqual([]);
  expect((await moves.process(disk, after)).writes).toBe(0);
  await moves.admin('DELETE', '/exposures');
  expect(await moves.judgedBy([{ host, admit: admins }])).toEqual([]);
});
