import type { Client, OidcClient } from '../../config/model/client.ts';
import type { Config, ServiceToken } from '../../config/model/config.ts';
import { ConfigError } from '../../core/errors.ts';

export type RotationTarget =
  | { readonly type: 'serviceToken'; readonly token: ServiceToken }
  | { readonly type: 'client'; readonly client: OidcClient };

/**
 * The target of `gates rotate`: a service token with its secret, or a client with its signing key. A name with its
 * section, `clients.api`, means only that one.
 * @throws ConfigError for an unknown or ambiguous name, and for a client without a key of its own.
 */
export function rotationTarget({ clients, serviceTokens }: Config, name: string): RotationTarget {
  const [, section, bare = name] = /^(clients|serviceTokens)\.(.+)$/.exec(name) ?? [];
  const token = section === 'clients' ? undefined : serviceTokens.get(bare);
  const client = section === 'serviceTokens' ? undefined : clients.get(bare);
  if (token !== undefined && client !== undefined) {
    throw new ConfigError(`"${bare}" is a client and a service token`, {
      hint: `Say which: \`gates rotate clients.${bare}\` for its signing key, \`gates rotate serviceTokens.${bare}\` for its secret`,
    });
  }
  if (token !== undefined) return { type: 'serviceToken', token };
  if (client === undefined) {
    throw new ConfigError(`The file has no service token and no client "${name}"`, {
      hint: namesOf([...serviceTokens.keys()], ownKeys(clients)),
    });
  }
  if (!signsAlone(client)) {
    throw new ConfigError(`clients.${bare} signs with the key pair of Authentik, as others do`, {
      hint: 'An OIDC client with `signingKey: own` has a key that can be changed for it alone',
    });
  }
  return { type: 'client', client };
}

function ownKeys(clients: Config['clients']): readonly string[] {
  return [...clients.values()].filter(signsAlone).map(({ name }) => name);
}

function signsAlone(client: Client): client is OidcClient {
  return client.protocol === 'oidc' && client.signingKey === 'own';
}

function namesOf(tokens: readonly string[], clients: readonly string[]): string {
  const of = (sort: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${sort}: ${names.join(', ')}`];
  const parts = [...of('service tokens', tokens), ...of('clients with a key of their own', clients)];
  return parts.length === 0 ? 'It has none' : `It has ${parts.join('; ')}`;
}
