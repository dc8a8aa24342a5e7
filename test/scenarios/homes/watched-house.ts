import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { reconcilers } from '../../../reconcilers/index.ts';
import { createAuthentikWire } from '../../../src/clients/authentik/authentik.ts';
import { createBudget } from '../../../src/clients/cloudflare/budget.ts';
import { createCloudflareWire } from '../../../src/clients/cloudflare/cloudflare.ts';
import { createOrigin } from '../../../src/clients/edge.ts';
import { createRedactor } from '../../../src/clients/redaction.ts';
import type { Scope } from '../../../src/core/objects/object.ts';
import type { Edge, EdgeAnswer } from '../../../src/core/world.ts';
import { createDaemonRun } from '../../../src/daemon/run/daemon-run.ts';
import type { Reconcile } from '../../../src/daemon/run/run-request.ts';
import { statusFile } from '../../../src/daemon/status/status-file.ts';
import type { Cause } from '../../../src/daemon/triggers/triggers.ts';
import { createSandbox, type Sandbox } from '../../../src/lab/sandbox/index.ts';
import { createWorld } from '../../../src/observed/world.ts';
import type { GateSeen, Paused, Status } from '../../../src/report/status/status.ts';
import { formatStatus } from '../../../src/report/status/status-text.ts';
import { reconcile } from '../../../src/run/reconcile.ts';
import { freeTurn } from '../../daemon/free-turn.ts';
import { type QuietLog, quietLog } from '../../daemon/quiet-log.ts';
import { temporaryDirectory } from '../../daemon/temporary-directory.ts';
import { memoryNotes, memorySinks, memoryVault } from '../../support/memory.ts';
import { sandboxEdge } from '../../support/sandbox-edge.ts';
import { eagerClock } from '../../support/world.ts';

export const watchedHost = 'app.example.dev';

/** An origin's reaction to a stranger: it asks for our login, answers as the application, or hangs up. */
type Manner = 'asks' | 'answers' | 'hangs up';

/** A host behind forward auth with an origin on this machine, and the daemon that watches it. */
export interface WatchedHouse {
  readonly sandbox: Sandbox;
  readonly log: QuietLog;
  /** The origin's reaction to requests through the edge, and to direct ones from the house. */
  readonly origin: { atEdge: Manner; inside: Manner };
  /** The edge's answer to our probe instead of a pass; everybody else passes. */
  stopsProbe: EdgeAnswer | Error | undefined;
  /** True while a person has paused gates. */
  paused: Paused | undefined;
  /** The direct requests to the origin, by path. */
  readonly askedInside: string[];
  pass(cause: Cause['type']): Promise<void>;
  /** Applies with a person's `--unverified` for the host. */
  vouch(): Promise<void>;
  /** Lets time pass. */
  wait(minutes: number): Promise<void>;
  status(): Status;
  gate(): GateSeen | undefined;
  /** The status, as `gates status` prints it. */
  told(): string;
  /** The answer to a stranger who passes the edge. */
  visit(): Promise<string>;
}

interface HouseOptions {
  readonly mode?: 'forwardAuth' | 'proxy';
  readonly drift?: 'repair' | 'report';
}

export async function watchedHouse(options: HouseOptions = {}): Promise<WatchedHouse> {
  const { mode = 'forwardAuth', drift = 'repair' } = options;
  const sandbox = await createSandbox({ zones: ['example.dev'] });
  const edge = sandboxEdge(sandbox);
  const clock = eagerClock();
  const { signal } = new AbortController();
  const state = { vault: memoryVault(), sinks: memorySinks(), notes: memoryNotes(), clock, signal };
  const origin: WatchedHouse['origin'] = { atEdge: 'asks', inside: 'asks' };
  const askedInside: string[] = [];
  const url = await playOrigin(sandbox, origin, askedInside);
  const text = fileOf(url, mode);
  const house: Pick<WatchedHouse, 'stopsProbe' | 'paused'> = { stopsProbe: undefined, paused: undefined };
  /** The check before a write: the turn of a run, or none for a person's change. */
  let mayChange = async () => {};
  const guard = { mayWrite: () => mayChange() };
  const seenByProbe: Edge = {
    async get(request, stop) {
      if (house.stopsProbe instanceof Error) throw house.stopsProbe;
      return house.stopsProbe ?? edge.get(request, stop);
    },
  };
  const wires = { clock, redactor: createRedactor(), signal, guard, random: () => 0 };
  const cloudflare = createCloudflareWire({
    ...wires,
    token: sandbox.token,
    baseUrl: sandbox.urls.cloudflare,
    fetch: (input, init) => sandbox.cloudflare(new Request(input, init)),
    budget: createBudget(clock),
  });
  const authentik = createAuthentikWire({
    ...wires,
    token: sandbox.authentikToken,
    url: sandbox.urls.authentik,
    fetch: (input, init) => sandbox.authentik(new Request(input, init)),
  });
  const parts = { cloudflare, authentik, edge: seenByProbe, originAt: createOrigin, ...state };
  const effects = (stop: AbortSignal) => ({
    reconcilers,
    world: (scope: Scope) => createWorld({ ...parts, scope, signal: stop }),
  });
  const carryOut: Reconcile = ({ apply, watch, allow, turn }) => {
    mayChange = turn.mayChange;
    const options = { adopt: false, allow, watch };
    return reconcile({ text, file: 'gates.yaml', apply, options }, effects(turn.signal));
  };
  const log = quietLog();
  const paused = async () => house.paused;
  const { pass, status } = daemonOf(text, carryOut, { clock, log, signal, drift, paused });
  return Object.assign(house, {
    sandbox,
    log,
    origin,
    askedInside,
    status,
    pass: async (type: Cause['type']) => void (await pass([{ type }], freeTurn(signal))),
    vouch: async () => {
      const options = { adopt: false, allow: [], unverified: [watchedHost] };
      mayChange = async () => {};
      await reconcile({ text, file: 'gates.yaml', apply: true, options }, effects(signal));
    },
    wait: (minutes: number) => clock.sleep(minutes * 60_000),
    gate: () => status().gates?.find(({ host }) => host === watchedHost),
    told: () => {
      const now = house.paused === undefined ? status() : { ...status(), paused: house.paused };
      return formatStatus(now, { now: clock.now(), alive: true, width: 200 });
    },
    visit: async () => {
      const { status: code, headers } = await edge.get(
        { host: watchedHost, path: '/', nameServers: [] },
        signal,
      );
      const { location, 'x-sandbox-served-by': by = 'origin' } = headers;
      return `${code} ${location === undefined ? by : new URL(location, `https://${watchedHost}`).host}`;
    },
  });
}

