import type { Kind } from '../../core/objects/address.ts';
import type { DesiredObject } from '../../core/objects/object.ts';
import { ref } from '../../core/objects/reference.ts';
import type { Names } from './names.ts';
import { stockFlows } from './server.ts';

const because = 'gates conformance';
const [authorization, , invalidation] = stockFlows;
const stockScope = 'goauthentik.io/providers/oauth2/scope-openid';

function object(kind: Kind, key: string, spec: object, more: Partial<DesiredObject> = {}): DesiredObject {
  return { address: { kind, key }, spec: spec as Record<string, unknown>, because, ...more };
}

/** The flows that every provider needs: gates looks them up, and never changes them. */
export const wantedFlows: readonly DesiredObject[] = [
  lookedUp('authentik/flow', authorization, { designation: 'authorization' }),
  lookedUp('authentik/flow', invalidation, { designation: 'invalidation' }),
];

const flowIds = {
  authorizationFlow: ref(`authentik/flow:${authorization}`),
  invalidationFlow: ref(`authentik/flow:${invalidation}`),
};

/** An object that nobody creates. */
export function lookedUp(kind: Kind, key: string, spec: object): DesiredObject {
  return object(kind, key, spec, { mustExist: `there is no ${key}` });
}

export const stockMapping = lookedUp('authentik/scope-mapping', stockScope, {});

/** A scope of ours, which the providers use. */
export const mapping = object('authentik/scope-mapping', 'extra', {
  scopeName: 'extra',
  expression: 'return {"extra": True}',
  description: 'of gates conformance',
});

/** Lookups and the other objects to which a provider refers. */
export const leanedOn: readonly DesiredObject[] = [...wantedFlows, mapping];

export const pair = object('authentik/certificate-key-pair', 'signing', { privateKey: true });

export function groupNamed(names: Names, name: string): DesiredObject {
  return object('authentik/group', names.own(name), { name: names.own(name) });
}

export function wantedProxyProvider({ host }: Names, changes: object = {}): DesiredObject {
  return object('authentik/proxy-provider', 'app', {
    mode: 'forward_single',
    externalHost: `https://${host}`,
    internalHost: '',
    internalHostTls: true,
    cookieDomain: '',
    skipPathRegex: '^/api/health$',
    ...flowIds,
    propertyMappings: [ref('authentik/scope-mapping:extra')],
    grantTypes: ['authorization_code', 'refresh_token'],
    hosts: [host],
    ...changes,
  });
}

const [bindFlow, unbindFlow] = ['default-authentication-flow', 'default-invalidation-flow'] as const;

/** An LDAP provider, and the flows to which it refers. */
export function ldapProviderOf({ owner, host }: Names): readonly DesiredObject[] {
  return [
    lookedUp('authentik/flow', bindFlow, { designation: 'authentication' }),
    lookedUp('authentik/flow', unbindFlow, { designation: 'invalidation' }),
    object('authentik/ldap-provider', 'directory', {
      baseDn: `dc=directory,dc=${owner}`,
      bindMode: 'direct',
      searchMode: 'direct',
      mfa: true,
      uidStartNumber: 2000,
      gidStartNumber: 4000,
      tlsServerName: host,
      bindFlow: ref(`authentik/flow:${bindFlow}`),
      unbindFlow: ref(`authentik/flow:${unbindFlow}`),
      backchannel: '',
      hosts: [host],
    }),
  ];
}

/** The provider, and its entry in an outpost that exists. */
export function ldapEntryOf(names: Names): readonly DesiredObject[] {
  const { outpost } = names;
  return [
    ...ldapProviderOf(names),
    lookedUp('authentik/ldap-outpost', outpost, {}),
    object('authentik/ldap-entry', 'directory', {
      outpost: ref(`authentik/ldap-outpost:${outpost}`),
      provider: ref('authentik/ldap-provider:directory'),
      rivals: [],
      hosts: [],
    }),
  ];
}

