import { setMaxListeners } from 'node:events';
import type { Hono } from 'hono';
import { type RotationStep, rotateSigningKey } from '../../../reconcilers/authentik/signing-key/rotation.ts';
import { keyHolders } from '../../../reconcilers/cloudflare/api-shield/key-holders.ts';
import type { SigningKey } from '../../../reconcilers/shared/signing-key.ts';
import { createAuthentikWire } from '../../../src/clients/authentik/authentik.ts';
import { createBudget } from '../../../src/clients/cloudflare/budget.ts';
import { createCloudflareWire } from '../../../src/clients/cloudflare/cloudflare.ts';
import { documentReader } from '../../../src/clients/http/document.ts';
import { createRedactor } from '../../../src/clients/redaction.ts';
import { AHEAD } from '../../../src/daemon/verify/kept-keys.ts';
import { createSandbox, type Sandbox } from '../../../src/lab/sandbox/index.ts';
import { createWorld } from '../../../src/observed/world.ts';
import { eagerClock } from '../../support/world.ts';
import { type Disk, newDisk } from '../stage/disk.ts';
import { askAdmin } from '../stage/hand.ts';
import { type Pass, runProcess, unfinished } from '../stage/stage.ts';
import { forbidden } from '../stage/trouble.ts';
import { verifyDaemon } from '../stage/verify-daemon.ts';
import { type At, type Audience, file, host, keysUrl, scope } from './signing-key-file.ts';

type Row = Readonly<Record<'pk' | 'name' | 'client_id' | 'client_secret', string>>;

type System = 'cloudflare' | 'authentik';

/** The fault of the n-th call of a rotation, counted from 1, including reads. */
export interface CallTrouble {
  readonly call: number;
  /** `kill`: done, then the process ends. `lose-reply`: done, no reply. `drop`: not done, no reply. `reject`: 403. */
  readonly kind: 'kill' | 'lose-reply' | 'drop' | 'reject';
}

export interface RotationOptions {
  readonly trouble?: CallTrouble;
  /** Changes the key set that the client publishes. */
  readonly publishes?: (keys: readonly SigningKey[]) => readonly SigningKey[];
  /** Changes the keys that are to replace those of the configuration. */
  readonly takes?: (keys: readonly SigningKey[]) => readonly SigningKey[];
  /** True if nobody received keys. */
  readonly unheld?: true;
  /** Runs after each call that arrived. */
  readonly between?: () => Promise<void>;
}

export interface Rotated {
  /** The error; undefined after success. */
  readonly error: unknown;
  readonly steps: readonly RotationStep[];
  /** The calls in order, such as `PATCH /providers/oauth2/1/`. */
  readonly calls: readonly string[];
}

interface KeyDocument {
  readonly keys?: readonly SigningKey[];
}

export interface Configuration {
  readonly id: string;
  readonly description: string;
  readonly credentials: { readonly keys: readonly SigningKey[] };
}

/** A house with one API, whose tokens API Shield checks with the keys of the client `api`. */
export class SigningKeyHome {
  readonly sandbox: Sandbox;
  disk: Disk = newDisk();
  #zone = '';

  readonly at: At;
  readonly #audience: Audience;
  /** The number of the daemon's reports of unexpected key changes. */
  told = 0;
  #daemon: Hono | undefined;

  private constructor(sandbox: Sandbox, at: At, audience: Audience) {
    this.sandbox = sandbox;
    this.at = at;
    this.#audience = audience;
  }

  static async make(at: At = 'edge', audience: Audience = 'machines'): Promise<SigningKeyHome> {
    const asked: { home?: SigningKeyHome } = {};
    const sandbox = await createSandbox({
      zones: ['example.dev'],
      plan: at === 'edge' ? 'enterprise' : 'free',
      callBudget: 100_000_000,
      verifier: async (url, request) =>
        asked.home?.daemon.request(url, request) ?? new Response(null, { status: 503 }),
    });
    const home = new SigningKeyHome(sandbox, at, audience);
    asked.home = home;
    const verify = { [host]: `http://gates.lan:8420/verify?host=${host}` };
    const origin = { url: 'http://traefik.lan:80', kind: 'traefik', ...(at === 'origin' && { verify }) };
    await askAdmin(sandbox, 'PUT', '/origins', origin);
    const left = unfinished((await home.pass()).report);
    if (left.length > 0) throw new Error(left.join('\n'));
    home.#zone = `/zones/${home.sandbox.zones[0]?.id}`;
    return home;
  }

  get #file(): string {
    return file(this.at, this.#audience);
  }

