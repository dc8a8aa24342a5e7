import { describe, expect, it } from 'vitest';
import { homeWithoutMarks, importedAfterApplyOf } from './applied-file.ts';
import { importedFrom } from './imported.ts';

const file = `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
authentik: { url: "http://authentik.lan:9000", service: auth }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
groups: { admins: {} }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  gitlab: { host: gitlab.example.dev, origin: app, gate: { authentik: { mode: saml, client: gitlab } } }
clients:
  gitlab:
    saml: { acsUrl: "https://gitlab.example.dev/acs", audience: gitlab, issuer: home, nameId: email, attributes: [email, groups], sign: both, lifetimes: { assertion: 10m, session: 12h } }
    groups: [admins]
`;

describe('importing a SAML client', () => {
  it('leaves nothing to plan after adopt', () => importedAfterApplyOf(file, []));

  it('writes it as the file had it, and its host with the mode of its protocol', async () => {
    const { text } = await importedFrom(await homeWithoutMarks(file, []));
    expect(text).toContain('mode: saml, client: gitlab');
    for (const line of ['acsUrl: ', 'audience: gitlab', 'issuer: home', 'nameId: email', 'sign: both'])
      expect(text).toContain(line);
    expect(text).toMatch(/lifetimes:\s*\{?\s*assertion: 10m,?\s*session: 12h/);
    expect(text).toMatch(/attributes:\s*\[?[-\s]*email/);
  });

  it.each([
    ['its assertions are encrypted', (pair: string) => ({ encryption_kp: pair })],
    ['it signs nothing', () => ({ signing_kp: null })],
    ['it has a relay state of its own', () => ({ default_relay_state: 'x' })],
  ])('leaves out one that the file cannot say, with the reason: %s', async (reason, change) => {
    const home = await homeWithoutMarks(file, []);
    const state = JSON.parse(home.sandbox.snapshot());
    const provider = state.authentik.providers.find(({ saml }: { saml?: object }) => saml !== undefined);
    Object.assign(provider.saml, change(state.authentik.keyPairs[0].pk));
    home.sandbox.restore(JSON.stringify(state));
    const { draft } = await importedFrom(home);
    expect(draft.leftovers).toContainEqual(
      expect.objectContaining({ section: 'clients', what: 'gitlab', reason }),
    );
  });
});
