import { GatesError } from '../../../../src/core/errors.ts';
import type { Secret, World } from '../../../../src/core/world.ts';
import { application, replyOf } from '../../../authentik/application/application.ts';
import { linkId } from '../../../authentik/application/provider-link.ts';
import { clientVaultName } from '../../../authentik/provider/client-secret.ts';
import { oauth2Row, providerId } from '../../../authentik/provider/oauth2-row.ts';
import type { IdentityProviderReply } from './identity-provider-row.ts';
import { configText } from './provider-form.ts';

/** The state of the provider's client in Authentik, as far as the vault shows what Access last got. */
export async function clientState(
  reply: IdentityProviderReply,
  key: string,
  world: World,
): Promise<'kept' | 'lost' | 'foreign'> {
  const [client, written] = [
    await world.vault.get(clientVaultName(key)),
    await world.vault.get(providerVaultName(world, key)),
  ];
  if (client === undefined) return 'lost';
  if (client.clientId !== configText(reply, 'client_id')) return 'foreign';
  const same = written?.id === reply.id && written.clientSecret === client.clientSecret;
  return same ? 'kept' : 'lost';
}

/**
 * The ids of the provider's client in Authentik and of its link, which needs an application: they are removed only after it. If
 * Authentik cannot be read, the plan removes none of them.
 */
export async function loginObjects(clientId: string, world: World): Promise<readonly string[]> {
  if (world.authentik === undefined) return [];
  try {
    const [rows, applications] = await Promise.all([world.read(oauth2Row), world.read(application)]);
    const clients = rows.filter(({ spec }) => spec.client_id === clientId).map(({ id }) => id);
    const assigned = applications.filter((app) => clients.includes(providerId(replyOf(app).provider ?? '')));
    return [...clients, ...assigned.map(({ id }) => linkId(id))];
  } catch (error) {
    if (error instanceof GatesError) return [];
    throw error;
  }
}

/**
 * The vault entry with what Access last got: the id of the provider and the secret of its client. The name contains the
 * owner, since two owners may share a state folder.
 */
export function providerVaultName({ scope }: Pick<World, 'scope'>, key: string): string {
  return `identity-provider-${scope.owner}/${key}`;
}

/** Records what Access now has, and returns the attributes of the provider. */
export async function keepProvider(
  reply: unknown,
  { clientSecret = '' }: Secret,
  key: string,
  world: World,
): Promise<Readonly<Record<string, string>>> {
  const { id } = reply as IdentityProviderReply;
  await world.vault.put(providerVaultName(world, key), { id, clientSecret });
  return { id };
}
