import { setMaxListeners } from 'node:events';
import { createTurns } from '../../reconcilers/turns/turns.ts';
import { createBudget } from '../../src/clients/cloudflare/budget.ts';
import { createCloudflareWire } from '../../src/clients/cloudflare/cloudflare.ts';
import { ReplyWatch } from '../../src/clients/http/reply-watch.ts';
import { createRedactor } from '../../src/clients/redaction.ts';
import { findGround, findZone, scopeOf } from '../../src/conformance/ground.ts';
import { groupsOf } from '../../src/conformance/groups/index.ts';
import { inTurnOfTunnel } from '../../src/conformance/in-turn.ts';
import { Lab } from '../../src/conformance/lab.ts';
import { passingDisk } from '../../src/conformance/passing-disk.ts';
import { type ConformanceDocument, conformanceDocument } from '../../src/conformance/report.ts';
import { askAll } from '../../src/conformance/run.ts';
import { leftovers } from '../../src/conformance/sweep.ts';
import type { TakenTurns } from '../../src/core/turn-taker.ts';
import type { EdgeAnswer, EdgeRequest, World } from '../../src/core/world.ts';
import { createSandbox, type Sandbox, type SandboxOptions } from '../../src/lab/sandbox/index.ts';
import { createWorld } from '../../src/observed/world.ts';
import { sandboxEdge } from '../support/sandbox-edge.ts';
import { sharedClock } from '../support/shared-clock.ts';

const zone = 'example.dev';
const tunnel = 'homelab';
export const owner = 'conformance-1a2b';

/** A sandbox that already has foreign rules and a foreign login method, which a run must restore. */
export async function livedInSandbox(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const sandbox = await createSandbox({ zones: [zone], plan: 'enterprise', ...options });
  const entitlements = ['approval', 'certificates', 'isolation', 'justification'];
  await admin(sandbox, 'PUT', '/entitlements', { entitlements });
  const [own] = sandbox.zones;
  const { result } = (await edit(sandbox, 'GET', `/accounts/${sandbox.accountId}/cfd_tunnel`)) as {
    result: { id: string }[];
  };
  const ingress = [
    { hostname: 'wiki.example.dev', service: 'http://wiki.lan' },
    { service: 'http_status:404' },
  ];
  await edit(sandbox, 'PUT', `/accounts/${sandbox.accountId}/cfd_tunnel/${result[0]?.id}/configurations`, {
    config: { ingress },
  });
  const rules = [
    ['http_request_firewall_custom', { action: 'block' }],
    ['http_request_cache_settings', { action: 'set_cache_settings', action_parameters: { cache: false } }],
  ] as const;
  for (const [phase, rule] of rules) {
    await edit(sandbox, 'PUT', `/zones/${own?.id}/rulesets/phases/${phase}/entrypoint`, {
      rules: [{ ...rule, expression: 'http.host eq "wiki.example.dev"' }],
    });
  }
  const pin = { name: 'One-time PIN', type: 'onetimepin', config: {} };
  await edit(sandbox, 'POST', `/accounts/${sandbox.accountId}/access/identity_providers`, pin);
  await sandbox.arrive();
  return sandbox;
}

/** Makes a change by hand, and returns the API's reply. */
export async function edit(sandbox: Sandbox, method: string, path: string, body?: unknown): Promise<unknown> {
  return admin(sandbox, 'POST', '/edit', { actor: 'eve', system: 'cloudflare', method, path, body });
}

export async function admin(
  sandbox: Sandbox,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const response = await sandbox.fetch(`${sandbox.urls.admin}${path}`, init);
  const reply: unknown = await response.json();
  if (!response.ok && path !== '/edit') throw new Error(`${path}: ${JSON.stringify(reply)}`);
  return reply;
}

/** The call at which a process ends. The call arrives or not; its reply never does. */
export interface Kill {
  readonly at: number;
  readonly arrives: boolean;
}

/** Runs `gates conformance` processes against a sandbox of this process, in virtual time. */
export class Laboratory {
  readonly #sandbox: Sandbox;
  readonly #kill: Kill | undefined;
  readonly #watch = new ReplyWatch();
  readonly #tamper: Tamper;
  readonly #stop = new AbortController();
  #calls = 0;
  #underWay = 0;

