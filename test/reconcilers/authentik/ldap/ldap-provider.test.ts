import { describe, expect, it } from 'vitest';
import { application } from '../../../../reconcilers/authentik/application/application.ts';
import { type LdapProviderSpec, ldapProvider } from '../../../../reconcilers/authentik/ldap/ldap-provider.ts';
import { ldapEntry } from '../../../../reconcilers/authentik/outpost/ldap-entry.ts';
import { ldapOutpost } from '../../../../reconcilers/authentik/outpost/ldap-outpost.ts';
import { oauth2Provider } from '../../../../reconcilers/authentik/provider/oauth2-provider.ts';
import { proxyProvider } from '../../../../reconcilers/authentik/provider/proxy-provider.ts';
import { flow } from '../../../../reconcilers/authentik/reading/flow.ts';
import { version } from '../../../../reconcilers/authentik/reading/version.ts';
import { samlProvider } from '../../../../reconcilers/authentik/saml/saml-provider.ts';
import { certificate } from '../../../../reconcilers/authentik/signing-key/certificate.ts';
import { certificateKeyPair } from '../../../../reconcilers/authentik/signing-key/certificate-key-pair.ts';
import type { DesiredObject, Observed } from '../../../../src/core/objects/object.ts';
import { ref } from '../../../../src/core/objects/reference.ts';
import type { AnyReconciler } from '../../../../src/core/reconciler.ts';
import { AUTHENTIK_VERSIONS } from '../../../../src/lab/sandbox/index.ts';
import { createWorld } from '../../../../src/observed/world.ts';
import { failures, pending, type TestWorld, testWorld } from '../../../support/world.ts';
import { contract } from '../../contract.ts';
import { flowPk, listed, type Row } from '../grafana.ts';

const reconcilers = [
  version,
  flow,
  certificate,
  certificateKeyPair,
  proxyProvider,
  oauth2Provider,
  samlProvider,
  ldapProvider,
  application,
  ldapOutpost,
  ldapEntry,
] as readonly unknown[] as readonly AnyReconciler[];
const providers = '/providers/ldap/';
const outposts = '/outposts/instances/';
const because = 'clients.films';
const pair = 'authentik Self-signed Certificate';
const bindFlow = 'default-authentication-flow';
const unbindFlow = 'default-invalidation-flow';
const spec = {
  baseDn: 'dc=films,dc=home',
  bindMode: 'direct',
  searchMode: 'direct',
  mfa: true,
  uidStartNumber: 2000,
  gidStartNumber: 4000,
  certificate: ref(`authentik/certificate:${pair}`),
  tlsServerName: 'ldap.example.dev',
  bindFlow: ref(`authentik/flow:${bindFlow}`),
  unbindFlow: ref(`authentik/flow:${unbindFlow}`),
  backchannel: '',
  hosts: ['films.example.dev'],
};
const client: DesiredObject = {
  address: { kind: 'authentik/ldap-provider', key: 'films/ldap' },
  spec,
  because,
};
const existing = (kind: `authentik/${string}`, key: string, its: object = {}): DesiredObject => ({
  ...{ address: { kind, key }, spec: its, mustExist: 'there is no such object', because },
});
const lookups = [
  existing('authentik/flow', bindFlow, { designation: 'authentication' }),
  existing('authentik/flow', unbindFlow, { designation: 'invalidation' }),
  existing('authentik/certificate', pair),
];
const wants = [...lookups, client];
const entry: DesiredObject = {
  address: { kind: 'authentik/ldap-entry', key: 'films/ldap' },
  spec: {
    outpost: ref('authentik/ldap-outpost:directory'),
    provider: ref('authentik/ldap-provider:films/ldap'),
    rivals: [],
    hosts: [],
  },
  because,
};
const served = [...wants, existing('authentik/ldap-outpost', 'directory'), entry];

const world = { scope: { authentik: { ldapOutpost: 'directory' } } } as object as {
  scope: { authentik: never };
};
const start = (more: object = {}) => testWorld({ reconcilers, ...world, ...more });
const have = async (test: TestWorld) => (await test.read(ldapProvider))[0] as Observed<LdapProviderSpec>;
const patch = (test: TestWorld, { attributes }: Observed<LdapProviderSpec>, body: object) =>
  test.editAuthentik('PATCH', `${providers}${attributes.id}/`, body);

