import { beforeEach, describe, expect, it } from 'vitest';
import { login } from '../../../src/lab/sandbox/edge/team/login.ts';
import { viewOf } from '../../../src/lab/sandbox/edge/view/view.ts';
import { judge } from '../../../src/lab/sandbox/oracle/oracle.ts';
import type { AccessApp, JsonObject, World } from '../../../src/lab/sandbox/state/world.ts';
import { addGroup, call, flowsOf } from './authentik/gate.ts';
import { addApp, addPolicy, addRecord, guardedRule, newWorld, setIngress } from './edge/scene.ts';

const HOST = 'app.example.dev';
const AUTH = 'auth.example.dev';
const OIDC = 'provider-oidc';
const PIN = 'provider-pin';
const JO = 'jo@example.dev';

let world: World;
let app: AccessApp;
let admins: string;
let juniors: string;
let mapping: string;
let client: number;

/** A host for the group `admins`, by claims of Authentik; jo is in its child group `juniors`. */
beforeEach(async () => {
  world = newWorld();
  for (const name of [HOST, AUTH]) addRecord(world, { name });
  admins = await addGroup(world, 'admins', []);
  juniors = await addGroup(world, 'juniors', ['jo']);
  await call(world, 'PATCH', `/core/groups/${juniors}/`, { parents: [admins] });
  mapping = await scope('groups of Access', '[group.name for group in request.user.all_groups()]');
  const made = await call(world, 'POST', '/providers/oauth2/', {
    name: 'access',
    ...flowsOf(world),
    grant_types: ['authorization_code'],
    redirect_uris: [],
    property_mappings: [
      ...world.authentik.scopeMappings
        .filter(({ managed }) => /scope-(openid|email)$/.test(managed ?? ''))
        .map(({ pk }) => pk),
      mapping,
    ],
  });
  client = made.pk;
  await call(world, 'POST', '/core/applications/', { name: 'access', slug: 'access', provider: client });
  provider({});
  world.identityProviders.push({ id: PIN, name: 'PIN', type: 'onetimepin', config: {} });
  app = addApp(world, [HOST], [addPolicy(world, 'allow', [claim('groups', 'admins')])], {
    settings: { allowed_idps: [OIDC] },
  });
  setIngress(world, [guardedRule(HOST, app), { hostname: AUTH, service: 'http://traefik.lan' }]);
  world.guards = [{ host: HOST, admit: { groups: ['admins'] } }];
});

async function scope(name: string, list: string): Promise<string> {
  const body = { name, scope_name: 'gates', expression: `return {"groups": ${list}}` };
  return (await call(world, 'POST', '/propertymappings/provider/scope/', body)).pk;
}

function provider(more: JsonObject): void {
  const client_id = world.authentik.providers.find(({ pk }) => pk === client)?.client_id ?? '';
  const config = {
    client_id,
    auth_url: `https://${AUTH}/application/o/authorize/`,
    token_url: `https://${AUTH}/application/o/token/`,
    certs_url: `https://${AUTH}/application/o/access/jwks/`,
    scopes: ['openid', 'email', 'gates'],
    claims: ['groups'],
    ...more,
  };
  const others = world.identityProviders.filter(({ id }) => id !== OIDC);
  world.identityProviders = [...others, { id: OIDC, name: 'Authentik', type: 'oidc', config }];
}

function claim(claim_name: string, claim_value: string): JsonObject {
  return { oidc: { claim_name, claim_value, identity_provider_id: OIDC } };
}

function admit(...include: JsonObject[]): void {
  app.policies = [{ id: addPolicy(world, 'allow', include).id, precedence: 1 }];
}

function caught(): string[] {
  return [...new Set(judge(world, 1).map(({ principal }) => principal))].sort();
}

/** True if a person gets in by their login. */
function entersAs(email: string): boolean {
  return login(viewOf(world), app, email) !== null;
}

