import { expect } from 'vitest';
import {
  createSandbox,
  type LagOptions,
  type Sandbox,
  type Snapshot,
} from '../../../src/lab/sandbox/index.ts';
import { type Disk, newDisk } from '../stage/disk.ts';
import { askAdmin } from '../stage/hand.ts';
import { type Pass, runProcess, unfinished } from '../stage/stage.ts';
import type { Trouble } from '../stage/trouble.ts';

export const identityHost = 'mine.example.dev';

/** A file with one service; `undefined`: it has left. */
export function identityFile(service: string | undefined): string {
  const entry = service === undefined ? '' : `  mine: { host: ${identityHost}, origin: app, ${service} }\n`;
  return `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
  other: { tunnel: homelab, url: "http://other.lan:80" }
services:
${entry}  beside: { host: beside.example.dev, origin: other, gate: { cloudflare: { emails: [me@example.dev] } } }
`;
}

const me = 'gate: { cloudflare: { emails: [me@example.dev] } }';

/** States of the service. */
export const identityStates = {
  absent: undefined,
  plain: me,
  user: `${me}, identityHeader: { user: X-User }`,
  remote: `${me}, identityHeader: { user: X-Remote }`,
  others: 'gate: { cloudflare: { emails: [you@example.dev] } }, identityHeader: { user: X-User }',
  open: 'gate: { public: { reason: open } }',
} as const;

/** Workers and routes of somebody else, one of which would run at our host if ours did not. */
const foreignScript = {
  ...{
    id: 'theirs',
    etag: 'e',
    mainModule: 'index.js',
    compatibilityDate: '2026-01-01',
    tags: ['gates-office'],
  },
  code: 'export default { fetch: (request) => fetch(request) };',
  bindings: [{ type: 'plain_text', name: 'A', text: 'b' }],
  ...{ createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-02T00:00:00.000Z' },
};
const foreignRoutes = [
  { id: '1'.repeat(32), pattern: '*.example.dev/*', script: 'theirs', request_limit_fail_open: true },
  { id: '2'.repeat(32), pattern: 'https://theirs.example.dev/a*', script: 'theirs' },
  { id: '3'.repeat(32), pattern: 'beside.example.dev/off/*' },
];

interface Stored {
  readonly zones: readonly { readonly id: string }[];
  readonly workerScripts?: readonly { readonly id: string }[];
  readonly zoneExtras?: Readonly<
    Record<string, { readonly workersRoutes?: readonly { readonly script?: string }[] }>
  >;
}

/** A home with one service whose Worker tells the application who is there, beside Workers of somebody else. */
export class IdentityHome {
  readonly sandbox: Sandbox;
  readonly disk: Disk;

  private constructor(sandbox: Sandbox, disk: Disk) {
    this.sandbox = sandbox;
    this.disk = disk;
  }

  static async open(): Promise<IdentityHome> {
    const sandbox = await createSandbox({ zones: ['example.dev'] });
    const stored = JSON.parse(sandbox.snapshot()) as Stored;
    const zone = stored.zones[0]?.id ?? '';
    const zoneExtras = { [zone]: { workersRoutes: foreignRoutes } };
    sandbox.restore(JSON.stringify({ ...stored, workerScripts: [foreignScript], zoneExtras }) as Snapshot);
    return new IdentityHome(sandbox, newDisk());
  }

  /** The same home again, with its own sandbox state. */
  static at(sandbox: Sandbox, snapshot: Snapshot, disk: Disk): IdentityHome {
    sandbox.restore(snapshot);
    return new IdentityHome(sandbox, disk);
  }

  /** The oracle counts each of these headers that a visitor forged and the application gets. */
  async guard(...identity: string[]): Promise<void> {
    await askAdmin(this.sandbox, 'DELETE', '/exposures');
    const admit = { emails: ['me@example.dev', 'you@example.dev'] };
    await askAdmin(this.sandbox, 'PUT', '/guards', { host: identityHost, admit, identity });
  }

  run(service: string | undefined, trouble?: Trouble | 'dry run', lag?: LagOptions): Promise<Pass> {
    return runProcess(this.sandbox, this.disk, identityFile(service), trouble, undefined, lag);
  }

  /** Applies the file completely, after which another run writes nothing. */
  async settle(service: string | undefined, where = ''): Promise<void> {
    expect(unfinished((await this.run(service)).report), where).toEqual([]);
    const { report, writes } = await this.run(service);
    expect([unfinished(report), writes], where).toEqual([[], 0]);
  }

  /** Forged headers, by the call after which they reached the application: `x-user`. */
  forged(): ReadonlyMap<number, readonly string[]> {
    const found = new Map<number, string[]>();
    for (const { n, principal } of this.sandbox.exposures()) {
      const header = / forged (\S+)$/.exec(principal)?.[1] ?? principal;
      found.set(n, [...new Set([...(found.get(n) ?? []), header])]);
    }
    return found;
  }

  /** The stored Workers, ours and those of others. */
  workers() {
    const { workerScripts = [], zoneExtras = {} } = JSON.parse(this.sandbox.snapshot()) as Stored;
    const routes = Object.values(zoneExtras).flatMap(({ workersRoutes = [] }) => workersRoutes);
    const isOurs = (name = '') => name.startsWith('gates-home-');
    return {
      ours: [
        ...workerScripts.filter(({ id }) => isOurs(id)),
        ...routes.filter(({ script }) => isOurs(script)),
      ].length,
      theirs: JSON.stringify([
        workerScripts.filter(({ id }) => !isOurs(id)),
        routes.filter(({ script }) => !isOurs(script)),
      ]),
    };
  }

  /** A visit of somebody who logs in, with these headers: the headers that the application got. */
  async visit(
    email: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<Readonly<Record<string, string>>> {
    const login = await askAdmin(this.sandbox, 'POST', '/login', { host: identityHost, email });
    const { cookie } = login as { readonly cookie: string };
    const request = new Request(`http://${identityHost}/`, { headers: { ...headers, cookie } });
    const answer = await this.sandbox.edge(request);
    expect(answer.status).toBe(200);
    return ((await answer.json()) as { readonly headers: Readonly<Record<string, string>> }).headers;
  }
}

/** Stored by {@link IdentityHome.open}, and never to change. */
export const foreignWorkers = JSON.stringify([[foreignScript], foreignRoutes]);
