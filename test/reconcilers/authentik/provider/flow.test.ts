import { describe, expect, it } from 'vitest';
import {
  type Oauth2ProviderSpec,
  oauth2Provider,
} from '../../../../reconcilers/authentik/provider/oauth2-provider.ts';
import {
  type ProxyProviderSpec,
  proxyProvider,
} from '../../../../reconcilers/authentik/provider/proxy-provider.ts';
import { samlProvider } from '../../../../reconcilers/authentik/saml/saml-provider.ts';
import type { Observed } from '../../../../src/core/objects/object.ts';
import type { Reconciler } from '../../../../src/core/reconciler.ts';

const hosts = ['app.example.dev'];
const proxy: Omit<ProxyProviderSpec, 'authorizationFlow'> = {
  ...{
    mode: 'forward_single',
    externalHost: 'https://app.example.dev',
    internalHost: '',
    internalHostTls: true,
  },
  ...{ cookieDomain: '', skipPathRegex: '', invalidationFlow: 'out', usualFlow: 'usual', hosts },
  ...{ propertyMappings: [], grantTypes: [], trustedProviders: [] },
};
const client = { clientType: 'public', redirectUris: [], invalidationFlow: 'out', usualFlow: 'usual', hosts };
const saml = { acsUrl: 'https://app.example.dev/acs', invalidationFlow: 'out', usualFlow: 'usual', hosts };

/** The steps and the strictness of a change of the flow, and of another field with it. */
function changeOf<Spec>({ doors, login }: Reconciler<Spec>, want: object, have: object) {
  const live = { spec: have } as Observed<Spec>;
  const address = { kind: 'authentik/proxy-provider', key: 'app' } as const;
  const effects = doors?.(want as never, live, address) ?? [];
  return [
    effects.map(({ step, anew }) => (anew ? `${step} anew` : step)).join(),
    login?.strictness?.(want as never, live),
  ];
}

describe.each([
  ['usual', 'mfa', 'guard', -1],
  ['mfa', 'usual', 'unguard', 2],
] as const)('a provider whose flow %s becomes %s', (from, to, step, strictness) => {
  it.each<[string, Reconciler<never>, object]>([
    ['proxy', proxyProvider as Reconciler<never>, proxy],
    ['OIDC', oauth2Provider as Reconciler<never>, client],
    ['SAML', samlProvider as Reconciler<never>, saml],
  ])('asks for more first, and for less last: %s', (_, reconciler, spec) => {
    const [want, have] = [to, from].map((authorizationFlow) => ({ ...spec, authorizationFlow }));
    expect(changeOf(reconciler, want ?? {}, have ?? {})).toEqual([step, strictness]);
    expect(changeOf(reconciler, want ?? {}, want ?? {})).toEqual(['', 0]);
  });
});

it('a provider that exchanges two flows of its own, or changes more, is made anew, so that a cover hides it', () => {
  const want: ProxyProviderSpec = { ...proxy, authorizationFlow: 'mfa' };
  const exchanged = ['guard anew', 0];
  expect(changeOf(proxyProvider, want, { ...want, authorizationFlow: 'key' })).toEqual(exchanged);
  const other = { ...want, authorizationFlow: 'usual', invalidationFlow: 'other' };
  expect(changeOf(proxyProvider, want, other)).toEqual(exchanged);
  expect(changeOf(proxyProvider, other, want)).toEqual(exchanged);
  expect(changeOf(proxyProvider, want, { ...want, invalidationFlow: 'other' })).toEqual(['guard', 0]);
});

it('a client that exchanges two flows of its own, or changes more, has the right flow first, or the usual one last', () => {
  const want = { ...client, authorizationFlow: 'mfa' } as unknown as Oauth2ProviderSpec;
  const first = ['guard', -1];
  expect(changeOf(oauth2Provider, want, { ...want, authorizationFlow: 'key' })).toEqual(first);
  const other = { ...want, authorizationFlow: 'usual', invalidationFlow: 'other' };
  expect(changeOf(oauth2Provider, want, other)).toEqual(first);
  expect(changeOf(oauth2Provider, other, want)).toEqual(['unguard', 2]);
});

it('the login of a domain asks for less once the hosts have left that it still guards', () => {
  const address = { kind: 'authentik/proxy-provider', key: 'app' } as const;
  const behind = [...hosts, 'leaving.dev'];
  const want = { ...proxy, authorizationFlow: 'usual', behind } as never;
  const live = { address, spec: { ...proxy, authorizationFlow: 'mfa' } } as never;
  expect(proxyProvider.doors?.(want, live, address)).toEqual(
    behind.map((host) => ({ host, step: 'unguard' })),
  );
});