describe('a door of Access with claim rules', () => {
  it('holds: a person in a child group gets in, as the file says, and nobody else does', () => {
    expect(caught()).toEqual([]);
    expect([entersAs(JO), entersAs('admin@example.dev'), entersAs('stranger@example.net')]).toEqual([
      ...[true, false, false],
    ]);
  });

  it.each<{ because: string; plant: () => unknown; who: string[] }>([
    {
      because: 'a rule names a group that is too wide',
      plant: () => {
        world.guards = [{ host: HOST, admit: { groups: ['seniors'] } }];
      },
      who: [JO],
    },
    {
      because: 'an address is admitted that the file does not name',
      plant: () => admit(claim('groups', 'admins'), { email: { email: 'admin@example.dev' } }),
      who: ['admin@example.dev'],
    },
    {
      because: 'an address of somebody in no group is admitted, who needs none to log in',
      plant: () => {
        world.guards.push({ host: AUTH, admit: { emails: ['eve@example.org'], public: true } });
        admit({ email: { email: 'eve@example.org' } });
      },
      who: ['eve@example.org'],
    },
    {
      because: 'everybody may come who can log in, and the application of Access is open',
      plant: () => admit({ login_method: { id: OIDC } }),
      who: ['admin@example.dev', 'stranger@example.net'],
    },
    {
      because: 'whoever reads their mail is one who logged in',
      plant: () => {
        app.settings = {};
        admit({ login_method: { id: PIN } });
      },
      who: ['admin@example.dev', 'stranger@example.net'],
    },
    {
      because: 'the mapping says of everybody that they are in the group',
      plant: () =>
        call(world, 'PATCH', `/propertymappings/provider/scope/${mapping}/`, {
          expression: 'return {"groups": "admins"}',
        }),
      who: ['admin@example.dev', 'stranger@example.net'],
    },
    {
      because: 'the tokens come from somebody outside',
      plant: () => provider({ token_url: 'https://login.example.org/token' }),
      who: ['admin@example.dev', 'stranger@example.net'],
    },
    {
      because: 'the keys are those of an application',
      plant: () => {
        setIngress(world, [
          guardedRule(HOST, app),
          { hostname: AUTH, path: 'jwks', service: 'http://app.lan' },
          { hostname: AUTH, service: 'http://traefik.lan' },
        ]);
      },
      who: ['admin@example.dev', 'stranger@example.net'],
    },
  ])('is open if $because', async ({ plant, who }) => {
    await plant();
    expect(caught()).toEqual(who);
  });

  it.each<{ because: string; plant: () => unknown }>([
    { because: 'its rule is about a claim that nobody sends', plant: () => admit(claim('roles', 'admins')) },
    { because: 'Access was not told of the claim', plant: () => provider({ claims: [] }) },
    { because: 'the scope is not asked for', plant: () => provider({ scopes: ['openid', 'email'] }) },
    {
      because: 'its rule is about another provider',
      plant: () => {
        const oidc = { claim_name: 'groups', claim_value: 'admins', identity_provider_id: PIN };
        admit({ oidc });
      },
    },
    {
      because: 'the token says nothing of anybody',
      plant: () =>
        call(world, 'PATCH', `/providers/oauth2/${client}/`, { include_claims_in_id_token: false }),
    },
    { because: 'the client is none', plant: () => provider({ client_id: 'nobody' }) },
    {
      because: 'the mapping lists the groups of a member alone',
      plant: () =>
        call(world, 'PATCH', `/propertymappings/provider/scope/${mapping}/`, {
          expression: 'return {"groups": [group.name for group in request.user.ak_groups.all()]}',
        }),
    },
    { because: 'its name is written otherwise', plant: () => admit(claim('groups', 'Admins')) },
    {
      because: 'the tunnel asks for another audience',
      plant: () => setIngress(world, [guardedRule(HOST, { ...app, aud: 'another' })]),
    },
  ])('admits nobody if $because', async ({ plant }) => {
    world.guards = [{ host: HOST, admit: {} }];
    await plant();
    expect(caught()).toEqual([]);
  });

  it('stays open to its people through a temporary failure of the login', () => {
    setIngress(world, [guardedRule(HOST, app), { hostname: AUTH, service: 'http_status:503' }]);
    world.guards = [{ host: HOST, admit: {} }];
    expect(caught()).toEqual([JO]);
  });

  it('trusts an address as far as the provider does: it admits its owner and no other member', () => {
    admit({ email: { email: 'admin@example.dev' } });
    world.guards = [{ host: HOST, admit: { emails: ['admin@example.dev'] } }];
    expect([caught(), entersAs('admin@example.dev'), entersAs(JO)]).toEqual([[], true, false]);
  });

  it('is found with a narrower policy whose sessions were not ended', () => {
    const claims = login(viewOf(world), app, JO);
    if (claims !== null) world.sessions.push(claims);
    admit(claim('groups', 'seniors'));
    world.guards = [{ host: HOST, admit: { groups: ['seniors'] } }];
    expect(caught()).toEqual([JO]);
    app.revokedAt = Date.now();
    expect(caught()).toEqual([]);
  });

  it('is not reported for a session from before somebody left a group', async () => {
    const claims = login(viewOf(world), app, JO);
    if (claims !== null) world.sessions.push(claims);
    await call(world, 'POST', `/core/groups/${juniors}/remove_user/`, { pk: 4 });
    expect([caught(), entersAs(JO)]).toEqual([[], false]);
  });
});
