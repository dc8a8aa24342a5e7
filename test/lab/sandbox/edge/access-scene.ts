import { handleCloudflare } from '../../../../src/lab/sandbox/cloudflare/index.ts';
import type { AccessApp, JsonObject, World } from '../../../../src/lab/sandbox/state/world.ts';
import { addGroup, call, flowsOf } from '../authentik/gate.ts';
import { addApp, addPolicy, addRecord, guardedRule, setIngress } from './scene.ts';

export const PROXMOX = 'proxmox.example.dev';
export const NAS = 'nas.example.dev';
export const AUTH = 'auth.example.dev';
export const TEAM = 'example.cloudflareaccess.com';

/** The parts of the scene that a test changes. */
export interface AccessScene {
  /** The provider in Authentik whose client is Access. */
  client: { pk: number; client_id: string; client_secret: string };
  /** The ids of Access's identity providers. */
  provider: string;
  pin: string;
  proxmox: AccessApp;
}

/** Two hosts that Access guards for the group `admins`, and Authentik behind the same edge; jo is in a child group. */
export async function accessScene(world: World): Promise<AccessScene> {
  for (const name of [PROXMOX, NAS, AUTH]) addRecord(world, { name });
  const admins = await addGroup(world, 'admins', []);
  const juniors = await addGroup(world, 'juniors', ['jo']);
  await call(world, 'PATCH', `/core/groups/${juniors}/`, { parents: [admins] });
  const mapping = await call(world, 'POST', '/propertymappings/provider/scope/', {
    name: 'groups of Access',
    scope_name: 'gates',
    expression: 'return {"groups": [group.name for group in request.user.all_groups()]}',
  });
  const client = await call(world, 'POST', '/providers/oauth2/', {
    name: 'access',
    ...flowsOf(world),
    grant_types: ['authorization_code'],
    redirect_uris: [{ matching_mode: 'strict', url: `https://${TEAM}/cdn-cgi/access/callback` }],
    signing_key: world.authentik.keyPairs[0]?.pk,
    property_mappings: [...stock(world, 'openid', 'email', 'profile'), mapping.pk],
  });
  await call(world, 'POST', '/core/applications/', { name: 'access', slug: 'access', provider: client.pk });
  const made = await access(world, 'POST', '/identity_providers', openId(client, {}));
  const pin = await access(world, 'POST', '/identity_providers', {
    name: 'PIN',
    type: 'onetimepin',
    config: {},
  });
  const provider = String(made.id);
  const proxmox = guardHost(world, PROXMOX, provider);
  const nas = guardHost(world, NAS, provider);
  setIngress(world, [
    guardedRule(PROXMOX, proxmox),
    guardedRule(NAS, nas),
    { hostname: AUTH, service: 'http://traefik.lan' },
  ]);
  return { client, provider, pin: String(pin.id), proxmox };
}

/** The ids of Authentik's own scope mappings. */
export function stock(world: World, ...scopes: string[]): string[] {
  const { scopeMappings } = world.authentik;
  return scopes.map((scope) => scopeMappings.find(({ managed }) => managed?.endsWith(`-${scope}`))?.pk ?? '');
}

/** The body of the identity provider, as a careful person writes it; `config` changes it. */
export function openId(
  { client_id, client_secret }: { client_id: string; client_secret: string },
  config: object,
): object {
  return {
    name: 'Authentik',
    type: 'oidc',
    config: {
      client_id,
      client_secret,
      auth_url: `https://${AUTH}/application/o/authorize/`,
      token_url: `https://${AUTH}/application/o/token/`,
      certs_url: `https://${AUTH}/application/o/access/jwks/`,
      scopes: ['openid', 'email', 'profile', 'gates'],
      claims: ['groups'],
      ...config,
    },
  };
}

/** Calls the API of Access, and fails the test unless the call succeeds. */
export async function access(world: World, method: string, path: string, body: object): Promise<JsonObject> {
  const request = new Request(`http://cloudflare.test/client/v4/accounts/${world.account.id}/access${path}`, {
    method,
    headers: { authorization: `Bearer ${world.apiTokens[0]?.value}` },
    body: JSON.stringify(body),
  });
  const response = await handleCloudflare(world, request);
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return JSON.parse(text).result;
}

/** Adds an application that sends people to the provider at once and admits the group `admins`. */
export function guardHost(world: World, host: string, provider: string): AccessApp {
  const oidc = { claim_name: 'groups', claim_value: 'admins', identity_provider_id: provider };
  return addApp(world, [host], [addPolicy(world, 'allow', [{ oidc }])], {
    settings: { allowed_idps: [provider], auto_redirect_to_identity: true },
  });
}
