import type { LdapProviderSpec } from '../../../reconcilers/authentik/ldap/ldap-provider.ts';
import type { Oauth2ProviderSpec } from '../../../reconcilers/authentik/provider/oauth2-provider.ts';
import type { SamlProviderSpec } from '../../../reconcilers/authentik/saml/saml-provider.ts';
import type * as file from '../../../schema/generated/config.ts';
import { slugOfAccess } from '../../config/model/slug.ts';
import type { Observed } from '../../core/objects/object.ts';
import { stockPair, stockScopes } from '../../desired/terms/addresses.ts';
import { ownLogin } from '../access/access-login.ts';
import type { LeftOut } from '../terms/draft.ts';
import { durationText } from '../terms/durations.ts';
import { expressed, Inexpressible } from '../terms/inexpressible.ts';
import type { LiveObjects } from '../terms/live-objects.ts';
import { applicationOfProvider, boundPeople, nameInAuthentik } from './authentik-login.ts';
import { ownFlow } from './flows.ts';
import { ldapOf, ldapOutpostsOf } from './ldap-clients.ts';
import { samlOf } from './saml-clients.ts';

/** A client, as the file has it. */
export interface ImportedClient {
  /** The slug of its application: part of the issuer, so it stays. */
  readonly slug: string;
  readonly client: file.Client;
  /** The hosts to which a login may return, and that of the tile. */
  readonly hosts: readonly string[];
  /** The outpost of an LDAP client. */
  readonly ldapOutpost?: string;
  readonly source: string;
  /** The live objects that it consists of. */
  readonly objects: readonly Observed[];
}

/** The values of a client that the file has as defaults. */
const usual = {
  grantTypes: ['authorization_code', 'refresh_token'],
  scopes: ['email', 'openid', 'profile'],
  subject: 'hashed_user_id',
  lifetimes: { code: '1m', access: '1h', refresh: '30d' },
} as const;

/** The clients of Authentik, and those that the file cannot express. */
export function importedClients(live: LiveObjects): {
  readonly clients: readonly ImportedClient[];
  readonly leftovers: readonly LeftOut[];
} {
  const oidc = live
    .of('authentik/oauth2-provider')
    .map((provider) => ({ provider, read: (slug: string) => clientOf(provider, slug, live) }));
  const saml = live
    .of('authentik/saml-provider')
    .map((provider) => ({ provider, read: (slug: string) => samlClientOf(provider, slug, live) }));
  const ldap = live
    .of('authentik/ldap-provider')
    .map((provider) => ({ provider, read: (slug: string) => ldapClientOf(provider, slug, live) }));
  const found = [...oidc, ...saml, ...ldap].flatMap(({ provider, read }) => {
    const application = applicationOfProvider(provider, live);
    if (application === undefined) return [];
    const slug = application.address.key;
    if (slug === slugOfAccess(live.scope.owner) && live.once(ownLogin) !== undefined) return [];
    const other = live.otherOwnerOf(provider) ?? live.otherOwnerOf(application);
    if (other !== undefined) return [{ slug, reason: `it belongs to the owner ${other}` }];
    const client = expressed(() => read(slug));
    return [{ slug, ...('value' in client ? { client: client.value } : client) }];
  });
  return {
    clients: found.flatMap((each) => ('client' in each ? [each.client] : [])),
    leftovers: found.flatMap((each) =>
      'reason' in each ? [{ section: 'clients' as const, what: each.slug, reason: each.reason }] : [],
    ),
  };
}

