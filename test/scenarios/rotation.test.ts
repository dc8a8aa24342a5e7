import { describe, expect, it, vi } from 'vitest';
import { isPending } from '../../src/core/change.ts';
import { createSandbox, type Sandbox } from '../../src/sandbox/index.ts';
import { sandboxEdge } from '../sandbox-edge.ts';
import { askAdmin } from './hand.ts';
import { type Disk, newDisk, type Pass, runProcess, unfinished } from './stage.ts';
import { standingTime } from './tally.ts';
import { misfortunes, type Trouble } from './trouble.ts';

standingTime();

const DAY = 24 * 3_600_000;
const host = 'api.example.dev';
const sink = '/run/ci.env';

const file = (rotate = 'rotate: { every: 90d, overlap: 7d },') => `version: 1
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

/** A home in which the token was made and delivered, and machines that come by. */
class Home {
  readonly disk: Disk = newDisk();
  readonly #sandbox: Sandbox;
  /** What a machine holds that fetches the file every six days, a day before the overlap is over. */
  #fetched: Readonly<Record<string, string>> = {};
  #fetchedAt = 0;
  readonly secrets = new Set<string>();

  private constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  static async open(text = file()): Promise<Home> {
    const home = new Home(await createSandbox({ zones: ['example.dev'] }));
    expect(unfinished((await home.pass(undefined, text)).report)).toEqual([]);
    await home.comeBy();
    return home;
  }

  pass(trouble?: Trouble, text = file(), disk = this.disk): Promise<Pass> {
    return runProcess(this.#sandbox, disk, text, trouble);
  }

  plan(text = file()): Promise<Pass> {
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

  /** Both machines: the one that reads the file each time, and the one that keeps what it read. */
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

describe('a service token that gets a new secret by itself', () => {
  it('is rotated twice in 200 days, and no machine is ever refused', async () => {
    const home = await Home.open();
    const rotated: number[] = [];
    for (let day = 1; day <= 200; day += 1) {
      home.sleep(1);
      await home.comeBy(`day ${day}, before the pass`);
      const { report, writes } = await home.pass();
      expect(unfinished(report), `day ${day}`).toEqual([]);
      if (writes > 0) rotated.push(day);
      await home.comeBy(`day ${day}`);
    }
    expect(rotated).toEqual([90, 180]);
    expect(home.secrets.size).toBe(3);
    expect(await home.tokens()).toEqual(['gates:home/ci']);
  });

  it('shows in the plan once it is due, and in nothing before', async () => {
    const home = await Home.open();
    home.sleep(89);
    expect((await home.plan()).report?.plan?.changes.filter(isPending)).toEqual([]);
    home.sleep(1);
    const due = await home.plan();
    expect(due.writes).toBe(0);
    expect(due.report?.plan?.changes.filter(isPending)).toMatchObject([
      {
        verb: 'update',
        address: { key: 'ci' },
        drift: [{ field: 'rotation', before: 'due', after: 'fresh' }],
        foreseen: true,
        because: 'serviceTokens.ci',
      },
    ]);
  });

  it('does not end by its duration as long as it is rotated', async () => {
    const home = await Home.open();
    for (let quarter = 1; quarter <= 6; quarter += 1) {
      home.sleep(90);
      await home.pass();
      expect(await home.getsIn(home.disk.sinks.files.get(sink) ?? {}), `quarter ${quarter}`).toBe(true);
    }
  });

  it('refuses the old secret when the overlap is over, and not before', async () => {
    const home = await Home.open();
    const old = home.disk.sinks.files.get(sink) ?? {};
    home.sleep(90);
    await home.pass();
    home.sleep(6);
    expect(await home.getsIn(old)).toBe(true);
    home.sleep(2);
    expect(await home.getsIn(old)).toBe(false);
  });

  it('counts from when the token was made, where an earlier version kept its secret', async () => {
    const home = await Home.open(file(''));
    const entry = await home.disk.vault.get('service-token-home/ci');
    const { rotatedAt: _, ...before } = entry ?? {};
    await home.disk.vault.put('service-token-home/ci', before);
    home.sleep(40);
    expect((await home.pass()).writes).toBe(0);
    home.sleep(50);
    expect((await home.pass()).writes).toBe(2);
    expect((await home.pass()).writes).toBe(0);
  });

  it('whose secret is lost with the disk is not rotated, due or not, until a person says so', async () => {
    const home = await Home.open();
    home.sleep(100);
    await home.disk.vault.remove('service-token-home/ci');
    const { report, writes } = await home.pass();
    expect(writes).toBe(0);
    expect(report?.plan?.changes.filter(isPending)).toMatchObject([
      { verb: 'refuse', reason: expect.stringContaining('`gates rotate ci`') },
    ]);
  });
});

/** Fails from the nth write to the disk on, as a machine that is switched off does; `kept`: that one is written still. */
function cutDisk(
  disk: Disk,
  from: number,
  kept: boolean,
): { readonly disk: Disk; readonly writes: () => number } {
  let writes = 0;
  const cut = async (write: () => Promise<void>) => {
    writes += 1;
    if (writes > from || (writes === from && !kept)) throw new TypeError('the machine is off');
    await write();
    if (writes === from) throw new TypeError('the machine is off');
  };
  const { vault, sinks, notes } = disk;
  return {
    writes: () => writes,
    disk: {
      notes,
      vault: {
        ...vault,
        put: (name, secret) => cut(() => vault.put(name, secret)),
        remove: (name) => cut(() => vault.remove(name)),
      },
      sinks: { ...sinks, write: (path, lines) => cut(() => sinks.write(path, lines)) },
    },
  };
}

describe('a rotation that goes wrong', () => {
  /** The new secret is made, and the process is gone before it hears it. */
  const lost: Trouble = { write: 2, kind: 'kill' };

  /** The next passes, day by day, until nothing of it is left. */
  async function goesOn(home: Home, where: string): Promise<void> {
    await home.comeBy(`${where}: at once`);
    for (let day = 1; day <= 12; day += 1) {
      await home.pass();
      await home.comeBy(`${where}: day ${day}`);
      home.sleep(1);
      await home.comeBy(`${where}: day ${day}, in the evening`);
    }
    expect(unfinished((await home.pass()).report), where).toEqual([]);
    expect((await home.pass()).writes, where).toBe(0);
    expect((await home.tokens()).length, where).toBe(1);
    expect(home.secrets.size, where).toBe(2);
  }

  it.each(misfortunes)('at a call (%s) leaves no machine outside', async (kind) => {
    for (const write of [1, 2]) {
      const home = await Home.open();
      home.sleep(90);
      expect((await home.pass({ write, kind })).writes).toBeGreaterThanOrEqual(write);
      await goesOn(home, `${kind} at write ${write}`);
    }
  });

  it.each(misfortunes)('and at a call of what mends it (%s) leaves no machine outside', async (kind) => {
    for (let write = 1; write <= 4; write += 1) {
      const home = await Home.open();
      home.sleep(90);
      await home.pass(lost);
      await home.pass({ write, kind });
      await goesOn(home, `${kind} at write ${write} of what mends it`);
    }
  });

  it.each([true, false])('at a write to the disk (kept: %s) leaves no machine outside', async (kept) => {
    for (const first of [undefined, lost]) {
      for (let write = 1; ; write += 1) {
        const home = await Home.open();
        home.sleep(90);
        if (first !== undefined) await home.pass(first);
        const cut = cutDisk(home.disk, write, kept);
        await home.pass(undefined, undefined, cut.disk);
        if (cut.writes() < write) break;
        await goesOn(home, `write ${write} to the disk${first === undefined ? '' : ', while it is mended'}`);
      }
    }
  });

  it('hands out no secret while a policy does not take it yet', async () => {
    for (const write of [1, 2, 3]) {
      const home = await Home.open();
      home.sleep(90);
      await home.pass(lost);
      // The second token is made, and the policy stays as it was.
      await home.pass({ write: 2, kind: 'reject' });
      await home.pass({ write, kind: 'reject' });
      await goesOn(home, `write ${write} of the pass after that`);
    }
  });

  it('is mended with an overlap: the first token stays admitted until it is over, and goes then', async () => {
    const home = await Home.open();
    home.sleep(90);
    await home.pass({ write: 2, kind: 'lose-reply' });
    expect(await home.tokens()).toEqual(['gates:home/ci']);
    await home.pass();
    expect([...(await home.tokens())].sort()).toEqual(['gates:home/ci', 'gates:home/ci#2']);
    home.sleep(6);
    await home.pass();
    expect(await home.tokens()).toHaveLength(2);
    home.sleep(2);
    await home.pass();
    expect(await home.tokens()).toEqual(['gates:home/ci#2']);
    home.sleep(83);
    expect(unfinished((await home.pass()).report)).toEqual([]);
    expect(await home.tokens()).toEqual(['gates:home/ci#2']);
    await home.comeBy();
  });
});