  constructor(sandbox: Sandbox, { kill, tamper = {} }: { kill?: Kill; tamper?: Tamper } = {}) {
    this.#sandbox = sandbox;
    this.#kill = kill;
    this.#tamper = tamper;
    setMaxListeners(0, this.#stop.signal);
  }

  get calls(): number {
    return this.#calls;
  }

  async run(set: 'quick' | 'full' = 'quick'): Promise<ConformanceDocument> {
    const { ground } = await this.#place();
    const conclusion = await inTurnOfTunnel(createTurns(), this.#enter(owner), ground, async (world) => {
      const lab = new Lab(world, ground, () => this.#watch.headers);
      const asked = await askAll(groupsOf({ full: set === 'full' }), lab);
      const { found } = await leftovers((name) => this.#enter(name), ground, owner);
      for (const { remove } of found) await remove();
      return asked;
    });
    return conformanceDocument([conclusion], { ground }, set);
  }

  /** Takes the turn at the tunnel, for a run with another state folder. */
  async takeTurn(name: string): Promise<TakenTurns | { readonly waitsFor: string }> {
    const { ground } = await this.#place();
    return createTurns().take([`tunnel ${ground.tunnel.id}`], this.#enter(name));
  }

  async sweep(): Promise<readonly string[]> {
    const { ground } = await this.#place();
    const { found } = await leftovers((name) => this.#enter(name), ground);
    for (const { remove } of found) await remove();
    return found.map(({ what }) => what);
  }

  async #place() {
    const found = await findZone(this.#enter('conformance').cloudflare, zone);
    return { ground: await findGround(this.#enter('conformance'), found, tunnel) };
  }

  #enter(name: string): World {
    const { signal } = this.#stop;
    const clock = sharedClock(this.#sandbox, () => this.#underWay > 0);
    const edge = sandboxEdge(this.#sandbox);
    return createWorld({
      scope: scopeOf(zone, tunnel, this.#sandbox.accountId, name),
      cloudflare: createCloudflareWire({
        ...{ clock, signal, redactor: createRedactor(), budget: createBudget(clock), random: () => 0 },
        token: this.#sandbox.token,
        baseUrl: this.#sandbox.urls.cloudflare,
        fetch: this.#watch.around('cloudflare', '', (input, init) => this.#send(new Request(input, init))),
      }),
      edge: {
        get: async (request, stop) => {
          const answer = await this.#answered(edge.get(request, stop));
          return this.#tamper.edge?.(request, answer) ?? answer;
        },
      },
      ...passingDisk(),
      ...{ clock, signal, sideBySide: 1 },
    });
  }

  async #send(request: Request): Promise<Response> {
    this.#calls += 1;
    if (this.#kill === undefined || this.#calls < this.#kill.at) return this.#answered(this.#reply(request));
    if (this.#calls === this.#kill.at && this.#kill.arrives) await this.#sandbox.cloudflare(request);
    this.#stop.abort(new Killed());
    throw new Killed();
  }

  async #reply(request: Request): Promise<Response> {
    const { api } = this.#tamper;
    if (api === undefined) return this.#sandbox.cloudflare(request);
    const body: unknown = request.body === null ? undefined : await request.clone().json();
    return api({ method: request.method, path: new URL(request.url).pathname, body }, () =>
      this.#sandbox.cloudflare(request),
    );
  }

  /** Awaits an answer. A process that waits for one does not count as asleep. */
  async #answered<T>(answer: Promise<T>): Promise<T> {
    this.#underWay += 1;
    try {
      return await answer;
    } finally {
      this.#underWay -= 1;
    }
  }
}

/** An API or edge behavior that no option of the sandbox provides. */
export interface Tamper {
  readonly api?: (
    call: { readonly method: string; readonly path: string; readonly body: unknown },
    reply: () => Promise<Response>,
  ) => Promise<Response>;
  /** The answer of the edge; undefined leaves it unchanged. */
  readonly edge?: (request: EdgeRequest, answer: EdgeAnswer) => EdgeAnswer | undefined;
}

/** The error that ends every further call of a killed process, so that it can do nothing more. */
class Killed extends Error {}

interface TunnelOfState {
  readonly id: string;
  readonly deletedAt: string | null;
  readonly versions: readonly { readonly config: unknown }[];
}

/** The state without logs, counters and numbering: versions, times, the order of ids. */
export function stateOf(sandbox: Sandbox): unknown {
  const world = JSON.parse(sandbox.snapshot());
  const { records, apps, policies, tags, serviceTokens, identityProviders, rulesets, tunnels } = world;
  const { tokenConfigurations = [], tokenRules = [], operations = [], organization, zones } = world;
  return {
    ...{ records, apps, policies, tags, serviceTokens, identityProviders, organization, zones },
    ...{ tokenConfigurations, tokenRules, operations },
    rulesets: (rulesets ?? []).map(({ phase, rules }: { phase: string; rules: unknown }) => ({
      phase,
      rules,
    })),
    tunnels: (tunnels as readonly TunnelOfState[])
      .filter(({ deletedAt }) => deletedAt === null)
      .map(({ id, versions }) => [id, versions.at(-1)?.config]),
  };
}
