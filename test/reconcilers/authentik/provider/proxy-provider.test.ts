import { describe, expect, it } from 'vitest';
import { proxyProvider } from '../../../../reconcilers/authentik/provider/proxy-provider.ts';
import { flow } from '../../../../reconcilers/authentik/reading/flow.ts';
import { version } from '../../../../reconcilers/authentik/reading/version.ts';
import type { DesiredObject } from '../../../../src/core/objects/object.ts';
import { standingWidenings } from '../../../../src/core/objects/widening.ts';
import type { AnyReconciler } from '../../../../src/core/reconciler.ts';
import { AUTHENTIK_VERSIONS } from '../../../../src/lab/sandbox/index.ts';
import { failures, pending, testWorld } from '../../../support/world.ts';
import { contract } from '../../contract.ts';
import { flowPk, flows, foreignProxy, host, listed, provider, proxySpec, type Row } from '../grafana.ts';

const reconcilers = [version, flow, proxyProvider] as readonly unknown[] as readonly AnyReconciler[];
const providers = '/providers/proxy/';
const wants = [...flows, provider];
const withSpec = (changes: object): readonly DesiredObject[] => [
  ...flows,
  { ...provider, spec: { ...proxySpec, ...changes } },
];

contract({
  reconciler: proxyProvider,
  reconcilers,
  collection: providers,
  desired: () => wants,
  drifts: [
    ...(
      [
        ['mode', { mode: 'forward_domain', cookie_domain: '' }],
        ['externalHost', { mode: 'forward_single', external_host: 'https://other.example.dev' }],
        ['internalHostTls', { mode: 'forward_single', internal_host_ssl_validation: false }],
        ['cookieDomain', { mode: 'forward_single', cookie_domain: 'example.dev' }],
        ['skipPathRegex', { mode: 'forward_single', skip_path_regex: '.*' }],
      ] as const
    ).map(([field, body]) => ({
      field,
      edit: ({ attributes }: { attributes: Readonly<Record<string, string>> }, test: TestWorldOf) =>
        test.editAuthentik('PATCH', `${providers}${attributes.id}/`, body),
    })),
    {
      field: 'authorizationFlow',
      edit: async ({ attributes }, test) =>
        test.editAuthentik('PATCH', `${providers}${attributes.id}/`, {
          mode: 'forward_single',
          authorization_flow: await flowPk(test, 'default-provider-authorization-explicit-consent'),
        }),
    },
    {
      field: 'invalidationFlow',
      edit: async ({ attributes }, test) =>
        test.editAuthentik('PATCH', `${providers}${attributes.id}/`, {
          mode: 'forward_single',
          invalidation_flow: await flowPk(test, 'default-invalidation-flow'),
        }),
    },
    {
      field: 'trustedProviders',
      edit: ({ attributes }, test) =>
        test.editAuthentik('PATCH', `${providers}${attributes.id}/`, {
          mode: 'forward_single',
          jwt_federation_providers: [Number(attributes.id)],
        }),
    },
    {
      field: 'grantTypes',
      edit: ({ attributes }, test) =>
        test.editAuthentik('PATCH', `/providers/oauth2/${attributes.id}/`, { grant_types: ['implicit'] }),
    },
  ],
  async crowd(test, count) {
    for (let n = 1; n <= count; n += 1) await foreignProxy(test, `theirs${n}`);
    return `${providers}?page_size=100`;
  },
  remove: ({ attributes }, test) => test.editAuthentik('DELETE', `${providers}${attributes.id}/`),
  beside: true,
});

type TestWorldOf = Awaited<ReturnType<typeof testWorld>>;

const mappingsOf = (row: Row | undefined) => (row?.property_mappings ?? []) as readonly string[];

