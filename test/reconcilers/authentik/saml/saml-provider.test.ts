import { describe, expect, it } from 'vitest';
import { application } from '../../../../reconcilers/authentik/application/application.ts';
import { binding } from '../../../../reconcilers/authentik/application/binding.ts';
import { group } from '../../../../reconcilers/authentik/application/group.ts';
import { providerLink } from '../../../../reconcilers/authentik/application/provider-link.ts';
import { oauth2Provider } from '../../../../reconcilers/authentik/provider/oauth2-provider.ts';
import { proxyProvider } from '../../../../reconcilers/authentik/provider/proxy-provider.ts';
import { flow } from '../../../../reconcilers/authentik/reading/flow.ts';
import { version } from '../../../../reconcilers/authentik/reading/version.ts';
import { samlMapping } from '../../../../reconcilers/authentik/saml/saml-mapping.ts';
import { type SamlProviderSpec, samlProvider } from '../../../../reconcilers/authentik/saml/saml-provider.ts';
import { certificate } from '../../../../reconcilers/authentik/signing-key/certificate.ts';
import { certificateKeyPair } from '../../../../reconcilers/authentik/signing-key/certificate-key-pair.ts';
import type { DesiredObject, Observed } from '../../../../src/core/objects/object.ts';
import { ref } from '../../../../src/core/objects/reference.ts';
import { standingWidenings } from '../../../../src/core/objects/widening.ts';
import type { AnyReconciler } from '../../../../src/core/reconciler.ts';
import { AUTHENTIK_VERSIONS } from '../../../../src/lab/sandbox/index.ts';
import { createWorld } from '../../../../src/observed/world.ts';
import { failures, pending, type TestWorld, testWorld } from '../../../support/world.ts';
import { contract } from '../../contract.ts';
import { flowIds, flowPk, flows, groupNamed, listed, type Row } from '../grafana.ts';

const reconcilers = [
  version,
  flow,
  certificate,
  certificateKeyPair,
  samlMapping,
  group,
  proxyProvider,
  oauth2Provider,
  samlProvider,
  application,
  providerLink,
  binding,
] as readonly unknown[] as readonly AnyReconciler[];
const providers = '/providers/saml/';
const stockPair = 'authentik Self-signed Certificate';
const stock = 'goauthentik.io/providers/saml/';
const because = 'clients.gitlab';
const unspecified = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified';
const spec = {
  acsUrl: 'https://gitlab.example.dev/users/auth/saml/callback',
  audience: 'https://gitlab.example.dev',
  issuer: 'home',
  binding: 'post',
  nameIdMapping: ref(`authentik/saml-mapping:${stock}username`),
  nameIdFormat: unspecified,
  propertyMappings: ['email', 'groups'].map((last) => ref(`authentik/saml-mapping:${stock}${last}`)),
  signingKey: ref(`authentik/certificate:${stockPair}`),
  signs: 'assertion',
  assertionLifetime: 300,
  sessionLifetime: 43_200,
  ...flowIds,
  hosts: ['gitlab.example.dev'],
};
const client: DesiredObject = {
  address: { kind: 'authentik/saml-provider', key: 'gitlab/saml' },
  spec,
  because,
};
const lookups: readonly DesiredObject[] = [
  ...flows,
  {
    address: { kind: 'authentik/certificate', key: stockPair },
    spec: {},
    mustExist: 'there is no such key pair',
    because,
  },
  ...['username', 'email', 'groups'].map((last): DesiredObject => {
    const address = { kind: 'authentik/saml-mapping', key: `${stock}${last}` } as const;
    return { address, spec: {}, mustExist: 'there is no such mapping', because };
  }),
];
const wants = [...lookups, client];
const world = { scope: { authentik: { saml: true } } } as object as { scope: { authentik: never } };
const start = (more: object = {}) => testWorld({ reconcilers, ...world, ...more });
const rowOf = async (test: TestWorld) => (await listed(test, providers))[0] as Row;
const have = async (test: TestWorld) => (await test.read(samlProvider))[0] as Observed<SamlProviderSpec>;
const patch = (test: TestWorld, { attributes }: Observed<SamlProviderSpec>, body: object) =>
  test.editAuthentik('PATCH', `${providers}${attributes.id}/`, body);

