import { describe, expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { type Admitted, Moves } from '../moves/moves.ts';
import { newDisk } from '../stage/disk.ts';
import { unfinished } from '../stage/stage.ts';

const host = 'app.example.dev';
const byDomain = `app: { host: ${host}, origin: traefik, gate: { authentik: { mode: domain } } }`;
const byToken = `app: { host: ${host}, origin: box, gate: { serviceToken: { tokens: [ci] } } }`;

const fileOf = (domain: string, services: readonly string[], prune = false) => `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {}, lab: { create: true } }
  access: { team: example }
authentik:
  url: http://authentik.lan:9000
  service: auth
  domains: { example.dev: { ${domain} } }
groups: { admins: {} }
serviceTokens: { ci: {} }
reconcile: { prune: ${prune} }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
  box: { tunnel: lab, url: "http://box.lan:80" }
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  beside: { host: beside.example.dev, origin: traefik, gate: { authentik: { mode: domain } } }
${services.map((service) => `  ${service}\n`).join('')}`;

const docs = 'docs: { host: docs.example.dev, origin: app, gate: { serviceToken: { tokens: [ci] } } }';
const ci: Admitted = { tokens: ['gates:home/ci'] };
const admins: Admitted = { groups: ['admins'] };

/** While pruning is off, `vic` of before stays bound to the login of the domain. */
describe('somebody of before who stays bound to the login of a domain', () => {
  const rows = [
    { before: [byToken], what: 'joins from another gate and tunnel', admit: { ...ci, ...admins } },
    { before: [], what: 'is new', admit: admins },
  ];

  it.each(rows)('does not get in at a host that $what', async ({ before, admit }) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
    const moves = new Moves(sandbox, () => '');
    const disk = newDisk();
    const vic = { username: 'vic', name: 'vic', groups: [] };
    await moves.byHand('POST', '/api/v3/core/users/', vic, 'authentik');
    await moves.sendThroughOutpost([host, 'beside.example.dev']);
    const first = await moves.process(disk, fileOf('groups: [admins], users: [vic]', before, true));
    expect(unfinished(first.report)).toEqual([]);
    await moves.guard([
      { host, admit },
      { host: 'docs.example.dev', admit: ci },
      { host: 'beside.example.dev', admit: { ...admins, users: ['vic'] } },
    ]);
    const after = fileOf('groups: [admins]', [byDomain, docs]);
    const { report } = await moves.process(disk, after);
    expect(sandbox.exposures()).toEqual([]);
    const undone = unfinished(report);
    const [refusal = '', ...others] = undone.filter((line) => !line.includes('waits for'));
    expect(others).toEqual([]);
    expect(refusal).toMatch(/^prune authentik\/binding:domain-example-dev:user\/vic/);
    expect(refusal).toContain(
      `at ${host} whom no file has admitted there: let gates remove it (\`reconcile.prune\`)`,
    );
    expect(undone.filter((line) => /beside|docs/.test(line))).toEqual([]);
    const again = await moves.process(disk, after);
    expect(again.writes).toBe(0);
    expect(again.report?.outcomes.filter(({ status }) => status === 'failed')).toEqual([]);

    const pruned = await moves.process(disk, after.replace('prune: false', 'prune: true'));
    expect(unfinished(pruned.report)).toEqual([]);
    expect(sandbox.exposures()).toEqual([]);
    expect(await moves.judgedBy([{ host, admit: admins }])).toEqual([]);
  });

  it('delays nothing at a host that is behind the login already', async () => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
    const moves = new Moves(sandbox, () => '');
    const disk = newDisk();
    const vic = { username: 'vic', name: 'vic', groups: [] };
    await moves.byHand('POST', '/api/v3/core/users/', vic, 'authentik');
    await moves.sendThroughOutpost([host, 'beside.example.dev']);
    await moves.process(disk, fileOf('groups: [admins], users: [vic]', [byDomain], true));
    const open = '{ /open: { public: { reason: test } } }';
    const after = fileOf('groups: [admins]', [byDomain.replace(/ }$/, `, paths: ${open} }`)]);
    expect(unfinished((await moves.process(disk, after)).report)).toEqual([]);
    expect((await moves.process(disk, after)).writes).toBe(0);
  });
});