function clientOf(provider: Observed<Oauth2ProviderSpec>, slug: string, live: LiveObjects): ImportedClient {
  const { spec } = provider;
  if (spec.encrypted) throw new Inexpressible('its tokens are encrypted');
  if (spec.issuer === 'global') throw new Inexpressible('its issuer is that of all applications');
  if (!spec.claimsInIdToken) throw new Inexpressible('its ID token has no claims');
  if (spec.trustedProviders.length > 0) throw new Inexpressible('it accepts tokens of other providers');
  const application = applicationOfProvider(provider, live);
  if (application === undefined) throw new Inexpressible('it has no application');
  const uris = (list: Oauth2ProviderSpec['redirectUris']): file.RedirectUri[] =>
    list.map(({ match, uri }) => (match === 'regex' ? { regex: uri } : uri));
  const { clientType, redirectUris, logoutUris = [], grantTypes = usual.grantTypes, subject } = spec;
  const scopes = spec.propertyMappings.map((id) => scopeOf(id, live));
  const lifetimes = lifetimesOf(spec);
  const strict = redirectUris.flatMap(({ match, uri }) =>
    match === 'strict' && URL.canParse(uri) ? [new URL(uri).hostname] : [],
  );
  const settings = {
    ...(clientType === 'public' && { type: clientType }),
    ...(redirectUris.length > 0 && { redirectUris: uris(redirectUris) }),
    ...(logoutUris.length > 0 && { logoutUris: uris(logoutUris) }),
    ...(!isSame(grantTypes, usual.grantTypes) && { grantTypes: [...grantTypes].sort() }),
    ...(signsAlone(spec, slug, live) && { signingKey: 'own' }),
    ...(!isSame(scopes, usual.scopes) && { scopes }),
    ...(subject !== usual.subject && { subject }),
    ...(Object.keys(lifetimes).length > 0 && { lifetimes }),
  };
  return {
    slug,
    // The API answers with values of the same lists as the schema; the file is checked before it is printed.
    client: { ...settings, ...boundPeople(application, live), ...ownFlow(spec, live) } as file.Client,
    hosts: [...new Set([...application.spec.hosts, ...strict])],
    source: `Authentik provider ${nameInAuthentik(provider)}`,
    objects: [application, provider],
  };
}

function samlClientOf(provider: Observed<SamlProviderSpec>, slug: string, live: LiveObjects): ImportedClient {
  const { spec } = provider;
  const application = applicationOfProvider(provider, live);
  if (application === undefined) throw new Inexpressible('it has no application');
  const saml = samlOf(provider, live);
  const hosts = URL.canParse(spec.acsUrl) ? [new URL(spec.acsUrl).hostname] : [];
  return {
    slug,
    client: { saml, ...boundPeople(application, live), ...ownFlow(spec, live) } as file.Client,
    hosts: [...new Set([...application.spec.hosts, ...hosts])],
    source: `Authentik provider ${nameInAuthentik(provider)}`,
    objects: [application, provider],
  };
}

function ldapClientOf(provider: Observed<LdapProviderSpec>, slug: string, live: LiveObjects): ImportedClient {
  const application = applicationOfProvider(provider, live);
  if (application === undefined) throw new Inexpressible('it has no application');
  const [ldapOutpost] = ldapOutpostsOf(provider, live);
  if (ldapOutpost === undefined) throw new Inexpressible('no LDAP outpost serves it');
  return {
    slug,
    client: { ldap: ldapOf(provider, live), ...boundPeople(application, live) } as file.Client,
    hosts: application.spec.hosts,
    ldapOutpost,
    source: `Authentik provider ${nameInAuthentik(provider)}`,
    objects: [application, provider],
  };
}

function scopeOf(id: string, live: LiveObjects): string {
  const mapping = live.of('authentik/scope-mapping').find((each) => each.id === id);
  const key = mapping?.address.key ?? id;
  if (!key.startsWith(stockScopes))
    throw new Inexpressible(`it has the scope mapping ${key}, which Authentik does not ship`);
  return key.slice(stockScopes.length);
}

/** True if it has a key pair of its own that is ours. */
function signsAlone({ signingKey }: Oauth2ProviderSpec, slug: string, live: LiveObjects): boolean {
  const pair = live.of('authentik/certificate').find(({ id }) => id === signingKey);
  if (pair?.address.key === stockPair) return false;
  const own = live.of('authentik/certificate-key-pair').find(({ id }) => id === signingKey);
  if (own?.address.key === slug) return true;
  throw new Inexpressible(
    signingKey === ''
      ? 'it signs tokens with its secret'
      : `it signs with the key pair ${pair?.address.key ?? signingKey}`,
  );
}

function lifetimesOf({
  codeLifetime,
  accessLifetime,
  refreshLifetime,
}: Oauth2ProviderSpec): file.Client['lifetimes'] & object {
  const [code, access, refresh] = [codeLifetime, accessLifetime, refreshLifetime].map(durationText);
  return {
    ...(code !== usual.lifetimes.code && { code }),
    ...(access !== usual.lifetimes.access && { access }),
    ...(refresh !== usual.lifetimes.refresh && { refresh }),
  };
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return JSON.stringify([...left].sort()) === JSON.stringify([...right].sort());
}
