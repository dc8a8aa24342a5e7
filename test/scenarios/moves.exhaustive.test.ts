import { beforeAll, describe, expect, it } from 'vitest';
import { isPending } from '../../src/core/change.ts';
import { createSandbox, type Sandbox, type Snapshot } from '../../src/sandbox/index.ts';
import { type Disk, newDisk, runProcess, shapeOf } from './stage.ts';

/** One host as a file may have it, and who gets through then, in the oracle's words. */
interface State {
  readonly name: string;
  readonly service: string | undefined;
  readonly guards: readonly Guard[];
}

interface Admitted {
  readonly public?: boolean;
  readonly emails?: readonly string[];
  readonly tokens?: readonly string[];
}

interface Guard {
  readonly host: string;
  readonly path?: string;
  readonly admit: Admitted;
}

const host = 'app.example.dev';
const me = 'me@example.dev';
const you = 'you@example.dev';
const paths = ['/health', '/health/**', '/open', '/open/**', '/admin/**'] as const;

function state(
  name: string,
  gate: string | undefined,
  admit: Admitted,
  inside: Partial<Record<(typeof paths)[number], readonly [string, Admitted]>> = {},
  origin = 'app',
): State {
  const exceptions = Object.entries(inside).map(([path, [innerGate]]) => `      ${path}: ${innerGate}`);
  const service =
    gate === undefined
      ? undefined
      : [
          `  app:`,
          `    host: ${host}`,
          `    origin: ${origin}`,
          `    gate: ${gate}`,
          ...(exceptions.length > 0 ? ['    paths:', ...exceptions] : []),
        ].join('\n');
  const guards = [
    { host, admit },
    ...paths.map((path) => ({
      host,
      path,
      admit: (inside[path] ?? inside[`${path}/**` as '/health/**'])?.[1] ?? admit,
    })),
  ];
  return { name, service, guards };
}

const people = (...emails: readonly string[]) => `{ cloudflare: { emails: [${emails.join(', ')}] } }`;
const machines = (...tokens: readonly string[]) => `{ serviceToken: { tokens: [${tokens.join(', ')}] } }`;
const open = '{ public: { reason: open } }';
const all: Admitted = { public: true };

const states: readonly State[] = [
  state('none', undefined, {}),
  state('me', people(me), { emails: [me] }),
  state('me and you', people(me, you), { emails: [me, you] }),
  state('you, on another tunnel', people(you), { emails: [you] }, {}, 'other'),
  state('ci', machines('ci'), { tokens: ['ci'] }),
  state('ci and backup', machines('ci', 'backup'), { tokens: ['ci', 'backup'] }),
  state('public', open, all),
  state('public, on another tunnel', open, all, {}, 'other'),
  state(
    'me, with open paths',
    people(me),
    { emails: [me] },
    { '/health': [open, all], '/open/**': [open, all] },
  ),
  state(
    'me, with the same paths the other way round',
    people(me),
    { emails: [me] },
    { '/health/**': [open, all], '/open': [open, all] },
  ),
  state(
    'ci, with one path for me',
    machines('ci'),
    { tokens: ['ci'] },
    { '/open': [people(me), { emails: [me] }] },
  ),
  state(
    'ci, with a path for me',
    machines('ci'),
    { tokens: ['ci'] },
    { '/admin/**': [people(me), { emails: [me] }] },
  ),
  state('public, with a path for me', open, all, { '/admin/**': [people(me), { emails: [me] }] }),
];

function file(of: State): string {
  const beside =
    '  beside: { host: beside.example.dev, origin: app, gate: { serviceToken: { tokens: [ci, backup] } } }';
  return `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {}, second: { create: true } }
  access: { team: example }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
  other: { tunnel: second, url: "http://app.lan:80" }
serviceTokens: { ci: {}, backup: {} }
services:
  anchor: { host: anchor.example.dev, origin: other, gate: { public: { reason: keeps the second tunnel in use } } }
${beside}
${of.service ?? ''}
`;
}

/** Whom either file admits: nobody else may get through while one follows the other. */
function union(before: State, after: State): readonly Guard[] {
  return before.guards.map((guard, index) => {
    const other = after.guards[index]?.admit ?? {};
    return {
      ...guard,
      admit: {
        public: guard.admit.public === true || other.public === true,
        emails: [...(guard.admit.emails ?? []), ...(other.emails ?? [])],
        tokens: [...(guard.admit.tokens ?? []), ...(other.tokens ?? [])],
      },
    };
  });
}