contract({
  reconciler: samlProvider,
  reconcilers,
  collection: providers,
  world,
  desired: () => wants,
  drifts: [
    ...(
      [
        ['acsUrl', { acs_url: 'https://evil.example.net/acs' }],
        ['audience', { audience: '' }],
        ['issuer', { issuer_override: 'by hand' }],
        ['binding', { sp_binding: 'redirect' }],
        ['nameIdMapping', { name_id_mapping: null }],
        ['nameIdFormat', { default_name_id_policy: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient' }],
        ['propertyMappings', { property_mappings: [] }],
        ['signingKey', { signing_kp: null }],
        ['signs', { sign_assertion: false, sign_response: true }],
        ['assertionLifetime', { assertion_valid_not_on_or_after: 'days=1' }],
        ['sessionLifetime', { session_valid_not_on_or_after: 'days=1' }],
      ] as const
    ).map(([field, body]) => ({
      field,
      edit: (found: Observed<SamlProviderSpec>, test: TestWorld) => patch(test, found, body),
    })),
    {
      field: 'authorizationFlow',
      edit: async (found, test) =>
        patch(test, found, {
          authorization_flow: await flowPk(test, 'default-provider-authorization-explicit-consent'),
        }),
    },
    {
      field: 'invalidationFlow',
      edit: async (found, test) =>
        patch(test, found, { invalidation_flow: await flowPk(test, 'default-invalidation-flow') }),
    },
  ],
  async crowd(test, count) {
    for (let n = 1; n <= count; n += 1) {
      await test.editAuthentik('POST', providers, {
        name: `theirs ${n}`,
        authorization_flow: await flowPk(test),
        invalidation_flow: await flowPk(test, 'default-provider-invalidation-flow'),
        acs_url: `https://theirs-${n}.example.dev/acs`,
      });
    }
    return `${providers}?page_size=100`;
  },
  remove: ({ attributes }, test) => test.editAuthentik('DELETE', `${providers}${attributes.id}/`),
  beside: true,
});

describe('an Authentik SAML provider', () => {
  it.each(AUTHENTIK_VERSIONS)('is created and then left alone on %s', async (authentikVersion) => {
    const test = await start({ authentikVersion });
    expect(failures(await test.apply(wants))).toEqual([]);
    expect(pending(await test.plan(wants))).toEqual([]);
    await patch(test, await have(test), { signing_kp: null, sp_binding: 'redirect' });
    expect(failures(await test.apply(wants))).toEqual([]);
    expect(pending(await test.plan(wants))).toEqual([]);
    expect((await have(test)).attributes.issuer).toBe('home');
  });

  it.each([
    ['2026.2', 'authentik', undefined],
    ['2026.8', undefined, '/application/saml/gitlab/metadata/'],
  ] as const)('of %s without an issuer in the file has its own', async (authentikVersion, issuer, path) => {
    const test = await start({ authentikVersion });
    const { issuer: _, ...rest } = spec;
    const any = [...lookups, { ...client, spec: rest }];
    expect(failures(await test.apply(any))).toEqual([]);
    const { pk } = await rowOf(test);
    await test.editAuthentik('POST', '/core/applications/', { name: 'G', slug: 'gitlab', provider: pk });
    const { attributes } = await have(test);
    expect([attributes.issuer, attributes.issuerPath]).toEqual([issuer, path]);
    await patch(test, await have(test), issuer === undefined ? { issuer_override: 'x' } : { issuer: 'x' });
    expect(pending(await test.plan(any))).toEqual([]);
  });

  it('is made without what would widen it, and reports what somebody widened', async () => {
    const test = await start();
    const { assertionLifetime: _, sessionLifetime: __, ...silent } = spec;
    const wants = [...lookups, { ...client, spec: silent }];
    await test.apply(wants);
    expect((await have(test)).widenings).toEqual([]);
    await patch(test, await have(test), {
      authentication_flow: await flowPk(test, 'default-source-authentication'),
      assertion_valid_not_on_or_after: 'days=1',
      session_valid_not_on_or_after: 'days=61',
      digest_algorithm: 'http://www.w3.org/2000/09/xmldsig#sha1',
      default_relay_state: 'https://elsewhere.example.net/',
      authn_context_class_ref_mapping: (await listed(test, '/propertymappings/provider/saml/'))[0]?.pk,
    });
    expect(pending(await test.plan(wants))).toEqual([]);
    expect((await have(test)).widenings?.map(({ field }) => field)).toEqual([
      'authentication_flow',
      'assertion_valid_not_on_or_after',
      'session_valid_not_on_or_after',
      'digest_algorithm',
      'default_relay_state',
      'authn_context_class_ref_mapping',
    ]);
    const standing = standingWidenings(await have(test), client).map(({ field }) => field);
    expect(standing).toEqual([
      'authentication_flow',
      'digest_algorithm',
      'default_relay_state',
      'authn_context_class_ref_mapping',
    ]);
  });

  it('may exist beside an OIDC client of the same name, whose application it takes', async () => {
    const test = await start();
    const oidc: DesiredObject = {
      address: { kind: 'authentik/oauth2-provider', key: 'gitlab' },
      spec: { redirectUris: [], propertyMappings: [], deliver: [], ...flowIds } as object,
      because,
    };
    const app = (provider: string): readonly DesiredObject[] => [
      groupNamed('admins'),
      {
        address: { kind: 'authentik/application', key: 'gitlab' },
        spec: { name: 'gitlab', launchUrl: '', engine: 'any', hosts: [] },
        because,
      },
      {
        address: { kind: 'authentik/binding', key: 'gitlab/admins' },
        spec: {
          application: ref('authentik/application:gitlab'),
          group: ref('authentik/group:admins'),
          user: '',
          enabled: true,
          negated: false,
          hosts: [],
        },
        because,
      },
      {
        address: { kind: 'authentik/provider-link', key: 'gitlab' },
        spec: {
          application: ref('authentik/application:gitlab'),
          provider: ref(provider as 'authentik/saml-provider:x'),
          admits: 'named',
          hosts: [],
        },
        needs: ['authentik/binding:gitlab/admins'],
        because,
      },
    ];
    const before = [
      ...flows,
      {
        ...oidc,
        spec: {
          clientType: 'public',
          redirectUris: [],
          signingKey: '',
          encrypted: false,
          propertyMappings: [],
          ...flowIds,
          subject: 'hashed_user_id',
          issuer: 'per_provider',
          claimsInIdToken: true,
          codeLifetime: 60,
          accessLifetime: 60,
          refreshLifetime: 60,
          trustedProviders: [],
          secret: 'kept',
          deliver: [],
          hosts: [],
        },
      },
      ...app('authentik/oauth2-provider:gitlab'),
    ];
    expect(failures(await test.apply(before))).toEqual([]);
    const after = [...wants, ...app('authentik/saml-provider:gitlab/saml')];
    expect(failures(await test.apply(after))).toEqual([]);
    expect(pending(await test.plan(after))).toEqual([]);
    const { assigned_application_slug: slug } = await rowOf(test);
    expect([slug, await listed(test, '/providers/oauth2/')]).toEqual(['gitlab', []]);
  });
});

/** The lists of SAML that a run without SAML clients in the file reads. */
async function listsRead(test: TestWorld): Promise<readonly string[]> {
  const before = test.lastCall();
  const pass = test.pass();
  const { authentik, ...scope } = pass.scope;
  if (authentik === undefined) throw new Error('the test world has no Authentik');
  const { saml: _, ...rest } = authentik;
  const entered = createWorld({ ...pass, scope: { ...scope, authentik: rest } });
  await Promise.all([entered.read(samlProvider), entered.read(samlMapping)]);
  return test.sandbox.calls(before).flatMap(({ path }) => (path.includes('/saml/') ? [path] : []));
}

describe('SAML providers, in a home without SAML clients,', () => {
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

  it('are read even if the notes are lost, while an application of ours has one', async () => {
    const test = await start();
    const { pk } = (await test.editAuthentik('POST', providers, {
      name: 'gates:home/gitlab/saml',
      authorization_flow: await flowPk(test),
      invalidation_flow: await flowPk(test, 'default-provider-invalidation-flow'),
      acs_url: spec.acsUrl,
    })) as Row;
    const app = { name: 'G', slug: 'gitlab', provider: pk, meta_publisher: 'gates:home' };
    await test.editAuthentik('POST', '/core/applications/', app);
    expect(await listsRead(test)).toEqual([`/api/v3${providers}`]);
  });
});
