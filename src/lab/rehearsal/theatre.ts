import type { Config, Service } from '../../config/model/config.ts';
import { asksDaemon, isCallGate } from '../../desired/terms/doors.ts';
import type { Hole, Origins } from '../../report/rehearsal/rehearsal.ts';
import type { Exposure, Guard, RecordedReply, Sandbox, Snapshot } from '../sandbox/index.ts';
import { clientDomain } from './guards.ts';
import { verifyAddress } from './played-verify.ts';
import { lastCall, type Ran } from './process.ts';

/** The shares of calls that fail in random trials. */
const randomFaults = [
  { fault: 'status', status: 500, probability: 0.05 },
  { fault: 'drop', probability: 0.05 },
  { fault: 'lose-reply', probability: 0.05 },
] as const;

/** The copy before the first step, and the people who get through then. */
interface Opening {
  readonly snapshot: Snapshot;
  readonly before: ReadonlySet<string>;
}

/** The copy with facts that no API shows: its origins, its people, and whom the file admits. */
export class Theatre {
  readonly #sandbox: Sandbox;
  readonly #guards: readonly Guard[];
  readonly #openings: ReadonlyMap<Origins, Opening>;
  #origins: Origins = 'ask';

  private constructor(sandbox: Sandbox, guards: readonly Guard[], openings: ReadonlyMap<Origins, Opening>) {
    this.#sandbox = sandbox;
    this.#guards = guards;
    this.#openings = openings;
  }

  static async open(
    sandbox: Sandbox,
    parts: {
      readonly config: Config;
      readonly replies: readonly RecordedReply[];
      readonly guards: readonly Guard[];
    },
  ): Promise<Theatre> {
    const { config, guards } = parts;
    await placeOrigins(sandbox, config, routedTo(parts.replies));
    await placePeople(sandbox, config);
    await admin(sandbox, 'PUT', '/guards', guards);
    const openings = new Map<Origins, Opening>();
    for (const origins of worldsOf(config)) {
      await placeAskingOrigins(sandbox, config, origins);
      const before = new Set((await seenNow(sandbox)).map((exposure) => doorKey(exposure, guards)));
      openings.set(origins, { snapshot: sandbox.snapshot(), before });
    }
    return new Theatre(sandbox, guards, openings);
  }

  get sandbox(): Sandbox {
    return this.#sandbox;
  }

  get worlds(): readonly Origins[] {
    return [...this.#openings.keys()];
  }

  /** Restores the state before the first step. */
  begin(origins: Origins): void {
    this.#origins = origins;
    this.#sandbox.restore(this.#opening.snapshot);
  }

  get #opening(): Opening {
    const opening = this.#openings.get(this.#origins);
    if (opening === undefined) throw new TypeError('there is no such world');
    return opening;
  }

