import { describe, expect, it } from 'vitest';
import { homeWithoutMarks } from '../import/applied-file.ts';
import { runCommand, unfinished } from '../stage/stage.ts';
import { pendingIn } from './adopted.ts';

function fileWith(services: string): string {
  return `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik: { url: "http://authentik.lan:9000", service: auth }
groups: { family: {} }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
serviceTokens: { ci: {} }
clients:
  vault: { redirectUris: ["https://vault.example.dev/callback"], groups: [family] }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
${services}`;
}

const hosts = {
  'machines at the login host, without `alias`':
    '  api: { host: auth-api.example.dev, hostHeader: auth.example.dev, origin: traefik, gate: { serviceToken: { tokens: [ci] } } }\n',
  'a guarded path at a host that asks by itself':
    '  api: { host: vault.example.dev, origin: app, gate: { authentik: { mode: oidc, client: vault } }, paths: { /admin/**: { cloudflare: { emails: [me@example.dev] } } } }\n',
  'a guarded exact path at a host that asks by itself':
    '  api: { host: vault.example.dev, origin: app, gate: { authentik: { mode: oidc, client: vault } }, paths: { /admin: { cloudflare: { emails: [me@example.dev] } } } }\n',
};

describe.each(Object.entries(hosts))('adopting %s', (_, services) => {
  it.each(['api', undefined])('leaves nothing to plan for the service %s', async (service) => {
    const text = fileWith(services);
    const home = { ...(await homeWithoutMarks(text, [])), text };
    // Nobody but gates makes the rules that refuse odd spellings of a guarded path.
    const { writes, report } = await runCommand('adopt', home, service);
    expect(unfinished(report)).toEqual([]);
    expect(writes).toBeGreaterThan(0);
    expect(pendingIn(await runCommand('plan', home, service))).toEqual([]);
    expect(home.sandbox.exposures()).toEqual([]);
  });
});
