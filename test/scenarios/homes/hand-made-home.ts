import { createSandbox, type Sandbox } from '../../../src/lab/sandbox/index.ts';
import { type Disk, newDisk } from '../stage/disk.ts';

/** The host that somebody guards with Access. */
export const accessHost = 'proxmox.example.dev';
/** The host that somebody guards with Authentik. */
export const authentikHost = 'grafana.example.dev';

/** The host whose application asks Authentik by itself. */
export const clientHost = 'vault.example.dev';

/** The file that says what {@link handMadeHome} has. */
export const file = `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik: { url: "http://authentik.lan:9000", service: auth }
groups: { admins: {} }
clients:
  vault: { redirectUris: ["https://${clientHost}/callback"], groups: [admins] }
origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
  app: { tunnel: homelab, url: "http://app.lan:80" }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  proxmox: { host: ${accessHost}, origin: app, gate: { cloudflare: { emails: [me@example.dev] } } }
  grafana: { host: ${authentikHost}, origin: traefik, gate: { authentik: { groups: [admins] } } }
  vault: { host: ${clientHost}, origin: app, gate: { authentik: { mode: oidc, client: vault } } }
`;

/** A sandbox in which a person has set up everything in the dashboards. */
export interface HandMade {
  readonly sandbox: Sandbox;
  readonly disk: Disk;
  readonly text: string;
  /** Makes an edit in a dashboard, and returns the API's answer. */
  edit(system: 'cloudflare' | 'authentik', method: string, path: string, body?: unknown): Promise<Reply>;
  state(): Promise<State>;
  /** The visitors whom the oracle expects at a host. */
  guard(guards: readonly object[]): Promise<unknown>;
  /** The answer to a visitor: the status and the program that gave it. */
  visit(host: string, cookie?: string): Promise<string>;
  /** Logs a person in at Access, and returns the cookie. */
  login(host: string, email: string): Promise<string>;
}

export interface Reply {
  readonly id: string;
  readonly pk: string & number;
  readonly aud: string;
}

/** The parts of the sandbox's state that adoption may touch. */
export interface State {
  readonly apps: readonly { readonly id: string; readonly aud: string; readonly tags: readonly string[] }[];
  readonly policies: readonly { readonly id: string; readonly appId: string | null; readonly name: string }[];
  readonly records: readonly { readonly id: string; readonly name: string; readonly comment: string }[];
  readonly sessions: readonly unknown[];
  readonly authentik: {
    readonly providers: readonly Record<string, unknown>[];
    readonly applications: readonly Record<string, unknown>[];
    readonly bindings: readonly Record<string, unknown>[];
    readonly outposts: readonly { readonly providers: readonly number[] }[];
    readonly groups: readonly Row[];
    readonly flows: readonly Row[];
    readonly scopeMappings: readonly Row[];
    readonly keyPairs: readonly Row[];
  };
}

interface HandMadeParts {
  /** `inline`: the policy belongs to the application. `reusable`: it is one of the account. */
  readonly policy?: 'inline' | 'reusable';
  /** The people whom the policy admits. */
  readonly emails?: readonly string[];
}

/** The login page, a host behind Access, and a host behind Authentik, without a mark of gates. */
export async function handMadeHome({
  policy = 'inline',
  emails = ['me@example.dev'],
}: HandMadeParts = {}): Promise<HandMade> {
  const sandbox = await createSandbox({ zones: ['example.dev'] });
  const home = controls(sandbox);
  const origin = { url: 'http://traefik.lan:80', kind: 'traefik', forwardAuth: [authentikHost] };
  await home.admin('PUT', '/origins', origin);
  const aud = await guardWithAccess(home, sandbox.accountId, { policy, emails });
  await guardWithAuthentik(home);
  await makeClient(home);
  await leadHosts(home, sandbox, aud);
  await home.guard([
    { host: accessHost, admit: { emails: ['me@example.dev'] } },
    { host: authentikHost, admit: { groups: ['admins'] } },
    { host: 'auth.example.dev', client: 'vault', admit: { groups: ['admins'] } },
  ]);
  return home;
}

type Controls = HandMade & { admin(method: string, path: string, body?: unknown): Promise<unknown> };

function controls(sandbox: Sandbox): Controls {
  const admin = async (method: string, path: string, body?: unknown) => {
    const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const reply = await sandbox.fetch(`${sandbox.urls.admin}${path}`, init);
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${method} ${path}: ${text}`);
    return JSON.parse(text) as unknown;
  };
  return {
    sandbox,
    disk: newDisk(),
    text: file,
    admin,
    edit: async (system, method, path, body) => {
      const reply = (await admin('POST', '/edit', { actor: 'somebody', system, method, path, body })) as {
        readonly result?: Reply;
      };
      return reply.result ?? (reply as unknown as Reply);
    },
    guard: (guards) => admin('PUT', '/guards', guards),
    state: async () => (await admin('GET', '/state')) as State,
    visit: async (host, cookie) => {
      const headers = { host, ...(cookie !== undefined && { cookie }) };
      const reply = await sandbox.edge(new Request(`https://${host}/`, { headers, redirect: 'manual' }));
      return `${reply.status} ${reply.headers.get('x-sandbox-served-by')}`;
    },
    login: async (host, email) =>
      ((await admin('POST', '/login', { host, email })) as { readonly cookie: string }).cookie,
  };
}

