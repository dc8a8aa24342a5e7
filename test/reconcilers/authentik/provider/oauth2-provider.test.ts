import { describe, expect, it } from 'vitest';
import {
  type Oauth2ProviderSpec,
  oauth2Provider,
} from '../../../../reconcilers/authentik/provider/oauth2-provider.ts';
import { proxyProvider } from '../../../../reconcilers/authentik/provider/proxy-provider.ts';
import { scopeMapping } from '../../../../reconcilers/authentik/provider/scope-mapping.ts';
import { flow } from '../../../../reconcilers/authentik/reading/flow.ts';
import { version } from '../../../../reconcilers/authentik/reading/version.ts';
import { certificate } from '../../../../reconcilers/authentik/signing-key/certificate.ts';
import { certificateKeyPair } from '../../../../reconcilers/authentik/signing-key/certificate-key-pair.ts';
import type { DesiredObject, Observed } from '../../../../src/core/objects/object.ts';
import { ref } from '../../../../src/core/objects/reference.ts';
import type { AnyReconciler } from '../../../../src/core/reconciler.ts';
import { AUTHENTIK_VERSIONS } from '../../../../src/lab/sandbox/index.ts';
import { canary, failures, pending, type TestWorld, testWorld } from '../../../support/world.ts';
import { contract } from '../../contract.ts';
import { flowIds, flowPk, flows, foreignProxy, provider as grafana, listed, type Row } from '../grafana.ts';

const reconcilers = [
  version,
  flow,
  certificate,
  certificateKeyPair,
  scopeMapping,
  proxyProvider,
  oauth2Provider,
] as readonly unknown[] as readonly AnyReconciler[];
const providers = '/providers/oauth2/';
const stockPair = 'authentik Self-signed Certificate';
const openid = 'goauthentik.io/providers/oauth2/scope-openid';
const sink = {
  file: '/secrets/vault.env',
  names: { clientId: 'VAULT_CLIENT_ID', clientSecret: 'VAULT_CLIENT_SECRET' },
};
const spec = {
  clientType: 'confidential',
  grantTypes: ['authorization_code', 'refresh_token'],
  trustedProviders: [],
  redirectUris: [
    { match: 'strict', uri: 'https://vault.example.dev/signin' },
    { match: 'regex', uri: 'https://vault\\.example\\.dev/.*' },
  ],
  logoutUris: [{ match: 'strict', uri: 'https://vault.example.dev/' }],
  signingKey: ref(`authentik/certificate:${stockPair}`),
  encrypted: false,
  propertyMappings: [ref(`authentik/scope-mapping:${openid}`)],
  ...flowIds,
  subject: 'hashed_user_id',
  issuer: 'per_provider',
  claimsInIdToken: true,
  codeLifetime: 60,
  accessLifetime: 3600,
  refreshLifetime: 30 * 86_400,
  secret: 'kept',
  deliver: [sink],
  hosts: ['vault.example.dev'],
};
const client: DesiredObject = {
  address: { kind: 'authentik/oauth2-provider', key: 'vault' },
  spec,
  because: 'clients.vault',
};
const lookups: readonly DesiredObject[] = [
  ...flows,
  {
    address: { kind: 'authentik/certificate', key: stockPair },
    spec: {},
    mustExist: 'there is no such key pair',
    because: 'clients',
  },
  {
    address: { kind: 'authentik/scope-mapping', key: openid },
    spec: {},
    mustExist: 'there is no such scope',
    because: 'clients',
  },
];
const wants = [...lookups, client];
const withSpec = (changes: object) => [...lookups, { ...client, spec: { ...spec, ...changes } }];
const rowOf = async (test: TestWorld) => (await listed(test, providers))[0] as Row;
const patch = (test: TestWorld, { attributes }: Observed<Oauth2ProviderSpec>, body: object) =>
  test.editAuthentik('PATCH', `${providers}${attributes.id}/`, body);

describe('a strictly matched address', () => {
  it.each(['authorization', 'logout'])('that was made a pattern by hand is restored: %s', async (type) => {
    const test = await testWorld({ reconcilers });
    expect(failures(await test.apply(wants))).toEqual([]);
    const strict = (await rowOf(test)).redirect_uris as readonly Row[];
    const pattern = strict.map((item) =>
      item.redirect_uri_type === type ? { ...item, matching_mode: 'regex' } : item,
    );
    const [have] = await test.read(oauth2Provider);
    if (have === undefined) throw new Error('there is no provider');
    await patch(test, have, { redirect_uris: pattern });
    expect(failures(await test.apply(wants))).toEqual([]);
    expect((await rowOf(test)).redirect_uris).toEqual(strict);
  });
});

