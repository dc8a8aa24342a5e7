import { addressId } from '../../../src/core/objects/address.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { ProtectedEntry } from '../../../src/core/objects/protection.ts';
import type { World } from '../../../src/core/world.ts';

/**
 * Notes of the keys of protected service tokens, with the owner. A token has no place for it at Cloudflare: its name is
 * the mark, and a longer one would be another key to older versions.
 */
const topic = 'protected-service-token';

/** The keys of the owner's protected tokens, as this state folder knows them. */
export async function notedKeys({ notes, scope }: World): Promise<ReadonlySet<string>> {
  const prefix = `${scope.owner} `;
  const names = await notes.list(topic);
  return new Set(names.flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : [])));
}

/** Notes that the token is protected, or is no longer. */
export async function noteProtection(
  { notes, scope }: World,
  key: string,
  protect: ProtectedEntry | 'none' | undefined,
): Promise<void> {
  const name = `${scope.owner} ${key}`;
  if (protect === 'none') await notes.clear(topic, name);
  else if (protect !== undefined) await notes.put(topic, name);
}

/** The token, as a protected one is observed. */
export function asProtected<Spec extends object>(
  token: Observed<Spec>,
): Observed<Spec & { readonly protect: 'token' }> {
  return {
    ...token,
    spec: { ...token.spec, protect: 'token' },
    protection: { entry: 'token', carrier: addressId(token.address) },
  };
}
