import { RejectedError } from '../../../src/core/errors.ts';
import type { World } from '../../../src/core/world.ts';
import type { SigningKey } from '../../shared/signing-key.ts';
import { privateKey } from './private-key.ts';
import { isSameKey, publicKeyOf } from './public-key.ts';

/**
 * The public half of the pair in use, after a check that it is published under the name that gates computes. The next
 * key is handed out by its computed name before it is published; under a wrong name, its tokens would be refused.
 */
export async function agreed(
  world: World,
  pair: string,
  published: () => Promise<readonly SigningKey[]>,
): Promise<SigningKey> {
  const inUse = publicKeyOf(await privateKey(world, pair));
  const keys = await published();
  if (keys.some((key) => isSameKey(key, inUse))) return inUse;
  const renamed = keys.find(({ n }) => n === inUse.n);
  if (renamed === undefined) {
    throw new RejectedError('The client does not publish the key that it signs with', {
      hint: 'See whether authentik.url leads to the Authentik whose API is asked',
      facts: { applied: 'no' },
    });
  }
  throw new RejectedError('Authentik names keys otherwise than gates knows', {
    hint: `The key in use is published as "${renamed.kid}". One of before an upgrade keeps its name, docs/signing-keys.md says how to change it once; where new keys are named so too, Authentik is too old or too new for \`gates rotate\``,
    facts: { applied: 'no' },
  });
}
