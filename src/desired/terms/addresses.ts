import { bindingKey } from '../../../reconcilers/authentik/application/binding-form.ts';
import { ingressRuleKey } from '../../../reconcilers/cloudflare/ingress/rule-id.ts';
import { routePattern, workerName } from '../../../reconcilers/cloudflare/worker/workers-wire.ts';
import type { AddressId } from '../../core/objects/address.ts';
import { markTag } from '../../core/objects/marker.ts';
import { type Reference, ref } from '../../core/objects/reference.ts';

/** References to objects that others depend on, each written in one place. */
export const zoneId = (zone: string): Reference => ref(`cloudflare/zone:${zone}`);
export const tunnelId = (tunnel: string): Reference => ref(`cloudflare/tunnel:${tunnel}`);
export const tunnelHost = (tunnel: string): Reference =>
  ref(`cloudflare/tunnel:${tunnel}`, '{id}.cfargotunnel.com');
export const tokenId = (token: string): Reference => ref(`cloudflare/service-token:${token}`);
export const policyId = (key: string): Reference => ref(`cloudflare/access-policy:${key}`);
export const accessApplicationAddress = (key: string): AddressId => `cloudflare/access-application:${key}`;
export const audience = (key: string): Reference => ref(accessApplicationAddress(key), '{aud}');
/** The rule of a host in its tunnel, or of the paths of it that an expression matches. */
export const ingressRuleAddress = (rule: Parameters<typeof ingressRuleKey>[0]): AddressId =>
  `cloudflare/ingress-rule:${ingressRuleKey(rule)}`;
export const teamName = (): Reference => ref(organizationId, '{team}');
export const teamDomain = (): Reference => ref(organizationId, '{authDomain}');

export const workerAddress = (owner: string, host: string): AddressId =>
  `cloudflare/worker:${workerName(owner, host)}`;
export const workerRouteAddress = (host: string): AddressId =>
  `cloudflare/worker-route:${routePattern(host)}`;

/** An account has one Zero Trust organization, so its key is the same in every account. */
export const organizationKey = 'account';
export const organizationId: AddressId = `cloudflare/organization:${organizationKey}`;

export const apiShieldAddress = (zone: string): AddressId => `cloudflare/api-shield:${zone}`;
export const tokenConfigurationId = (host: string): Reference =>
  ref(`cloudflare/token-configuration:${host}`);
export const tokenRuleAddress = (host: string): AddressId => `cloudflare/token-rule:${host}`;

/** A login at Access: the identity provider with this key, or of this name. */
export const identityProviderId = (key: string): Reference =>
  ref(`cloudflare/access-identity-provider:${key}`);

/** A posture check of the account, by its name there. */
export const postureCheckId = (name: string): Reference => ref(`cloudflare/posture-check:${name}`);

/** An authority of client certificates, by the fingerprint of its certificate. */
export const certificateAuthorityId = (fingerprint: string): Reference =>
  ref(`cloudflare/certificate-authority:${fingerprint}`);

/** The one policy that admits everybody. All public paths share it, because it never differs. */
export const publicPolicyKey = 'public';

/** The tag that marks our applications; the API refuses an application with a tag that does not exist. */
export const tagId = (owner: string): AddressId => `cloudflare/access-tag:${markTag(owner)}`;

export const flowId = (slug: string): Reference => ref(`authentik/flow:${slug}`);
export const groupId = (name: string): Reference => ref(`authentik/group:${name}`);
export const applicationAddress = (slug: string): AddressId => `authentik/application:${slug}`;
export const userAddress = (name: string): AddressId => `authentik/user:${name}`;
export const bindingAddress = (slug: string, group: string): AddressId =>
  `authentik/binding:${bindingKey(slug, { group })}`;
export const userBindingAddress = (slug: string, user: string): AddressId =>
  `authentik/binding:${bindingKey(slug, { user })}`;
export const policyAddress = (name: string): AddressId => `authentik/policy:${name}`;
export const policyBindingAddress = (slug: string, policy: string): AddressId =>
  `authentik/binding:${bindingKey(slug, { policy })}`;
export const providerLinkAddress = (slug: string): AddressId => `authentik/provider-link:${slug}`;
export const proxyProviderAddress = (key: string): AddressId => `authentik/proxy-provider:${key}`;
export const oauth2ProviderAddress = (key: string): AddressId => `authentik/oauth2-provider:${key}`;

/**
 * The key of a client's SAML provider. Names of providers must be unique among all types, and a client that changes its
 * protocol has two for a while.
 */
export const samlProviderKey = (client: string): string => `${client}/saml`;
export const samlProviderAddress = (client: string): AddressId =>
  `authentik/saml-provider:${samlProviderKey(client)}`;
/** The key of a client's LDAP provider, for the same reason. */
export const ldapProviderKey = (client: string): string => `${client}/ldap`;
export const ldapProviderAddress = (client: string): AddressId =>
  `authentik/ldap-provider:${ldapProviderKey(client)}`;
export const ldapOutpostAddress = (outpost: string): AddressId => `authentik/ldap-outpost:${outpost}`;
export const outpostEntryAddress = (key: string): AddressId => `authentik/outpost-entry:${key}`;
export const outpostHostAddress = (outpost: string): AddressId => `authentik/outpost-host:${outpost}`;
export const keyPairAddress = (client: string): AddressId => `authentik/certificate-key-pair:${client}`;
export const scopeId = (scope: string): Reference => ref(`authentik/scope-mapping:${scope}`);

/** The prefix of scope mappings that Authentik ships; no client asks for those of a proxy. */
export const stockScopes = 'goauthentik.io/providers/oauth2/scope-';
export const stockScopeId = (scope: string): Reference => scopeId(`${stockScopes}${scope}`);

/** The prefix of SAML mappings that Authentik ships. */
export const stockSamlMappings = 'goauthentik.io/providers/saml/';
export const stockSamlMappingId = (attribute: string): Reference =>
  ref(`authentik/saml-mapping:${stockSamlMappings}${attribute}`);

/** A key pair that is there, by its name. */
export const certificateId = (name: string): Reference => ref(`authentik/certificate:${name}`);

/** The key pair that every Authentik makes for itself. Clients without a key pair of their own sign with it. */
export const stockPair = 'authentik Self-signed Certificate';
export const stockPairId = (): Reference => certificateId(stockPair);
