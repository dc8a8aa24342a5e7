import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkedConfig } from '../../../src/expect/checked-config.ts';
import { importedFile } from '../../../src/import/checked-draft.ts';
import { ExistingFile } from '../../../src/import/existing/existing-file.ts';
import { accessHost, clientHost, file as handMadeFile, handMadeHome } from '../homes/hand-made-home.ts';
import { emptyFile, revised, revision } from '../random-files/file.ts';
import { extendedAfterLoss, loss } from './extended-file.ts';
import { importedInto, readFrom } from './imported.ts';

/** A file with these services, and with the origins, groups and clients of the home. */
function fileWith(services: string): string {
  return `${handMadeFile.slice(0, handMadeFile.indexOf('services:'))}services:\n${services}`;
}

describe('importing into a file', () => {
  it('adds the hosts that somebody made in the dashboards, and what they need', async () => {
    const text = `# The hosts of our house.
version: 1
owner: home
cloudflare: { account: 0123456789abcdef0123456789abcdef, zones: [example.dev], tunnels: { homelab: {} } }
authentik:
  url: http://authentik.lan:9000
  service: login   # the one that everybody sees

origins:
  proxy: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }

services:
  # Nobody moves this one.
  login:
    host: auth.example.dev
    origin: proxy
    gate: { identityProvider: {} }

  # Not live yet, and not to be mixed up with Grafana.
  grafana: { host: charts.example.dev, origin: proxy, gate: { authentik: { groups: [staff] } } }

groups: { staff: {} }
`;
    const { text: extended, draft } = await importedInto(text, await handMadeHome());
    expect(draft.leftovers).toEqual([]);
    expect(extended).toMatchSnapshot();
  });

  it('adds nothing to a file that has everything', async () => {
    const { text } = await importedInto(handMadeFile, await handMadeHome());
    expect(text).toBe(handMadeFile);
  });

  it('leaves out a host that would break an assertion of the file', async () => {
    const text = fileWith(
      '  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }\n' +
        'expect:\n  - { url: "https://proxmox.example.dev", as: { email: me@example.dev }, verdict: deny }\n',
    );
    const { text: extended, draft, mistakes } = await importedInto(text, await handMadeHome());
    expect(mistakes).toEqual([]);
    expect(draft.leftovers).toMatchObject([
      { what: 'proxmox.example.dev', reason: expect.stringMatching(/^G122: /) },
    ]);
    expect(extended).toContain('# left as it is: proxmox.example.dev: G122: ');
    expect(extended).toContain('    host: vault.example.dev');
  });

  it('leaves out a host for which the file has a record', async () => {
    const text = fileWith(
      '  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }\n' +
        'dns:\n  example.dev:\n    - { name: proxmox, type: A, content: 192.0.2.9 }\n    - { name: vault, type: CNAME, content: example.net }\n',
    );
    const { text: extended, draft, mistakes } = await importedInto(text, await handMadeHome());
    expect(mistakes).toEqual([]);
    expect(draft.leftovers.map(({ what }) => what)).toEqual(['proxmox.example.dev']);
    expect(extended).not.toContain('host: vault.example.dev');
    expect(extended).toContain('host: grafana.example.dev');
  });

  it('leaves out a record at the host of a service', async () => {
    const home = await handMadeHome();
    const record = (await home.state()).records.find(({ name }) => name === accessHost);
    const path = `/zones/${home.sandbox.zones[0]?.id}/dns_records`;
    await home.edit('cloudflare', 'DELETE', `${path}/${record?.id}`);
    const open = { type: 'A', name: accessHost, content: '192.0.2.9', proxied: false, ttl: 1 };
    await home.edit('cloudflare', 'POST', path, open);
    const { text, draft, mistakes } = await importedInto(handMadeFile, home);
    expect({ text, mistakes }).toEqual({ text: handMadeFile, mistakes: [] });
    expect(draft.leftovers).toMatchObject([{ section: 'dns', reason: expect.stringMatching(/^G102: /) }]);
  });

  it('adds Authentik to a file without it only if something needs it', async () => {
    const text = `version: 1
owner: home
cloudflare: { account: 0123456789abcdef0123456789abcdef, zones: [example.dev] }
`;
    const home = await handMadeHome();
    const whole = await importedInto(text, home);
    expect(whole.text).toContain('authentik:\n  url: http://authentik.lan:9000\n  service: auth\n');
    const { found, reach } = await readFrom(home);
    const read = checkedConfig(text);
    if (!read.ok) throw new Error('The file is wrong');
    const one = importedFile(
      found,
      reach,
      { host: accessHost },
      new ExistingFile(new TextEncoder().encode(text), read.parsed),
    );
    expect(one.draft.leftovers).toEqual([]);
    expect(one.text).toContain(`host: ${accessHost}`);
    expect(one.text).not.toContain('authentik:');
  });

  it('says at a new host that it shares a server with a host of the file behind another gate', async () => {
    const text = fileWith(`  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  vault: { host: ${clientHost}, origin: app, gate: { authentik: { mode: oidc, client: vault } } }
`);
    const { text: extended, draft } = await importedInto(text, await handMadeHome());
    expect(draft.leftovers).toEqual([]);
    expect(extended).toMatch(/ {4}origin: app\n {4}gate: \{ cloudflare: .*\n {4}alias:/);
    const read = checkedConfig(extended);
    expect(read.ok && read.parsed.warnings).toEqual([]);
  });

  it('gives a host whose origin asks Authentik an origin that says so', async () => {
    const text = fileWith(
      '  home: { host: home.example.dev, origin: traefik, gate: { cloudflare: { emails: [me@example.dev] } } }\n',
    )
      .replace(', forwardAuth: true', '')
      .replace(', service: auth', '');
    const { text: extended, draft } = await importedInto(text, await handMadeHome());
    expect(draft.leftovers).toEqual([]);
    expect(extended).toContain('service: auth');
    expect(extended).toMatch(/traefik-http: \{ .*forwardAuth: true \}/);
  });

  it.each(
    fc
      .sample(fc.tuple(revision, loss), { numRuns: 4, seed: 3 })
      .map(([drawn, lost], index) => ({ index, lost, file: revised(emptyFile, drawn) })),
  )('restores what a file has lost: file $index', ({ file, lost }) => extendedAfterLoss(file, lost));
});
