import { typeOf } from '../../../../src/lab/sandbox/authentik/providers/provider.ts';
import {
  type MirrorOptions,
  mirrorSandbox,
  type RecordedReply,
  type Sandbox,
} from '../../../../src/lab/sandbox/index.ts';
import type { System, World } from '../../../../src/lab/sandbox/state/world.ts';

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the API answers
  body: any;
}

/** Calls an API; `path` is below its base URL, as in a recorded reply. */
export async function ask(
  sandbox: Sandbox,
  system: System,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  const token = system === 'cloudflare' ? sandbox.token : sandbox.authentikToken;
  const response = await sandbox.fetch(sandbox.urls[system] + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}

/** Calls like `ask`, expects success, and returns the `result` of Cloudflare or the body of Authentik. */
export async function done(
  sandbox: Sandbox,
  system: System,
  method: string,
  path: string,
  body?: unknown,
  // biome-ignore lint/suspicious/noExplicitAny: as above
): Promise<any> {
  const reply = await ask(sandbox, system, method, path, body);
  if (reply.status > 299) throw new Error(`${method} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
  return system === 'cloudflare' ? reply.body.result : reply.body;
}

/** The replies that a client reads from either system: lists, and each object at its own path. */
export async function recorded(sandbox: Sandbox): Promise<RecordedReply[]> {
  const replies: RecordedReply[] = [];
  for (const [system, path] of pathsOf(worldOf(sandbox))) {
    const { status, body } = await ask(sandbox, system, 'GET', path);
    replies.push({ system, path, status, body });
  }
  return replies;
}

export function worldOf(sandbox: Sandbox): World {
  return JSON.parse(sandbox.snapshot());
}

export async function copyOf(
  sandbox: Sandbox,
  options: MirrorOptions = {},
): Promise<{ copy: Sandbox; unplayed: readonly string[]; unread: readonly string[] }> {
  const { sandbox: copy, ...told } = await mirrorSandbox(await recorded(sandbox), options);
  return { copy, ...told };
}

function pathsOf(world: World): (readonly [System, string])[] {
  const { authentik } = world;
  const account = `/accounts/${world.account.id}`;
  const cloudflare = [
    '/accounts',
    account,
    '/zones',
    ...world.zones.flatMap(({ id }) => [
      `/zones/${id}`,
      `/zones/${id}/dns_records?per_page=5000`,
      `/zones/${id}/access/apps`,
      ...(world.rulesets?.some(({ zoneId }) => zoneId === id)
        ? [`/zones/${id}/rulesets/phases/http_request_firewall_custom/entrypoint`]
        : []),
      ...(world.zones.some((zone) => zone.id === id && zone.apiShield)
        ? ['token_validation/config', 'token_validation/rules', 'api_gateway/operations'].map(
            (kind) => `/zones/${id}/${kind}?per_page=50`,
          )
        : []),
    ]),
    ...world.records.map(({ zoneId, id }) => `/zones/${zoneId}/dns_records/${id}`),
    `${account}/cfd_tunnel?per_page=1000`,
    ...world.tunnels.flatMap(({ id, deletedAt }) =>
      deletedAt === null
        ? [`${account}/cfd_tunnel/${id}`, `${account}/cfd_tunnel/${id}/configurations`]
        : [`${account}/cfd_tunnel/${id}`],
    ),
    ...[
      ...['tags', 'apps', 'policies', 'service_tokens', 'organizations', 'identity_providers'],
      'certificates',
    ].map((kind) => `${account}/access/${kind}`),
    `${account}/devices/posture`,
    ...world.apps
      .filter(({ scope }) => scope.kind === 'accounts')
      .map(({ id }) => `${account}/access/apps/${id}`),
    ...world.policies
      .filter(({ appId }) => appId === null)
      .map(({ id }) => `${account}/access/policies/${id}`),
  ];
  const lists = [
    '/core/users/',
    '/core/groups/',
    '/rbac/roles/',
    '/core/applications/?superuser_full_list=true',
    '/providers/all/',
    '/providers/proxy/',
    '/providers/oauth2/',
    '/providers/saml/',
    '/providers/ldap/',
    '/propertymappings/provider/saml/',
    '/propertymappings/provider/scope/',
    '/policies/bindings/',
    '/policies/expression/',
    '/outposts/instances/',
    '/flows/instances/',
    '/crypto/certificatekeypairs/',
    '/core/brands/',
  ];
  const own = [
    '/admin/version/',
    '/admin/settings/',
    '/core/users/me/',
    ...authentik.groups.map(({ pk }) => `/core/groups/${pk}/`),
    ...authentik.applications.map(({ slug }) => `/core/applications/${slug}/`),
    ...authentik.providers
      .filter(({ naming }) => naming === undefined)
      .map((row) => `/providers/${typeOf(row)}/${row.pk}/`),
    ...authentik.bindings.map(({ pk }) => `/policies/bindings/${pk}/`),
  ];
  const pages = lists.map((path) => `${path}${path.includes('?') ? '&' : '?'}page_size=100`);
  return [
    ...cloudflare.map((path) => ['cloudflare', path] as const),
    ...[...pages, ...own].map((path) => ['authentik', `/api/v3${path}`] as const),
  ];
}
