import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { file as handMadeFile, handMadeHome } from '../homes/hand-made-home.ts';
import { emptyFile, revised, revision } from '../random-files/file.ts';
import { extendedAfterLoss, loss } from './extended-file.ts';
import { importedInto } from './imported.ts';

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

  it.each(
    fc
      .sample(fc.tuple(revision, loss), { numRuns: 4, seed: 3 })
      .map(([drawn, lost], index) => ({ index, lost, file: revised(emptyFile, drawn) })),
  )('restores what a file has lost: file $index', ({ file, lost }) => extendedAfterLoss(file, lost));
});