const misfortunes = ['kill', 'lose-reply', 'drop', 'refuse'] as const;

let sandbox: Sandbox;
let explored = 0;

interface Scene {
  readonly snapshot: Snapshot;
  readonly disk: Disk;
}

async function admin(method: string, path: string, body?: unknown): Promise<void> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const reply = await sandbox.fetch(`${sandbox.urls.admin}${path}`, init);
  if (reply.status >= 400) throw new Error(`${path}: ${await reply.text()}`);
}

const byHand = (method: string, path: string, body: unknown) =>
  admin('POST', '/edit', { actor: 'somebody', system: 'cloudflare', method, path, body });

const records = () => `/zones/${sandbox.zones[0]?.id}/dns_records`;

/** A name and a rule of somebody else that would serve any host that has none of its own. */
async function placeWildcard(): Promise<void> {
  const { tunnels } = JSON.parse(sandbox.snapshot()) as { tunnels: { id: string }[] };
  const tunnel = tunnels[0]?.id;
  const ingress = [
    { hostname: '*.example.dev', service: 'http://wild.lan:80' },
    { service: 'http_status:404' },
  ];
  await byHand('PUT', `/accounts/${sandbox.accountId}/cfd_tunnel/${tunnel}/configurations`, {
    config: { ingress },
  });
  await byHand('POST', records(), {
    type: 'CNAME',
    name: '*',
    content: `${tunnel}.cfargotunnel.com`,
    proxied: true,
    ttl: 1,
  });
}

/** The world and the disk once a file has been applied, from the first world. */
async function sceneOf(first: Snapshot, of: State): Promise<Scene> {
  sandbox.restore(first);
  const disk = newDisk();
  const pass = await runProcess(sandbox, disk, file(of));
  expect(pass.report?.outcomes.filter(({ status }) => status !== 'done')).toEqual([]);
  return { snapshot: sandbox.snapshot(), disk };
}

/** A disk of its own with the same secrets; an applied file leaves no notes. */
async function copyOf({ vault }: Disk): Promise<Disk> {
  const copy = newDisk();
  for (const name of await vault.list()) await copy.vault.put(name, (await vault.get(name)) ?? {});
  return copy;
}

async function explore(scene: Scene, before: State, after: State): Promise<void> {
  const start = async (): Promise<Disk> => {
    sandbox.restore(scene.snapshot);
    await admin('PUT', '/guards', union(before, after));
    return copyOf(scene.disk);
  };
  const { writes } = await runProcess(sandbox, await start(), file(after));
  const undisturbed = await shapeOf(sandbox);
  expect(sandbox.exposures(), `${before.name} → ${after.name}`).toEqual([]);
  for (let write = 1; write <= writes; write += 1) {
    for (const kind of misfortunes) {
      const where = `${before.name} → ${after.name}, ${kind} at write ${write}`;
      const disk = await start();
      await runProcess(sandbox, disk, file(after), { write, kind });
      await runProcess(sandbox, disk, file(after));
      const third = await runProcess(sandbox, disk, file(after));
      expect(third.writes, where).toBe(0);
      expect(third.report?.plan?.changes.filter(isPending), where).toEqual([]);
      expect(await shapeOf(sandbox), where).toEqual(undisturbed);
      expect(sandbox.exposures(), where).toEqual([]);
      await admin('DELETE', '/guards');
      await admin('PUT', '/guards', after.guards);
      await byHand('POST', records(), { type: 'TXT', name: 'judge', content: 'now', ttl: 300 });
      expect(sandbox.exposures(), `${where}, judged by the new file alone`).toEqual([]);
      explored += 1;
    }
  }
}

beforeAll(async () => {
  sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
});

/**
 * Every state of one host to every other, with every write of the way going wrong in every way. A host that was
 * not there before is left out below a wildcard: it is served by somebody else's rule until its gate stands.
 */
describe.each([{ where: 'alone' }, { where: 'below a wildcard' }])('a host, $where', ({ where }) => {
  it.each(states)('from: $name', async (before) => {
    const blank = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
    sandbox = blank;
    if (where !== 'alone') {
      if (before.service === undefined) return;
      await placeWildcard();
    }
    const scene = await sceneOf(sandbox.snapshot(), before);
    for (const after of states) if (after !== before) await explore(scene, before, after);
    process.stdout.write(
      `${where}, from ${before.name}: ${explored} interrupted moves so far, zero exposures\n`,
    );
  });
});
