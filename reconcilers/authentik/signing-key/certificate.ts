import type { Reconciler } from '../../../src/core/reconciler.ts';
import { type CertificateKeyPairSpec, certificateKeyPair } from './certificate-key-pair.ts';

const kind = 'authentik/certificate';

/** An existing key pair, for example the one that comes with Authentik. Looked up by name; attribute `id`. */
export const certificate: Reconciler<CertificateKeyPairSpec> = {
  kind,
  title: 'Authentik certificate',
  traits: { unmarked: true },

  async observe(world) {
    const pairs = await world.read(certificateKeyPair);
    return pairs
      .filter(({ owner }) => owner === undefined)
      .map((pair) => ({ ...pair, address: { kind, key: (pair.raw as { readonly name: string }).name } }));
  },

  remedy: () => ({
    verb: 'refuse',
    reason: 'it has no private key, so that nothing can be signed with it: name another one',
  }),
};
