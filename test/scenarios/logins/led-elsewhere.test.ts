import { describe, expect, it } from 'vitest';
import { askAdmin, HandAtHome } from '../stage/hand.ts';
import { unfinished } from '../stage/stage.ts';

const byDomain = 'traefik, gate: { authentik: { mode: domain } }';
const file = (group: string, wiki = byDomain) => `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik:
  url: http://authentik.lan:9000
  service: auth
  domains: { example.dev: { groups: [${group}] } }
groups: { admins: {}, family: {} }
origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
  wiki: { tunnel: homelab, url: "http://wiki.lan:80" }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  photos: { host: photos.example.dev, origin: ${byDomain} }
  wiki: { host: wiki.example.dev, origin: ${wiki} }
`;

const [photos, lab, wiki] = ['photos.example.dev', 'lab.example.dev', 'wiki.example.dev'];
const behind = [photos, lab, wiki];
const guardedFor = (...groups: readonly string[]) => behind.map((host) => ({ host, admit: { groups } }));

/** Leads a host of the domain to the same proxy, so that the login of the domain guards it. */
async function leadLab({ sandbox }: HandAtHome): Promise<void> {
  const { tunnels } = JSON.parse(sandbox.snapshot()) as {
    readonly tunnels: readonly { readonly id: string }[];
  };
  const call = (method: string, path: string, body?: object) =>
    askAdmin(sandbox, 'POST', '/edit', { actor: 'neighbour', system: 'cloudflare', method, path, body });
  const [tunnel] = tunnels;
  const content = `${tunnel?.id}.cfargotunnel.com`;
  await call('POST', `/zones/${sandbox.zones[0]?.id}/dns_records`, {
    ...{ type: 'CNAME', name: 'lab', content, proxied: true, ttl: 1 },
  });
  const config = `/accounts/${sandbox.accountId}/cfd_tunnel/${tunnel?.id}/configurations`;
  const { result } = (await call('GET', config)) as {
    readonly result: { readonly config: { readonly ingress: readonly object[] } };
  };
  const ingress = [{ hostname: lab, service: 'http://traefik.lan:80' }, ...result.config.ingress];
  await call('PUT', config, { config: { ingress } });
}

describe('a login of a domain that somebody led to another host, of which a push exchanges the groups', () => {
  it('answers again once the groups of before are gone, also at hosts of others', async () => {
    const hand = await HandAtHome.at(file('admins'), guardedFor('admins'), behind);
    const { disk } = await hand.begin();
    await leadLab(hand);
    const elsewhere = { mode: 'forward_single', external_host: 'https://elsewhere.example.dev' };
    await hand.patchProxy('domain-example-dev', elsewhere);
    await askAdmin(hand.sandbox, 'PUT', '/guards', guardedFor('family'));

    const { report } = await hand.pass(disk, file('family'));
    expect(unfinished(report)).toEqual([]);
    expect(hand.sandbox.exposures()).toEqual([]);
    expect(await hand.groupsAdmittedTo('domain-example-dev')).toEqual(['family']);
    expect((await hand.pass(disk, file('family'))).writes).toBe(0);
  });
});

describe('a host that leaves the login of its domain', () => {
  it('waits for no repair of that login, not even for one that would admit people to the host', async () => {
    const hand = await HandAtHome.at(file('admins'), guardedFor('admins'), behind);
    const { disk } = await hand.begin();
    await hand.patchProxy('domain-example-dev', { skip_path_regex: '^/open$' });
    await hand.changeBinding('domain-example-dev', { negate: true });
    const pushed = file('admins', 'wiki, gate: { public: { reason: a manual } }');
    const { report } = await hand.pass(disk, pushed);
    expect(unfinished(report).filter((change) => change.includes(wiki))).toEqual([]);
    expect(unfinished((await hand.pass(disk, pushed)).report)).toEqual([]);
    expect(await hand.groupsAdmittedTo('domain-example-dev')).toEqual(['admins']);
    expect((await hand.pass(disk, pushed)).writes).toBe(0);
  });
});
