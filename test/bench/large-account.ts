import { createSandbox, type Snapshot } from '../../src/lab/sandbox/index.ts';

export const largeZones = ['alpha.example', 'beta.example', 'gamma.example', 'delta.example'] as const;

/** Services and plain records of one zone. */
const [services, records] = [250, 2500];

/** The gates of the services in turn. Of 20, 8 have an Access application, so that 4 zones have 400, and 52 more for paths. */
const gates = [
  ...[
    'access',
    'public',
    'forwardAuth',
    'access',
    'forwardAuth',
    'domain',
    'access',
    'oidc',
    'token',
    'public',
  ],
  ...[
    'access',
    'forwardAuth',
    'domain',
    'access',
    'public',
    'access',
    'forwardAuth',
    'access',
    'domain',
    'oidc',
  ],
] as const;

const words = ['films', 'wiki', 'photos', 'git', 'chat', 'mail', 'budget', 'tasks', 'maps', 'notes'] as const;

interface LargeService {
  readonly host: string;
  readonly gate: (typeof gates)[number];
  readonly index: number;
  /** It has an open path. */
  readonly isProbed: boolean;
}

const all: readonly LargeService[] = largeZones.flatMap((zone, place) =>
  Array.from({ length: services }, (_, index) => ({
    host: `${words[index % words.length]}-${Math.floor(index / words.length) + 1}.${zone}`,
    // An account has at most 50 service tokens.
    gate: index >= 240 ? 'public' : (gates[index % gates.length] ?? 'public'),
    index: place * services + index,
    isProbed: index % gates.length === 0,
  })),
);

/** An account with 1,000 services and 10,000 plain records that people have made in the dashboards, with the usual quotas. */
export async function largeAccount(): Promise<Snapshot> {
  const sandbox = await createSandbox({ zones: largeZones, plan: 'enterprise', callBudget: 1_000_000 });
  const post = async (path: string, body: unknown) => {
    const reply = await sandbox.fetch(`${sandbox.urls.admin}${path}`, {
      method: path === '/edit' ? 'POST' : 'PUT',
      body: JSON.stringify(body),
    });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${path}: ${text}`);
    return (text === '' ? {} : JSON.parse(text)) as Reply;
  };
  const edit = async (system: 'cloudflare' | 'authentik', method: string, path: string, body?: unknown) => {
    const reply = await post('/edit', { actor: 'somebody', system, method, path, body });
    return reply.result ?? reply;
  };
  const account = `/accounts/${sandbox.accountId}`;
  const asking = all.filter(({ gate }) => gate === 'forwardAuth' || gate === 'domain');
  await post('/origins', {
    url: 'http://traefik.lan:80',
    kind: 'traefik',
    forwardAuth: asking.map(({ host }) => host),
  });
  const tokenFor = (host: string) =>
    edit('cloudflare', 'POST', `${account}/access/service_tokens`, { name: `Machines of ${host}` });
  const auds = new Map<string, string>();
  for (const service of all.filter(({ gate }) => gate === 'access' || gate === 'token')) {
    const { host, index, gate, isProbed } = service;
    const policy =
      gate === 'token'
        ? { decision: 'non_identity', include: [{ service_token: { token_id: (await tokenFor(host)).id } }] }
        : { decision: 'allow', include: peopleOf(index) };
    const guard = (uri: string, name: string, rules: object) =>
      edit('cloudflare', 'POST', `${account}/access/apps`, {
        type: 'self_hosted',
        name,
        domain: uri,
        destinations: [{ type: 'public', uri }],
        session_duration: index % 3 === 0 ? '12h' : '24h',
        policies: [{ name: `People of ${host}`, ...rules }],
      });
    auds.set(host, (await guard(host, `Login of ${host}`, policy)).aud);
    if (isProbed)
      await guard(`${host}/health`, `Health of ${host}`, { decision: 'bypass', include: [{ everyone: {} }] });
  }
  await fillAuthentik((method, path, body) => edit('authentik', method, `/api/v3${path}`, body));
  const [tunnel] = (await edit('cloudflare', 'GET', `${account}/cfd_tunnel`)) as unknown as readonly Reply[];
  await edit('cloudflare', 'PUT', `${account}/cfd_tunnel/${tunnel?.id}/configurations`, {
    config: {
      ingress: [
        { hostname: `auth.${largeZones[0]}`, service: 'http://traefik.lan:80' },
        ...all.map(({ host, gate, index }) => ({
          hostname: host,
          service: isBehindProxy(gate)
            ? 'http://traefik.lan:80'
            : `http://10.0.${index % 40}.${index % 8}:8080`,
          ...(auds.has(host) && {
            originRequest: {
              access: { required: true, teamName: 'alpha', audTag: [auds.get(host)] },
            },
          }),
        })),
        { service: 'http_status:404' },
      ],
    },
  });
  const content = `${tunnel?.id}.cfargotunnel.com`;
  for (const { id, name } of sandbox.zones) {
    const hosts = [...all.map(({ host }) => host), `auth.${largeZones[0]}`].filter((host) =>
      host.endsWith(`.${name}`),
    );
    await edit('cloudflare', 'POST', `/zones/${id}/dns_records/batch`, {
      posts: [
        ...hosts.map((host) => ({ type: 'CNAME', name: host, content, proxied: true, ttl: 1 })),
        ...Array.from({ length: records }, (_, index) => plainRecord(index, name)),
      ],
    });
  }
  return sandbox.snapshot();
}