  /** Makes some calls fail from now on. */
  async disturb(seed: number): Promise<void> {
    for (const [index, fault] of randomFaults.entries()) {
      await admin(this.#sandbox, 'POST', '/faults', {
        match: {},
        ...fault,
        seed: seed * randomFaults.length + index,
      });
    }
  }

  async calm(): Promise<void> {
    await admin(this.#sandbox, 'DELETE', '/faults');
  }

  /** The people who got through since `begin` and could not before; `runs` are the processes that ran meanwhile. */
  holes(runs: readonly Ran[], trouble: string | undefined): readonly Hole[] {
    const steps = runs.flatMap((run) => run.steps);
    return this.#sandbox
      .exposures()
      .filter((exposure) => !this.#opening.before.has(doorKey(exposure, this.#guards)))
      .map((exposure) => {
        const change = steps.findLast(({ call }) => call < exposure.n)?.change;
        const step = change && `${change.verb} ${change.address.kind} ${change.address.key}`;
        return {
          ...holeOf(exposure, this.#guards),
          ...(trouble !== undefined && { trouble }),
          ...(step !== undefined && { step }),
          ...(this.#openings.size > 1 && { origins: this.#origins }),
        };
      });
  }

  /** The people who get through both before the first step and now. */
  async standing(): Promise<readonly Hole[]> {
    const now = await seenNow(this.#sandbox);
    const standing = now.filter((exposure) => this.#opening.before.has(doorKey(exposure, this.#guards)));
    return standing.map((exposure) => holeOf(exposure, this.#guards));
  }
}

/** The worlds to try: two only if the file claims something about origins that gates cannot check. */
function worldsOf(config: Config): readonly Origins[] {
  const { origins } = config;
  const asks =
    [...origins.values()].some(({ forwardAuth }) => forwardAuth) || hostsForCalls(config).length > 0;
  return asks ? ['ask', 'do not ask'] : ['ask'];
}

/** Asks the oracle now, and resets what it found. */
async function seenNow(sandbox: Sandbox): Promise<readonly Exposure[]> {
  const call = lastCall(sandbox);
  await admin(sandbox, 'DELETE', '/exposures');
  await admin(sandbox, 'POST', '/clock', { advance: '0s' });
  const exposures = sandbox.exposures().filter(({ n }) => n >= call);
  await admin(sandbox, 'DELETE', '/exposures');
  return exposures;
}

/** One key for all spellings of a way into a door: the visitor and the door. */
function doorKey({ host, path, principal, servedBy }: Exposure, guards: readonly Guard[]): string {
  const door = guards
    .filter((guard) => guard.host === host && covers(guard.path, path))
    .sort((left, right) => (right.path?.length ?? 0) - (left.path?.length ?? 0))[0];
  return [host, door?.path ?? '', principal, servedBy].join('\n');
}

function covers(guarded: string | undefined, path: string): boolean {
  if (guarded === undefined || path === guarded) return true;
  const root = guarded.endsWith('/**') ? guarded.slice(0, -3) : undefined;
  return root !== undefined && (path === root || path.startsWith(`${root}/`));
}

function holeOf({ host, path, principal, servedBy }: Exposure, guards: readonly Guard[]): Hole {
  const client = guards.find((guard) => guard.host === host)?.client;
  const door = { host, path, principal, servedBy };
  return client !== undefined && host.endsWith(clientDomain) ? { ...door, client } : door;
}

/** Plays every origin to which rules lead, even one on loopback, so that the rehearsal never reaches this machine. */
async function placeOrigins(sandbox: Sandbox, config: Config, routed: readonly string[]): Promise<void> {
  const { authentik } = config;
  const urls = new Set([...routed, ...[...config.origins.values()].map(({ url }) => url)]);
  for (const url of urls) await admin(sandbox, 'PUT', '/origins', { url, kind: 'application' });
  if (authentik === undefined) return;
  const embedded = authentik.outpost === 'authentik Embedded Outpost';
  const outpost = embedded ? {} : { outpost: authentik.outpost };
  await admin(sandbox, 'PUT', '/origins', { url: authentik.url, kind: 'authentik' });
  await admin(sandbox, 'PUT', '/origins', { url: authentik.outpostUrl, kind: 'authentik', ...outpost });
}

async function placeAskingOrigins(sandbox: Sandbox, config: Config, origins: Origins): Promise<void> {
  const outpost = config.authentik?.outpost;
  const named = outpost === undefined || outpost === 'authentik Embedded Outpost' ? {} : { outpost };
  for (const { name, url, forwardAuth } of config.origins.values()) {
    const calls = hostsForCalls(config).filter(({ origin }) => origin.name === name);
    if (!forwardAuth && calls.length === 0) continue;
    const asks = origins === 'ask' ? 'all' : 'none';
    const hooks = origins === 'ask' ? calls.map(({ host }) => host) : [];
    const verify = origins === 'ask' ? addressesOf(config, name) : {};
    const kind = forwardAuth
      ? { kind: 'traefik', forwardAuth: asks, verify, ...named }
      : { kind: 'application' };
    await admin(sandbox, 'PUT', '/origins', { url, ...kind, hooks });
  }
}

/** The addresses that the origin asks about hosts whose callers have tokens, by host. */
function addressesOf({ services }: Config, origin: string): Readonly<Record<string, string>> {
  const hosts = [...services.values()].flatMap((service) =>
    asksDaemon(service.gate) && service.origin.name === origin ? [service.host] : [],
  );
  return Object.fromEntries(hosts.map((host) => [host, verifyAddress(host)]));
}

/** Services whose origin must be the daemon's hooks listener, without another gate before it. */
function hostsForCalls({ services }: Config): readonly Service[] {
  return [...services.values()].filter(({ gate }) => isCallGate(gate));
}

/** The targets of the rules of all tunnels. */
function routedTo(replies: readonly RecordedReply[]): readonly string[] {
  const rules = replies.flatMap(({ path, body }) => {
    if (!/\/cfd_tunnel\/[^/]+\/configurations/.test(path)) return [];
    const { result } = (body ?? {}) as { result?: { config?: { ingress?: { service?: unknown }[] } } };
    return result?.config?.ingress ?? [];
  });
  const services = rules.map(({ service }) => service);
  return services.filter(
    (service): service is string => typeof service === 'string' && /^https?:/.test(service),
  );
}

/** Places a person into each existing group of the file, and into no other. */
async function placePeople(sandbox: Sandbox, { groups, authentik }: Config): Promise<void> {
  if (authentik === undefined) return;
  for (const [index, group] of [...groups].entries()) {
    const path = `/api/v3/core/groups/?name=${encodeURIComponent(group)}`;
    const { results = [] } = (await byHand(sandbox, 'GET', path)) as {
      results?: { pk: string; name: string }[];
    };
    const pks = results.filter(({ name }) => name === group).map(({ pk }) => pk);
    if (pks.length === 0) continue;
    const username = `rehearsal-${index}`;
    const person = { username, name: `somebody in ${group}`, groups: pks, type: 'internal' };
    await byHand(sandbox, 'POST', '/api/v3/core/users/', person);
  }
}

function byHand(sandbox: Sandbox, method: string, path: string, body?: object): Promise<unknown> {
  return admin(sandbox, 'POST', '/edit', { actor: 'rehearsal', system: 'authentik', method, path, body });
}

async function admin(sandbox: Sandbox, method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await sandbox.admin(
    new Request(`${sandbox.urls.admin}${path}`, {
      method,
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    }),
  );
  const text = await response.text();
  if (!response.ok) throw new TypeError(`the sandbox refused ${method} ${path}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
