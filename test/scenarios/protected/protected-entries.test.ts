import { describe, expect, it } from 'vitest';
import { addressId } from '../../../src/core/objects/address.ts';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { Moves } from '../moves/moves.ts';
import { copyOf, newDisk } from '../stage/disk.ts';
import { type Pass, runProcess, unfinished } from '../stage/stage.ts';

const fileOf = (rest: string) => `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik: { url: "http://authentik.lan:9000", service: auth }
groups: { admins: {}, family: {} }
origins: { app: { tunnel: homelab, url: "http://app.lan:80" }, traefik: { tunnel: homelab, url: "http://traefik.lan:80" } }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  open: { host: open.example.dev, origin: app, gate: { public: { reason: test } } }
${rest}`;
const nothing = fileOf('');

const newHome = async () => ({ sandbox: await createSandbox({ zones: ['example.dev'] }), disk: newDisk() });

/** The changes of a plan, each with its object. */
function verbs(report: Pass['report']): readonly string[] {
  const changes = report?.plan?.changes.filter(({ verb }) => verb !== 'keep') ?? [];
  return changes.map(({ verb, address }) => `${verb} ${addressId(address)}`);
}

const record = (more: string) =>
  `dns: { example.dev: [{ name: www, type: A, content: 192.0.2.1${more} }] }\n`;
const client = (more: string) =>
  `clients: { vault: { redirectUris: ["https://vault.example.net/"], signingKey: own, groups: [admins, family]${more} } }\n`;
const token = (more: string) => `serviceTokens: { ci: { duration: 8760h${more} } }\n`;
const www = 'cloudflare/dns-record:A www.example.dev 192.0.2.1';

const entries = [
  { entry: 'record', text: record, carrier: www, parts: 0 },
  { entry: 'client', text: client, carrier: 'authentik/application:vault', parts: 5 },
  { entry: 'token', text: token, carrier: 'cloudflare/service-token:ci', parts: 0 },
];

describe.each(entries)('a protected $entry', ({ entry, text, carrier, parts }) => {
  it('is kept completely when it leaves the file', async () => {
    const { sandbox, disk } = await newHome();
    const whole = fileOf(text(', protect: true'));
    expect(unfinished((await runProcess(sandbox, disk, whole)).report)).toEqual([]);
    expect((await runProcess(sandbox, disk, whole)).writes, 'the second run').toBe(0);
    for (const allowed of [nothing, `${nothing}reconcile: { limits: { floor: 500 } }\n`]) {
      const { report, writes } = await runProcess(sandbox, disk, allowed);
      expect(verbs(report)).toEqual([`refuse ${carrier}`]);
      expect(unfinished(report)[0]).toContain(`the file no longer has this ${entry}, and it is protected`);
      expect(writes).toBe(0);
    }
    expect((await runProcess(sandbox, disk, whole)).writes, 'put back').toBe(0);
  });

  it.each(['', ', protect: false'])('is removed once its entry said so: "%s"', async (unprotected) => {
    const { sandbox, disk } = await newHome();
    await runProcess(sandbox, disk, fileOf(text(', protect: true')));
    const { report } = await runProcess(sandbox, disk, fileOf(text(unprotected)));
    expect(report?.plan?.changes.filter(({ verb }) => verb !== 'keep')).toMatchObject([
      { verb: 'update', drift: [{ field: 'protect', before: entry, after: 'none' }] },
    ]);
    const removal = await runProcess(sandbox, disk, nothing);
    expect(unfinished(removal.report)).toEqual([]);
    expect(verbs(removal.report).filter((verb) => verb.startsWith('prune')).length).toBe(parts + 1);
  });
});

describe('a protected record', () => {
  it('is seen by another machine of the owner', async () => {
    const { sandbox, disk } = await newHome();
    await runProcess(sandbox, disk, fileOf(record(', protect: true, comment: the site')));
    const { report } = await runProcess(sandbox, newDisk(), nothing);
    expect(verbs(report)).toContain(`refuse ${www}`);
  });

  it('keeps its name from a record that is to take its place', async () => {
    const { sandbox, disk } = await newHome();
    await runProcess(sandbox, disk, fileOf(record(', protect: true')));
    for (const other of ['type: A, content: 192.0.2.2', 'type: CNAME, content: example.net']) {
      const text = fileOf(`dns: { example.dev: [{ name: www, ${other} }] }\n`);
      const { report, writes } = await runProcess(sandbox, disk, text);
      expect(verbs(report).filter((verb) => !verb.startsWith('refuse'))).toEqual([]);
      expect(unfinished(report)).toHaveLength(2);
      expect(writes).toBe(0);
    }
  });

  it('gives way to a service, because protection delays no gate', async () => {
    const { sandbox, disk } = await newHome();
    await runProcess(sandbox, disk, fileOf(record(', protect: true, proxied: true')));
    const service =
      '  www: { host: www.example.dev, origin: app, gate: { cloudflare: { emails: [me@example.dev] } } }\n';
    const { report } = await runProcess(sandbox, disk, fileOf(service));
    expect(unfinished(report)).toEqual([]);
    expect(verbs(report)).toContain(`prune ${www}`);
  });

  it('keeps a comment of a person behind its mark', async () => {
    const { sandbox, disk } = await newHome();
    await runProcess(sandbox, disk, fileOf(record(', comment: the site')));
    await runProcess(sandbox, disk, fileOf(record(', protect: true, comment: the site')));
    const moves = new Moves(sandbox, () => '');
    const live = async () => {
      const { result } = (await moves.byHand('GET', moves.records, undefined)) as {
        readonly result: readonly Row[];
      };
      return result.map(({ comment }) => comment);
    };
    expect(await live()).toContain('gates:home [protected record] the site');
    await runProcess(sandbox, disk, fileOf(record('')));
    expect(await live()).toContain('gates:home the site');
  });
});

interface Row {
  readonly comment: string;
}

describe('a protected client', () => {
  it('loses a group that leaves the entry', async () => {
    const { sandbox, disk } = await newHome();
    await runProcess(sandbox, disk, fileOf(client(', protect: true')));
    const text = fileOf(client(', protect: true').replace('[admins, family]', '[admins]'));
    const { report } = await runProcess(sandbox, disk, text);
    expect(unfinished(report)).toEqual([]);
    expect(verbs(report)).toEqual(['prune authentik/binding:vault/family']);
  });
});

describe('a protected service token', () => {
  it('is not replaced when its secret is lost', async () => {
    const { sandbox, disk } = await newHome();
    await runProcess(sandbox, disk, fileOf(token(', protect: true')));
    const robbed = await copyOf(disk);
    for (const name of await robbed.vault.list()) await robbed.vault.remove(name);
    const { report } = await runProcess(sandbox, robbed, fileOf(token(', protect: true')));
    expect(verbs(report)).toContain('refuse cloudflare/service-token:ci');
    expect(unfinished(report).join()).toContain('it has `protect: true`');
  });
});