/** An OIDC client with a key of its own, and all objects to which it refers. */
export function clientOf({ host }: Names): readonly DesiredObject[] {
  const client = object('authentik/oauth2-provider', 'client', {
    clientType: 'confidential',
    grantTypes: ['authorization_code', 'refresh_token'],
    redirectUris: [
      { match: 'strict', uri: `https://${host}/signin` },
      { match: 'regex', uri: `https://${host.replaceAll('.', '\\.')}/.*` },
    ],
    logoutUris: [{ match: 'strict', uri: `https://${host}/` }],
    signingKey: ref('authentik/certificate-key-pair:signing'),
    encrypted: false,
    propertyMappings: [ref(`authentik/scope-mapping:${stockScope}`), ref('authentik/scope-mapping:extra')],
    ...flowIds,
    subject: 'hashed_user_id',
    issuer: 'per_provider',
    claimsInIdToken: true,
    codeLifetime: 60,
    accessLifetime: 3600,
    refreshLifetime: 30 * 86_400,
    secret: 'kept',
    deliver: [{ file: '/secrets/client.env', names: { clientId: 'ID', clientSecret: 'SECRET' } }],
    hosts: [host],
  });
  return [...leanedOn, stockMapping, pair, client];
}

/** A SAML client with a key of its own, and all objects to which it refers. */
export function samlClientOf({ host }: Names): readonly DesiredObject[] {
  const mappingIds = ['username', 'email'].map((last) => `goauthentik.io/providers/saml/${last}`);
  const [username = '', email = ''] = mappingIds;
  const client = object('authentik/saml-provider', 'client/saml', {
    acsUrl: `https://${host}/acs`,
    audience: `https://${host}`,
    issuer: 'gates-conformance',
    binding: 'post',
    nameIdMapping: ref(`authentik/saml-mapping:${username}`),
    nameIdFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
    propertyMappings: [ref(`authentik/saml-mapping:${email}`)],
    signingKey: ref('authentik/certificate-key-pair:signing'),
    signs: 'assertion',
    ...flowIds,
    hosts: [host],
  });
  const lookups = mappingIds.map((id) => lookedUp('authentik/saml-mapping', id, {}));
  return [...wantedFlows, ...lookups, pair, client];
}

export function wantedApplication({ application: slug, host }: Names): DesiredObject {
  const spec = { name: slug, launchUrl: `https://${host}/`, engine: 'any', hosts: [host] };
  return object('authentik/application', slug, spec);
}

export function bindingOf(names: Names, name: string): DesiredObject {
  return object('authentik/binding', `${names.application}/${names.own(name)}`, {
    application: ref(`authentik/application:${names.application}`),
    group: ref(`authentik/group:${names.own(name)}`),
    enabled: true,
    user: '',
    negated: false,
    hosts: [names.host],
  });
}

/** The login, which the application gets last. */
export function linkOf(names: Names, groups: readonly string[]): DesiredObject {
  const slug = names.application;
  return object(
    'authentik/provider-link',
    slug,
    {
      application: ref(`authentik/application:${slug}`),
      provider: ref('authentik/proxy-provider:app'),
      admits: 'named',
      hosts: [names.host],
    },
    { needs: groups.map((name) => `authentik/binding:${slug}/${names.own(name)}` as const) },
  );
}

/** The outpost is the suite's own, so nobody's session depends on its address. */
export function wantedOutpostHost(names: Names): DesiredObject {
  const mustExist = 'there is no such outpost';
  return object('authentik/outpost-host', names.outpost, { host: loginAddress(names) }, { mustExist });
}

export function loginAddress({ host }: Names): string {
  return `https://login.${host}`;
}

export function wantedOutpostEntry(names: Names): DesiredObject {
  const spec = {
    outpost: ref(`authentik/outpost-host:${names.outpost}`),
    provider: ref('authentik/proxy-provider:app'),
    hosts: [names.host],
  };
  const needs = [`authentik/provider-link:${names.application}` as const];
  return object('authentik/outpost-entry', 'app', spec, { needs });
}

/** A complete forward-auth gate for these groups; requires the outpost to exist. */
export function gateFor(names: Names, ...groups: readonly string[]): readonly DesiredObject[] {
  return [
    ...leanedOn,
    ...groups.map((name) => groupNamed(names, name)),
    wantedProxyProvider(names),
    wantedApplication(names),
    ...groups.map((name) => bindingOf(names, name)),
    linkOf(names, groups),
    wantedOutpostHost(names),
    wantedOutpostEntry(names),
  ];
}
