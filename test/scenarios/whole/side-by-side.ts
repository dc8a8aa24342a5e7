import { expect } from 'vitest';
import { isPending } from '../../../src/core/change.ts';
import { createSandbox, type Sandbox } from '../../../src/lab/sandbox/index.ts';
import { newDisk } from '../stage/disk.ts';
import { shapeOf } from '../stage/shape.ts';
import { runProcess, unfinished } from '../stage/stage.ts';
import type { Misfortune, Trouble } from '../stage/trouble.ts';

const head = `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
`;
const hosts = (prefix: string, count: number, entry: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => {
    const name = `${prefix}${index}`;
    return `  ${name}: { host: ${name}.example.dev, ${entry(index)} }\n`;
  }).join('');

/** Hosts behind Access and hosts behind the outpost, each with its own people. */
const file = (
  access: number,
  outpost: number,
) => `${head}authentik: { url: "http://authentik.lan:9000", service: auth }
groups: { admins: {}, family: {} }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80", router: true }
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
${hosts('a', access, (index) => `origin: app, gate: { cloudflare: { emails: [p${index}@example.dev] } }`)}
${hosts('o', outpost, (index) => `origin: traefik, gate: { authentik: { groups: [${index % 2 === 0 ? 'admins' : 'admins, family'}] } }`)}`;

async function home(access: number, outpost: number): Promise<Sandbox> {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const put = async (path: string, body: unknown) => {
    const placed = await sandbox.fetch(`${sandbox.urls.admin}${path}`, {
      method: 'PUT',
      body: JSON.stringify(body),
    });
    expect(placed.ok, path).toBe(true);
  };
  await put('/origins', { url: 'http://traefik.lan:80', kind: 'traefik', forwardAuth: 'all' });
  await put('/guards', [
    { host: 'auth.example.dev', admit: { public: true } },
    ...Array.from({ length: access }, (_, index) => ({
      host: `a${index}.example.dev`,
      admit: { emails: [`p${index}@example.dev`] },
    })),
    ...Array.from({ length: outpost }, (_, index) => ({
      host: `o${index}.example.dev`,
      admit: { groups: index % 2 === 0 ? ['admins'] : ['admins', 'family'] },
    })),
  ]);
  return sandbox;
}

/** Counts the simultaneous calls of a process, and the length of its longest chain of calls. */
class Traffic {
  readonly writes = { now: 0, most: 0 };
  chain = 0;

  meddle = async ({ request }: { readonly request: Request }, send: () => Promise<Response>) => {
    const isWrite = request.method !== 'GET';
    const place = this.chain + 1;
    if (isWrite) this.writes.now += 1;
    this.writes.most = Math.max(this.writes.most, this.writes.now);
    // Every call takes equally long, so simultaneous calls end together.
    await new Promise((resolve) => setImmediate(resolve));
    const reply = await send();
    this.chain = Math.max(this.chain, place);
    if (isWrite) this.writes.now -= 1;
    return reply;
  };
}

export async function firstApply(access: number, outpost: number, sideBySide: number) {
  const sandbox = await home(access, outpost);
  const traffic = new Traffic();
  const trouble: Trouble = { meddle: traffic.meddle, sideBySide };
  const { report, writes } = await runProcess(sandbox, newDisk(), file(access, outpost), trouble);
  expect(unfinished(report)).toEqual([]);
  expect(sandbox.exposures()).toEqual([]);
  const ids = (report?.outcomes ?? []).map(({ change }) => change);
  return { most: traffic.writes.most, chain: traffic.chain, writes, ids, shape: await shapeOf(sandbox) };
}

/**
 * The first apply, which writes four new objects at once, with the n-th write failing, for each n of the step; then a
 * second process, and a third that has nothing to do. The oracle judges after every write.
 */
export async function interrupted(kind: Misfortune['kind'], count: number, step: number): Promise<number> {
  const sandbox = await home(count, count);
  const start = sandbox.snapshot();
  const text = file(count, count);
  const sound: Trouble = { write: 10_000, kind, sideBySide: 4 };
  const whole = await runProcess(sandbox, newDisk(), text, sound);
  const shape = await shapeOf(sandbox);
  expect(unfinished(whole.report)).toEqual([]);
  for (let write = 1; write <= whole.writes; write += step) {
    sandbox.restore(start);
    const disk = newDisk();
    const where = `${kind} at write ${write}`;
    await runProcess(sandbox, disk, text, { ...sound, write });
    expect(sandbox.exposures(), where).toEqual([]);
    await runProcess(sandbox, disk, text, sound);
    const third = await runProcess(sandbox, disk, text);
    expect(third.writes, where).toBe(0);
    expect(third.report?.plan?.changes.filter(isPending), where).toEqual([]);
    expect(await shapeOf(sandbox), where).toEqual(shape);
    expect(sandbox.exposures(), where).toEqual([]);
  }
  return whole.writes;
}
