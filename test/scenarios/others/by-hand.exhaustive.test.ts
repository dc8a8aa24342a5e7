import { beforeAll, describe, expect, it } from 'vitest';
import { isPending } from '../../../src/core/change.ts';
import type { Exposure } from '../../../src/lab/sandbox/index.ts';
import { type Hand, HandAtHome } from '../stage/hand.ts';
import { shapeOf } from '../stage/shape.ts';
import { unfinished } from '../stage/stage.ts';

/** A file with all modes of an Authentik gate, each on its own host. */
function file(groups = 'admins', more = ''): string {
  return `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik:
  url: http://authentik.lan:9000
  service: auth
  domains: { example.dev: { groups: [family] } }
groups: { admins: {}, family: {}${more} }
origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
  wiki: { tunnel: homelab, url: "http://wiki.lan:80" }
clients:
  vault: { redirectUris: ["https://vault.example.dev/callback"], groups: [family] }
  api: { grantTypes: [client_credentials], signingKey: own, groups: [admins] }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  grafana:
    host: grafana.example.dev
    origin: traefik
    gate: { authentik: { mode: forwardAuth, groups: [${groups}] } }
    paths: { /health: { public: { reason: probe } } }
  photos: { host: photos.example.dev, origin: traefik, gate: { authentik: { mode: domain } } }
  wiki: { host: wiki.example.dev, origin: wiki, gate: { authentik: { mode: proxy, groups: [family] } } }
  vault: { host: vault.example.dev, origin: traefik, gate: { authentik: { mode: oidc, client: vault } } }
`;
}

const guards = [
  { host: 'grafana.example.dev', admit: { groups: ['admins'] } },
  { host: 'grafana.example.dev', path: '/health', admit: { public: true } },
  { host: 'photos.example.dev', admit: { groups: ['family'] } },
  { host: 'wiki.example.dev', admit: { groups: ['family'] } },
  { host: 'vault.example.dev', client: 'vault', admit: { groups: ['family'] } },
  { host: 'api.example.dev', client: 'api', admit: { groups: ['admins'] } },
];

/** Adds a person outside every group. The change by hand admits them, and the oracle must have noticed that. */
type Opens = 'opens' | 'opens nothing';

interface Deed {
  readonly deed: string;
  readonly opens: Opens;
  readonly because: string;
  act(hand: Hand): Promise<unknown>;
}

const proxies = ['grafana-example-dev', 'domain-example-dev', 'wiki-example-dev'] as const;
const applications = [...proxies, 'vault'] as const;

/** The tunnel leads a host of mode proxy to Authentik, whose own pages answer when the outpost does not. */
const withoutOutpost = (slug: string): Opens => (slug === 'wiki-example-dev' ? 'opens' : 'opens nothing');

const perApplication = applications.flatMap((slug): readonly Deed[] => [
  {
    deed: `deletes the binding of ${slug}`,
    opens: 'opens',
    because: 'an application without bindings admits everybody',
    act: async (hand) => hand.delete(`/policies/bindings/${(await hand.bindingOf(slug)).pk}/`),
  },
  {
    deed: `disables the binding of ${slug}`,
    opens: 'opens',
    because: 'a disabled binding does not count',
    act: (hand) => hand.changeBinding(slug, { enabled: false }),
  },
  {
    deed: `negates the binding of ${slug}`,
    opens: 'opens',
    because: 'it admits all but the group',
    act: (hand) => hand.changeBinding(slug, { negate: true }),
  },
  {
    deed: `lets a person in to ${slug}`,
    opens: 'opens',
    because: 'one binding that agrees is enough',
    act: async (hand) => hand.bind(slug, { user: (await hand.person('jo')).pk }),
  },
  {
    deed: `binds a policy that agrees with everybody to ${slug}`,
    opens: 'opens',
    because: 'one binding that agrees is enough',
    act: async (hand) => hand.bind(slug, { policy: await hand.agreeingPolicy() }),
  },
  {
    deed: `has every binding of ${slug} agree`,
    opens: 'opens nothing',
    because: 'with one binding both modes are the same, until a second group comes',
    act: (hand) => hand.patch(`/core/applications/${slug}/`, { policy_engine_mode: 'all' }),
  },
  {
    deed: `deletes the application ${slug}`,
    opens: withoutOutpost(slug),
    because: 'a provider without an application logs nobody in',
    act: (hand) => hand.delete(`/core/applications/${slug}/`),
  },
  {
    deed: `unlinks the provider of ${slug}`,
    opens: withoutOutpost(slug),
    because: 'a provider without an application logs nobody in',
    act: (hand) => hand.patch(`/core/applications/${slug}/`, { provider: null }),
  },
  {
    deed: `has ${slug} trust a client that everybody may log in to`,
    opens: 'opens',
    because: 'its tokens are taken for tokens of the provider, and nobody asks the bindings',
    act: (hand) => hand.trustOpenClient(slug),
  },
  {
    deed: `deletes the provider of ${slug}`,
    opens: withoutOutpost(slug),
    because: 'there is nothing left to log in at',
    act: async (hand) => hand.delete(`/providers/all/${(await hand.providerOf(slug)).pk}/`),
  },
]);

const perProxy = proxies.flatMap((slug): readonly Deed[] => [
  {
    deed: `takes ${slug} out of the outpost`,
    opens: withoutOutpost(slug),
    because: 'the outpost answers 404 for a host it does not know',
    act: (hand) => hand.removeFromOutpost(slug),
  },
  {
    deed: `opens every path of ${slug}`,
    opens: 'opens',
    because: 'the outpost asks nobody there',
    act: (hand) => hand.patchProxy(slug, { skip_path_regex: '.*' }),
  },
  {
    deed: `gives ${slug} another host`,
    opens: withoutOutpost(slug),
    because: 'the outpost no longer knows the host',
    act: (hand) => hand.patchProxy(slug, { external_host: 'https://elsewhere.example.dev' }),
  },
]);

