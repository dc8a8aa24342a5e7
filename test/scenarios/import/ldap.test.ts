import { beforeAll, describe, expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { placeLdapOutpost } from '../homes/ldap-outpost.ts';
import { newDisk } from '../stage/disk.ts';
import { askAdmin, Hand } from '../stage/hand.ts';
import { runProcess, unfinished } from '../stage/stage.ts';
import { leftAfterAdopt } from './applied-file.ts';
import { dropMarks } from './dropped-marks.ts';
import { importedFrom } from './imported.ts';
import { unlikeDoors } from './same-doors.ts';

const file = `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
authentik: { url: "http://authentik.lan:9000", service: auth, ldapOutpost: directory, flows: { unbind: default-provider-invalidation-flow } }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
groups: { admins: {} }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  films: { host: films.example.dev, origin: app, gate: { authentik: { mode: ldap, client: films } } }
clients:
  films:
    ldap: { baseDn: "dc=films,dc=home", bindMode: cached, mfa: false, uidStartNumber: 9000, certificate: "authentik Self-signed Certificate", tlsServerName: ldap.example.dev }
    groups: [admins]
`;

interface Provider {
  readonly pk: number;
}

/** A home in which everything is as the file says, without our marks. */
async function homeWithLdap() {
  const sandbox = await createSandbox({ zones: ['example.dev'] });
  await askAdmin(sandbox, 'PUT', '/origins', {
    url: 'http://traefik.lan:80',
    kind: 'traefik',
    forwardAuth: [],
  });
  const hand = new Hand(sandbox);
  await placeLdapOutpost(sandbox);
  const disk = newDisk();
  expect(unfinished((await runProcess(sandbox, disk, file)).report)).toEqual([]);
  await dropMarks(sandbox);
  return { sandbox, disk: { ...newDisk(), vault: disk.vault }, hand };
}

let home: Awaited<ReturnType<typeof homeWithLdap>>;
let applied: string;
beforeAll(async () => {
  home = await homeWithLdap();
  applied = home.sandbox.snapshot();
});

/** The LDAP provider of the file, which somebody may change. */
async function change(body: object): Promise<void> {
  home.sandbox.restore(applied);
  const { results } = (await home.hand.get('/providers/ldap/?search=films')) as {
    readonly results: readonly Provider[];
  };
  expect(results).toHaveLength(1);
  await home.hand.patch(`/providers/ldap/${results[0]?.pk}/`, body);
}

describe('importing an LDAP client', () => {
  it('writes it as the file had it, with its outpost, and leaves nothing to plan after adopt', async () => {
    const { text, draft } = await importedFrom(home);
    expect(draft.leftovers).toEqual([]);
    expect(unlikeDoors(file, text), text).toEqual([]);
    expect(text).toContain('mode: ldap, client: films');
    for (const line of ['ldapOutpost: directory', 'unbind: default-provider-invalidation-flow'])
      expect(text).toContain(line);
    for (const line of ['baseDn: dc=films,dc=home', 'bindMode: cached', 'uidStartNumber: 9000'])
      expect(text).toContain(line);
    expect(await leftAfterAdopt({ ...home, text }), text).toEqual([]);
  });

  it('leaves out one with a base DN that the file cannot say', async () => {
    await change({ base_dn: 'dc=films, dc=home' });
    const { draft } = await importedFrom(home);
    const reason = 'it has the base DN dc=films, dc=home';
    expect(draft.leftovers).toContainEqual(
      expect.objectContaining({ section: 'clients', what: 'films', reason }),
    );
  });

  it('leaves out one for which the bindings of another application decide', async () => {
    home.sandbox.restore(applied);
    const { results } = (await home.hand.get('/providers/ldap/')) as {
      readonly results: readonly Provider[];
    };
    const backchannel = { backchannel_providers: results.map(({ pk }) => pk) };
    await home.hand.post('/core/applications/', { name: 'Other', slug: 'other', ...backchannel });
    const { draft } = await importedFrom(home);
    expect(draft.leftovers).toContainEqual(
      expect.objectContaining({
        ...{ section: 'clients', what: 'films' },
        reason: 'the application other has it as a backchannel provider',
      }),
    );
  });
});
