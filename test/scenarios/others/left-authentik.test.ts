import { describe, expect, it } from 'vitest';
import { isPending } from '../../../src/core/change.ts';
import { createSandbox, type Sandbox } from '../../../src/lab/sandbox/index.ts';
import { contentsOf } from '../stage/disk.ts';
import { askAdmin, HandAtHome } from '../stage/hand.ts';
import { runProcess, unfinished } from '../stage/stage.ts';

const block = `authentik:
  url: http://authentik.lan:9000
  service: auth
`;

/** The file without the login service, which only gates of Authentik need. */
const unused = 'authentik: { url: "http://authentik.lan:9000" }';

const file = (authentik: string, services: string) => `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
${authentik}
origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
services:
  plain: { host: plain.example.dev, origin: traefik, gate: { cloudflare: { emails: [ana@example.dev] } } }
${services}
`;

const before = file(
  `${block}groups: { admins: {} }\n`,
  `  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  grafana: { host: grafana.example.dev, origin: traefik, gate: { authentik: { mode: forwardAuth, groups: [admins] } } }`,
);
const wiki =
  '\n  wiki: { host: wiki.example.dev, origin: traefik, gate: { authentik: { mode: forwardAuth, groups: [admins] } } }';
const both = before.trimEnd() + wiki;
const guards = [{ host: 'grafana.example.dev', admit: { groups: ['admins'] } }];
const down = { fault: 'status', status: 500, match: { system: 'authentik' } };

const home = () => HandAtHome.at(before, guards, ['grafana.example.dev']);

/** Names of our objects in Authentik. */
function ours(sandbox: Sandbox): readonly string[] {
  const { applications, providers, groups } = JSON.parse(sandbox.snapshot()).authentik;
  return [
    ...applications.map(({ slug }: { slug: string }) => slug),
    ...providers.map(({ name }: { name: string }) => name),
    ...groups.flatMap(({ name, attributes }: { name: string; attributes: Record<string, unknown> }) =>
      attributes['gates/owner'] === 'home' ? [name] : [],
    ),
  ].sort();
}

describe('an unused Authentik', () => {
  it.each([
    { because: 'the file still names it', after: file(unused, '') },
    { because: 'only the state folder remembers it', after: file('', '') },
  ])('is cleared of our objects when $because', async ({ after }) => {
    const hand = await home();
    const { disk } = await hand.begin();
    expect(ours(hand.sandbox)).toEqual(['admins', 'gates:home/grafana-example-dev', 'grafana-example-dev']);
    const { report } = await hand.pass(disk, after);
    expect(unfinished(report)).toEqual([]);
    expect(ours(hand.sandbox)).toEqual([]);
    expect(hand.sandbox.exposures()).toEqual([]);
    const again = await hand.pass(disk, after);
    expect([again.writes, again.report?.plan?.changes.filter(isPending)]).toEqual([0, []]);
  });

  it('is read once more after the file stopped naming it, and then never again', async () => {
    const hand = await home();
    const { disk } = await hand.begin();
    await hand.pass(disk, file('', ''));
    const { reads } = await hand.pass(disk, file('', ''));
    expect(reads.filter(({ read }) => read.startsWith('authentik'))).toEqual([]);
  });

  it('is not read if no run ever created anything there', async () => {
    const sandbox = await createSandbox({ zones: ['example.dev'] });
    const { disk } = await (await home()).begin();
    for (const name of await disk.notes.list('authentik')) await disk.notes.clear('authentik', name);
    const { reads } = await runProcess(sandbox, disk, file('', ''));
    expect(reads.filter(({ read }) => read.startsWith('authentik'))).toEqual([]);
  });

  it.each([
    { because: 'the file still names it', after: file(unused, '') },
    { because: 'only the state folder remembers it', after: file('', '') },
  ])(
    'does not fail the run while it is unreadable; the plan lists the remaining objects when $because',
    async ({ after }) => {
      const hand = await home();
      const { disk } = await hand.begin();
      await askAdmin(hand.sandbox, 'POST', '/faults', down);
      const { report } = await hand.pass(disk, after);
      expect(unfinished(report)).toEqual([]);
      expect(report?.plan?.unknown).toEqual([]);
      expect(report?.plan?.warnings).toEqual([
        expect.stringMatching(/could not look for objects of ours there .*authentik\/group:admins/),
      ]);
      const held = contentsOf(disk);
      await hand.pass(disk, after);
      expect(contentsOf(disk)).toBe(held);
      await askAdmin(hand.sandbox, 'DELETE', '/faults');
      expect(unfinished((await hand.pass(disk, after)).report)).toEqual([]);
      expect(ours(hand.sandbox)).toEqual([]);
    },
  );
});

describe('an Authentik that gates can read in part', () => {
  it('keeps the application of a host that leaves until everything that may refer to it is read', async () => {
    const after = before.replaceAll('grafana', 'wiki');
    const hand = await HandAtHome.at(both, guards, ['grafana.example.dev', 'wiki.example.dev']);
    const { disk } = await hand.begin();
    const bindings = { ...down, match: { ...down.match, path: '/api/v3/policies/bindings/' } };
    await askAdmin(hand.sandbox, 'POST', '/faults', bindings);
    const { report } = await hand.pass(disk, after);
    const kept = report?.plan?.changes.filter(({ verb }) => verb === 'refuse');
    expect(kept?.map(({ address, reason }) => [address.kind, reason])).toContainEqual([
      'authentik/application',
      'authentik/provider-link could not be read: one may still use it',
    ]);
    expect(ours(hand.sandbox)).toContain('grafana-example-dev');
    await askAdmin(hand.sandbox, 'DELETE', '/faults');
    expect(unfinished((await hand.pass(disk, after)).report)).toEqual([]);
    expect(ours(hand.sandbox)).not.toContain('grafana-example-dev');
  });
});