function fileOf(url: string, mode: string): Uint8Array {
  const at = mode === 'proxy' ? `, outpostUrl: "${url}"` : '';
  return new TextEncoder().encode(`version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik: { url: "http://authentik.lan:9000", service: auth${at} }
groups: { admins: {} }
origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80" }
  mine: { tunnel: homelab, url: "${url}", forwardAuth: true }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  app: { host: ${watchedHost}, origin: mine, gate: { authentik: { mode: ${mode}, groups: [admins] } } }
`);
}

/** Starts an origin that recognizes by Cloudflare's header where a request came from, and returns its address. */
async function playOrigin(
  sandbox: Sandbox,
  manner: WatchedHouse['origin'],
  askedInside: string[],
): Promise<string> {
  const server = createServer(async ({ headers, url = '/' }, reply) => {
    const straight = headers['cf-ray'] === undefined;
    if (straight) askedInside.push(`${headers.host}${url}`);
    const how = straight ? manner.inside : manner.atEdge;
    if (how === 'hangs up') return void reply.destroy();
    if (how === 'answers') return void reply.end('hello');
    const back = encodeURIComponent(`https://${watchedHost}/outpost.goauthentik.io/callback`);
    const query = `client_id=${await clientOf(sandbox)}&redirect_uri=${back}`;
    reply.writeHead(302, { location: `https://auth.example.dev/application/o/authorize/?${query}` }).end();
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The client of Authentik's provider for the host. */
async function clientOf({ authentik, authentikToken, urls }: Sandbox): Promise<string> {
  const headers = { authorization: `Bearer ${authentikToken}` };
  const reply = await authentik(new Request(`${urls.authentik}/api/v3/providers/proxy/`, { headers }));
  const { results } = (await reply.json()) as {
    readonly results: readonly { readonly client_id: string; readonly external_host: string }[];
  };
  return results.find((row) => row.external_host === `https://${watchedHost}`)?.client_id ?? '';
}

interface Surroundings
  extends Pick<Parameters<typeof createDaemonRun>[0], 'clock' | 'signal' | 'log' | 'paused'> {
  readonly drift: 'repair' | 'report';
}

function daemonOf(
  bytes: Uint8Array,
  carryOut: Reconcile,
  { clock, log, signal, drift, paused }: Surroundings,
) {
  const now = clock.now().toISOString();
  const process = { version: '0.1.0', pid: 1, host: 'h', since: now, updatedAt: now };
  const repository = { url: '/srv/gates.git', branch: 'main', file: 'gates.yaml' };
  const file = statusFile(
    temporaryDirectory(),
    { ...process, phase: 'starting', repository },
    clock,
    (error) => {
      throw error;
    },
  );
  const head = { revision: 'a'.repeat(40), author: 'Ada', subject: 'Open', allow: [], file: { bytes } };
  const settings = {
    schedule: '*/5 * * * *',
    timezone: 'UTC',
    drift,
    probe: '*/15 * * * *',
    jitter: 0,
    windows: [],
  };
  const pass = createDaemonRun({
    git: { read: async () => head },
    lastGood: { load: async () => undefined, save: async () => {} },
    good: undefined,
    check: () => ({ settings }),
    reconcile: carryOut,
    status: file,
    file: repository.file,
    clock,
    log,
    redact: (text) => text,
    paused,
    onSettings: () => {},
    nextRun: () => undefined,
    signal,
  });
  return { pass, status: file.current };
}
