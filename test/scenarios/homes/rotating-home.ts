import { expect, vi } from 'vitest';
import { createSandbox, type Sandbox } from '../../../src/lab/sandbox/index.ts';
import { sandboxEdge } from '../../support/sandbox-edge.ts';
import { type Disk, newDisk } from '../stage/disk.ts';
import { askAdmin } from '../stage/hand.ts';
import { type Pass, runProcess, unfinished } from '../stage/stage.ts';
import type { Trouble } from '../stage/trouble.ts';

const DAY = 24 * 3_600_000;
const host = 'api.example.dev';
export const sink = '/run/ci.env';

/** A token with rotation, and the host that it opens. */
export const rotatingFile = (rotate = 'rotate: { every: 90d, overlap: 7d },') => `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
origins: { app: { tunnel: homelab, url: "http://app.lan:80" } }
serviceTokens: { ci: { ${rotate} deliver: [ { file: ${sink} } ] } }
services: { api: { host: ${host}, origin: app, gate: { serviceToken: { tokens: [ci] } } } }
`;

/** A home in which the token was made and delivered, and machines that visit. */
export class RotatingHome {
  readonly disk: Disk = newDisk();
  readonly #sandbox: Sandbox;
  /** The secret of a machine that fetches the file every six days, a day before the overlap ends. */
  #fetched: Readonly<Record<string, string>> = {};
  #fetchedAt = 0;
  readonly secrets = new Set<string>();

  private constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  static async open(text = rotatingFile()): Promise<RotatingHome> {
    const home = new RotatingHome(await createSandbox({ zones: ['example.dev'] }));
    expect(unfinished((await home.pass(undefined, text)).report)).toEqual([]);
    await home.comeBy();
    return home;
  }

  pass(trouble?: Trouble, text = rotatingFile(), disk = this.disk): Promise<Pass> {
    return runProcess(this.#sandbox, disk, text, trouble);
  }

  plan(text = rotatingFile()): Promise<Pass> {
    return runProcess(this.#sandbox, this.disk, text, 'dry run');
  }

  sleep(days: number): void {
    vi.setSystemTime(Date.now() + days * DAY);
  }

  async tokens(): Promise<readonly string[]> {
    const path = '/accounts/0123456789abcdef0123456789abcdef/access/service_tokens';
    const reply = (await askAdmin(this.#sandbox, 'POST', '/edit', {
      ...{ actor: 'ann', system: 'cloudflare', method: 'GET', path },
    })) as { readonly result: readonly { readonly name: string }[] };
    return reply.result.map(({ name }) => name).filter((name) => name.startsWith('gates:home/ci'));
  }

  /** Visits as both machines: one reads the file each time, the other keeps its last secret. */
  async comeBy(where = ''): Promise<void> {
    const now = this.disk.sinks.files.get(sink) ?? {};
    this.secrets.add(now.CF_ACCESS_CLIENT_SECRET ?? '');
    if (Date.now() - this.#fetchedAt >= 6 * DAY) {
      this.#fetched = now;
      this.#fetchedAt = Date.now();
    }
    expect(await this.getsIn(now), `${where}: what is delivered`).toBe(true);
    expect(await this.getsIn(this.#fetched), `${where}: what was delivered six days ago`).toBe(true);
  }

  async getsIn({ CF_ACCESS_CLIENT_ID, CF_ACCESS_CLIENT_SECRET }: Readonly<Record<string, string>>) {
    const headers = {
      'cf-access-client-id': CF_ACCESS_CLIENT_ID ?? '',
      'cf-access-client-secret': CF_ACCESS_CLIENT_SECRET ?? '',
    };
    const asked = { host, path: '/', headers, nameServers: [] };
    const answer = await sandboxEdge(this.#sandbox).get(asked, new AbortController().signal);
    return answer.headers['x-sandbox-served-by'] === 'origin';
  }
}
