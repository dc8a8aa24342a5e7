import { setMaxListeners } from 'node:events';
import type { PublicKey } from '../../reconcilers/authentik/signing-key/public-key.ts';
import { type RotationStep, rotateSigningKey } from '../../reconcilers/authentik/signing-key/rotation.ts';
import { keyHolders } from '../../reconcilers/cloudflare/key-holders.ts';
import { createAuthentikWire } from '../../src/clients/authentik.ts';
import { createBudget } from '../../src/clients/budget.ts';
import { createCloudflareWire } from '../../src/clients/cloudflare.ts';
import { createRedactor } from '../../src/clients/redaction.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import type { Scope } from '../../src/core/object.ts';
import { compile } from '../../src/desired/compile.ts';
import { createWorld } from '../../src/observed/world.ts';
import { createSandbox, type Sandbox } from '../../src/sandbox/index.ts';
import { eagerClock } from '../world.ts';
import { type Disk, newDisk, type Pass, runProcess, unfinished } from './stage.ts';

const host = 'api.example.dev';

/** For Access the route is public: API Shield alone asks at the host. */
const file = `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik: { url: http://authentik.lan:9000, service: auth }
origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80" }
  app: { tunnel: homelab, url: "http://app.lan:80" }
clients:
  api: { grantTypes: [client_credentials], signingKey: own, everyone: { reason: machines } }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  api: { host: ${host}, origin: app, gate: { public: { reason: API Shield asks } } }
`;

type Row = Readonly<Record<'pk' | 'name' | 'client_id' | 'client_secret', string>>;

type System = 'cloudflare' | 'authentik';

/** What befalls the n-th call of a rotation, counted from 1, reads too. */
export interface CallTrouble {
  readonly call: number;
  /** `kill`: done, and the process is gone. `lose-reply`: done, unheard. `drop`: not done, unheard. `reject`: 403. */
  readonly kind: 'kill' | 'lose-reply' | 'drop' | 'reject';
}

export interface RotationOptions {
  readonly trouble?: CallTrouble;
  /** What the client publishes, told otherwise than it is. */
  readonly publishes?: (keys: readonly PublicKey[]) => readonly PublicKey[];
  /** What becomes of the keys that are to replace those of the configuration. */
  readonly takes?: (keys: readonly PublicKey[]) => readonly PublicKey[];
  /** Nobody was handed keys. */
  readonly unheld?: true;
}

export interface Rotated {
  /** Undefined where it went well. */
  readonly error: unknown;
  readonly steps: readonly RotationStep[];
  /** In order: `PATCH /providers/oauth2/1/`. */
  readonly calls: readonly string[];
}

export interface Configuration {
  readonly id: string;
  readonly credentials: { readonly keys: readonly PublicKey[] };
}

/** A house with one API, whose tokens API Shield checks by the keys of the client `api`. */
export class SigningKeyHome {
  readonly sandbox: Sandbox;
  readonly disk: Disk = newDisk();
  readonly redactor = createRedactor();
  #zone = '';

  private constructor(sandbox: Sandbox) {
    this.sandbox = sandbox;
  }

  static async make(): Promise<SigningKeyHome> {
    const home = new SigningKeyHome(await createSandbox({ zones: ['example.dev'], plan: 'enterprise' }));
    await home.#applied();
    await home.#shield();
    return home;
  }

