import { RejectedError } from '../../../src/core/errors.ts';
import { markName, readName } from '../../../src/core/objects/marker.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { World } from '../../../src/core/world.ts';
import { carryOut } from '../../shared/carry-out.ts';
import { clearForClients, listForClients, noteForClients } from '../provider/for-clients.ts';
import { oauth2Row } from '../provider/oauth2-row.ts';
import { authentikOf } from '../reading/api.ts';
import { removeUnused } from '../reading/used-by.ts';
import { currentPair, readPairName } from './pair-name.ts';

/**
 * A key pair that Authentik generates for a client, named `gates:<owner>/<client>`, or `…#2` and on after a rotation.
 * The pair with which the client signs is keyed by the client; any other by its complete name, which no file asks for.
 * Attribute `id`. It is never changed: a provider publishes only one key, so another key would invalidate all tokens of
 * the first at once (signing-key/rotation.ts has the order that avoids this).
 */
export interface CertificateKeyPairSpec {
  /** A pair without its private key cannot sign. */
  readonly privateKey: boolean;
}

interface PairReply {
  readonly pk: string;
  readonly name: string;
  readonly private_key_available: boolean;
}

const kind = 'authentik/certificate-key-pair';
const pairs = '/crypto/certificatekeypairs/';

/** Ten years. Clients of a JWKS ignore the validity of the certificate around the key. */
const validityDays = 3650;

/** The most characters of a common name, which becomes the name of the pair (X.509, ub-common-name). */
const longestName = 64;

export const certificateKeyPair: Reconciler<CertificateKeyPairSpec> = {
  kind,
  title: 'Authentik key pair',

  async observe(world) {
    const replies = (await listForClients(world, kind, pairs)) as readonly PairReply[];
    const current = await currentPairs(replies, world);
    return replies.map(({ pk, name, private_key_available: privateKey }) => {
      const { owner } = readName(name);
      const keyOfOurs = current.get(pk) ?? name;
      return {
        address: { kind, key: owner === world.scope.owner ? keyOfOurs : `${name} (${pk})` },
        id: pk,
        owner,
        spec: { privateKey },
        attributes: { id: pk },
        uses: [],
        raw: { name },
      };
    });
  },

  remedy: () => ({
    verb: 'refuse',
    reason:
      'its private key is gone, and another one would end every token: remove the pair to have it made again',
  }),

  async write(changes, world) {
    return carryOut(changes, async ({ verb, address, have }) => {
      if (verb === 'prune' && have !== undefined) {
        await removePair(world, have.id);
        const { name } = have.raw as { readonly name: string };
        await clearForClients(world, { kind, key: readName(name).key });
        return undefined;
      }
      return { id: await generatePair(world, address.key) };
    });
  },
};

/**
 * Generates a pair, a new one in each call, and returns its id. `name` has no marker.
 * @throws RejectedError if the name is too long, or taken.
 */
export async function generatePair(world: World, name: string): Promise<string> {
  const marked = markName(world.scope.owner, name);
  if (marked.length > longestName) {
    throw new RejectedError('The name of the key pair would be too long for its certificate', {
      hint: `"${marked}" may have ${longestName} characters: give the client a shorter name`,
    });
  }
  await noteForClients(world, { kind, key: name });
  const made = await authentikOf(world).post(`${pairs}generate/`, {
    common_name: marked,
    validity_days: validityDays,
    alg: 'rsa',
  });
  return (made as PairReply).pk;
}

/** @throws UnsafeError if something still uses the pair. */
export function removePair(world: World, id: string): Promise<void> {
  // Brands, outposts, SAML and LDAP providers may use it too; only `used_by` shows that.
  return removeUnused(world, `${pairs}${id}/`, { listed: async () => [] });
}

/** The client of each pair that signs, or would sign, by id. Reads providers only if a client has several pairs. */
async function currentPairs(
  replies: readonly PairReply[],
  world: World,
): Promise<ReadonlyMap<string, string>> {
  const byClient = new Map<string, { readonly id: string; readonly number: number }[]>();
  for (const { pk: id, name } of replies) {
    const { owner, key } = readName(name);
    if (owner !== world.scope.owner) continue;
    const { client, number } = readPairName(key);
    byClient.set(client, [...(byClient.get(client) ?? []), { id, number }]);
  }
  const several = [...byClient.values()].some((pairsOfOne) => pairsOfOne.length > 1);
  const rows = several ? await world.read(oauth2Row) : [];
  const signing = new Map(rows.map(({ spec }) => [spec.name, spec.signing_key ?? '']));
  return new Map(
    [...byClient].map(([client, pairsOfOne]) => [
      currentPair(pairsOfOne, signing.get(markName(world.scope.owner, client))),
      client,
    ]),
  );
}
