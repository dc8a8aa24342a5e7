import { createSandbox, type Exposure, type Sandbox, type Snapshot } from '../../../src/lab/sandbox/index.ts';
import type { Guard } from '../moves/moves.ts';
import type { Disk } from '../stage/disk.ts';
import { askAdmin } from '../stage/hand.ts';
import { type Pass, runProcess, unfinished } from '../stage/stage.ts';
import type { Meddling, SentCall } from '../stage/trouble.ts';

/** One form of an owner's file, and the people of its host. */
export interface OwnedFile {
  readonly name: string;
  readonly text: string;
  readonly guard: Guard;
}

const me = 'me@example.dev';
const gates: readonly (readonly [name: string, gate: string | undefined, admit: Guard['admit']])[] = [
  // A foreign wildcard answers for this host.
  ['none', undefined, { public: true }],
  ['me', `{ cloudflare: { emails: [${me}] } }`, { emails: [me] }],
  ['you', '{ cloudflare: { emails: [you@example.dev] } }', { emails: ['you@example.dev'] }],
  ['ci', '{ serviceToken: { tokens: [ci] } }', { tokens: ['ci'] }],
  ['family', '{ authentik: { groups: [family] } }', { groups: ['family'] }],
  ['family, by proxy', '{ authentik: { mode: proxy, groups: [family] } }', { groups: ['family'] }],
  ['public', '{ public: { reason: open } }', { public: true }],
];

/** The forms of an owner's file, each with one own host, on the shared tunnel and outpost. */
export function filesOf(owner: string): readonly OwnedFile[] {
  const host = `${owner}.example.dev`;
  return gates.map(([name, gate, admit]) => ({
    name: `${owner}: ${name}`,
    guard: { host, admit },
    text: `version: 1
owner: ${owner}
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik: { url: "http://authentik.lan:9000", service: auth }
groups: { family: {} }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
serviceTokens: { ci: {} }
services:
  auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }
  beside: { host: beside-${owner}.example.dev, origin: app, gate: { authentik: { mode: proxy, groups: [family] } } }
${gate === undefined ? '' : `  own: { host: ${host}, origin: ${name === 'family' ? 'traefik' : 'app'}, gate: ${gate} }`}
`,
  }));
}

interface Rule {
  readonly hostname?: string;
  readonly service: string;
}

/** A foreign rule for hosts without their own: a lost rule opens its host. */
const wildcard: Rule = { hostname: '*.example.dev', service: 'http://wild.lan:80' };

/** A sandbox with several writers. */
export class SharedHouse {
  readonly sandbox: Sandbox;
  #guards: readonly Guard[] = [];

  constructor(sandbox: Sandbox) {
    this.sandbox = sandbox;
  }

