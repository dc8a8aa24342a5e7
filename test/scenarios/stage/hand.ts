import { expect } from 'vitest';
import { createSandbox, type Exposure, type Sandbox, type Snapshot } from '../../../src/lab/sandbox/index.ts';
import { copyOf, type Disk, newDisk } from './disk.ts';
import { shapeOf } from './shape.ts';
import { type Pass, runProcess, unfinished } from './stage.ts';

interface Row {
  readonly pk: string;
  readonly name: string;
}

interface BindingRow extends Row {
  readonly group: string | null;
  readonly policy: string | null;
  readonly target: string;
}

interface OutpostRow extends Row {
  readonly providers: readonly number[];
  readonly config: Readonly<Record<string, unknown>>;
}

const openClient = 'open';

interface Applied {
  /** The state after the file had been applied. */
  readonly asApplied: unknown;
  readonly disk: Disk;
}

/** A person who makes all changes by hand in Authentik. */
export class Hand {
  readonly sandbox: Sandbox;

  constructor(sandbox: Sandbox) {
    this.sandbox = sandbox;
  }

  get(path: string): Promise<unknown> {
    return this.#edit('GET', path);
  }

  post(path: string, body: object): Promise<unknown> {
    return this.#edit('POST', path, body);
  }

  patch(path: string, body: object): Promise<unknown> {
    return this.#edit('PATCH', path, body);
  }

  delete(path: string): Promise<unknown> {
    return this.#edit('DELETE', path);
  }

  async group(name: string): Promise<string> {
    return (await this.#first<Row>('/core/groups/', (row) => row.name === name)).pk;
  }

  async keyPair(name: string): Promise<string> {
    return (await this.#first<Row>('/crypto/certificatekeypairs/', (row) => row.name === name)).pk;
  }

  person(username: string): Promise<Row & { readonly username: string }> {
    return this.#first(
      '/core/users/',
      (row: Row & { readonly username: string }) => row.username === username,
    );
  }

  /** The provider of an application, of any sort. */
  async providerOf(slug: string): Promise<Row> {
    const { provider } = (await this.get(`/core/applications/${slug}/`)) as { readonly provider: number };
    return this.#first<Row>('/providers/all/', ({ pk }) => String(pk) === String(provider));
  }

  /** Changes a binding of a group or a user, or one of a policy. */
  async changeBinding(
    slug: string,
    to: { readonly enabled?: boolean; readonly negate?: boolean },
    of: 'people' | 'policy' = 'people',
  ) {
    const binding = await this.bindingOf(slug, of);
    // The PUT is complete, since a PATCH without the target breaks the server.
    return this.#edit('PUT', `/policies/bindings/${binding.pk}/`, { ...binding, ...to });
  }

  async bindingOf(slug: string, of: 'people' | 'policy' = 'people'): Promise<BindingRow> {
    const id = await this.#application(slug);
    return this.#first<BindingRow>(
      '/policies/bindings/',
      ({ target, policy }) => target === id && (policy === null) === (of === 'people'),
    );
  }

  /** The names of the groups bound to an application. */
  async groupsAdmittedTo(slug: string): Promise<readonly string[]> {
    const id = await this.#application(slug);
    const [bindings, groups] = await Promise.all([
      this.#list<BindingRow>('/policies/bindings/'),
      this.#list<Row>('/core/groups/'),
    ]);
    return bindings
      .filter(({ target }) => target === id)
      .map(({ group }) => groups.find(({ pk }) => pk === group)?.name ?? 'no group')
      .sort();
  }

  async bind(
    slug: string,
    whom: { readonly group?: string; readonly user?: unknown; readonly policy?: string },
  ) {
    const nobody = { policy: null, group: null, user: null };
    const target = await this.#application(slug);
    return this.post('/policies/bindings/', { target, enabled: true, order: 5, ...nobody, ...whom });
  }

  async agreeingPolicy(): Promise<string> {
    const body = { name: 'everybody', expression: 'return True' };
    return ((await this.post('/policies/expression/', body)) as Row).pk;
  }

  async patchProxy(slug: string, body: object): Promise<unknown> {
    const path = `/providers/proxy/${(await this.providerOf(slug)).pk}/`;
    const { mode, internal_host } = (await this.get(path)) as Readonly<Record<string, unknown>>;
    // Without its mode, the API switches it to mode proxy.
    return this.patch(path, { mode, internal_host, ...body });
  }