/** Makes a provider as somebody else would. */
const theirs = async (test: TestWorld, name: string, more: object = {}): Promise<number> => {
  const made = await test.editAuthentik('POST', providers, {
    name,
    authorization_flow: await flowPk(test, bindFlow),
    invalidation_flow: await flowPk(test, unbindFlow),
    ...more,
  });
  return (made as { readonly pk: number }).pk;
};
const outpostWith = async (test: TestWorld, pk: number): Promise<string> => {
  const body = { name: 'directory', type: 'ldap', providers: [pk], config: {} };
  return ((await test.editAuthentik('POST', outposts, body)) as { readonly pk: string }).pk;
};
const servedAt = async (test: TestWorld): Promise<readonly unknown[]> =>
  ((await listed(test, outposts)).find(({ name }) => name === 'directory')?.providers ?? []) as unknown[];

contract({
  reconciler: ldapProvider,
  reconcilers,
  collection: providers,
  world,
  desired: () => wants,
  drifts: [
    ...(
      [
        ['baseDn', { base_dn: 'dc=home' }],
        ['bindMode', { bind_mode: 'cached' }],
        ['searchMode', { search_mode: 'cached' }],
        ['mfa', { mfa_support: false }],
        ['uidStartNumber', { uid_start_number: 1 }],
        ['gidStartNumber', { gid_start_number: 1 }],
        ['certificate', { certificate: null }],
        ['tlsServerName', { tls_server_name: '' }],
      ] as const
    ).map(([field, body]) => ({
      field,
      edit: (found: Observed<LdapProviderSpec>, test: TestWorld) => patch(test, found, body),
    })),
    {
      field: 'bindFlow',
      edit: async (found, test) =>
        patch(test, found, { authorization_flow: await flowPk(test, 'default-source-authentication') }),
    },
    {
      field: 'unbindFlow',
      edit: async (found, test) =>
        patch(test, found, { invalidation_flow: await flowPk(test, 'default-provider-invalidation-flow') }),
    },
  ],
  async crowd(test, count) {
    for (let n = 1; n <= count; n += 1) await theirs(test, `theirs ${n}`);
    return `${providers}?page_size=100`;
  },
  remove: ({ attributes }, test) => test.editAuthentik('DELETE', `${providers}${attributes.id}/`),
  beside: true,
});

describe('an Authentik LDAP provider', () => {
  it.each(AUTHENTIK_VERSIONS)('is created and then left alone on %s', async (authentikVersion) => {
    const test = await start({ authentikVersion });
    expect(failures(await test.apply(wants))).toEqual([]);
    expect(pending(await test.plan(wants))).toEqual([]);
    expect((await have(test)).attributes.baseDn).toBe('dc=films,dc=home');
  });

  it('keeps key pair and name of the host if the file does not mention them', async () => {
    const test = await start();
    const { certificate: _, tlsServerName: __, ...rest } = spec;
    const any = [...lookups.slice(0, 2), { ...client, spec: rest }];
    expect(failures(await test.apply(any))).toEqual([]);
    expect((await have(test)).spec).toMatchObject({ certificate: '', tlsServerName: '' });
    const [key] = await listed(test, '/crypto/certificatekeypairs/');
    await patch(test, await have(test), { certificate: key?.pk, tls_server_name: 'ldap.lan' });
    expect(pending(await test.plan(any))).toEqual([]);
  });

  it('is refused as long as another application has it as a backchannel', async () => {
    const test = await start();
    await test.apply(wants);
    const { attributes } = await have(test);
    const app = { name: 'Other', slug: 'other', backchannel_providers: [Number(attributes.id)] };
    await test.editAuthentik('POST', '/core/applications/', app);
    const plan = await test.plan(wants);
    expect(pending(plan).map(({ verb }) => verb)).toEqual(['refuse']);
    const refused = plan.changes.find(({ verb }) => verb === 'refuse');
    expect(refused?.reason).toContain('the application "other" has it as a backchannel provider');
    await test.editAuthentik('PATCH', '/core/applications/other/', { backchannel_providers: [] });
    expect((await test.plan(wants)).changes.filter(({ verb }) => verb === 'refuse')).toEqual([]);
  });
});

