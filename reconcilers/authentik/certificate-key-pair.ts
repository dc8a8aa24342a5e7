import { RejectedError } from '../../src/core/errors.ts';
import { markName, readName } from '../../src/core/marker.ts';
import type { Reconciler } from '../../src/core/reconciler.ts';
import { carryOut } from '../carry-out.ts';
import { authentikOf } from './api.ts';
import { clearForClients, listForClients, noteForClients } from './for-clients.ts';
import { removeUnused } from './used-by.ts';

/**
 * A key pair that Authentik generates. Ours are keyed by what follows `gates:<owner>/` in the name. Attribute `id`. It is never changed: a provider publishes one key, so that another one would make
 * every token of the first invalid at once.
 */
export interface CertificateKeyPairSpec {
  /** Without its private key a pair signs nothing. */
  readonly privateKey: boolean;
}

interface PairReply {
  readonly pk: string;
  readonly name: string;
  readonly private_key_available: boolean;
}

const kind = 'authentik/certificate-key-pair';
const pairs = '/crypto/certificatekeypairs/';

/** Ten years. No client of a JWKS looks at how long the certificate around the key is valid. */
const validityDays = 3650;

/** Characters of a common name, which becomes the name of the pair (X.509, ub-common-name). */
const longestName = 64;

export const certificateKeyPair: Reconciler<CertificateKeyPairSpec> = {
  kind,
  title: 'Authentik key pair',

  async observe(world) {
    const replies = (await listForClients(world, kind, pairs)) as readonly PairReply[];
    return replies.map(({ pk, name, private_key_available: privateKey }) => {
      const { owner, key } = readName(name);
      return {
        address: { kind, key: owner === world.scope.owner ? key : `${name} (${pk})` },
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
    const wire = authentikOf(world);
    return carryOut(changes, async ({ verb, address, have }) => {
      if (verb === 'prune' && have !== undefined) {
        await removeUnused(world, `${pairs}${have.id}/`);
        await clearForClients(world, address);
        return undefined;
      }
      const name = markName(world.scope.owner, address.key);
      if (name.length > longestName) {
        throw new RejectedError('The name of the key pair would be too long for its certificate', {
          hint: `"${name}" may have ${longestName} characters: give the client a shorter name`,
        });
      }
      await noteForClients(world, address);
      const made = await wire.post(`${pairs}generate/`, {
        common_name: name,
        validity_days: validityDays,
        alg: 'rsa',
      });
      return { id: (made as PairReply).pk };
    });
  },
};