  /** Makes the provider accept tokens of the client that {@link addOpenClient} made. */
  async trustOpenClient(slug: string): Promise<unknown> {
    const { pk } = await this.providerOf(slug);
    const trusted = { jwt_federation_providers: [(await this.providerOf(openClient)).pk] };
    const isProxy = (await this.#list<Row>('/providers/proxy/')).some((row) => row.pk === pk);
    return isProxy ? this.patchProxy(slug, trusted) : this.patch(`/providers/oauth2/${pk}/`, trusted);
  }

  /** Adds a foreign client at which everybody may log in. */
  async addOpenClient(): Promise<void> {
    const flows = await this.#list<Row & { readonly designation: string }>('/flows/instances/');
    const flow = (designation: string) => flows.find((row) => row.designation === designation)?.pk;
    const { pk } = (await this.post('/providers/oauth2/', {
      name: openClient,
      authorization_flow: flow('authorization'),
      invalidation_flow: flow('invalidation'),
      redirect_uris: [],
      grant_types: ['client_credentials'],
    })) as Row;
    await this.post('/core/applications/', { name: openClient, slug: openClient, provider: pk });
  }

  async removeFromOutpost(slug: string): Promise<unknown> {
    const [{ pk }, outpost] = await Promise.all([this.providerOf(slug), this.#outpost()]);
    const providers = outpost.providers.filter((provider) => String(provider) !== String(pk));
    return this.patch(`/outposts/instances/${outpost.pk}/`, { providers });
  }

  async outpostHost(host: string): Promise<unknown> {
    const { pk, config } = await this.#outpost();
    return this.patch(`/outposts/instances/${pk}/`, { config: { ...config, authentik_host: host } });
  }

  #outpost(): Promise<OutpostRow> {
    return this.#first<OutpostRow>('/outposts/instances/', () => true);
  }

  async #application(slug: string): Promise<string> {
    return ((await this.get(`/core/applications/${slug}/`)) as Row).pk;
  }

  async #first<R>(path: string, isIt: (row: R) => boolean): Promise<R> {
    const found = (await this.#list<R>(path)).find(isIt);
    if (found === undefined) throw new Error(`${path} has no such object`);
    return found;
  }

  async #list<R>(path: string): Promise<readonly R[]> {
    return ((await this.get(`${path}?page_size=100`)) as { readonly results: readonly R[] }).results;
  }

  #edit(method: string, path: string, body?: object): Promise<unknown> {
    const call = { actor: 'somebody', system: 'authentik', method, path: `/api/v3${path}`, body };
    return askAdmin(this.sandbox, 'POST', '/edit', call);
  }
}

/** The same person in a home to which a file has been applied. */
export class HandAtHome extends Hand {
  readonly #applied: Applied & { readonly snapshot: Snapshot };

  private constructor(sandbox: Sandbox, applied: Applied) {
    super(sandbox);
    this.#applied = { ...applied, snapshot: sandbox.snapshot() };
  }

  /** Applies the file. Traefik sends the hosts `behind` through the outpost; `first` runs before everything. */
  static async at(
    file: string,
    guards: readonly object[],
    behind: readonly string[],
    first?: (hand: Hand) => Promise<void>,
  ): Promise<HandAtHome> {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
    const disk = newDisk();
    const admin = (path: string, body: unknown) => askAdmin(sandbox, 'PUT', path, body);
    await admin('/origins', { url: 'http://traefik.lan:80', kind: 'traefik', forwardAuth: behind });
    await admin('/guards', guards);
    await first?.(new Hand(sandbox));
    const pass = await runProcess(sandbox, disk, file);
    expect(unfinished(pass.report)).toEqual([]);
    expect(sandbox.exposures()).toEqual([]);
    return new HandAtHome(sandbox, { disk, asApplied: await shapeOf(sandbox) });
  }

  /** Restores the state just after the file was applied. */
  async begin(): Promise<Applied> {
    const { snapshot, disk, asApplied } = this.#applied;
    this.sandbox.restore(snapshot);
    return { asApplied, disk: await copyOf(disk) };
  }

  pass(disk: Disk, file: string): Promise<Pass> {
    return runProcess(this.sandbox, disk, file);
  }

  /** The people who get in now and whom no guard admits. */
  async exposedNow(): Promise<readonly Exposure[]> {
    await askAdmin(this.sandbox, 'DELETE', '/exposures');
    const agreeing = { name: 'judge', expression: 'return True' };
    await this.post('/policies/expression/', agreeing);
    return this.sandbox.exposures();
  }
}

/** Calls the sandbox's admin API; throws if it, or the call that it makes, is rejected. */
export async function askAdmin(
  sandbox: Sandbox,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const reply = await sandbox.fetch(`${sandbox.urls.admin}${path}`, init);
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${method} ${path}: ${text}`);
  // The effects of a change by hand are judged before anything else happens, as without a lag.
  if (path === '/edit') await sandbox.arrive();
  return text === '' ? undefined : JSON.parse(text);
}
