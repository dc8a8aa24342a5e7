import type { OutpostEntrySpec } from '../../../reconcilers/authentik/outpost/outpost-entry.ts';
import type { ProxyProviderSpec } from '../../../reconcilers/authentik/provider/proxy-provider.ts';
import type { ProxySettings } from '../../../reconcilers/authentik/provider/proxy-settings.ts';
import type { AuthentikConfig } from '../../config/model/config.ts';
import type { OutpostTerms } from '../../config/model/outpost-terms.ts';
import type { AddressId } from '../../core/objects/address.ts';
import type { DesiredObject } from '../../core/objects/object.ts';
import { type Linked, ref } from '../../core/objects/reference.ts';
import type { LoginAdmission } from '../../desired/logins/admission.ts';
import { applicationObjects } from '../../desired/logins/application.ts';
import { providerFlow } from '../../desired/logins/flow.ts';
import {
  flowId,
  outpostEntryAddress,
  outpostHostAddress,
  providerLinkAddress,
  proxyProviderAddress,
} from '../../desired/terms/addresses.ts';
import type { GateCheckTerms } from '../shared/built-gate.ts';

/** A login for which the outpost asks: the differences between its three modes. */
export interface ProxyLogin
  extends LoginAdmission,
    Pick<
      ProxyProviderSpec,
      'mode' | 'externalHost' | 'internalHost' | 'internalHostTls' | 'cookieDomain' | 'hosts'
    > {
  /** Slug of the application, and key of the provider. */
  readonly slug: string;
  readonly launchUrl: string;
  /** Lines of `skip_path_regex`. */
  readonly skip: readonly string[];
  readonly outpost: OutpostTerms;
  /** Slug of its authorization flow; undefined: that of all providers. */
  readonly flow: string | undefined;
  readonly because: string;
}

/** All objects of a login for which the outpost asks. */
export function proxyObjects(login: ProxyLogin, authentik: AuthentikConfig): readonly DesiredObject[] {
  const { slug, hosts, because } = login;
  const provider = proxyProviderAddress(slug);
  const entry: Linked<OutpostEntrySpec> = {
    outpost: ref(outpostHostAddress(authentik.outpost)),
    provider: ref(provider),
    hosts,
  };
  return [
    proxyProvider(login, authentik),
    ...applicationObjects({ ...login, provider }),
    {
      address: { kind: 'authentik/outpost-entry', key: slug },
      spec: entry,
      // An outpost uses a provider only once it has an application.
      needs: [providerLinkAddress(slug)],
      because,
    },
  ];
}

function proxyProvider(login: ProxyLogin, { flows }: AuthentikConfig): DesiredObject {
  const { mode, externalHost, internalHost, internalHostTls, cookieDomain, hosts } = login;
  const spec: Linked<ProxyProviderSpec> = {
    mode,
    externalHost,
    internalHost,
    internalHostTls,
    cookieDomain,
    skipPathRegex: [...login.skip].sort().join('\n'),
    ...providerFlow(login.flow, flows),
    invalidationFlow: flowId(flows.invalidation),
    propertyMappings: [],
    grantTypes: ['authorization_code', 'refresh_token'],
    trustedProviders: [],
    ...settingsOf(login.outpost),
    hosts,
  };
  const address = { kind: 'authentik/proxy-provider' as const, key: login.slug };
  return { address, spec, because: login.because };
}

/** Only what the file decides: gates leaves every other setting of an existing provider. */
function settingsOf({ session, basicAuth, interceptAuthorization }: OutpostTerms): Partial<ProxySettings> {
  return {
    ...(session !== undefined && { sessionLifetime: session }),
    ...(basicAuth !== undefined && { basicAuth: basicAuth === false ? 'off' : basicAuth }),
    ...(interceptAuthorization !== undefined && { interceptAuthorization }),
  };
}

/** The expected redirect of a visitor without a login: to the login host, for this provider, and back to the host. */
export function proxyCheck(slug: string, login: string, externalHost: string): GateCheckTerms {
  const needs: readonly AddressId[] = [
    proxyProviderAddress(slug),
    providerLinkAddress(slug),
    outpostEntryAddress(slug),
  ];
  return {
    kind: 'edge/proof',
    expect: {
      type: 'authentik',
      login,
      clientId: ref(proxyProviderAddress(slug), '{clientId}'),
      callback: externalHost.replace(/^https:\/\//, ''),
    },
    needs,
    covered: true,
  };
}
