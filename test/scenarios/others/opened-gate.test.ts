import { expect, it } from 'vitest';
import { behind, home } from '../homes/authentik-home.ts';
import { host } from '../moves/moves.ts';
import { askAdmin, HandAtHome } from '../stage/hand.ts';
import { unfinished } from '../stage/stage.ts';

const forMe = '{ cloudflare: { emails: [me@example.dev] } }';
const atPath = `{ authentik: { mode: oidc, client: app } }, paths: { /api/**: ${forMe} }`;
const atHost = `${forMe}, paths: { /health: { public: { reason: open } } }`;
const file = (gate: string, origin: string) =>
  home({ service: `  app: { host: ${host}, origin: ${origin}, gate: ${gate} }` });

const everybody = { name: 'all', decision: 'bypass', include: [{ everyone: {} }] };
type Row = Readonly<Record<string, string>>;

/** Gives an application of Access other policies; `of` chooses them by the ids of all. */
async function open(
  { sandbox }: HandAtHome,
  name: string,
  of: (all: readonly unknown[]) => readonly unknown[],
): Promise<void> {
  const call = (method: string, path: string, body?: object) => {
    const at = `/accounts/${sandbox.accountId}/access${path}`;
    return askAdmin(sandbox, 'POST', '/edit', {
      ...{ actor: 'somebody', system: 'cloudflare', method, path: at, body },
    });
  };
  const list = async (path: string) =>
    ((await call('GET', path)) as { readonly result: readonly Row[] }).result;
  const app = (await list('/apps')).find((each) => each.name === name);
  const policies = of((await list('/policies')).map(({ id }) => id));
  await call('PUT', `/apps/${app?.id}`, { ...app, policies });
}

/** While everybody passes the gate without a token, the tunnel keeps them out. */
it.each([
  { what: 'a path', gate: atPath, name: `${host}/api`, policies: () => [everybody] },
  {
    what: 'a host',
    gate: atHost,
    name: host,
    policies: (all: readonly unknown[]) => all,
  },
])('$what that somebody opened for everybody moves, and nobody reaches the old origin', async (of) => {
  const hand = await HandAtHome.at(file(of.gate, 'app'), [], behind);
  const { disk } = await hand.begin();
  await open(hand, of.name, of.policies);
  const { report } = await hand.pass(disk, file(of.gate, 'next'));
  expect(unfinished(report)).toEqual([]);
  expect((await hand.pass(disk, file(of.gate, 'next'))).writes).toBe(0);
});