  get #configurations(): string {
    return `${this.#zone}/token_validation/config`;
  }

  pass(how?: 'dry run'): Promise<Pass> {
    return runProcess(this.sandbox, this.disk, this.#file, how);
  }

  get daemon(): Hono {
    this.#daemon ??= verifyDaemon(this.#file, {
      notes: this.disk.notes,
      vault: this.disk.vault,
      read: async (url) => (await this.sandbox.edge(new Request(url))).json(),
      onForeignChange: () => {
        this.told += 1;
      },
    });
    return this.#daemon;
  }

  /** Restarts the daemon; only the disk survives. */
  restartDaemon(): void {
    this.#daemon = undefined;
  }

  async rotate(options: RotationOptions = {}): Promise<Rotated> {
    const { trouble, publishes = (keys) => keys, takes = (keys) => keys } = options;
    const stop = new AbortController().signal;
    setMaxListeners(0, stop);
    const calls: string[] = [];
    const steps: RotationStep[] = [];
    const clock = eagerClock();
    const shared = { clock, redactor: createRedactor(), signal: stop, random: () => 0 };
    let dead = false;
    const send = async (system: System, input: string | URL | Request, init: RequestInit = {}) => {
      if (dead) throw new TypeError('the process is gone');
      const { signal: _, ...rest } = init;
      const request = new Request(input, rest);
      const { pathname } = new URL(request.url);
      calls.push(`${request.method} ${pathname.replace(/^\/(client\/v4|api\/v3)/, '')}`);
      const kind = calls.length === trouble?.call ? trouble.kind : undefined;
      if (kind === 'drop') throw new TypeError('fetch failed');
      if (kind === 'reject') return forbidden[system]();
      const reply = await this.sandbox[system](request);
      await options.between?.();
      dead = kind === 'kill';
      if (kind !== undefined) throw new TypeError('fetch failed');
      return reply;
    };
    const readDocument = documentReader({ signal: stop, fetch: (url) => send('authentik', url) });
    const world = createWorld({
      scope: scope(this.at, this.#audience),
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
      document: async (url) => {
        const document = (await readDocument(url)) as KeyDocument;
        return { keys: publishes(document.keys ?? []) };
      },
      ...this.disk,
      clock,
      signal: stop,
    });
    const holders = options.unheld === true || this.at === 'origin' ? [] : keyHolders(world, [host]);
    const error = await rotateSigningKey(world, {
      client: 'api',
      holders: holders.map((holder) => ({ ...holder, replace: (keys) => holder.replace(takes(keys)) })),
      settle: 30_000,
      announce: async (key) => {
        const until = clock.now().getTime() + 600_000;
        await this.disk.notes.put(AHEAD, keysUrl, JSON.stringify({ key, until }));
      },
      onStep: (step) => void steps.push(step),
    }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return { error, steps, calls };
  }

  async published(): Promise<readonly SigningKey[]> {
    const url = `${this.sandbox.urls.authentik}/application/o/api/jwks/`;
    const { keys = [] } = (await (await this.sandbox.fetch(url)).json()) as KeyDocument;
    return keys;
  }

  async configuration(): Promise<Configuration> {
    const all = (await this.edit('cloudflare', 'GET', this.#configurations)) as readonly Configuration[];
    const [one, ...more] = all;
    if (one === undefined || more.length > 0) throw new Error(`there are ${all.length} configurations`);
    return one;
  }

  async replaceKeys(keys: readonly SigningKey[]): Promise<void> {
    const { id } = await this.configuration();
    await this.edit('cloudflare', 'PUT', `${this.#configurations}/${id}/credentials`, { keys });
  }

  /** The names of our pairs. */
  async pairs(): Promise<readonly string[]> {
    const rows = await this.#rows('/crypto/certificatekeypairs/');
    return rows.map(({ name }) => name).filter((name) => name.startsWith('gates:'));
  }

  /** The id of the pair with this name. */
  async pairOf(name: string): Promise<string> {
    const rows = await this.#rows('/crypto/certificatekeypairs/');
    return rows.find((row) => row.name === name)?.pk ?? '';
  }

  /** Makes the provider sign with another pair, without gates. */
  async signWith(pair: string): Promise<void> {
    const { pk } = await this.#provider();
    await this.edit('authentik', 'PATCH', `/providers/oauth2/${pk}/`, { signing_key: pair });
  }

  async #provider(client = 'api'): Promise<Row> {
    const name = `gates:home/${client}`;
    const provider = (await this.#rows('/providers/oauth2/')).find((row) => row.name === name);
    if (provider === undefined) throw new Error('the client is not there');
    return provider;
  }

  /** Makes a pair, and returns its id. */
  async makePair(name: string): Promise<string> {
    const path = '/crypto/certificatekeypairs/generate/';
    const asked = { common_name: name, validity_days: 365 };
    return ((await this.edit('authentik', 'POST', path, asked)) as Row).pk;
  }

  /** Replaces the key under the pair's name, with which the provider still signs. */
  async replacePair(name: string): Promise<void> {
    const pairs = '/crypto/certificatekeypairs/';
    const made = await this.makePair('made to be copied');
    const dataOf = async (what: string) =>
      (await this.edit('authentik', 'GET', `${pairs}${made}/${what}/`)) as { readonly data: string };
    const [certificate, key] = [await dataOf('view_certificate'), await dataOf('view_private_key')];
    await this.edit('authentik', 'DELETE', `${pairs}${made}/`);
    await this.edit('authentik', 'PATCH', `${pairs}${await this.pairOf(name)}/`, {
      certificate_data: certificate.data,
      key_data: key.data,
    });
  }

  async #rows(path: string): Promise<readonly Row[]> {
    return ((await this.edit('authentik', 'GET', path)) as { readonly results: readonly Row[] }).results;
  }

  /** Gets the client a token now. */
  async token(client = 'api'): Promise<string> {
    const { client_id, client_secret } = await this.#provider(client);
    const asked = new Request('https://auth.example.dev/application/o/token/', {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        scope: 'audience',
        client_id,
        client_secret,
      }),
    });
    const response = await this.sandbox.edge(asked);
    const { access_token: token } = (await response.json()) as { readonly access_token?: string };
    if (token === undefined) throw new Error(`no token: ${response.status}`);
    return token;
  }

  /** Visits the API: 200 from the application, 403 from API Shield. */
  async visit(token?: string): Promise<number> {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return (await this.sandbox.edge(new Request(`https://${host}/items`, { headers }))).status;
  }

  /** Calls as an administrator, and returns the reply of the API. */
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
    const text = await response.text();
    const reply: unknown = text === '' ? undefined : JSON.parse(text);
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(reply)}`);
    return system === 'authentik' ? reply : (reply as { readonly result?: unknown }).result;
  }
}
