import type { SandboxProcess } from './processes.ts';

/** The permissions in the table of docs/first-hour.md, for a file with a gate whose origin decides. */
const permissions = [
  ...['Zone Read', 'DNS Write', 'Cache Settings Write', 'Cache Purge', 'Cloudflare Tunnel Write'],
  ...['Access: Apps and Policies Write', 'Access: Service Tokens Write'],
  'Access: Organizations, Identity Providers, and Groups Read',
];

/** The options of a sandbox whose changes reach the edge, connectors and outposts late. */
export const slowly = ['--lag', 'random:0-1500,seed=7', '--settle', '1500'];

/** The time in milliseconds after which all of that has arrived, for gates. */
export const longestLag = '4000';

const slow = { match: { system: 'authentik' }, fault: 'delay', ms: 200 };

interface World {
  readonly budget: { used: number };
  readonly apiTokens: { permissions?: string[] }[];
  readonly tunnels: { id: string; connectors: unknown[] }[];
  readonly records: { id: string; name: string; type: string; comment: string | null }[];
  readonly authentik: {
    readonly outposts: { silent?: boolean }[];
    readonly providers: { name: string }[];
  };
  readonly apps: { tags: readonly string[]; name: string }[];
  readonly policies: { name: string }[];
  readonly serviceTokens: { name: string }[];
  readonly tags: { name: string }[];
  readonly rulesets?: { rules: { ref: string }[] }[];
}

/**
 * An account in use on a bad day, and what its owner does about that in a dashboard or at a machine. gates itself does
 * none of it.
 */
export class DifficultAccount {
  readonly #sandbox: SandboxProcess;
  #tunnel = '';
  /** The foreign rules of the tunnel, in their order. */
  others: readonly string[] = [];

  constructor(sandbox: SandboxProcess) {
    this.#sandbox = sandbox;
  }

