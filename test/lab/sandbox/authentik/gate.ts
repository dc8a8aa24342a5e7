import { handleAuthentik } from '../../../../src/lab/sandbox/authentik/index.ts';
import type { World } from '../../../../src/lab/sandbox/state/world.ts';

/** The parts of a gate that a test sets; all others are as a careful person would write them. */
export interface GateOptions {
  /** Members of the provider, such as `external_host` and `mode`. */
  provider?: object;
  /** Usernames in the one group that the application admits; nobody by default. */
  members?: readonly string[];
  /** False leaves the application without any binding, which admits everybody. */
  bound?: boolean;
  /** False leaves the provider out of the embedded outpost. */
  served?: boolean;
}

export interface Gate {
  provider: number;
  clientId: string;
  application: string;
  group: string;
}

/** Calls Authentik's API as its administrator, and fails the test unless the call succeeds. */
// biome-ignore lint/suspicious/noExplicitAny: results are read as loosely as any client of JSON reads them
export async function call(world: World, method: string, path: string, body?: unknown): Promise<any> {
  const request = new Request(`http://authentik.test/api/v3${path}`, {
    method,
    headers: {
      authorization: `Bearer ${world.authentik.tokens[0]?.key}`,
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const response = await handleAuthentik(world, request);
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}

export function flowsOf(world: World): { authorization_flow: string; invalidation_flow: string } {
  const flow = (slug: string) => world.authentik.flows.find((row) => row.slug === slug)?.pk ?? '';
  return {
    authorization_flow: flow('default-provider-authorization-implicit-consent'),
    invalidation_flow: flow('default-provider-invalidation-flow'),
  };
}

/** Adds a proxy provider for `<name>.example.dev`, its application, a group that it admits, and its outpost entry. */
export async function addGate(world: World, name: string, options: GateOptions = {}): Promise<Gate> {
  const group = await addGroup(world, `${name} people`, options.members ?? []);
  const provider = await call(world, 'POST', '/providers/proxy/', {
    name,
    ...flowsOf(world),
    mode: 'forward_single',
    external_host: `https://${name}.example.dev`,
    ...options.provider,
  });
  await allowCodes(world, provider.pk);
  const application = await call(world, 'POST', '/core/applications/', {
    name,
    slug: name,
    provider: provider.pk,
  });
  if (options.bound !== false) {
    await call(world, 'POST', '/policies/bindings/', { target: application.pk, group, order: 0 });
  }
  if (options.served !== false) await serve(world, [provider.pk]);
  return { provider: provider.pk, clientId: provider.client_id, application: application.pk, group };
}

export async function addGroup(world: World, name: string, members: readonly string[]): Promise<string> {
  const users = world.authentik.users.filter(({ username }) => members.includes(username));
  const group = await call(world, 'POST', '/core/groups/', { name, users: users.map(({ pk }) => pk) });
  return group.pk;
}

/** Sets grant types, which proxy providers lack from 2026.5 on; earlier releases have no such field. */
async function allowCodes(world: World, provider: number): Promise<void> {
  await call(world, 'PATCH', `/providers/oauth2/${provider}/`, { grant_types: ['authorization_code'] });
}

/** Adds providers to the embedded outpost, and sets Authentik's address there. */
export async function serve(world: World, providers: readonly number[]): Promise<void> {
  const [outpost] = world.authentik.outposts;
  if (outpost === undefined) throw new Error('the first world has an outpost');
  await call(world, 'PATCH', `/outposts/instances/${outpost.pk}/`, {
    providers: [...outpost.providers, ...providers],
    config: { ...outpost.config, authentik_host: 'https://auth.example.dev' },
  });
}