  static async open(hosts: readonly string[]): Promise<SharedHouse> {
    const house = new SharedHouse(await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 }));
    const forwardAuth = [...hosts];
    await askAdmin(house.sandbox, 'PUT', '/origins', {
      url: 'http://traefik.lan:80',
      kind: 'traefik',
      forwardAuth,
    });
    await house.changeRules(() => [wildcard, { service: 'http_status:404' }]);
    const content = `${house.#tunnel}.cfargotunnel.com`;
    const zone = house.sandbox.zones[0]?.id;
    await house.byHand('cloudflare', 'POST', `/zones/${zone}/dns_records`, {
      type: 'CNAME',
      name: '*',
      content,
      proxied: true,
      ttl: 1,
    });
    return house;
  }

  get #tunnel(): string {
    const { tunnels } = this.#world();
    return tunnels[0]?.id ?? '';
  }

  #world() {
    return JSON.parse(this.sandbox.snapshot()) as {
      readonly tunnels: readonly {
        readonly id: string;
        readonly name: string;
        readonly deletedAt: string | null;
      }[];
      readonly serviceTokens: readonly { readonly id: string }[];
      readonly apps: readonly { readonly id: string }[];
      readonly policies: readonly { readonly id: string }[];
      readonly records: readonly { readonly id: string }[];
      readonly authentik: {
        readonly groups: readonly { readonly name: string }[];
        readonly outposts: readonly { readonly pk: string; readonly providers: readonly number[] }[];
      };
    };
  }

  /** The current state without its history. */
  snapshot(): Snapshot {
    const world = JSON.parse(this.sandbox.snapshot());
    const authentik = { ...world.authentik, events: [] };
    return JSON.stringify({ ...world, authentik, calls: [], exposures: [], audit: [] });
  }

  async restore(snapshot: Snapshot): Promise<void> {
    this.sandbox.restore(snapshot);
    await this.guard(this.#guards);
  }

  async guard(guards: readonly Guard[]): Promise<void> {
    this.#guards = guards;
    await askAdmin(this.sandbox, 'DELETE', '/guards');
    await askAdmin(this.sandbox, 'PUT', '/guards', guards);
  }

  run(disk: Disk, text: string, meddle: Meddling['meddle'] = (_, send) => send()): Promise<Pass> {
    return runProcess(this.sandbox, disk, text, { meddle, inTurns: true });
  }

  byHand(system: string, method: string, path: string, body: unknown): Promise<unknown> {
    return askAdmin(this.sandbox, 'POST', '/edit', { actor: 'eve', system, method, path, body });
  }

  get rulesPath(): string {
    return `/accounts/${this.sandbox.accountId}/cfd_tunnel/${this.#tunnel}/configurations`;
  }

  async rules(): Promise<readonly Rule[]> {
    const reply = await this.sandbox.fetch(`${this.sandbox.urls.cloudflare}${this.rulesPath}`, {
      headers: { authorization: `Bearer ${this.sandbox.token}` },
    });
    const { result } = (await reply.json()) as { result: { config: { ingress: readonly Rule[] } | null } };
    return result.config?.ingress ?? [];
  }

  /** Changes the rules as a person does in the dashboard. */
  async changeRules(edit: (rules: readonly Rule[]) => readonly Rule[]): Promise<void> {
    await this.byHand('cloudflare', 'PUT', this.rulesPath, { config: { ingress: edit(await this.rules()) } });
  }

  /** The rules as `host service`, in an order that does not depend on when each came. */
  async ruleTexts(): Promise<readonly string[]> {
    return (await this.rules()).map(({ hostname, service }) => `${hostname || '*'} ${service}`).sort();
  }

  /** Objects that hold a turn, which should not remain. */
  turns(): readonly string[] {
    const { tunnels, authentik } = this.#world();
    const live = tunnels.filter(({ deletedAt }) => deletedAt === null);
    return [...live, ...authentik.groups]
      .map(({ name }) => name)
      .filter((name) => name.startsWith('gates-turn-'));
  }

  get outpostPath(): string {
    return `/api/v3/outposts/instances/${this.#world().authentik.outposts[0]?.pk}/`;
  }

  /** Makes a provider as a person, which no outpost serves yet. */
  async providerByHand(): Promise<number> {
    const path = '/api/v3/flows/instances/';
    const { results } = (await this.byHand('authentik', 'GET', path, undefined)) as {
      readonly results: readonly { readonly pk: string; readonly designation: string }[];
    };
    const flow = (designation: string) => results.find((item) => item.designation === designation)?.pk;
    const { pk } = (await this.byHand('authentik', 'POST', '/api/v3/providers/proxy/', {
      name: 'wiki',
      external_host: 'https://wiki.example.net',
      mode: 'forward_single',
      authorization_flow: flow('authorization'),
      invalidation_flow: flow('invalidation'),
    })) as { readonly pk: number };
    return pk;
  }

  /** Makes the outpost serve one more provider, as a person does. */
  async serveByHand(pk: number): Promise<void> {
    await this.byHand('authentik', 'PATCH', this.outpostPath, { providers: [...this.providers(), pk] });
  }

  providers(): readonly number[] {
    return this.#world().authentik.outposts[0]?.providers ?? [];
  }

  /** The ids of marked objects at Cloudflare, of any owner. */
  marked(): readonly string[] {
    const { apps, policies, records, serviceTokens } = this.#world();
    return [...apps, ...policies, ...records, ...serviceTokens].map(({ id }) => id);
  }

  /** The ids of service tokens. */
  tokens(): readonly string[] {
    return this.#world().serviceTokens.map(({ id }) => id);
  }

  exposures(): readonly Exposure[] {
    return this.sandbox.exposures();
  }
}

/** The undone changes of a run. An outpost has one address for logins, and its host is the first owner's. */
export function undone(report: Pass['report']): readonly string[] {
  return unfinished(report).filter((text) => !/^refuse .*auth\.example\.dev .*belongs to/.test(text));
}

/** Acts once, before the n-th call of a process. */
export function before(n: number, act: (call: SentCall) => Promise<void>): Meddling['meddle'] {
  return async (call, send) => {
    if (call.n === n) await act(call);
    return send();
  };
}
