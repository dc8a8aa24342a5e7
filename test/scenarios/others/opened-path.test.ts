import { expect, it } from 'vitest';
import { askAdmin, HandAtHome } from '../stage/hand.ts';
import { unfinished } from '../stage/stage.ts';

const path = '/api/**: { cloudflare: { emails: [me@example.dev] } }';
const file = (origin: string) => `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik: { url: "http://authentik.lan:9000", service: auth }
groups: { admins: {} }
clients: { app: { redirectUris: ["https://app.example.dev/callback"], groups: [admins] } }
origins:
  old: { tunnel: homelab, url: "http://old.lan:80" }
  new: { tunnel: homelab, url: "http://new.lan:80" }
services:
  auth: { host: auth.example.dev, origin: new, gate: { identityProvider: {} } }
  app: { host: app.example.dev, origin: ${origin}, gate: { authentik: { mode: oidc, client: app } }, paths: { ${path} } }
`;

/** Replaces the policies of an application of Access by one that admits everybody. */
async function open({ sandbox }: HandAtHome, name: string): Promise<void> {
  const call = (method: string, path: string, body?: object) =>
    askAdmin(sandbox, 'POST', '/edit', { actor: 'somebody', system: 'cloudflare', method, path, body });
  const apps = `/accounts/${sandbox.accountId}/access/apps`;
  const { result } = (await call('GET', apps)) as {
    readonly result: readonly { readonly id: string; readonly name: string }[];
  };
  const app = result.find((each) => each.name === name);
  const everybody = { name: 'all', decision: 'bypass', include: [{ everyone: {} }] };
  await call('PUT', `${apps}/${app?.id}`, { ...app, policies: [everybody] });
}

/** While everybody passes the gate without a token, the tunnel keeps them out. */
it('a path that somebody opened for everybody moves with its host, and nobody reaches the old origin', async () => {
  const hand = await HandAtHome.at(file('old'), [], []);
  const { disk } = await hand.begin();
  await open(hand, 'app.example.dev/api');
  const { report } = await hand.pass(disk, file('new'));
  expect(unfinished(report)).toEqual([]);
  expect((await hand.pass(disk, file('new'))).writes).toBe(0);
});