  /** The setup in which everything is in order, and people log in at Authentik's host already. */
  async beginWithLogin(): Promise<void> {
    const { tunnels } = await this.#state();
    this.#tunnel = tunnels[0]?.id ?? '';
    const login = { hostname: 'auth.example.dev', service: 'http://traefik.lan:80' };
    await this.#write('PUT', this.#rules(), {
      config: { ingress: [login, { service: 'http_status:404' }] },
    });
    await this.#write('POST', this.#zone('dns_records'), {
      ...{ type: 'CNAME', name: 'auth', content: `${this.#tunnel}.cfargotunnel.com`, ttl: 1, proxied: true },
    });
    this.others = (await this.left()).rules;
  }

  async begin(): Promise<void> {
    await this.#change((world) => {
      for (const token of world.apiTokens)
        token.permissions = permissions.filter((item) => item !== 'Cache Settings Write');
      for (const tunnel of world.tunnels) tunnel.connectors = [];
      for (const outpost of world.authentik.outposts) outpost.silent = true;
      this.#tunnel = world.tunnels[0]?.id ?? '';
    });
    await this.#write('PUT', this.#account('access/organizations'), {
      deny_unmatched_requests: true,
      strict_service_token_auth: false,
    });
    await this.#write('PUT', this.#zone('bot_management'), { fight_mode: true });
    await this.writeRules(['wiki']);
    await this.#write('POST', this.#zone('dns_records'), {
      ...{ type: 'A', name: 'app', content: '192.0.2.1', ttl: 300, proxied: false },
    });
    await this.#sandbox.admin('POST', '/faults', slow);
  }

  /** Adds a foreign Access application that covers every host of the zone. */
  async coverAll(): Promise<void> {
    await this.#write('POST', this.#account('access/apps'), {
      ...{ type: 'self_hosted', name: 'all of it', domain: '*.example.dev' },
      policies: [
        { name: 'me', decision: 'allow', precedence: 1, include: [{ email: { email: 'me@example.dev' } }] },
      ],
    });
  }

  /** Makes lists lag by a second, and once lets somebody add a host to the tunnel between gates' read and write. */
  async interfere(): Promise<void> {
    const stale = { match: { system: 'cloudflare', lists: true }, fault: 'stale', ms: 1_000 };
    await this.#sandbox.admin('POST', '/faults', stale);
    await this.#sandbox.admin('POST', '/faults', {
      ...{ match: { method: 'PUT', path: '*/configurations' }, fault: 'edit', skip: 1, times: 1 },
      edit: {
        ...{ actor: 'ann', system: 'cloudflare', method: 'PUT', path: this.#rules() },
        body: { config: { ingress: ingressOf(['wiki', 'ann']) } },
      },
    });
  }

  /** Waits five minutes without a call, so that the budget of the token is full again. */
  rest = () =>
    this.#change(({ budget }) => {
      budget.used = 0;
    });

  permit = () =>
    this.#change(({ apiTokens }) => {
      for (const token of apiTokens) token.permissions = permissions;
    });

  exempt = () =>
    this.#write('PUT', this.#account('access/organizations'), {
      deny_unmatched_requests: true,
      deny_unmatched_requests_exempted_zone_names: ['example.dev'],
    });

  stopFighting = () => this.#write('PUT', this.#zone('bot_management'), { fight_mode: false });

  connect = () => this.#sandbox.admin('POST', '/connectors', { tunnel: 'homelab' });

  startOutpost = () =>
    this.#change(({ authentik }) => {
      for (const outpost of authentik.outposts) delete outpost.silent;
    });

  async removeRecord(): Promise<void> {
    const { records } = await this.#state();
    const [found] = records.filter(({ type, name }) => type === 'A' && name === 'app.example.dev');
    await this.#write('DELETE', this.#zone(`dns_records/${found?.id}`));
  }

  /** Makes Traefik ask the outpost about the host; meanwhile lists catch up, since plans must not depend on time. */
  async ask(): Promise<void> {
    await this.#sandbox.admin('PUT', '/origins', {
      ...{ url: 'http://traefik.lan:80', kind: 'traefik', forwardAuth: ['grafana.example.dev'] },
    });
    const faults = (await this.#sandbox.admin('GET', '/faults')) as readonly { readonly fault: string }[];
    await this.#sandbox.admin('DELETE', '/faults');
    if (faults.some(({ fault }) => fault === slow.fault)) await this.#sandbox.admin('POST', '/faults', slow);
  }

  /** Adds foreign hosts to the tunnel. */
  async writeRules(hosts: readonly string[]): Promise<void> {
    const others = (await this.#ingress()).filter((rule) => !isForeign(rule));
    await this.#write('PUT', this.#rules(), { config: { ingress: [...others, ...ingressOf(hosts)] } });
    this.others = ingressOf(hosts).map(({ hostname = '', service }) => `${hostname} ${service}`);
  }

  /** The rules of the tunnel, and the names of all other objects with a mark of gates. */
  async left(): Promise<{ readonly rules: readonly string[]; readonly ofGates: readonly string[] }> {
    const { records, authentik, apps, policies, serviceTokens, tags, rulesets = [] } = await this.#state();
    const names = [...authentik.providers, ...policies, ...serviceTokens, ...tags].map(({ name }) => name);
    const marks = [
      ...names,
      ...apps.flatMap((app) => app.tags),
      ...records.map(({ comment }) => comment ?? ''),
      ...rulesets.flatMap(({ rules }) => rules.map(({ ref }) => ref)),
    ];
    return {
      rules: (await this.#ingress()).map(({ hostname = '', service }) => `${hostname} ${service}`),
      ofGates: marks.filter((mark) => mark.startsWith('gates')),
    };
  }

  async #ingress(): Promise<readonly Rule[]> {
    const { config } = ((await this.#write('GET', this.#rules())) as { result: Configuration }).result;
    return config?.ingress ?? [];
  }

  /** Adds `jo` to the group `admins`, or removes them. */
  async member(verb: 'add_user' | 'remove_user'): Promise<void> {
    const call = { actor: 'ann', system: 'authentik' };
    const read = async (path: string) =>
      (await this.#sandbox.admin('POST', '/edit', { ...call, method: 'GET', path })) as {
        results: { pk: string }[];
      };
    const [group] = (await read('/api/v3/core/groups/?name=admins')).results;
    const [person] = (await read('/api/v3/core/users/?username=jo')).results;
    const path = `/api/v3/core/groups/${group?.pk}/${verb}/`;
    await this.#sandbox.admin('POST', '/edit', { ...call, method: 'POST', path, body: { pk: person?.pk } });
  }

  #account(path: string): string {
    return `/accounts/${this.#sandbox.accountId}/${path}`;
  }

  #zone(path: string): string {
    return `/zones/${this.#sandbox.zoneId}/${path}`;
  }

  #rules(): string {
    return this.#account(`cfd_tunnel/${this.#tunnel}/configurations`);
  }

  async #write(method: string, path: string, body?: unknown): Promise<unknown> {
    const edit = { actor: 'ann', system: 'cloudflare', method, path, ...(body !== undefined && { body }) };
    return this.#sandbox.admin('POST', '/edit', edit);
  }

  async #state(): Promise<World> {
    return (await this.#sandbox.admin('GET', '/state')) as World;
  }

  async #change(change: (world: World) => void): Promise<void> {
    const world = await this.#state();
    change(world);
    await this.#sandbox.admin('PUT', '/state', world);
  }
}

interface Rule {
  readonly hostname?: string;
  readonly service: string;
}

interface Configuration {
  readonly config?: { readonly ingress?: readonly Rule[] } | null;
}

function ingressOf(hosts: readonly string[]): readonly Rule[] {
  return [
    ...hosts.map((host) => ({ hostname: `${host}.example.dev`, service: `http://${host}.lan:3000` })),
    { hostname: '*.example.dev', service: 'http://traefik.lan:80' },
    { service: 'http_status:404' },
  ];
}

const foreign: ReadonlySet<string | undefined> = new Set([
  ...['wiki.example.dev', 'ann.example.dev', '*.example.dev', '', undefined],
]);

function isForeign({ hostname }: Rule): boolean {
  return foreign.has(hostname);
}
