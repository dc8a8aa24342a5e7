import { ConfigError, RejectedError } from '../../../src/core/errors.ts';
import { markName, readName } from '../../../src/core/objects/marker.ts';
import type { World } from '../../../src/core/world.ts';
import type { KeyHolder } from '../../shared/key-holder.ts';
import { keySet } from '../../shared/key-set.ts';
import type { SigningKey } from '../../shared/signing-key.ts';
import { type Oauth2Reply, oauth2Row } from '../provider/oauth2-row.ts';
import { authentikOf } from '../reading/api.ts';
import { readLifetime } from '../reading/lifetime.ts';
import { certificateKeyPair, generatePair, removePair } from './certificate-key-pair.ts';
import { agreed } from './convention.ts';
import { pairName, readPairName } from './pair-name.ts';
import { privateKey } from './private-key.ts';
import { isSameKey, publicKeyOf } from './public-key.ts';
import { at, confirmed } from './step.ts';

export interface SigningKeyRotation {
  readonly client: string;
  /** The places that check the client's tokens with keys that gates gave them. */
  readonly holders: readonly KeyHolder[];
  /** Milliseconds after the last holder's answer until the key counts as being everywhere. */
  readonly settle: number;
  /** Announces the next key to those that read keys from the issuer. Undefined: the key is not known yet. */
  readonly announce?: (key: SigningKey | undefined) => Promise<void>;
  readonly onStep?: (step: RotationStep) => void;
}

export type RotationStep =
  | { readonly type: 'made'; readonly pair: string }
  | { readonly type: 'handed'; readonly holder: string }
  | { readonly type: 'waiting'; readonly milliseconds: number }
  | { readonly type: 'switched'; readonly pair: string }
  /** `until`: the end of the time in which the old key is accepted. */
  | { readonly type: 'let go'; readonly until: Date };

/** The most keys of a token configuration (facts/cloudflare §6). */
const MOST_KEYS = 16;

/** Milliseconds for which Cloudflare accepts a token after its end, because clocks differ. */
const LEEWAY = 60_000;

/**
 * Makes a client sign with a new key, in an order that refuses no valid token: first the new pair, then its public half
 * to everything that checks tokens, in addition to the keys there, then the switch. The old key is accepted until the
 * tokens that it signed have expired; the old pair is removed at once.
 *
 * A rotation starts anew wherever the previous one stopped: a run removes a new pair that is not used, and a key that
 * was handed out and signs nothing admits nobody.
 * @throws ConfigError if the client has no key of its own; otherwise an error whose hint says what the state is now.
 */
export async function rotateSigningKey(world: World, rotation: SigningKeyRotation): Promise<void> {
  const { client, holders, onStep = () => {} } = rotation;
  const { provider, next } = await standing(world, client);
  const published = () => publishedKeys(world, client);
  const before = provider.signing_key ?? '';
  const inUse = holders.length === 0 ? undefined : await agreed(world, before, published);
  if (inUse !== undefined) for (const holder of holders) await mayTakeOneMore(holder, inUse, client);
  const name = pairName(client, next);
  const newPair = await at('made', client, () => generatePair(world, name));
  onStep({ type: 'made', pair: name });
  const key = inUse && (await handOut(world, rotation, newPair));
  await announceAll([key], rotation);
  await at('switched', client, () => switchTo(world, provider, newPair));
  onStep({ type: 'switched', pair: name });
  if (key === undefined) await announceAll(await published(), rotation);
  else await at('published', client, () => mustPublish(key, published));
  const until = new Date(
    world.clock.now().getTime() + readLifetime(provider.access_token_validity) * 1000 + LEEWAY,
  );
  await at('let go', client, async () => {
    if (inUse !== undefined) for (const holder of holders) await holder.letGo(inUse, until);
    await removePair(world, before);
  });
  onStep({ type: 'let go', until });
}

