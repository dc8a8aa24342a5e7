import { expect } from 'vitest';
import { createSandbox, type Sandbox } from '../../../src/lab/sandbox/index.ts';
import { type Disk, newDisk } from '../stage/disk.ts';
import { askAdmin } from '../stage/hand.ts';
import { runProcess, unfinished } from '../stage/stage.ts';

/** A home with a service of each gate that needs neither API Shield nor the daemon. */
export const homeFile = `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik: { url: "http://authentik.lan:9000", service: auth, domains: { example.dev: { groups: [family] } } }
groups: { admins: {}, family: {} }
clients:
  vault: { redirectUris: ["https://vault.example.dev/callback"], groups: [family] }
  wiki: { redirectUris: ["https://wiki.example.dev/callback"], everyone: { reason: everybody may read } }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80", router: true }
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
serviceTokens: { ci: {}, backup: {} }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  proxmox: { host: proxmox.example.dev, origin: app, gate: { cloudflare: { emails: [me@example.dev], session: 7d } } }
  grafana:
    host: grafana.example.dev
    origin: traefik
    gate: { authentik: { groups: [admins] } }
    paths: { /api/health: { public: { reason: uptime probe } } }
  photos: { host: photos.example.dev, origin: traefik, gate: { authentik: { mode: domain } } }
  files: { host: files.example.dev, origin: app, gate: { authentik: { mode: proxy, groups: [family] } } }
  vault: { host: vault.example.dev, origin: app, gate: { authentik: { mode: oidc, client: vault } } }
  wiki: { host: wiki.example.dev, origin: app, gate: { authentik: { mode: oidc, client: wiki } } }
  registry: { host: registry.example.dev, origin: app, gate: { serviceToken: { tokens: [ci, backup] } } }
  docs:
    host: docs.example.dev
    origin: app
    gate: { public: { reason: documentation } }
    paths: { /drafts/**: { cloudflare: { emails: [me@example.dev] } } }
dns:
  example.dev:
    - { name: "@", type: MX, content: aspmx1.example.net, priority: 10 }
    - { name: www, type: CNAME, content: docs.example.dev, proxied: false }
`;

export interface HealthyHome {
  readonly sandbox: Sandbox;
  readonly disk: Disk;
}

/** A sandbox to which gates has applied {@link homeFile}. */
export async function healthyHome(): Promise<HealthyHome> {
  const sandbox = await createSandbox({ zones: ['example.dev'] });
  const asking = ['grafana.example.dev', 'photos.example.dev'];
  await askAdmin(sandbox, 'PUT', '/origins', {
    url: 'http://traefik.lan:80',
    kind: 'traefik',
    forwardAuth: asking,
  });
  const disk = newDisk();
  const { report } = await runProcess(sandbox, disk, homeFile);
  expect(report?.mistakes).toEqual([]);
  expect(unfinished(report)).toEqual([]);
  return { sandbox, disk };
}