/** While pruning is off, `family` of before lies in `admins` still. */
describe('a group that still lies in another one, as a file before said', () => {
  const byGroup = `app: { host: ${host}, origin: traefik, gate: { authentik: { groups: [admins] } } }`;
  const byAccess = `app: { host: ${host}, origin: app, gate: { cloudflare: { groups: [admins] } } }`;
  const beside = 'docs: { host: docs.example.dev, origin: app, gate: { cloudflare: { groups: [admins] } } }';
  const byEmail = byAccess.replace('groups: [admins]', 'emails: [me@example.dev]');
  const byClient = 'app: { redirectUris: ["https://portal.example.net/callback"], groups: [admins] }';
  const family = (is: string, text: string) => text.replace('admins: {} }', `admins: {}, family: ${is} }`);
  const withClient = (text: string) =>
    text.replace('serviceTokens:', `clients: { ${byClient} }\nserviceTokens:`);
  const withLogin = (text: string) =>
    text.replace('team: example', 'team: example, identityProvider: authentik');
  const parent = /^prune authentik\/group-parent:family < admins/;
  const atClient = { host: 'auth.example.dev', client: 'app', admit: { members: ['admins'] } };
  const atHost = { host, admit: { members: ['admins'] } };

  /** The world after the file of before, with somebody in `family`. */
  async function worldBefore(text: string) {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
    const moves = new Moves(sandbox, () => '');
    const disk = newDisk();
    await moves.sendThroughOutpost([host, 'beside.example.dev']);
    expect(unfinished((await moves.process(disk, text)).report)).toEqual([]);
    const scene = await moves.withMember(moves.sceneNow(disk), ['family']);
    return { sandbox, moves, disk: scene.disk };
  }

  const rows = [
    {
      what: 'a host that joins the domain',
      before: [byToken],
      after: fileOf('groups: [admins]', [byDomain, docs]),
    },
    { what: 'a new host of the domain', before: [], after: fileOf('groups: [admins]', [byDomain, docs]) },
    {
      what: 'a new host with a login of its own',
      before: [],
      after: fileOf('groups: [admins]', [byGroup, docs]),
    },
    {
      what: 'a new client',
      before: [],
      after: withClient(fileOf('groups: [admins]', [docs])),
      guard: atClient,
    },
    {
      what: 'a new host behind Access',
      before: [beside],
      after: withLogin(fileOf('groups: [admins]', [byAccess, beside])),
    },
    {
      what: 'a host behind Access that comes to admit the outer one',
      before: [byEmail, beside],
      after: withLogin(fileOf('groups: [admins]', [byAccess, beside])),
    },
  ];

  it.each(rows)('lets nobody in at $what', async ({ before, after, guard = atHost }) => {
    const first = family('{ parent: admins }', fileOf('groups: [admins]', before, true));
    const { sandbox, moves, disk } = await worldBefore(
      after.includes('identityProvider: a') ? withLogin(first) : first,
    );
    const had = before.length > 0 ? { ...ci, emails: ['me@example.dev'] } : {};
    await moves.guard([
      { ...guard, admit: { ...guard.admit, ...had } },
      { host: 'docs.example.dev', admit: ci },
    ]);
    const { report } = await moves.process(disk, family('{}', after));
    expect(sandbox.exposures()).toEqual([]);
    const undone = unfinished(report);
    expect(undone.filter((line) => !line.includes('waits for'))).toEqual([expect.stringMatching(parent)]);
    expect(undone.filter((line) => /beside|docs/.test(line))).toEqual([]);
    const again = await moves.process(disk, family('{}', after));
    expect(again.writes).toBe(0);
    expect(again.report?.outcomes.filter(({ status }) => status === 'failed')).toEqual([]);

    const pruned = family('{}', after.replace('prune: false', 'prune: true'));
    expect(unfinished((await moves.process(disk, pruned)).report)).toEqual([]);
    expect(sandbox.exposures()).toEqual([]);
    expect(await moves.judgedBy([guard])).toEqual([]);
  });

  it('delays nothing at a host that has its login already', async () => {
    const first = family('{ parent: admins }', fileOf('groups: [admins]', [byGroup], true));
    const { moves, disk } = await worldBefore(first);
    const open = '{ /open: { public: { reason: test } } }';
    const path = byGroup.replace(/ }$/, `, paths: ${open} }`);
    const after = family('{}', fileOf('groups: [admins]', [path]));
    expect(unfinished((await moves.process(disk, after)).report)).toEqual([]);
    expect((await moves.process(disk, after)).writes).toBe(0);
  });
});