const deeds: readonly Deed[] = [
  ...perApplication,
  ...perProxy,
  {
    deed: 'deletes a group',
    opens: 'opens',
    because: 'its bindings go with it',
    act: async (hand) => hand.delete(`/core/groups/${await hand.group('admins')}/`),
  },
  {
    deed: 'deletes the group of the domain, a proxy and a client',
    opens: 'opens',
    because: 'its bindings go with it',
    act: async (hand) => hand.delete(`/core/groups/${await hand.group('family')}/`),
  },
  {
    deed: 'has the outpost of grafana serve a whole domain',
    opens: 'opens nothing',
    because: 'every host of the domain is asked about by it, by the same bindings',
    act: (hand) => hand.patchProxy('grafana-example-dev', { mode: 'forward_domain', cookie_domain: 'dev' }),
  },
  {
    deed: 'has the outpost serve grafana itself',
    opens: 'opens nothing',
    because: 'it would still ask first',
    act: (hand) =>
      hand.patchProxy('grafana-example-dev', { mode: 'proxy', internal_host: 'http://grafana.lan' }),
  },
  {
    deed: 'has the outpost serve wiki by forward auth alone',
    opens: 'opens',
    because: 'Authentik itself answers then',
    act: (hand) => hand.patchProxy('wiki-example-dev', { mode: 'forward_single' }),
  },
  {
    deed: 'sends people elsewhere to log in',
    opens: 'opens nothing',
    because: 'nobody comes back with a code',
    act: (hand) => hand.outpostHost('https://elsewhere.example.net'),
  },
  {
    deed: 'empties where people are sent to log in',
    opens: 'opens nothing',
    because: 'nobody comes back with a code',
    act: (hand) => hand.outpostHost(''),
  },
  {
    deed: 'deletes the key pair of a client',
    opens: 'opens nothing',
    because: 'the tokens of that client alone are signed with it',
    act: async (hand) => hand.delete(`/crypto/certificatekeypairs/${await hand.keyPair('gates:home/api')}/`),
  },
  {
    deed: 'takes the shared key pair from a client',
    opens: 'opens nothing',
    because: 'its tokens are signed with its secret then',
    act: async (hand) =>
      hand.patch(`/providers/oauth2/${(await hand.providerOf('vault')).pk}/`, { signing_key: null }),
  },
];

const isAt = ({ host, path, principal }: Exposure) => `${host}${path} ${principal}`;

describe('a change by hand in Authentik', () => {
  let hand: HandAtHome;

  beforeAll(async () => {
    const behind = ['grafana.example.dev', 'photos.example.dev'];
    hand = await HandAtHome.at(file(), guards, behind, (first) => first.addOpenClient());
  });

  it.each(deeds)('$deed', async ({ act, opens, because }) => {
    const { sandbox } = hand;
    const { asApplied, disk } = await hand.begin();
    await act(hand);
    const byHand = new Set(sandbox.exposures().map(isAt));
    expect(byHand.size > 0, because).toBe(opens === 'opens');

    const { report, writes } = await hand.pass(disk, file());
    expect(report?.plan?.changes.filter(isPending), 'found').not.toEqual([]);
    expect(unfinished(report)).toEqual([]);
    expect(writes).toBeGreaterThan(0);
    expect(
      sandbox.exposures().filter((exposure) => !byHand.has(isAt(exposure))),
      'opened by gates',
    ).toEqual([]);
    expect(await hand.exposedNow(), 'healed').toEqual([]);
    expect(await shapeOf(sandbox)).toEqual(asApplied);

    const again = await hand.pass(disk, file());
    expect(again.writes).toBe(0);
    expect(again.report?.plan?.changes.filter(isPending)).toEqual([]);
  });
});

describe('a foreign application', () => {
  it('keeps the group that leaves the file, and the plan says who uses it', async () => {
    const hand = await HandAtHome.at(
      file('admins, guests', ', guests: {}'),
      [],
      ['grafana.example.dev', 'photos.example.dev'],
    );
    const { sandbox } = hand;
    const { disk } = await hand.begin();
    await hand.post('/core/applications/', { name: 'Games', slug: 'games' });
    const guests = await hand.group('guests');
    await hand.bind('games', { group: guests });

    const { report } = await hand.pass(disk, file());
    const refused = report?.plan?.changes.filter(({ verb }) => verb === 'refuse');
    expect(refused?.map(({ address, reason }) => [address.kind, address.key, reason])).toEqual([
      ['authentik/group', 'guests', 'authentik/binding:games/guests is not ours and still uses it'],
    ]);
    expect(unfinished(report)).toEqual([expect.stringContaining('games/guests')]);
    expect(await hand.group('guests')).toBe(guests);
    expect((await hand.bindingOf('games')).group).toBe(guests);
    expect(await hand.groupsAdmittedTo('grafana-example-dev')).toEqual(['admins']);

    const writes = sandbox.calls().filter(({ write }) => write).length;
    const again = await hand.pass(disk, file());
    expect(again.report?.plan?.changes.filter(isPending).map(({ verb }) => verb)).toEqual(['refuse']);
    expect(sandbox.calls().filter(({ write }) => write)).toHaveLength(writes);
  });
});
