import type { Oauth2ProviderSpec } from '../../../reconcilers/authentik/provider/oauth2-provider.ts';
import type { ScopeMappingSpec } from '../../../reconcilers/authentik/provider/scope-mapping.ts';
import type { CertificateKeyPairSpec } from '../../../reconcilers/authentik/signing-key/certificate-key-pair.ts';
import type { Client, OidcClient } from '../../config/model/client.ts';
import type { AuthentikConfig, Config, ScopeMapping } from '../../config/model/config.ts';
import type { Gate } from '../../config/model/gate.ts';
import type { AddressId } from '../../core/objects/address.ts';
import type { DesiredObject } from '../../core/objects/object.ts';
import { type Linked, type Reference, ref } from '../../core/objects/reference.ts';
import {
  flowId,
  keyPairAddress,
  ldapProviderAddress,
  oauth2ProviderAddress,
  samlProviderAddress,
  scopeId,
  stockPairId,
  stockScopeId,
} from '../terms/addresses.ts';
import { credentialSinks } from '../terms/sinks.ts';
import { admissionOf, type LoginAdmission } from './admission.ts';
import { applicationObjects } from './application.ts';
import { providerFlow } from './flow.ts';
import { ldapObjects } from './ldap-client.ts';
import { samlProviderObject } from './saml-client.ts';

/** The scopes of the file, and every client with its application, so that applications can log people in. */
export function compileClients(config: Config): readonly DesiredObject[] {
  const { authentik, clients } = config;
  if (authentik === undefined) return [];
  return [
    ...[...authentik.scopes.values()].map(scopeMapping),
    ...[...clients.values()].flatMap((client) => clientObjects(client, config, authentik)),
  ];
}

/** The people who may log in at a client: its own groups and those of the gates that name it. */
export function clientAdmission(client: Client, config: Config): LoginAdmission {
  return admissionOf(client, ...guardedBy(client, config).map(({ gate }) => gate));
}

/** The provider of a client, of the type of its protocol. */
export function clientProviderAddress({ name, protocol }: Client): AddressId {
  return providerAddresses[protocol](name);
}

const providerAddresses: Readonly<Record<Client['protocol'], (name: string) => AddressId>> = {
  oidc: oauth2ProviderAddress,
  saml: samlProviderAddress,
  ldap: ldapProviderAddress,
};

/** The hosts with a gate of this client, sorted. */
function guardedBy(
  { name }: Client,
  { services }: Config,
): readonly { readonly host: string; readonly gate: Gate }[] {
  return [...services.values()]
    .flatMap(({ host, gate }) => (gate.client === name ? [{ host, gate }] : []))
    .sort((left, right) => (left.host < right.host ? -1 : 1));
}

function clientObjects(client: Client, config: Config, authentik: AuthentikConfig): readonly DesiredObject[] {
  const { name } = client;
  const because = `clients.${name}`;
  const hosts = guardedBy(client, config).map(({ host }) => host);
  const [first] = hosts;
  return [
    ...protocolObjects(client, authentik, hosts),
    ...applicationObjects({
      ...clientAdmission(client, config),
      slug: name,
      launchUrl: first === undefined ? '' : `https://${first}/`,
      provider: clientProviderAddress(client),
      providerFlow: providerFlow(client.flow, authentik.flows),
      hosts,
      ...(client.protect && { protect: 'client' }),
      because,
    }),
  ];
}

function protocolObjects(
  client: Client,
  authentik: AuthentikConfig,
  hosts: readonly string[],
): readonly DesiredObject[] {
  if (client.protocol === 'saml') return [samlProviderObject(client, authentik, hosts)];
  if (client.protocol === 'ldap') return ldapObjects(client, authentik, hosts);
  return oauth2Objects(client, authentik, hosts);
}

function oauth2Objects(
  client: OidcClient,
  authentik: AuthentikConfig,
  hosts: readonly string[],
): readonly DesiredObject[] {
  const { name, signingKey } = client;
  return [
    ...(signingKey === 'own' ? [keyPair(name)] : []),
    {
      address: { kind: 'authentik/oauth2-provider', key: name },
      spec: providerSpec(client, authentik, hosts),
      because: `clients.${name}`,
    },
  ];
}

function providerSpec(
  client: OidcClient,
  { flows, scopes }: AuthentikConfig,
  hosts: readonly string[],
): Linked<Oauth2ProviderSpec> {
  const { name, lifetimes } = client;
  return {
    clientType: client.type,
    grantTypes: client.grantTypes,
    redirectUris: client.redirectUris,
    logoutUris: client.logoutUris,
    signingKey: client.signingKey === 'own' ? ref(keyPairAddress(name)) : stockPairId(),
    encrypted: false,
    propertyMappings: client.scopes.map((scope) => mappingId(scope, scopes)),
    ...providerFlow(client.flow, flows),
    invalidationFlow: flowId(flows.invalidation),
    subject: client.subject,
    issuer: 'per_provider',
    claimsInIdToken: true,
    codeLifetime: lifetimes.code,
    accessLifetime: lifetimes.access,
    refreshLifetime: lifetimes.refresh,
    trustedProviders: [],
    secret: 'kept',
    deliver: credentialSinks(client.deliver),
    hosts,
  };
}

/** A scope of the file replaces Authentik's own of that name. */
function mappingId(scope: string, declared: AuthentikConfig['scopes']): Reference {
  return declared.has(scope) ? scopeId(scope) : stockScopeId(scope);
}

function keyPair(client: string): DesiredObject<CertificateKeyPairSpec> {
  const address = { kind: 'authentik/certificate-key-pair', key: client } as const;
  return { address, spec: { privateKey: true }, because: `clients.${client}` };
}

function scopeMapping({ name, expression, description }: ScopeMapping): DesiredObject<ScopeMappingSpec> {
  const spec = { scopeName: name, expression, description: description ?? '' };
  return {
    address: { kind: 'authentik/scope-mapping', key: name },
    spec,
    because: `authentik.scopes.${name}`,
  };
}
