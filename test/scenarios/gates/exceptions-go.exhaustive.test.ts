import { expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { surroundings } from '../homes/surroundings.ts';
import { Moves } from '../moves/moves.ts';
import { newDisk } from '../stage/disk.ts';
import { runProcess, unfinished } from '../stage/stage.ts';

const fileOf = (service: string, prune = true) => `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik: { url: "http://authentik.lan:9000", service: auth }
groups: { admins: {} }
reconcile: { prune: ${prune} }
origins: { traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true } }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  app: { host: app.example.dev, origin: traefik, ${service} }
`;

const open = '{ public: { reason: test } }';
const people = '{ cloudflare: { emails: [me@example.dev] } }';
/** Two policies, so that the application of the host changes too. */
const others =
  '{ cloudflare: { anyOf: [{ emails: [me@example.dev] }, { domains: [example.dev], require: { countries: [FR] } }] } }';
const login = '{ authentik: { mode: forwardAuth, groups: [admins] } }';
const alone = surroundings.filter(({ name }) => name === 'alone');

const moves = [
  {
    because: 'another exception lies where a guarded one was',
    before: `gate: ${login}, paths: { /api/**: ${people} }`,
    after: `gate: ${login}, paths: { /api/v1/**: ${open} }`,
    prune: true,
    around: surroundings,
  },
  {
    because: 'another exception lies where a guarded one was, on a host that gets its gate',
    before: `gate: ${people}, paths: { /api/**: { cloudflare: { emails: [you@example.dev] } } }`,
    after: `gate: ${login}, paths: { /api/v1/**: ${open} }`,
    prune: true,
    around: surroundings,
  },
  {
    because: 'the application that lets by around a guarded path becomes the one that lets by a host',
    before: `gate: ${open}, paths: { /health: ${people} }`,
    after: `gate: ${login}`,
    prune: true,
    around: surroundings,
  },
  {
    because: 'a guarded path takes what lies below from the application that becomes the cover',
    before: `gate: ${open}, paths: { /open: ${people} }`,
    after: `gate: ${login}, paths: { /open/**: ${people} }`,
    prune: true,
    around: surroundings,
  },
  {
    because:
      'a new path takes what lies below another one, a third path is new, and the host admits others at the end',
    before: `gate: ${people}, paths: { /api/v1/status: ${open} }`,
    after: `gate: ${others}, paths: { /api/**: ${people}, /api/v1/status: ${open}, /health: ${people} }`,
    prune: true,
    around: alone,
  },
  {
    because: 'the rule of a guarded path stays, since nothing is removed',
    before: `gate: ${people}, paths: { /open: ${people} }`,
    after: `gate: ${login}, paths: { /open: ${open} }`,
    prune: false,
    around: alone,
  },
  {
    because: 'the application of an open path stays, since nothing is removed',
    before: `gate: ${people}, paths: { /api/**: ${open} }`,
    after: `gate: ${login}, paths: { /api/v1/**: ${open} }`,
    prune: false,
    around: alone,
  },
];

const ways = moves.flatMap(({ around, ...move }) =>
  around.map(({ name, place }) => ({ ...move, where: name, place })),
);

it.each(ways)('a host is opened though $because; $where', async ({ before, after, prune, place }) => {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const world = new Moves(sandbox, () => '');
  await world.sendThroughOutpost(['app.example.dev']);
  await place(world);
  const disk = newDisk();
  expect(unfinished((await runProcess(sandbox, disk, fileOf(before))).report)).toEqual([]);
  const file = fileOf(after, prune);
  expect(unfinished((await runProcess(sandbox, disk, file)).report)).toEqual([]);
  expect((await runProcess(sandbox, disk, file)).writes).toBe(0);
});

const covers = [
  {
    because: 'an open path',
    gate: people,
    path: open,
    prune: false,
    admit: { emails: ['me@example.dev'], groups: ['admins'] },
    inside: { public: true },
  },
  {
    because: 'a guarded path of an open host',
    gate: open,
    path: people,
    prune: true,
    admit: { groups: ['admins'] },
    inside: { emails: ['me@example.dev'] },
  },
];

it.each(covers)(
  'a cover also covers what lies below $because',
  async ({ gate, path, prune, admit, inside }) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
    const world = new Moves(sandbox, () => '');
    const disk = newDisk();
    const before = `gate: ${gate}, paths: { /health: ${path} }`;
    expect(unfinished((await runProcess(sandbox, disk, fileOf(before))).report)).toEqual([]);
    // Nobody sends the host through the outpost, so only the cover guards it.
    const { report } = await runProcess(sandbox, disk, fileOf(`gate: ${login}`, prune));
    expect(unfinished(report).some((line) => line.includes('Could not confirm that the gate works'))).toBe(
      true,
    );
    const host = 'app.example.dev';
    expect(
      await world.judgedBy([
        { host, admit },
        { host, path: '/health', admit: inside },
      ]),
    ).toEqual([]);
  },
);
