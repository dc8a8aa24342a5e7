import { reconcilers } from '../../reconcilers/index.ts';
import { probeServices } from '../../src/cli/commands/probe.ts';
import { createAuthentikWire } from '../../src/clients/authentik/authentik.ts';
import { createBudget } from '../../src/clients/cloudflare/budget.ts';
import { createCloudflareWire } from '../../src/clients/cloudflare/cloudflare.ts';
import { createOrigin } from '../../src/clients/edge.ts';
import { createRedactor } from '../../src/clients/redaction.ts';
import type { Config } from '../../src/config/model/config.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import type { Scope } from '../../src/core/objects/object.ts';
import type { Clock, Edge, EdgeAnswer, EdgeRequest, Vault } from '../../src/core/world.ts';
import { createSandbox, type Sandbox, type Snapshot } from '../../src/lab/sandbox/index.ts';
import { createWorld } from '../../src/observed/world.ts';
import type { ProbeDocument, ProbedService } from '../../src/report/probe/probe.ts';
import { reconcile } from '../../src/run/reconcile.ts';
import { type Reach, type Survey, survey } from '../../src/run/survey.ts';
import { copyOf, type Disk, newDisk } from '../scenarios/stage/disk.ts';
import { sandboxEdge } from '../support/sandbox-edge.ts';
import { eagerClock } from '../support/world.ts';

/** A file with one gate of each sort that gates can check. */
export const file = `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik: { url: "http://authentik.lan:9000", service: auth }
groups: { admins: {} }
origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
  app: { tunnel: homelab, url: "http://app.lan:80" }
serviceTokens: { ci: {} }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  grafana:
    host: grafana.example.dev
    origin: traefik
    gate: { authentik: { groups: [admins] } }
    paths: { /api/health: { public: { reason: uptime } } }
  proxmox: { host: proxmox.example.dev, origin: app, gate: { cloudflare: { emails: [me@example.dev] } } }
  machine: { host: machine.example.dev, origin: app, gate: { serviceToken: { tokens: [ci] } } }
  docs: { host: docs.example.dev, origin: app, gate: { public: { reason: documentation } } }
`;

/** A sandbox, and the commands that run against it. */
export interface House {
  readonly sandbox: Sandbox;
  readonly vault: Vault;
  /** Probes, with another file or with an edge that answers in place of the sandbox's. */
  probe(options?: ProbeOptions): Promise<ProbeDocument>;
  apply(text?: string): Promise<void>;
  readonly reach: Reach;
  /** Reads what a run with the file reads. */
  survey(text?: string): Promise<Survey>;
  traefik(changes: object): Promise<void>;
  /** Calls the sandbox's own API. */
  admin(method: string, path: string, body: object): Promise<void>;
}

interface ProbeOptions {
  readonly text?: string;
  readonly service?: string;
  readonly inside?: boolean;
  readonly edge?: (request: EdgeRequest) => EdgeAnswer | Error | undefined;
}

export function house(): Promise<House> {
  return houseWith(newDisk(), eagerClock());
}

async function houseWith(disk: Disk, clock: Clock): Promise<House> {
  const sandbox = await createSandbox({ zones: ['example.dev'], canary: 'canary5f0c' });
  const state = { ...disk, clock };
  const { signal } = new AbortController();
  const common = { clock, redactor: createRedactor(), signal, random: () => 0 };
  const cloudflare = createCloudflareWire({
    ...common,
    token: sandbox.token,
    baseUrl: sandbox.urls.cloudflare,
    fetch: (input, init) => sandbox.cloudflare(new Request(input, init)),
    budget: createBudget(clock),
  });
  const authentik = createAuthentikWire({
    ...common,
    token: sandbox.authentikToken,
    url: sandbox.urls.authentik,
    fetch: (input, init) => sandbox.authentik(new Request(input, init)),
  });
  const real = sandboxEdge(sandbox);
  const reachBy = (edge: Edge): Reach => ({
    reconcilers,
    world: (scope: Scope) =>
      createWorld({
        ...{ scope, cloudflare, workers: cloudflare, authentik, edge, originAt: createOrigin, signal },
        ...state,
      }),
  });
  const admin = async (method: string, path: string, body: object): Promise<void> => {
    const headers = { 'content-type': 'application/json' };
    await sandbox.fetch(`${sandbox.urls.admin}${path}`, { method, headers, body: JSON.stringify(body) });
  };
  return {
    sandbox,
    vault: state.vault,
    admin,
    traefik: (changes) =>
      admin('PUT', '/origins', { url: 'http://traefik.lan:80', kind: 'traefik', ...changes }),
    probe: ({ text = file, service, inside = false, edge: answer } = {}) => {
      const edge: Edge = {
        async get(request, stop) {
          const given = answer?.(request);
          if (given instanceof Error) throw given;
          return given ?? real.get(request, stop);
        },
      };
      const only = service === undefined ? {} : { service };
      return probeServices(configOf(text), reachBy(edge), { inside, ...only });
    },
    async apply(text = file) {
      const request = { text: new TextEncoder().encode(text), file: 'gates.yaml', apply: true };
      const options = { adopt: false, allow: [] };
      await reconcile({ ...request, options }, reachBy(real));
    },
    reach: reachBy(real),
    survey: (text = file) => survey(configOf(text), reachBy(real)),
  };
}

export function configOf(text: string): Config {
  const read = parseConfig(new TextEncoder().encode(text));
  if (!read.ok) throw new Error(read.mistakes.map(({ message }) => message).join('\n'));
  return read.parsed.config;
}

interface AppliedFile {
  readonly snapshot: Snapshot;
  readonly disk: Disk;
  /** Milliseconds that the run waited, by its clock. */
  readonly waited: number;
}

let applied: Promise<AppliedFile> | undefined;

async function applyFile(): Promise<AppliedFile> {
  const [disk, clock] = [newDisk(), eagerClock()];
  const home = await houseWith(disk, clock);
  const start = clock.now().getTime();
  await home.traefik({ forwardAuth: 'all' });
  await home.apply();
  return { snapshot: home.sandbox.snapshot(), disk, waited: clock.now().getTime() - start };
}

/** A house in which the complete file is applied, and every gate works: a copy of the first one of the process. */
export async function appliedHouse(): Promise<House> {
  applied ??= applyFile();
  const { snapshot, disk, waited } = await applied;
  const clock = eagerClock();
  await clock.sleep(waited);
  const home = await houseWith(await copyOf(disk), clock);
  home.sandbox.restore(snapshot);
  return home;
}

/** The probe's result for one service. */
export function serviceIn(document: ProbeDocument, name = 'grafana'): ProbedService {
  const found = document.services.find(({ service }) => service === name);
  if (found === undefined) throw new Error(`nothing was said of ${name}`);
  return found;
}