  async #applied(): Promise<void> {
    const { report } = await this.pass();
    const left = unfinished(report);
    if (left.length > 0) throw new Error(left.join('\n'));
  }

  /** What the gate `jwt` has at the edge, as a hand makes it. */
  async #shield(): Promise<void> {
    this.#zone = `/zones/${this.sandbox.zones[0]?.id}`;
    const { id } = (await this.edit('cloudflare', 'POST', this.#configurations, {
      title: host,
      description: `gates:home/${host}`,
      token_sources: ['http.request.headers["authorization"][0]'],
      token_type: 'JWT',
      credentials: { keys: await this.published() },
    })) as Configuration;
    await this.edit('cloudflare', 'POST', `${this.#zone}/token_validation/rules`, {
      title: host,
      description: '',
      action: 'block',
      enabled: true,
      expression: `is_jwt_valid("${id}")`,
      selector: { include: [{ host: [host] }], exclude: null },
    });
    await this.edit('cloudflare', 'POST', `${this.#zone}/api_gateway/operations`, [
      { method: 'GET', host, endpoint: '/items' },
    ]);
  }

  get #configurations(): string {
    return `${this.#zone}/token_validation/config`;
  }

  pass(how?: 'dry run'): Promise<Pass> {
    return runProcess(this.sandbox, this.disk, file, how);
  }

  async rotate(options: RotationOptions = {}): Promise<Rotated> {
    const { trouble, publishes = (keys) => keys, takes = (keys) => keys } = options;
    const stop = new AbortController().signal;
    setMaxListeners(0, stop);
    const calls: string[] = [];
    const steps: RotationStep[] = [];
    const clock = eagerClock();
    const shared = { clock, redactor: this.redactor, signal: stop, random: () => 0 };
    let dead = false;
    const send = async (system: System, input: string | URL | Request, init: RequestInit = {}) => {
      if (dead) throw new TypeError('the process is gone');
      const { signal: _, ...rest } = init;
      const request = new Request(input, rest);
      const { pathname } = new URL(request.url);
      calls.push(`${request.method} ${pathname.replace(/^\/(client\/v4|api\/v3)/, '')}`);
      const kind = calls.length === trouble?.call ? trouble.kind : undefined;
      if (kind === 'drop') throw new TypeError('fetch failed');
      if (kind === 'reject') return refusals[system]();
      const reply = await this.sandbox[system](request);
      dead = kind === 'kill';
      if (kind !== undefined) throw new TypeError('fetch failed');
      return reply;
    };
    const world = createWorld({
      scope: scope(),
      cloudflare: createCloudflareWire({
        ...shared,
        token: this.sandbox.token,
        baseUrl: this.sandbox.urls.cloudflare,
        fetch: (input, init) => send('cloudflare', input, init),
        budget: createBudget(clock),
      }),
      authentik: createAuthentikWire({
        ...shared,
        token: this.sandbox.authentikToken,
        url: this.sandbox.urls.authentik,
        fetch: (input, init) => send('authentik', input, init),
      }),
      ...this.disk,
      clock,
      signal: stop,
    });
    const holders = options.unheld === true ? [] : keyHolders(world, [{ host, zone: 'example.dev' }]);
    const error = await rotateSigningKey(world, {
      client: 'api',
      holders: holders.map((holder) => ({ ...holder, replace: (keys) => holder.replace(takes(keys)) })),
      published: async () => publishes(await this.published()),
      settle: 30_000,
      onStep: (step) => void steps.push(step),
    }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return { error, steps, calls };
  }

  async published(): Promise<readonly PublicKey[]> {
    const url = `${this.sandbox.urls.authentik}/application/o/api/jwks/`;
    const { keys = [] } = (await (await this.sandbox.fetch(url)).json()) as {
      readonly keys?: readonly PublicKey[];
    };
    return keys;
  }

  async configuration(): Promise<Configuration> {
    const all = (await this.edit('cloudflare', 'GET', this.#configurations)) as readonly Configuration[];
    const [one, ...more] = all;
    if (one === undefined || more.length > 0) throw new Error(`there are ${all.length} configurations`);
    return one;
  }

  async replaceKeys(keys: readonly PublicKey[]): Promise<void> {
    const { id } = await this.configuration();
    await this.edit('cloudflare', 'PUT', `${this.#configurations}/${id}/credentials`, { keys });
  }

  /** Names of those of ours. */
  async pairs(): Promise<readonly string[]> {
    const rows = await this.#rows('/crypto/certificatekeypairs/');
    return rows.map(({ name }) => name).filter((name) => name.startsWith('gates:'));
  }

  /** Its id. */
  async pairOf(name: string): Promise<string> {
    const rows = await this.#rows('/crypto/certificatekeypairs/');
    return rows.find((row) => row.name === name)?.pk ?? '';
  }

  /** What a hand does that changes the client's key behind our back. */
  async signWith(pair: string): Promise<void> {
    const { pk } = await this.#provider();
    await this.edit('authentik', 'PATCH', `/providers/oauth2/${pk}/`, { signing_key: pair });
  }

  async #provider(): Promise<Row> {
    const provider = (await this.#rows('/providers/oauth2/')).find(({ name }) => name === 'gates:home/api');
    if (provider === undefined) throw new Error('the client is not there');
    return provider;
  }

  async #rows(path: string): Promise<readonly Row[]> {
    return ((await this.edit('authentik', 'GET', path)) as { readonly results: readonly Row[] }).results;
  }

  /** A token that the client gets at this moment. */
  async token(): Promise<string> {
    const { client_id, client_secret } = await this.#provider();
    const response = await this.sandbox.fetch(`${this.sandbox.urls.authentik}/application/o/token/`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret }),
    });
    const { access_token: token } = (await response.json()) as { readonly access_token?: string };
    if (token === undefined) throw new Error(`no token: ${response.status}`);
    return token;
  }

  /** 200 from the application, 403 from API Shield. */
  async visit(token?: string): Promise<number> {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return (await this.sandbox.edge(new Request(`http://${host}/items`, { headers }))).status;
  }

  /** A call as a person who may do all makes it; what the API says. */
  async edit(system: System, method: string, path: string, body?: unknown): Promise<unknown> {
    const edit = {
      actor: 'eve',
      system,
      method,
      path: system === 'authentik' ? `/api/v3${path}` : path,
      body,
    };
    const response = await this.sandbox.fetch(`${this.sandbox.urls.admin}/edit`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(edit),
    });
    const reply = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(reply)}`);
    return system === 'authentik' ? reply : (reply as { readonly result?: unknown }).result;
  }
}

function scope(): Scope {
  const read = parseConfig(new TextEncoder().encode(file));
  if (!read.ok) throw new Error('the file of the house has mistakes');
  return compile(read.parsed.config).scope;
}

const refusals: Readonly<Record<System, () => Response>> = {
  cloudflare: () =>
    Response.json(
      {
        success: false,
        errors: [{ code: 10000, message: 'Authentication error' }],
        messages: [],
        result: null,
      },
      { status: 403 },
    ),
  authentik: () =>
    Response.json({ detail: 'You do not have permission to perform this action.' }, { status: 403 }),
};
