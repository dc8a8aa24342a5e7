import { describe, expect, it } from 'vitest';
import { homeWithoutMarks, importedAfterApplyOf } from './applied-file.ts';
import { importedFrom } from './imported.ts';

const explicit = 'default-provider-authorization-explicit-consent';
const file = `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
authentik:
  url: "http://authentik.lan:9000"
  service: auth
  domains: { example.dev: { groups: [admins], flow: ${explicit} } }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
groups: { admins: {} }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  a: { host: a.example.dev, origin: traefik, gate: { authentik: { groups: [admins] } } }
  b: { host: b.example.dev, origin: traefik, gate: { authentik: { groups: [admins] } } }
  c: { host: c.example.dev, origin: traefik, gate: { authentik: { groups: [admins] } } }
  d: { host: d.example.dev, origin: traefik, gate: { authentik: { groups: [admins] } } }
  own: { host: own.example.dev, origin: traefik, gate: { authentik: { groups: [admins], flow: ${explicit} } } }
  all: { host: all.example.dev, origin: traefik, gate: { authentik: { mode: domain } } }
clients:
  vault: { redirectUris: ["https://vault.example.dev/callback"], groups: [admins], flow: ${explicit} }
`;
const behind = ['a', 'b', 'c', 'd', 'own', 'all'].map((name) => `${name}.example.dev`);

describe('importing a login with another authorization flow than most', () => {
  it('leaves nothing to plan after adopt', () => importedAfterApplyOf(file, behind));

  it('writes the flow of the gate, the domain and the client, and no other', async () => {
    const { text } = await importedFrom(await homeWithoutMarks(file, behind));
    expect(text.match(new RegExp(`flow: ${explicit}`, 'g'))).toHaveLength(3);
    expect(text).not.toContain('flows:');
  });
});