/** The client's provider, and the number of its next pair. */
async function standing(
  world: World,
  client: string,
): Promise<{ readonly provider: Oauth2Reply; readonly next: number }> {
  const { owner } = world.scope;
  const [rows, pairs] = await Promise.all([world.read(oauth2Row), world.read(certificateKeyPair)]);
  const provider = rows.find(({ spec }) => spec.name === markName(owner, client))?.spec;
  const own = pairs.flatMap(({ id, owner: whose, raw }) => {
    const pair = readPairName(readName((raw as { readonly name: string }).name).key);
    return whose === owner && pair.client === client ? [{ id, number: pair.number }] : [];
  });
  if (provider === undefined || !own.some(({ id }) => id === provider.signing_key)) {
    throw new ConfigError('The client does not sign with a key of its own', {
      hint: `Give clients.${client} \`signingKey: own\`, and run \`gates apply\``,
    });
  }
  return { provider, next: Math.max(...own.map(({ number }) => number)) + 1 };
}

async function publishedKeys(world: World, client: string): Promise<readonly SigningKey[]> {
  world.forget(keySet);
  return (await world.read(keySet)).find(({ address }) => address.key === client)?.spec.keys ?? [];
}

async function mayTakeOneMore(holder: KeyHolder, inUse: SigningKey, client: string): Promise<void> {
  const keys = await holder.keys();
  if (keys === undefined || !keys.some((key) => isSameKey(key, inUse))) {
    throw new RejectedError('The key in use is not where tokens are checked', {
      hint: `${holder.name} does not have it: run \`gates apply\` first, then \`gates rotate ${client}\``,
      facts: { applied: 'no' },
    });
  }
  if (keys.length >= MOST_KEYS) {
    throw new RejectedError('There is no room for another key', {
      hint: `${holder.name} has ${keys.length} keys: those of tokens that have run out go with \`gates apply\``,
      facts: { applied: 'no' },
    });
  }
}

/** Sends the public half of a new pair to everything that checks tokens, and waits until it is everywhere. */
async function handOut(world: World, rotation: SigningKeyRotation, pair: string): Promise<SigningKey> {
  const { client, holders, settle, onStep = () => {} } = rotation;
  const key = await at('read', client, async () => publicKeyOf(await privateKey(world, pair)));
  for (const holder of holders) {
    await at('handed', client, () => handOver(holder, key));
    onStep({ type: 'handed', holder: holder.name });
  }
  onStep({ type: 'waiting', milliseconds: settle });
  await at('handed', client, () => world.clock.sleep(settle, world.signal));
  return key;
}

/** Announces the keys. If that fails, the readers still find the key, somewhat later. */
async function announceAll(
  keys: readonly (SigningKey | undefined)[],
  { announce = async () => {} }: SigningKeyRotation,
): Promise<void> {
  for (const key of keys) await announce(key).catch(() => {});
}

async function handOver(holder: KeyHolder, key: SigningKey): Promise<void> {
  const before = (await holder.keys()) ?? [];
  const wanted = [...before.filter((held) => !isSameKey(held, key)), key];
  const hasAll = (keys: readonly SigningKey[]) =>
    wanted.every((want) => keys.some((held) => isSameKey(held, want)));
  const held = await confirmed(
    () => holder.replace(wanted),
    async () => {
      const keys = await holder.keys();
      return keys !== undefined && hasAll(keys) ? keys : undefined;
    },
  );
  if (hasAll(held)) return;
  throw new RejectedError('A key was not taken', {
    facts: { detail: `${holder.name} has ${held.length} of ${wanted.length}` },
  });
}

async function switchTo(world: World, { pk }: Oauth2Reply, pair: string): Promise<void> {
  const wire = authentikOf(world);
  const path = `/providers/oauth2/${pk}/`;
  const reply = await confirmed(
    () => wire.patch(path, { signing_key: pair }),
    async () => {
      const seen = (await wire.get(path)) as Oauth2Reply | undefined;
      return seen?.signing_key === pair ? seen : undefined;
    },
  );
  world.forget(oauth2Row, certificateKeyPair);
  if ((reply as Oauth2Reply).signing_key !== pair) {
    throw new RejectedError('The provider does not sign with the new key');
  }
}

async function mustPublish(key: SigningKey, published: () => Promise<readonly SigningKey[]>): Promise<void> {
  if ((await published()).some((seen) => isSameKey(seen, key))) return;
  throw new RejectedError('The key set does not have the key that was handed out');
}
