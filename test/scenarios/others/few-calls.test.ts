import { beforeEach, describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from '../../../src/lab/sandbox/index.ts';
import { type Disk, newDisk } from '../stage/disk.ts';
import { askAdmin } from '../stage/hand.ts';
import { type Pass, runProcess, unfinished } from '../stage/stage.ts';
import type { Misfortune } from '../stage/trouble.ts';

const account = '0123456789abcdef0123456789abcdef';
const minute = 60_000;
const day = 24 * 60 * minute;

const dnsOf = (content: string, zones = 'example.dev') => `version: 1
owner: home
cloudflare: { account: ${account}, zones: [${zones}], tunnels: { homelab: {} } }
dns: { example.dev: [{ name: nas, type: A, content: ${content} }] }
`;
const dns = dnsOf('192.0.2.9').replace(', tunnels: { homelab: {} }', '');
const serviceOf = (gate: string) => `origins: { app: { tunnel: homelab, url: "http://app.lan:80" } }
services: { app: { host: app.example.dev, origin: app, gate: { ${gate} } } }
`;
const withService = `${dnsOf('192.0.2.9')}${serviceOf('public: { reason: static }')}`;
const withPeople = `${dnsOf('192.0.2.9')}${serviceOf('cloudflare: { emails: [me@example.dev] }')}`;

const inZone = '/zones/ID/dns_records';
/** The lists that a file with an account, a zone and records needs. */
const everything = [
  '/accounts/ID/access/apps',
  '/accounts/ID/access/organizations',
  '/accounts/ID/access/policies',
  '/accounts/ID/access/service_tokens',
  '/accounts/ID/access/tags',
  '/accounts/ID/cfd_tunnel',
  '/zones',
  inZone,
];
const enough = ['/zones', inZone];

let sandbox: Sandbox;
let disk: Disk;

beforeEach(async () => {
  sandbox = await createSandbox({ zones: ['example.dev', 'example.net'], callBudget: 1_000_000 });
  disk = newDisk();
});

/** A clock in the sandbox's own time, which the test advances. */
async function run(text: string, how?: Misfortune | 'dry run', of = disk): Promise<Pass> {
  const pass = await runProcess(sandbox, of, text, how, undefined, 0);
  if (typeof how !== 'object') expect(unfinished(pass.report)).toEqual([]);
  return pass;
}

/** The paths of a run's reads, each as often as it was read. */
async function readBy(text: string, how?: Misfortune | 'dry run', of = disk): Promise<readonly string[]> {
  const { reads } = await run(text, how, of);
  return reads
    .map(({ read }) => read.replace(/^cloudflare \/client\/v4/, '').replace(/[0-9a-f]{32}/g, 'ID'))
    .sort();
}

/** Makes a token with the mark of this owner, from another state folder. */
const plantToken = () =>
  askAdmin(sandbox, 'POST', '/edit', {
    method: 'POST',
    path: `/accounts/${account}/access/service_tokens`,
    body: { name: 'gates:home/planted' },
  });

/** The names of the service tokens at the sandbox. */
const tokens = (): readonly string[] =>
  JSON.parse(sandbox.snapshot()).serviceTokens.map(({ name }: { readonly name: string }) => name);

describe('a file with only records', () => {
  it('is read with 2 calls, once a run of its state folder has read everything', async () => {
    expect(await readBy(dns)).toEqual(everything);
    expect(await readBy(dns)).toEqual(enough);
    expect(await readBy(dns, 'dry run')).toEqual(enough);
  });

  it('is read completely after a day, with a clock that was set back, and without the state folder', async () => {
    await run(dns);
    await sandbox.advance(day - minute);
    expect(await readBy(dns)).toEqual(enough);
    await sandbox.advance(minute);
    expect(await readBy(dns, 'dry run')).toEqual(everything);
    // A dry run records nothing.
    expect(await readBy(dns)).toEqual(everything);
    expect(await readBy(dns)).toEqual(enough);
    expect(await readBy(dns, 'dry run', newDisk())).toEqual(everything);
    const note = (await disk.notes.text('full-read', 'home')) ?? '';
    const at = new Date(sandbox.now() + minute).toISOString();
    await disk.notes.put('full-read', 'home', JSON.stringify({ ...JSON.parse(note), at }));
    expect(await readBy(dns)).toEqual(everything);
  });

  it.each([
    { what: 'a service', after: withService },
    { what: 'another zone', after: dnsOf('192.0.2.9', 'example.dev, example.net') },
    { what: 'another record', after: dnsOf('192.0.2.10') },
  ])('is read completely when it gains $what', async ({ after }) => {
    await run(dns);
    expect(new Set(await readBy(after, 'dry run'))).toEqual(
      new Set(await readBy(after, 'dry run', newDisk())),
    );
  });

  it('is read completely when somebody changed a record', async () => {
    await run(dns);
    const [{ id: zone = '' } = {}] = sandbox.zones;
    const [{ id = '' } = {}] = JSON.parse(sandbox.snapshot()).records;
    const body = { content: '192.0.2.66' };
    await askAdmin(sandbox, 'POST', '/edit', {
      method: 'PATCH',
      path: `/zones/${zone}/dns_records/${id}`,
      body,
    });
    const { reads, writes } = await run(dns);
    expect(reads).toHaveLength(everything.length);
    expect(writes).toBe(1);
    // The next run requests the replaced record by its id.
    expect(await readBy(dns)).toEqual([...enough, `${inZone}/ID`]);
    expect(await readBy(dns)).toEqual(enough);
  });

  it('finds within a day a marked object that somebody planted in another kind', async () => {
    await run(dns);
    await plantToken();
    expect(await readBy(dns)).toEqual(enough);
    expect(tokens()).toEqual(['gates:home/planted']);
    await sandbox.advance(day);
    expect((await run(dns)).report?.interferences).toEqual([
      expect.objectContaining({ text: expect.stringContaining('cloudflare/service-token:planted') }),
    ]);
    expect(tokens()).toEqual([]);
    // The changes of a run are read again until the next complete read.
    expect(await readBy(dns)).toEqual(['/accounts/ID/access/service_tokens', ...enough]);
    await sandbox.advance(day);
    await run(dns);
    expect(await readBy(dns)).toEqual(enough);
  });

  it('loses the records of its first run as soon as it names none', async () => {
    await run(dns);
    expect((await run(dns.replace(/^dns:.*$/m, ''))).writes).toBe(1);
    expect(JSON.parse(sandbox.snapshot()).records).toEqual([]);
  });

  it('is read completely after a run that was killed while it made a service', async () => {
    await run(dns);
    await run(withPeople, { write: 2, kind: 'kill' });
    expect(new Set(await readBy(dns))).toEqual(new Set(everything));
  });

  it('is read completely while a list of another kind cannot be read', async () => {
    const read = `cloudflare /client/v4/accounts/${account}/access/policies`;
    for (let n = 0; n < 2; n += 1) {
      const { reads, report } = await runProcess(sandbox, disk, dns, { read, from: 1 }, undefined, 0);
      expect(report?.plan?.unknown.map(({ kind }) => kind)).toContain('cloudflare/access-policy');
      expect(reads.length).toBeGreaterThanOrEqual(everything.length);
    }
    expect(await readBy(dns)).toEqual(everything);
  });
});

describe('a file with a host', () => {
  it.each([
    { gate: 'nothing', file: withService },
    { gate: 'Access', file: withPeople },
  ])(
    'is read completely by every run, because of foreign objects at the host that $gate guards',
    async ({ file }) => {
      await run(file);
      const first = await readBy(file, 'dry run', newDisk());
      expect(await readBy(file)).toEqual(first);
    },
  );
});