describe('the entry of an LDAP provider in an outpost', () => {
  it('is added beside those of others, and removed without them', async () => {
    const test = await start();
    const other = await theirs(test, 'other', { base_dn: 'dc=other' });
    await outpostWith(test, other);
    expect(failures(await test.apply(served))).toEqual([]);
    expect(pending(await test.plan(served))).toEqual([]);
    const own = Number((await test.read(ldapProvider)).find(({ owner }) => owner === 'home')?.attributes.id);
    expect(await servedAt(test)).toEqual([other, own]);
    expect(failures(await test.apply([]))).toEqual([]);
    expect(await servedAt(test)).toEqual([other]);
    expect((await listed(test, providers)).map(({ name }) => name)).toEqual(['other']);
  });

  it('waits for an outpost of type LDAP, for which the provider is there already', async () => {
    const test = await start();
    const plan = await test.plan(served);
    expect(plan.changes.find(({ verb }) => verb === 'refuse')?.address.key).toBe('directory');
    await test.apply(served);
    const { attributes } = await have(test);
    await outpostWith(test, Number(attributes.id));
    expect(failures(await test.apply(served))).toEqual([]);
    expect(pending(await test.plan(served))).toEqual([]);
    // It is the only one, so it leaves with the provider.
    expect(failures(await test.apply([]))).toEqual([]);
    expect(await servedAt(test)).toEqual([]);
    expect(pending(await test.plan([]))).toEqual([]);
  });

  it.each(['dc=home', 'DC=deep,DC=Films,DC=home'])(
    'is never made beside a provider with the base DN %s, and is refused if one comes later',
    async (baseDn) => {
      const test = await start();
      const other = await theirs(test, 'other', { base_dn: baseDn });
      const outpost = await outpostWith(test, other);
      const [failure] = failures(await test.apply(served));
      expect(failure).toContain('The outpost would confuse two LDAP providers');
      expect(await servedAt(test)).toEqual([other]);
      await test.editAuthentik('PATCH', `${providers}${other}/`, { base_dn: 'dc=other' });
      expect(failures(await test.apply(served))).toEqual([]);
      await test.editAuthentik('PATCH', `${providers}${other}/`, { base_dn: baseDn });
      const refused = (await test.plan(served)).changes.find(({ verb }) => verb === 'refuse');
      expect(refused?.reason).toContain(`the outpost serves "other" with the base DN ${baseDn} too`);
      expect((await servedAt(test)).length).toBe(2);
      expect(outpost).toBeDefined();
    },
  );
});

/** The lists of LDAP that a run without LDAP clients in the file reads. */
async function listsRead(test: TestWorld): Promise<readonly string[]> {
  const before = test.lastCall();
  const pass = test.pass();
  const { authentik, ...scope } = pass.scope;
  if (authentik === undefined) throw new Error('the test world has no Authentik');
  const { ldapOutpost: _, ...rest } = authentik;
  const entered = createWorld({ ...pass, scope: { ...scope, authentik: rest } });
  await Promise.all([entered.read(ldapProvider), entered.read(ldapOutpost), entered.read(ldapEntry)]);
  return test.sandbox.calls(before).flatMap(({ path }) => (/\/(?:ldap|saml)\//.test(path) ? [path] : []));
}

describe('LDAP providers, in a home without LDAP clients,', () => {
  it('are not read if none was ever made, because that needs a permission of its own', async () => {
    expect(await listsRead(await start())).toEqual([]);
  });

  it('are read as long as one of ours may be left', async () => {
    const test = await start();
    expect(failures(await test.apply(wants))).toEqual([]);
    expect(await listsRead(test)).toEqual([`/api/v3${providers}`]);
    expect(failures(await test.apply([]))).toEqual([]);
    expect(await listsRead(test)).toEqual([]);
  });

  it('are read even if the notes are lost, while an application of ours has one; and no others are', async () => {
    const test = await start();
    const provider = await theirs(test, 'gates:home/films/ldap');
    const app = { name: 'F', slug: 'films', provider, meta_publisher: 'gates:home' } as object as Row;
    await test.editAuthentik('POST', '/core/applications/', app);
    expect(await listsRead(test)).toEqual([`/api/v3${providers}`]);
  });
});