describe('an Authentik proxy provider', () => {
  it.each(AUTHENTIK_VERSIONS)('is created and then left alone on %s', async (authentikVersion) => {
    const test = await testWorld({ reconcilers, authentikVersion });
    expect(failures(await test.apply(wants))).toEqual([]);
    expect(pending(await test.plan(wants))).toEqual([]);
  });

  it('keeps the scope mappings that Authentik or a person added', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply(wants);
    const [made] = await listed(test, providers);
    const offline = '?managed=goauthentik.io/providers/oauth2/scope-offline_access';
    const [mapping] = await listed(test, `/propertymappings/provider/scope/${offline}`);
    const mappings = [...mappingsOf(made), mapping?.pk];
    const body = { mode: 'forward_single', property_mappings: mappings };
    await test.editAuthentik('PATCH', `${providers}${made?.pk}/`, body);
    expect(pending(await test.plan(wants))).toEqual([]);
  });

  it('gets the scope mappings it needs besides those it has', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply(wants);
    const [before] = await listed(test, providers);
    const offline = '?managed=goauthentik.io/providers/oauth2/scope-offline_access';
    const [mapping] = await listed(test, `/propertymappings/provider/scope/${offline}`);
    const more = withSpec({ propertyMappings: [String(mapping?.pk)] });
    expect(failures(await test.apply(more))).toEqual([]);
    const [after] = await listed(test, providers);
    expect([...mappingsOf(after)].sort()).toEqual([...mappingsOf(before), String(mapping?.pk)].sort());
  });

  it('changes from one mode to another in one write', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply(wants);
    const proxy = withSpec({ mode: 'proxy', internalHost: 'http://grafana.lan:3000' });
    const before = test.lastCall();
    expect(failures(await test.apply(proxy))).toEqual([]);
    expect(test.writes(before)).toHaveLength(1);
    expect(pending(await test.plan(proxy))).toEqual([]);
    const domain = withSpec({ mode: 'forward_domain', cookieDomain: 'example.dev' });
    expect(failures(await test.apply(domain))).toEqual([]);
    const [have] = await test.read(proxyProvider);
    expect(have?.spec.hosts).toEqual(['*.example.dev']);
    // Leftovers of mode proxy do not matter in another mode.
    expect(pending(await test.plan(domain))).toEqual([]);
    expect(have?.spec.internalHost).toBe('http://grafana.lan:3000');
  });

  describe('with settings of the file', () => {
    const settings = {
      sessionLifetime: 3900,
      basicAuth: { userAttribute: 'name', passwordAttribute: 'word' },
      interceptAuthorization: false,
    };
    const live = async (test: TestWorldOf) => {
      const [row] = await listed(test, providers);
      return {
        session: row?.access_token_validity,
        basic: [row?.basic_auth_enabled, row?.basic_auth_user_attribute, row?.basic_auth_password_attribute],
        intercept: row?.intercept_header_auth,
      };
    };

    it.each(AUTHENTIK_VERSIONS)(
      'is created with them on %s, and then left alone',
      async (authentikVersion) => {
        const test = await testWorld({ reconcilers, authentikVersion });
        expect(failures(await test.apply(withSpec(settings)))).toEqual([]);
        expect(await live(test)).toEqual({
          session: 'seconds=3900',
          basic: [true, 'name', 'word'],
          intercept: false,
        });
        expect(pending(await test.plan(withSpec(settings)))).toEqual([]);
      },
    );

    it('compares a lifetime by its length, not by its text', async () => {
      const test = await testWorld({ reconcilers });
      await test.apply(withSpec(settings));
      const [made] = await listed(test, providers);
      const body = { mode: 'forward_single', access_token_validity: 'hours=1;minutes=5' };
      await test.editAuthentik('PATCH', `${providers}${made?.pk}/`, body);
      expect(pending(await test.plan(withSpec(settings)))).toEqual([]);
    });

    it.each([
      ['sessionLifetime', { access_token_validity: 'days=3650' }],
      ['basicAuth', { basic_auth_enabled: false }],
      [
        'basicAuth',
        {
          basic_auth_enabled: true,
          basic_auth_user_attribute: 'other',
          basic_auth_password_attribute: 'word',
        },
      ],
      ['interceptAuthorization', { intercept_header_auth: true }],
    ])('sets %s back after a change by hand to %o, in one write', async (field, change) => {
      const test = await testWorld({ reconcilers });
      await test.apply(withSpec(settings));
      const before = await live(test);
      const [made] = await listed(test, providers);
      await test.editAuthentik('PATCH', `${providers}${made?.pk}/`, { mode: 'forward_single', ...change });
      const drifts = (await test.plan(withSpec(settings))).changes.flatMap(({ drift }) => drift);
      expect(drifts.map((each) => each.field)).toEqual([field]);
      const since = test.lastCall();
      expect(failures(await test.apply(withSpec(settings)))).toEqual([]);
      expect(test.writes(since)).toHaveLength(1);
      expect(await live(test)).toEqual(before);
    });

    it('can switch the name and the password off', async () => {
      const test = await testWorld({ reconcilers });
      await test.apply(withSpec(settings));
      expect(failures(await test.apply(withSpec({ basicAuth: 'off' })))).toEqual([]);
      expect((await live(test)).basic[0]).toBe(false);
      expect(pending(await test.plan(withSpec({ basicAuth: 'off' })))).toEqual([]);
    });

    it('leaves what a file without them does not mention, and says how it widens the login', async () => {
      const test = await testWorld({ reconcilers });
      await test.apply(withSpec(settings));
      expect(pending(await test.plan(wants))).toEqual([]);
      const fields = async (want: readonly DesiredObject[]) => {
        const [have] = await test.read(proxyProvider);
        const object = want.find(({ address }) => address.kind === proxyProvider.kind);
        return standingWidenings(have ?? {}, object ?? { spec: {} }).map(({ field }) => field);
      };
      expect(await fields(wants)).toEqual([
        'access_token_validity',
        'intercept_header_auth',
        'basic_auth_enabled',
      ]);
      expect(await fields(withSpec(settings))).toEqual([]);
    });
  });

  it('of the same name elsewhere is foreign', async () => {
    const test = await testWorld({ reconcilers });
    await foreignProxy(test, 'grafana');
    expect(failures(await test.apply(wants))).toEqual([]);
    expect((await test.read(proxyProvider)).map(({ owner }) => owner).sort()).toEqual(['home', undefined]);
  });
});

