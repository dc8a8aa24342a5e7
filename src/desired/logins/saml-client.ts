import type { SamlProviderSpec } from '../../../reconcilers/authentik/saml/saml-provider.ts';
import type { SamlClient } from '../../config/model/client.ts';
import type { AuthentikConfig } from '../../config/model/config.ts';
import type { DesiredObject } from '../../core/objects/object.ts';
import type { Linked, Reference } from '../../core/objects/reference.ts';
import { flowId, samlProviderKey, stockPairId, stockSamlMappingId } from '../terms/addresses.ts';
import { providerFlow } from './flow.ts';

/** URN of each format that names a person, by what the file says. */
export const nameIdFormats = {
  unspecified: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
  persistent: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
} as const;

/** The SAML provider of a client. */
export function samlProviderObject(
  client: SamlClient,
  { flows }: AuthentikConfig,
  hosts: readonly string[],
): DesiredObject<SamlProviderSpec> {
  const { name, acsUrl, audience = '', issuer, binding, nameId, attributes, sign, lifetimes } = client;
  const spec: Linked<SamlProviderSpec> = {
    acsUrl,
    audience,
    ...(issuer !== undefined && { issuer }),
    binding,
    nameIdMapping: nameIdMapping(nameId),
    nameIdFormat: nameId === 'persistent' ? nameIdFormats.persistent : nameIdFormats.unspecified,
    propertyMappings: attributes.map(stockSamlMappingId),
    signingKey: stockPairId(),
    signs: sign,
    ...(lifetimes.assertion !== undefined && { assertionLifetime: lifetimes.assertion }),
    ...(lifetimes.session !== undefined && { sessionLifetime: lifetimes.session }),
    ...providerFlow(client.flow, flows),
    invalidationFlow: flowId(flows.invalidation),
    hosts,
  };
  return {
    address: { kind: 'authentik/saml-provider', key: samlProviderKey(name) },
    spec,
    because: `clients.${name}`,
  };
}

/** The mapping that names a person whatever the application asks for; empty: none. */
function nameIdMapping(nameId: SamlClient['nameId']): Reference | '' {
  return nameId === 'email' || nameId === 'username' ? stockSamlMappingId(nameId) : '';
}
