import { describeError, RejectedError } from '../../src/core/errors.ts';
import type { KeySetPlace, Observed } from '../../src/core/objects/object.ts';
import type { Reconciler } from '../../src/core/reconciler.ts';
import type { World } from '../../src/core/world.ts';
import { readKeySet, type SigningKey } from './signing-key.ts';

/**
 * The public keys that an issuer publishes (JWKS), read without credentials. Keyed by the client of the file, or by the
 * address. A set that cannot be read has no keys and a `problem`, and removes no key anywhere.
 */
export interface KeySetSpec {
  readonly keys: readonly SigningKey[];
  /** Keys that API Shield does not accept, each with the reason. */
  readonly left: readonly string[];
  /** The reason why there are no keys, such as `absentKeySet`. */
  readonly problem?: string;
}

export const absentKeySet = 'nothing is published there';

const kind = 'edge/key-set';

export const keySet: Reconciler<KeySetSpec> = {
  kind,
  title: 'key set',
  traits: { unmarked: true },

  observe: (world) => Promise.all((world.scope.keySets ?? []).map((place) => observed(place, world))),
};

export function keySetKey(place: KeySetPlace): string {
  return 'client' in place ? place.client : place.url;
}

async function observed(place: KeySetPlace, world: World): Promise<Observed<KeySetSpec>> {
  const key = keySetKey(place);
  return {
    address: { kind, key },
    id: `keys of ${key}`,
    owner: undefined,
    spec: await read(place, world),
    attributes: {},
    uses: [],
  };
}

async function read(place: KeySetPlace, { scope, document }: World): Promise<KeySetSpec> {
  const none = { keys: [], left: [] };
  if (document === undefined) return { ...none, problem: 'nothing is read from here' };
  try {
    const url = 'url' in place ? place.url : clientUrl(scope.authentik?.url ?? '', place.client);
    const found = readKeySet(await document(url));
    return found.keys.length === 0 ? { ...found, problem: 'it has no key that API Shield takes' } : found;
  } catch (error) {
    const isAbsent = error instanceof RejectedError && error.facts.status === 404;
    return { ...none, problem: isAbsent ? absentKeySet : describeError(error) };
  }
}

/** The address at which Authentik publishes the keys of a client, inside the LAN. */
function clientUrl(authentik: string, client: string): string {
  return `${authentik.replace(/\/+$/, '')}/application/o/${encodeURIComponent(client)}/jwks/`;
}
