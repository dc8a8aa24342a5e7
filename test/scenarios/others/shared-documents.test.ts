import { beforeEach, describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from '../../../src/lab/sandbox/index.ts';
import { type Disk, newDisk } from '../stage/disk.ts';
import { askAdmin } from '../stage/hand.ts';
import { type Pass, runProcess, unfinished } from '../stage/stage.ts';
import type { Meddling, SentCall } from '../stage/trouble.ts';

/** Others also write the rules of a tunnel and the providers of an outpost, and the API may answer late. */
const file = (services: string) => `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik: { url: "http://authentik.lan:9000", service: auth }
groups: { family: {} }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
services:
  auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }
${services}
`;
const one =
  '  one: { host: one.example.dev, origin: app, gate: { cloudflare: { emails: [me@example.dev] } } }';
const two =
  '  two: { host: two.example.dev, origin: app, gate: { authentik: { mode: proxy, groups: [family] } } }';
const before = file(one);
const after = file(`${one}\n${two}`);
/** One host comes and another goes, so that the rules are written several times. */
const exchanged = file(two);

interface Entry {
  readonly hostname?: string;
  readonly service: string;
}
interface Rules {
  readonly version: number;
  readonly config: { readonly ingress: readonly Entry[] } | null;
}

const late: Entry = { hostname: 'late.example.dev', service: 'http://late.lan' };
const theirs: Entry = { hostname: 'theirs.example.dev', service: 'http://theirs.lan' };

class House {
  readonly sandbox: Sandbox;
  readonly disk: Disk;

  constructor(sandbox: Sandbox) {
    this.sandbox = sandbox;
    this.disk = newDisk();
  }

  get path(): string {
    const { tunnels } = JSON.parse(this.sandbox.snapshot()) as { tunnels: readonly { id: string }[] };
    return `/accounts/${this.sandbox.accountId}/cfd_tunnel/${tunnels[0]?.id}/configurations`;
  }

  run(text: string, meddle?: Meddling['meddle']): Promise<Pass> {
    return runProcess(this.sandbox, this.disk, text, meddle && { meddle });
  }

  async rules(): Promise<Rules> {
    const reply = await this.sandbox.fetch(`${this.sandbox.urls.cloudflare}${this.path}`, {
      headers: { authorization: `Bearer ${this.sandbox.token}` },
    });
    return ((await reply.json()) as { result: Rules }).result;
  }

  async hosts(): Promise<readonly string[]> {
    return ((await this.rules()).config?.ingress ?? []).map(({ hostname }) => hostname || '*');
  }

  /** Changes the rules as a person does in the dashboard. */
  async change(edit: (entries: readonly Entry[]) => readonly Entry[]): Promise<void> {
    const { config } = await this.rules();
    const body = { config: { ...config, ingress: edit(config?.ingress ?? []) } };
    await this.byHand('cloudflare', 'PUT', this.path, body);
  }

  byHand(system: string, method: string, path: string, body: unknown): Promise<unknown> {
    return askAdmin(this.sandbox, 'POST', '/edit', { actor: 'eve', system, method, path, body });
  }

  async providers(): Promise<readonly number[]> {
    const { authentik } = JSON.parse(this.sandbox.snapshot()) as {
      authentik: { outposts: readonly { providers: readonly number[] }[] };
    };
    return authentik.outposts[0]?.providers ?? [];
  }
}

const isRules = ({ request }: SentCall) => new URL(request.url).pathname.endsWith('/configurations');
const isWrite = ({ request }: SentCall) => request.method !== 'GET';
const interferences = ({ report }: Pass) =>
  (report?.interferences ?? []).map(({ severity, what, text }) => `${severity} ${what} ${text}`);

let house: House;

beforeEach(async () => {
  house = new House(await createSandbox({ zones: ['example.dev'] }));
  expect(unfinished((await house.run(before)).report)).toEqual([]);
  await house.change((entries) => [theirs, ...entries]);
});

describe('the rules of a tunnel', () => {
  it('that a person writes between the reading and the write of a run are reported as lost', async () => {
    let meddled = 0;
    const pass = await house.run(after, async (call, send) => {
      if (isRules(call) && isWrite(call) && meddled === 0) {
        meddled += 1;
        await house.change((entries) => [late, ...entries]);
      }
      return send();
    });
    expect(meddled).toBe(1);
    expect(await house.hosts()).not.toContain('late.example.dev');
    expect(await house.hosts()).toContain('theirs.example.dev');
    expect(interferences(pass)).toEqual([expect.stringMatching(/^loss cloudflare\/tunnel:homelab .* lost/)]);
  });

  it('that a person writes just before the reading of a run survive, and nothing is reported', async () => {
    let meddled = 0;
    const pass = await house.run(after, async (call, send) => {
      if (isRules(call) && !isWrite(call) && meddled === 0) {
        meddled += 1;
        await house.change((entries) => [late, ...entries]);
      }
      return send();
    });
    expect(meddled).toBe(1);
    expect(await house.hosts()).toEqual(expect.arrayContaining(['late.example.dev', 'two.example.dev']));
    expect(interferences(pass)).toEqual([]);
  });

  it.each([
    ['a 404', 404, { success: false, errors: [{ code: 1055, message: 'not found' }], result: null }],
    ['no configuration', 200, { success: true, errors: [], result: { version: 3, config: null } }],
  ])('are not considered empty if %s is answered once', async (_, status, reply) => {
    let reads = 0;
    const pass = await house.run(after, async (call, send) => {
      if (!isRules(call) || isWrite(call)) return send();
      reads += 1;
      return reads === 2 ? Response.json(reply, { status }) : send();
    });
    expect(reads).toBeGreaterThan(2);
    expect(unfinished(pass.report)).toEqual([]);
    expect(await house.hosts()).toEqual(
      expect.arrayContaining(['theirs.example.dev', 'one.example.dev', 'two.example.dev']),
    );
  });

  it('are not written if no configuration is returned from then on', async () => {
    const earlier = await house.rules();
    let reads = 0;
    const pass = await house.run(after, async (call, send) => {
      if (!isRules(call) || isWrite(call)) return send();
      reads += 1;
      return reads < 2 ? send() : Response.json({ success: true, result: { version: 0, config: null } });
    });
    expect(unfinished(pass.report).join()).toContain('answered as they were before');
    expect(await house.rules()).toEqual(earlier);
  });

  it('are not read from a reply that is one write old', async () => {
    const old = await house.rules();
    await house.run(after);
    let reads = 0;
    const pass = await house.run(before, async (call, send) => {
      if (!isRules(call) || isWrite(call)) return send();
      reads += 1;
      return reads <= 2 ? Response.json({ success: true, result: old }) : send();
    });
    expect(reads).toBeGreaterThan(2);
    expect(unfinished(pass.report)).toEqual([]);
    expect(interferences(pass)).toEqual([]);
    expect(await house.hosts()).toEqual(['theirs.example.dev', 'auth.example.dev', 'one.example.dev', '*']);
  });

  it('that somebody removes during a run stay away, and that is reported', async () => {
    let written = 0;
    const pass = await house.run(after, async (call, send) => {
      if (isWrite(call)) written += 1;
      if (isWrite(call) && written === 1)
        await house.change((entries) => entries.filter(({ hostname }) => hostname !== 'theirs.example.dev'));
      return send();
    });
    expect(await house.hosts()).not.toContain('theirs.example.dev');
    expect(interferences(pass)).toEqual([expect.stringMatching(/^notice .*theirs\.example\.dev/)]);
  });

  it('that a late write of the run itself removed are restored', async () => {
    let held: (() => Promise<Response>) | undefined;
    let puts = 0;
    const pass = await house.run(exchanged, async (call, send) => {
      if (!isRules(call) || !isWrite(call)) return send();
      puts += 1;
      if (puts === 1) {
        // The write is still on its way when the run gives up on it.
        held = send;
        await house.change((entries) => [late, ...entries]);
        throw new TypeError('fetch failed');
      }
      const reply = await send();
      if (puts === 2) await held?.();
      return reply;
    });
    expect(puts).toBeGreaterThan(2);
    expect(unfinished(pass.report)).toEqual([]);
    expect(await house.hosts()).toEqual(expect.arrayContaining(['late.example.dev', 'theirs.example.dev']));
    expect(interferences(pass).join()).toContain('late.example.dev');
  });
});

describe('the providers of an outpost', () => {
  it('that a person adds between the reading and the write of a run are reported as lost', async () => {
    const flows = JSON.parse(house.sandbox.snapshot()).authentik.flows as readonly {
      pk: string;
      designation: string;
    }[];
    const flow = (designation: string) => flows.find((item) => item.designation === designation)?.pk;
    const wiki = (await house.byHand('authentik', 'POST', '/api/v3/providers/proxy/', {
      name: 'wiki',
      external_host: 'https://wiki.example.dev',
      mode: 'forward_single',
      authorization_flow: flow('authorization'),
      invalidation_flow: flow('invalidation'),
    })) as { readonly pk: number };
    let meddled = 0;
    const pass = await house.run(after, async (call, send) => {
      const { pathname } = new URL(call.request.url);
      const sent = isWrite(call) ? await call.request.clone().text() : '';
      if (sent.startsWith('{"providers"') && pathname.includes('/outposts/') && meddled === 0) {
        meddled += 1;
        const body = { providers: [...(await house.providers()), wiki.pk] };
        await house.byHand('authentik', 'PATCH', pathname, body);
      }
      return send();
    });
    expect(meddled).toBe(1);
    expect(await house.providers()).not.toContain(wiki.pk);
    expect(interferences(pass)).toEqual([expect.stringMatching(/^loss authentik\/outpost:/)]);
  });
});