contract({
  reconciler: oauth2Provider,
  reconcilers,
  collection: providers,
  desired: () => wants,
  drifts: [
    ...(
      [
        ['clientType', { client_type: 'public' }],
        ['grantTypes', { grant_types: ['implicit'] }],
        [
          'redirectUris',
          {
            redirect_uris: [
              { matching_mode: 'regex', url: 'https://vault\\.example\\.dev/.*' },
              { matching_mode: 'strict', url: 'https://vault.example.dev/signin' },
              {
                matching_mode: 'strict',
                url: 'https://vault.example.dev/',
                redirect_uri_type: 'logout',
              },
            ],
          },
        ],
        [
          'logoutUris',
          {
            redirect_uris: [
              { matching_mode: 'strict', url: 'https://vault.example.dev/signin' },
              { matching_mode: 'regex', url: 'https://vault\\.example\\.dev/.*' },
            ],
          },
        ],
        ['signingKey', { signing_key: null }],
        ['propertyMappings', { property_mappings: [] }],
        ['subject', { sub_mode: 'user_email' }],
        ['issuer', { issuer_mode: 'global' }],
        ['claimsInIdToken', { include_claims_in_id_token: false }],
        ['codeLifetime', { access_code_validity: 'minutes=10' }],
        ['accessLifetime', { access_token_validity: 'days=300' }],
        ['refreshLifetime', { refresh_token_validity: 'days=300' }],
      ] as const
    ).map(([field, body]) => ({
      field,
      edit: (have: Observed<Oauth2ProviderSpec>, test: TestWorld) => patch(test, have, body),
    })),
    {
      field: 'trustedProviders',
      edit: (have, test) => patch(test, have, { jwt_federation_providers: [Number(have.attributes.id)] }),
    },
    {
      field: 'encrypted',
      edit: (have, test) => patch(test, have, { encryption_key: have.spec.signingKey }),
    },
    {
      field: 'authorizationFlow',
      edit: async (have, test) =>
        patch(test, have, {
          authorization_flow: await flowPk(test, 'default-provider-authorization-explicit-consent'),
        }),
    },
    {
      field: 'invalidationFlow',
      edit: async (have, test) =>
        patch(test, have, { invalidation_flow: await flowPk(test, 'default-invalidation-flow') }),
    },
  ],
  async crowd(test, count) {
    for (let n = 1; n <= count; n += 1) {
      await test.editAuthentik('POST', providers, {
        name: `theirs ${n}`,
        authorization_flow: await flowPk(test),
        invalidation_flow: await flowPk(test, 'default-provider-invalidation-flow'),
        redirect_uris: [],
      });
    }
    return `${providers}?page_size=100`;
  },
  remove: ({ attributes }, test) => test.editAuthentik('DELETE', `${providers}${attributes.id}/`),
  beside: true,
});

/** Makes the server ignore these fields in writes. */
async function ignoring(test: TestWorld, fields: object): Promise<void> {
  const state = JSON.parse(test.sandbox.snapshot());
  state.authentik.ignoredFields = fields;
  test.sandbox.restore(JSON.stringify(state));
}