async function guardWithAccess(
  { edit }: Controls,
  accountId: string,
  { policy, emails }: Required<HandMadeParts>,
): Promise<string> {
  const account = `/accounts/${accountId}/access`;
  const rules = {
    name: 'Just me',
    decision: 'allow',
    include: emails.map((email) => ({ email: { email } })),
  };
  const policies =
    policy === 'inline'
      ? [rules]
      : [{ id: (await edit('cloudflare', 'POST', `${account}/policies`, rules)).id, precedence: 1 }];
  const application = await edit('cloudflare', 'POST', `${account}/apps`, {
    type: 'self_hosted',
    name: 'Proxmox',
    domain: accessHost,
    destinations: [{ type: 'public', uri: accessHost }],
    session_duration: '24h',
    custom_deny_message: 'Go away',
    policies,
  });
  return application.aud;
}

async function guardWithAuthentik({ edit, sandbox }: Controls): Promise<void> {
  const authentik = (method: string, path: string, body?: unknown) =>
    edit('authentik', method, `/api/v3${path}`, body);
  const flowOf = async (slug: string) => (await authentik('GET', `/flows/instances/${slug}/`)).pk;
  const group = await authentik('POST', '/core/groups/', { name: 'admins' });
  const provider = await authentik('POST', '/providers/proxy/', {
    name: 'Provider for Grafana',
    mode: 'forward_single',
    external_host: `https://${authentikHost}`,
    authorization_flow: await flowOf('default-provider-authorization-implicit-consent'),
    invalidation_flow: await flowOf('default-provider-invalidation-flow'),
  });
  const application = await authentik('POST', '/core/applications/', {
    name: 'Grafana',
    slug: 'grafana',
    provider: provider.pk,
    meta_launch_url: `https://${authentikHost}/`,
  });
  await authentik('POST', '/policies/bindings/', { target: application.pk, group: group.pk, order: 0 });
  const reply = await sandbox.authentik(
    new Request(`${sandbox.urls.authentik}/api/v3/outposts/instances/`, {
      headers: { authorization: `Bearer ${sandbox.authentikToken}` },
    }),
  );
  const { results } = (await reply.json()) as { readonly results: readonly Outpost[] };
  for (const { pk, config } of results) {
    const settings = { ...config, authentik_host: 'https://auth.example.dev' };
    await authentik('PATCH', `/outposts/instances/${pk}/`, { providers: [provider.pk], config: settings });
  }
}

/** A client that has everything that the file asks for. */
async function makeClient({ edit, state }: Controls): Promise<void> {
  const authentik = (method: string, path: string, body?: unknown) =>
    edit('authentik', method, `/api/v3${path}`, body);
  const { groups, flows, scopeMappings, keyPairs } = (await state()).authentik;
  const pkOf = (rows: readonly Row[], field: keyof Row, value: string) =>
    rows.find((row) => row[field] === value)?.pk;
  const scopes = ['openid', 'email', 'profile'];
  const provider = await authentik('POST', '/providers/oauth2/', {
    name: 'Provider for Vaultwarden',
    client_type: 'confidential',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: [{ matching_mode: 'strict', url: `https://${clientHost}/callback` }],
    authorization_flow: pkOf(flows, 'slug', 'default-provider-authorization-implicit-consent'),
    invalidation_flow: pkOf(flows, 'slug', 'default-provider-invalidation-flow'),
    signing_key: keyPairs[0]?.pk,
    property_mappings: scopes.map((scope) => pkOf(scopeMappings, 'scope_name', scope)),
    sub_mode: 'hashed_user_id',
    access_code_validity: 'minutes=1',
    access_token_validity: 'hours=1',
    refresh_token_validity: 'days=30',
  });
  const application = await authentik('POST', '/core/applications/', {
    name: 'Vaultwarden',
    slug: 'vault',
    provider: provider.pk,
    meta_launch_url: `https://${clientHost}/`,
  });
  const group = pkOf(groups, 'name', 'admins');
  await authentik('POST', '/policies/bindings/', { target: application.pk, group, order: 0 });
}

/** The fields by which a row of Authentik's state is found. */
interface Row {
  readonly pk: string;
  readonly name?: string;
  readonly slug?: string;
  readonly scope_name?: string;
}

interface Outpost {
  readonly pk: string;
  readonly config: object;
}

/** The tunnel's rules and the names, each with a comment of the person. */
async function leadHosts({ edit }: Controls, sandbox: Sandbox, aud: string): Promise<void> {
  const tunnels = `/accounts/${sandbox.accountId}/cfd_tunnel`;
  const [tunnel] = (await edit('cloudflare', 'GET', tunnels)) as unknown as readonly Reply[];
  const access = { required: true, teamName: 'example', audTag: [aud] };
  await edit('cloudflare', 'PUT', `${tunnels}/${tunnel?.id}/configurations`, {
    config: {
      ingress: [
        { hostname: accessHost, service: 'http://app.lan:80', originRequest: { access } },
        { hostname: authentikHost, service: 'http://traefik.lan:80' },
        { hostname: clientHost, service: 'http://app.lan:80' },
        { hostname: 'auth.example.dev', service: 'http://traefik.lan:80' },
        { service: 'http_status:404' },
      ],
    },
  });
  for (const name of [accessHost, authentikHost, clientHost, 'auth.example.dev']) {
    await edit('cloudflare', 'POST', `/zones/${sandbox.zones[0]?.id}/dns_records`, {
      type: 'CNAME',
      name,
      content: `${tunnel?.id}.cfargotunnel.com`,
      proxied: true,
      ttl: 1,
      comment: `set up by hand: ${name}`,
    });
  }
}