interface Reply {
  readonly id: string;
  readonly pk: string;
  readonly aud: string;
  readonly result?: Reply;
  readonly results?: readonly (Reply & { readonly slug?: string; readonly scope_name?: string })[];
}

function isBehindProxy(gate: LargeService['gate']): boolean {
  return gate === 'forwardAuth' || gate === 'domain';
}

function peopleOf(index: number): readonly object[] {
  const people = ['ada', 'grace', 'alan', 'edsger', 'barbara'].slice(0, 1 + (index % 5));
  const named = people.map((name) => ({ email: { email: `${name}@example.net` } }));
  return index % 7 === 0 ? [{ email_domain: { domain: 'example.org' } }] : named;
}

function plainRecord(index: number, zone: string): object {
  const name = `${words[index % words.length]}-host-${index}.${zone}`;
  if (index < 3)
    return {
      type: 'MX',
      name: zone,
      content: `mx${index + 1}.mail.example`,
      priority: 10 * (index + 1),
      ttl: 3600,
    };
  if (index % 50 === 0)
    return {
      type: 'SRV',
      name: `_sip._tcp.${name}`,
      data: { priority: 1, weight: 5, port: 5060, target: `sip${index}.example.net` },
      ttl: 300,
    };
  if (index % 5 === 0) return { type: 'TXT', name, content: `"site-verification=${index}"`, ttl: 300 };
  if (index % 5 === 1) return { type: 'CNAME', name, content: `${index}.cdn.example`, ttl: 1, proxied: true };
  return { type: 'A', name, content: `198.51.${index % 250}.${index % 200}`, ttl: 300 };
}

/** Two hundred providers, clients and the login of two zones. */
async function fillAuthentik(
  edit: (method: string, path: string, body?: unknown) => Promise<Reply>,
): Promise<void> {
  const flow = async (slug: string) => (await edit('GET', `/flows/instances/${slug}/`)).pk;
  const flows = {
    authorization_flow: await flow('default-provider-authorization-implicit-consent'),
    invalidation_flow: await flow('default-provider-invalidation-flow'),
  };
  const groups: Reply[] = [];
  for (const name of ['admins', 'family', 'staff'])
    groups.push(await edit('POST', '/core/groups/', { name }));
  const { results: mappings = [] } = await edit('GET', '/propertymappings/provider/scope/');
  const { results: pairs = [] } = await edit('GET', '/crypto/certificatekeypairs/');
  const scopes = ['openid', 'email', 'profile'].map(
    (scope) => mappings.find((each) => each.scope_name === scope)?.pk,
  );
  const bound = async (slug: string, name: string, provider: string, index: number) => {
    const application = await edit('POST', '/core/applications/', { name, slug, provider });
    const group = groups[index % groups.length]?.pk;
    await edit('POST', '/policies/bindings/', { target: application.pk, group, order: 0 });
  };
  const served: string[] = [];
  for (const zone of largeZones) {
    const provider = await edit('POST', '/providers/proxy/', {
      ...{ name: `Login of ${zone}`, mode: 'forward_domain', ...flows },
      ...{ external_host: `https://auth.${largeZones[0]}`, cookie_domain: zone },
    });
    await bound(`login-${zone.replace('.', '-')}`, `Login of ${zone}`, provider.pk, 1);
    served.push(provider.pk);
  }
  for (const { host, gate, index } of all) {
    const slug = host.replaceAll('.', '-');
    if (gate === 'forwardAuth') {
      const external = { external_host: `https://${host}` };
      const provider = await edit('POST', '/providers/proxy/', {
        ...{ name: `Provider of ${host}`, mode: 'forward_single', ...external, ...flows },
      });
      await bound(slug, host, provider.pk, index);
      served.push(provider.pk);
    }
    if (gate !== 'oidc') continue;
    const client = await edit('POST', '/providers/oauth2/', {
      ...{ name: `Client of ${host}`, client_type: 'confidential', ...flows },
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: [{ matching_mode: 'strict', url: `https://${host}/callback` }],
      signing_key: pairs[0]?.pk,
      property_mappings: scopes,
      sub_mode: 'hashed_user_id',
      ...{ access_code_validity: 'minutes=1', access_token_validity: 'hours=1' },
      refresh_token_validity: 'days=30',
    });
    await bound(slug, host, client.pk, index);
  }
  const { results: outposts = [] } = await edit('GET', '/outposts/instances/');
  for (const { pk, config } of outposts as readonly (Reply & { readonly config?: object })[])
    await edit('PATCH', `/outposts/instances/${pk}/`, {
      providers: served,
      config: { ...config, authentik_host: `https://auth.${largeZones[0]}` },
    });
}