describe('an Authentik OAuth2 provider', () => {
  it.each(AUTHENTIK_VERSIONS)('is created and then left alone on %s', async (authentikVersion) => {
    const test = await testWorld({ reconcilers, authentikVersion });
    expect(failures(await test.apply(wants))).toEqual([]);
    expect(pending(await test.plan(wants))).toEqual([]);
    await patch(test, (await test.read(oauth2Provider))[0] as Observed<Oauth2ProviderSpec>, {
      sub_mode: 'user_email',
      redirect_uris: [],
    });
    expect(failures(await test.apply(wants))).toEqual([]);
    expect(pending(await test.plan(wants))).toEqual([]);
  });

  it('is not patched forever on a build that claims 2026.5 and knows no grant types', async () => {
    const test = await testWorld({ reconcilers, authentikVersion: '2026.5-rc1' });
    expect(failures(await test.apply(wants))).toEqual([]);
    const before = test.lastCall();
    expect(pending(await test.plan(wants))).toEqual([]);
    expect(failures(await test.apply(wants))).toEqual([]);
    expect(test.writes(before)).toEqual([]);
  });

  it('with an unwritable field is reported once, and written again only when the file changes', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply(wants);
    await patch(test, (await test.read(oauth2Provider))[0] as Observed<Oauth2ProviderSpec>, {
      sub_mode: 'user_email',
    });
    await ignoring(test, { sub_mode: 'kept' });
    expect(failures(await test.apply(wants))).toEqual([expect.stringMatching(/had no effect.*subject/)]);
    const before = test.lastCall();
    const [change] = pending(await test.plan(wants));
    expect(change).toMatchObject({
      verb: 'refuse',
      reason: expect.stringContaining('subject had no effect'),
    });
    await test.apply(wants);
    expect(test.writes(before)).toEqual([]);
    await ignoring(test, {});
    const other = wants.map((want) =>
      want.address.kind === 'authentik/oauth2-provider'
        ? { ...want, spec: { ...(want.spec as object), subject: 'user_upn' } }
        : want,
    );
    expect(failures(await test.apply(other))).toEqual([]);
    expect(pending(await test.plan(other))).toEqual([]);
    expect(await test.notes.list('ineffective-writes')).toEqual([]);
  });

  it('delivers its id and secret, and keeps them when it was removed by hand', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply(wants);
    const before = await rowOf(test);
    expect(test.sinks.files.get(sink.file)).toEqual({
      VAULT_CLIENT_ID: before.client_id,
      VAULT_CLIENT_SECRET: before.client_secret,
    });
    expect(String(before.client_secret)).toContain(canary);
    await test.editAuthentik('DELETE', `${providers}${before.pk}/`);
    expect(failures(await test.apply(wants))).toEqual([]);
    const after = await rowOf(test);
    expect(after.pk).not.toBe(before.pk);
    expect([after.client_id, after.client_secret]).toEqual([before.client_id, before.client_secret]);
  });

  it('adopts the server’s secret when the vault is lost, without a write', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply(wants);
    const before = await rowOf(test);
    await test.vault.remove('client-vault');
    const last = test.lastCall();
    expect(failures(await test.apply(wants))).toEqual([]);
    expect(test.writes(last)).toEqual([]);
    expect(await test.vault.get('client-vault')).toMatchObject({ clientSecret: before.client_secret });
    expect(pending(await test.plan(wants))).toEqual([]);
  });

  it('gets back the delivered secret when somebody changed it', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply(wants);
    const before = await rowOf(test);
    await test.editAuthentik('PATCH', `${providers}${before.pk}/`, { client_secret: 'by-hand-by-hand' });
    const [change] = pending(await test.plan(wants));
    expect(change?.drift.map(({ field }) => field)).toEqual(['secret', 'deliver']);
    expect(failures(await test.apply(wants))).toEqual([]);
    expect((await rowOf(test)).client_secret).toBe(before.client_secret);
  });

  it('delivers to another file without a call to Authentik', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply(wants);
    const more = withSpec({ deliver: [sink, { file: '/secrets/more.env', names: sink.names }] });
    const before = test.lastCall();
    expect(failures(await test.apply(more))).toEqual([]);
    expect(test.writes(before)).toEqual([]);
    expect(test.sinks.files.get('/secrets/more.env')).toEqual(test.sinks.files.get(sink.file));
    expect(pending(await test.plan(more))).toEqual([]);
  });

  it('sends only the differences', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply(wants);
    const sent: unknown[] = [];
    const pass = test.pass();
    const wire = pass.authentik;
    if (wire === undefined) throw new Error('the test world has no Authentik');
    const [have] = await test.read(oauth2Provider);
    if (have === undefined) throw new Error('the provider was not made');
    const change = {
      id: 'update',
      verb: 'update' as const,
      address: client.address as Observed['address'],
      want: { ...have.spec, accessLifetime: 60 },
      have,
      drift: ['accessLifetime'],
    };
    const patching = async (path: string, body?: unknown) => {
      sent.push(body);
      return wire.patch(path, body);
    };
    const outcomes = await oauth2Provider.write?.([change], {
      ...pass,
      authentik: { ...wire, patch: patching },
    });
    expect(failures(outcomes ?? [])).toEqual([]);
    expect(sent).toEqual([{ access_token_validity: 'seconds=60' }]);
  });

  it('is never a proxy provider, though the API lists those too', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply([...flows, grafana]);
    await foreignProxy(test, 'wiki');
    expect((await listed(test, providers)).length).toBe(2);
    expect(await test.read(oauth2Provider)).toEqual([]);
  });

  it('signs with its own key pair, which goes after it', async () => {
    const test = await testWorld({ reconcilers });
    const pair: DesiredObject = {
      address: { kind: 'authentik/certificate-key-pair', key: 'vault' },
      spec: { privateKey: true },
      because: 'clients.vault',
    };
    const own = [...withSpec({ signingKey: ref('authentik/certificate-key-pair:vault') }), pair];
    expect(failures(await test.apply(own))).toEqual([]);
    expect(pending(await test.plan(own))).toEqual([]);
    const gone = pending(await test.plan([])).map(({ address }) => address.kind);
    expect(gone).toEqual(['authentik/oauth2-provider', 'authentik/certificate-key-pair']);
    expect(failures(await test.apply([]))).toEqual([]);
    expect(await test.vault.list()).toEqual([]);
  });

  it('whose key was removed by hand gets another, and does not sign with its secret for long', async () => {
    const test = await testWorld({ reconcilers });
    const pair: DesiredObject = {
      address: { kind: 'authentik/certificate-key-pair', key: 'vault' },
      spec: { privateKey: true },
      because: 'clients.vault',
    };
    const own = [...withSpec({ signingKey: ref('authentik/certificate-key-pair:vault') }), pair];
    await test.apply(own);
    const made = (await test.read(certificateKeyPair)).find(({ owner }) => owner === 'home');
    await test.editAuthentik('DELETE', `/crypto/certificatekeypairs/${made?.id}/`);
    expect(pending(await test.plan(own)).map(({ verb, address }) => [verb, address.kind])).toEqual([
      ['create', 'authentik/certificate-key-pair'],
      ['update', 'authentik/oauth2-provider'],
    ]);
    expect(failures(await test.apply(own))).toEqual([]);
    expect(pending(await test.plan(own))).toEqual([]);
  });
});
