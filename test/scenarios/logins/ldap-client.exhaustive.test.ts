import { beforeAll, describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox, type Snapshot } from '../../../src/lab/sandbox/index.ts';
import { placeLdapOutpost } from '../homes/ldap-outpost.ts';
import { explore } from '../moves/exploration.ts';
import { type Admitted, Moves, type State } from '../moves/moves.ts';
import { copyOf, newDisk } from '../stage/disk.ts';
import { Hand } from '../stage/hand.ts';
import { runCommand, unfinished } from '../stage/stage.ts';
import { tallied } from '../stage/tally.ts';

/** A file with a client, and a host whose application logs people in by it. */
function home({ service }: Pick<State, 'service'>): string {
  const [mode, client] = service?.split(' ', 1).concat(service.replace(/^\S+ /, '')) ?? [];
  return `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
authentik: { url: "http://authentik.lan:9000", service: auth, ldapOutpost: directory }
groups: { family: {} }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
${client === undefined ? '' : `  films: { host: films.example.dev, origin: app, gate: { authentik: { mode: ${mode}, client: films } } }\nclients:\n  films: ${client}`}
`;
}

/** The client in one protocol, and the people who may log in by it. */
function films(name: string, service: string | undefined, admit: Admitted): State {
  return { name, service, guards: [{ host: 'films.client.invalid', client: 'films', admit }] };
}

const states = {
  none: films('none', undefined, {}),
  ada: films('ada', 'ldap { ldap: { baseDn: "dc=films,dc=home" }, users: [ada] }', { users: ['ada'] }),
  ben: films('ben', 'ldap { ldap: { baseDn: "dc=tv,dc=home", bindMode: cached }, users: [ben] }', {
    users: ['ben'],
  }),
  all: films('everyone', 'ldap { ldap: { baseDn: "dc=films" }, everyone: { reason: all } }', {
    people: true,
  }),
  oidc: films(
    'ada, by OpenID Connect',
    'oidc { redirectUris: ["https://films.example.dev/in"], users: [ada] }',
    { users: ['ada'] },
  ),
  saml: films('ben, by SAML', 'saml { saml: { acsUrl: "https://films.example.dev/acs" }, users: [ben] }', {
    users: ['ben'],
  }),
  mfa: films(
    'ben, by SAML with a second factor',
    'saml { saml: { acsUrl: "https://films.example.dev/acs" }, users: [ben], flow: mfa }',
    { rules: [{ include: [{ users: ['ben'] }], require: [{ passes: ['flow mfa'] }] }] },
  ),
};

const { none, ada, ben, all, oidc, saml, mfa } = states;
const pairs = [
  ...[none, ben, all, oidc, saml].map((other) => [ada, other] as const),
  ...[none, all].map((other) => [other, ben] as const),
  ...[none, oidc, saml].map((other) => [other, all] as const),
  ...[oidc, saml].map((other) => [other, ada] as const),
  // The provider of another protocol asks for more, or for less.
  ...[ada, oidc].flatMap((other) => [[other, mfa] as const, [mfa, other] as const]),
].map(([before, after]) => ({ before, after, names: `${before.name} → ${after.name}` }));

const tally = tallied('moves of an LDAP client');

let sandbox: Sandbox;
let moves: Moves;
let first: Snapshot;
let theirs: number;
let outpost: string;

/** Two people, and an LDAP outpost with the provider of somebody else. */
beforeAll(async () => {
  sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
  moves = new Moves(sandbox, home, [], tally);
  const hand = new Hand(sandbox);
  for (const username of ['ada', 'ben'])
    await hand.post('/core/users/', { username, name: username, groups: [] });
  const flow = { name: 'mfa', slug: 'mfa', title: 'mfa', designation: 'authorization' };
  await hand.post('/flows/instances/', flow);
  ({ outpost, theirs } = await placeLdapOutpost(sandbox));
  first = sandbox.snapshot();
});

/** The providers of the outpost. */
async function served(): Promise<readonly number[]> {
  const reply = (await new Hand(sandbox).get(`/outposts/instances/${outpost}/`)) as {
    readonly providers: readonly number[];
  };
  return reply.providers;
}

describe('an LDAP client', () => {
  it.each(pairs)('moves with trouble at every write, and admits nobody else: $names', async (pair) => {
    const { before, after } = pair;
    const scene = await moves.sceneOf(first, before);
    await explore(moves, { scene, before, after, goesWrong: 'writes' });
  });

  it('is in the outpost beside the provider of somebody else, and leaves nothing', async () => {
    sandbox.restore(first);
    const disk = newDisk();
    expect(unfinished((await moves.process(disk, home(ada))).report)).toEqual([]);
    expect((await served())[0]).toBe(theirs);
    expect(await served()).toHaveLength(2);
    const second = await moves.process(disk, home(ada));
    expect([second.writes, unfinished(second.report)]).toEqual([0, []]);
    expect(unfinished((await moves.process(disk, home(none))).report)).toEqual([]);
    expect(await served()).toEqual([theirs]);
  });

  it('goes also with a new state folder, and from a file that no longer names an outpost', async () => {
    sandbox.restore(first);
    expect(unfinished((await moves.process(newDisk(), home(ada))).report)).toEqual([]);
    const without = home(none).replace(', ldapOutpost: directory', '');
    const disk = newDisk();
    expect(unfinished((await moves.process(disk, without)).report)).toEqual([]);
    expect(await served()).toEqual([theirs]);
    expect((await moves.process(disk, without)).writes).toBe(0);
  });

  it('is adopted as somebody made it, without a change of who gets in', async () => {
    sandbox.restore(first);
    const disk = newDisk();
    expect(unfinished((await moves.process(disk, home(ada))).report)).toEqual([]);
    const hand = new Hand(sandbox);
    const [, own] = await served();
    await hand.patch(`/providers/ldap/${own}/`, { name: 'films' });
    await hand.patch('/core/applications/films/', { meta_publisher: '' });
    const adopting = { sandbox, disk: await copyOf(newDisk()), text: home(ada) };
    expect(unfinished((await runCommand('adopt', adopting, undefined)).report)).toEqual([]);
    expect(await served()).toEqual([theirs, own]);
    expect(await hand.get(`/providers/ldap/${own}/`)).toMatchObject({ name: 'gates:home/films/ldap' });
  });
});