describe('the doors of a proxy provider', () => {
  const spec = {
    ...proxySpec,
    authorizationFlow: 'a',
    invalidationFlow: 'i',
    mode: 'forward_single' as const,
  };
  const have = {
    address: provider.address,
    id: 'provider 1',
    owner: 'home',
    spec,
    attributes: { id: '1' },
    uses: [],
  };

  it.each([
    { because: 'it is made', want: spec, standing: undefined, step: 'guard' },
    { because: 'it goes', want: undefined, standing: have, step: 'unguard' },
    {
      because: 'it opens a path more',
      want: { ...spec, skipPathRegex: '^/api/health$\n^/public' },
      standing: have,
      step: 'unguard',
    },
    {
      because: 'it opens another path',
      want: { ...spec, skipPathRegex: '^/x$' },
      standing: have,
      step: 'guard',
    },
    {
      because: 'it opens a path more, and guards another host',
      want: { ...spec, skipPathRegex: '^/api/health$\n^/public', externalHost: 'https://o.example.dev' },
      standing: have,
      step: 'change',
      anew: true,
    },
    {
      because: 'it comes to answer in another mode',
      want: { ...spec, mode: 'proxy' as const },
      standing: have,
      step: 'change',
      anew: true,
    },
  ] as const)('$because: $step', ({ want, standing, step, ...more }) => {
    const anew = 'anew' in more && { anew: true };
    expect(proxyProvider.doors?.(want, standing, provider.address)).toEqual([{ host, step, ...anew }]);
  });

  it('close where it stops to answer, but after a new binding where only that waits for the other gate', () => {
    const behind = ['leaving.dev', 'elsewhere.net'];
    const [domain, former] = [
      { ...spec, behind },
      { ...have, spec: { ...spec, hosts: ['*.dev'] } },
    ];
    const moved = { ...domain, externalHost: 'https://o.example.dev' };
    expect(proxyProvider.doors?.(moved, former, provider.address)).toEqual([
      { host, step: 'change', anew: true },
      { host: 'leaving.dev', step: 'unguard' },
      { host: '*.dev', step: 'guard' },
    ]);
  });

  it.each([
    { because: 'it opens another path', skipPathRegex: '^/x$', step: 'guard', elsewhere: false },
    {
      because: 'it opens a path more',
      skipPathRegex: '^/api/health$\n^/x',
      step: 'unguard',
      elsewhere: true,
    },
  ])(
    'concern the other hosts of a domain only if those get wider: $because',
    ({ skipPathRegex, step, ...at }) => {
      const domain = { ...have, spec: { ...spec, hosts: ['*.dev'] } };
      expect(proxyProvider.doors?.({ ...spec, skipPathRegex }, domain, provider.address)).toEqual([
        { host, step },
        ...(at.elsewhere ? [{ host: '*.dev', step }] : []),
      ]);
    },
  );

  it('do not change for an equal one', () => {
    expect(proxyProvider.doors?.(spec, have, provider.address)).toEqual([]);
  });
});
