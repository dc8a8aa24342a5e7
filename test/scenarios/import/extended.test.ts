import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkedConfig } from '../../../src/expect/checked-config.ts';
import { clientHost, file as handMadeFile, handMadeHome } from '../homes/hand-made-home.ts';
import { emptyFile, revised, revision } from '../random-files/file.ts';
import { extendedAfterLoss, loss } from './extended-file.ts';
import { importedInto } from './imported.ts';

/** A file with these services, and with the origins, groups and clients of the home. */
function fileWith(services: string): string {
  return `${handMadeFile.slice(0, handMadeFile.indexOf('services:'))}services:\n${services}`;
}

describe('importing into a file', () => {
  it('adds the hosts that somebody made in the dashboards, and what they need', async () => {
    const text = `# The hosts of the house.
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

  it('says at a new host that it shares a server with a host of the file behind another gate', async () => {
    const text = fileWith(`  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  vault: { host: ${clientHost}, origin: app, gate: { authentik: { mode: oidc, client: vault } } }
`);
    const { text: extended, draft } = await importedInto(text, await handMadeHome());
    expect(draft.leftovers).toEqual([]);
    expect(extended).toContain(
      '    origin: app\n    gate: { cloudflare: { emails: [me@example.dev] } }\n    alias:',
    );
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
