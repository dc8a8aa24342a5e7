import { expect, it } from 'vitest';
import { behind, home } from '../homes/authentik-home.ts';
import { host } from '../moves/moves.ts';
import { askAdmin, HandAtHome } from '../stage/hand.ts';
import { unfinished } from '../stage/stage.ts';

const path = '/api/**: { cloudflare: { emails: [me@example.dev] } }';
const gate = 'gate: { authentik: { mode: oidc, client: app } }';
const file = (origin: string) =>
  home({ service: `  app: { host: ${host}, origin: ${origin}, ${gate}, paths: { ${path} } }` });

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
  const hand = await HandAtHome.at(file('app'), [], behind);
  const { disk } = await hand.begin();
  await open(hand, `${host}/api`);
  const { report } = await hand.pass(disk, file('next'));
  expect(unfinished(report)).toEqual([]);
  expect((await hand.pass(disk, file('next'))).writes).toBe(0);
});
