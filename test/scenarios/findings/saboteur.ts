import type { Sandbox } from '../../../src/lab/sandbox/index.ts';
import { askAdmin, Hand } from '../stage/hand.ts';

type Row = Readonly<Record<string, unknown>> & {
  readonly id: string;
  readonly pk: string;
  readonly name: string;
};

interface Rule {
  readonly hostname?: string;
  readonly path?: string;
  readonly service: string;
  readonly originRequest?: object;
}

interface LiveState {
  readonly apps: readonly (Row & { readonly destinations: readonly { readonly uri: string }[] })[];
  readonly policies: readonly Row[];
  readonly serviceTokens: readonly Row[];
  readonly records: readonly Row[];
  readonly tunnels: readonly Row[];
  readonly authentik: {
    readonly flows: readonly (Row & { readonly slug: string })[];
    readonly groups: readonly Row[];
    readonly outposts: readonly (Row & { readonly providers: readonly number[]; readonly config: object })[];
  };
}

/** A person who breaks a home in the dashboards. */
export class Saboteur {
  readonly sandbox: Sandbox;
  readonly authentik: Hand;

  constructor(sandbox: Sandbox) {
    this.sandbox = sandbox;
    this.authentik = new Hand(sandbox);
  }

  async state(): Promise<LiveState> {
    return (await askAdmin(this.sandbox, 'GET', '/state')) as LiveState;
  }

  /** Calls the API of Cloudflare, and returns the result. */
  async cloudflare(method: string, path: string, body?: unknown): Promise<Row> {
    const edit = { actor: 'somebody', system: 'cloudflare', method, path, body };
    const reply = (await askAdmin(this.sandbox, 'POST', '/edit', edit)) as { readonly result: Row };
    return reply.result;
  }

  access(method: string, path: string, body?: unknown): Promise<Row> {
    return this.cloudflare(method, `/accounts/${this.sandbox.accountId}/access${path}`, body);
  }

  zone(method: string, path: string, body?: unknown): Promise<Row> {
    return this.cloudflare(method, `/zones/${this.sandbox.zones[0]?.id}${path}`, body);
  }

  /** The content of a record that leads to the tunnel. */
  async tunnel(): Promise<string> {
    return `${(await this.state()).tunnels[0]?.id}.cfargotunnel.com`;
  }

  async addRecord(name: string, record: object = {}): Promise<void> {
    const content = await this.tunnel();
    await this.zone('POST', '/dns_records', {
      type: 'CNAME',
      name,
      content,
      proxied: true,
      ttl: 1,
      ...record,
    });
  }

  async record(name: string): Promise<string> {
    return `/dns_records/${(await this.state()).records.find((each) => each.name === name)?.id}`;
  }

  /** Replaces the record of a name. */
  async lead(name: string, record: object): Promise<void> {
    await this.zone('DELETE', await this.record(name));
    await this.addRecord(name, record);
  }

  /** Edits the rules of the tunnel. */
  async rules(edit: (rules: readonly Rule[]) => readonly Rule[]): Promise<void> {
    const id = (await this.state()).tunnels[0]?.id;
    const path = `/accounts/${this.sandbox.accountId}/cfd_tunnel/${id}/configurations`;
    const { config } = (await this.cloudflare('GET', path)) as unknown as {
      readonly config: { readonly ingress: readonly Rule[] };
    };
    await this.cloudflare('PUT', path, { config: { ...config, ingress: edit(config.ingress) } });
  }

  addRules(...rules: readonly Rule[]): Promise<void> {
    return this.rules((all) => [...rules, ...all]);
  }

  /** A host with a record and a rule, and nothing else. */
  async addHost(name: string, rule: Partial<Rule> = {}): Promise<void> {
    await this.addRules({ hostname: name, service: 'http://box.lan:80', ...rule });
    await this.addRecord(name);
  }

  /** An Access application for one person. */
  async addApplication(host: string, more: object = {}): Promise<Row> {
    const policy = { name: 'me', decision: 'allow', include: [{ email: { email: 'me@example.dev' } }] };
    return this.access('POST', '/apps', {
      ...{ type: 'self_hosted', name: `App of ${host}`, domain: host, session_duration: '24h' },
      ...{ destinations: [{ type: 'public', uri: host }], policies: [policy], ...more },
    });
  }

  async changeApplication(host: string, change: object): Promise<void> {
    const { apps } = await this.state();
    const path = `/apps/${apps.find(({ destinations }) => destinations.some(({ uri }) => uri === host))?.id}`;
    const live = await this.access('GET', path);
    const policies = (live.policies as readonly Row[]).map(({ id }, place) => ({
      id,
      precedence: place + 1,
    }));
    await this.access('PUT', path, { ...live, policies, ...change });
  }

  async changePolicy(name: string, change: object): Promise<void> {
    const path = `/policies/${(await this.state()).policies.find((each) => each.name === name)?.id}`;
    await this.access('PUT', path, { ...(await this.access('GET', path)), ...change });
  }

  async addToken(name: string, duration: string): Promise<Row> {
    return this.access('POST', '/service_tokens', { name, duration });
  }

  async token(name: string): Promise<string> {
    return `/service_tokens/${(await this.state()).serviceTokens.find((each) => each.name === name)?.id}`;
  }

  async flows(): Promise<object> {
    const { flows } = (await this.state()).authentik;
    const pkOf = (slug: string) => flows.find((flow) => flow.slug === slug)?.pk;
    return {
      authorization_flow: pkOf('default-provider-authorization-implicit-consent'),
      invalidation_flow: pkOf('default-provider-invalidation-flow'),
    };
  }

  /** A proxy provider for a host, with an application for the admins unless `alone`. */
  async addProvider(name: string, host: string, { alone = false } = {}): Promise<number> {
    const { authentik } = this;
    const provider = (await authentik.post('/providers/proxy/', {
      ...{ name, mode: 'forward_single', external_host: `https://${host}` },
      ...(await this.flows()),
    })) as { readonly pk: number };
    if (alone) return provider.pk;
    await this.addAuthentikApplication(name, { provider: provider.pk });
    await authentik.bind(name, { group: await authentik.group('admins') });
    return provider.pk;
  }

  /** An LDAP provider, whose application admits the admins unless `alone`. */
  async addDirectory(name: string, baseDn: string, { alone = false, ...more } = {}): Promise<number> {
    const { authentik } = this;
    const { pk } = (await authentik.post('/providers/ldap/', {
      ...{ name, base_dn: baseDn, ...(await this.flows()), ...more },
    })) as { readonly pk: number };
    if (alone) return pk;
    await this.addAuthentikApplication(name, { provider: pk });
    await authentik.bind(name, { group: await authentik.group('admins') });
    return pk;
  }

  /** An LDAP outpost that serves these providers. */
  async addLdapOutpost(name: string, ...providers: readonly number[]): Promise<Row> {
    return (await this.authentik.post('/outposts/instances/', {
      name,
      type: 'ldap',
      providers,
      config: {},
    })) as Row;
  }

  addAuthentikApplication(slug: string, more: object): Promise<unknown> {
    return this.authentik.post('/core/applications/', { name: slug, slug, ...more });
  }

  /** Edits the embedded outpost. */
  async changeOutpost(
    change: (outpost: { readonly providers: readonly number[]; readonly config: object }) => object,
  ): Promise<void> {
    const [outpost] = (await this.state()).authentik.outposts;
    if (outpost === undefined) throw new Error('There is no outpost');
    await this.authentik.patch(`/outposts/instances/${outpost.pk}/`, change(outpost));
  }
}
