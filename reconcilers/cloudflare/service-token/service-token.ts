import type { ReadyChange } from '../../../src/core/change.ts';
import { GatesError, UnsafeError } from '../../../src/core/errors.ts';
import { equal } from '../../../src/core/objects/equal.ts';
import { markName, readName } from '../../../src/core/objects/marker.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { ProtectedEntry } from '../../../src/core/objects/protection.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import { type Deliver, delivered, readSinks } from '../../../src/core/record/delivery.ts';
import type { Secret, World } from '../../../src/core/world.ts';
import { carryOutBy } from '../../shared/carry-out.ts';
import { sameDuration } from '../access/session/go-duration.ts';
import { listAccess } from '../account/access-list.ts';
import { accountPath } from '../account/account.ts';
import { isLeftToAnother, leftToAnother, noteTakingBack } from './another-folder.ts';
import {
  deliverTo,
  isUnheard,
  isWhole,
  keptToken,
  make,
  retiringToken,
  tokenVaultName,
} from './kept-token.ts';
import { asProtected, notedKeys, noteProtection } from './protected-token.ts';
import { addSecond, admitBeside, type Renewed, renewExpiry, rotateInPlace } from './renewal.ts';

/** A service token. Keyed by its name in the file; its live name is `gates:<owner>/<key>`. Attributes `id`, `clientId`. */
export interface ServiceTokenSpec {
  /** Go duration, `8760h`, or `forever`. */
  readonly duration: string;
  readonly enabled: boolean;
  /**
   * `kept`: the vault holds the secret, which the API shows only once. `unheard`: a rotation started, and its result is
   * unknown. `another`: another state folder of the owner has it, and keeps it today. `elsewhere`: nobody has marked the
   * token, so only those who use it have the secret.
   */
  readonly secret: 'kept' | 'lost' | 'unheard' | 'another' | 'elsewhere';
  /** `due`: it is time for a rotation. Absent unless the file sets one. */
  readonly rotation?: 'fresh' | 'due';
  /** Desired only, with `rotation`: milliseconds for which the previous secret is accepted. */
  readonly overlap?: number;
  /** Never sent: only gates uses it, so a lost secret does no harm. */
  readonly expendable?: true;
  /** Desired: files that must hold the secret (fields `clientId`, `clientSecret`); observed: those that do. */
  readonly deliver: readonly Deliver[];
  /** The entry that a note protects. Desired: `none` removes the protection; absent: it is kept. */
  readonly protect?: ProtectedEntry | 'none';
}

interface TokenReply {
  readonly id: string;
  readonly client_id: string;
  readonly name: string;
  readonly duration?: string;
  /** Cloudflare may disable a token that no policy has named for a long time. */
  readonly enabled?: boolean;
  readonly created_at?: string;
  /** Absent for a token that lasts forever. */
  readonly expires_at?: string;
}

const kind = 'cloudflare/service-token';
const quota = 'service tokens';

/** The API's default duration. */
const defaultDuration = '8760h';

export const serviceToken: Reconciler<ServiceTokenSpec> = {
  kind,
  title: 'service token',

  words: { quota: () => quota },

  async observe(world) {
    const replies = (await listAccess(world, 'service_tokens')) as readonly TokenReply[];
    const [keys, protectedKeys] = await Promise.all([keysOf(replies, world), notedKeys(world)]);
    return Promise.all(
      replies.map(async (reply) => {
        const key = keys.get(reply.id);
        const token = await observed(reply, key, world);
        return key !== undefined && protectedKeys.has(key) ? asProtected(token) : token;
      }),
    );
  },

  drift(want, have) {
    const fields: string[] = [];
    if (want.duration !== undefined && !sameDuration(want.duration, have.duration)) fields.push('duration');
    if (want.enabled !== undefined && want.enabled !== have.enabled) fields.push('enabled');
    // An adoption marks the token. Then a plan says how to make a secret of which gates knows.
    if (have.secret === 'elsewhere' && want.expendable !== true) return fields;
    if (want.secret !== undefined && want.secret !== have.secret) fields.push('secret');
    if (want.rotation !== undefined && want.rotation !== have.rotation) fields.push('rotation');
    if (want.protect !== undefined && want.protect !== (have.protect ?? 'none')) fields.push('protect');
    const missing = want.deliver?.some((sink) => !have.deliver.some((held) => equal(held, sink)));
    return missing === true ? [...fields, 'deliver'] : fields;
  },

  remedy(drift, want, have, used) {
    if (!drift.includes('secret')) return { verb: 'update' };
    if (have.spec.secret === 'another') return { verb: 'refuse', reason: leftToAnother() };
    if (have.spec.secret === 'unheard' && want.rotation !== undefined)
      return { verb: 'replace', rotates: true };
    if (!used || want.expendable === true) return { verb: 'replace' };
    const { key } = have.address;
    const reason = `its secret is not in the vault, and whoever uses it has it from elsewhere: \`gates rotate ${key}\` makes a new one, keeps it and delivers it`;
    return { verb: 'refuse', reason };
  },

  foreseen: (drift) => drift.every((field) => field === 'rotation'),

  login: { enables: (want, { spec }) => want.enabled === true && !spec.enabled },

  write: (changes, world) =>
    carryOutBy({ oneQuota: true }, changes, async (change) => {
      const { address, want, verb } = change;
      if (want === undefined) return remove(change, world);
      const isUpdate = verb === 'update' || verb === 'adopt';
      const attributes = await (isUpdate ? update : replace)(change, want, world);
      await noteProtection(world, address.key, want.protect);
      return attributes;
    }),
};

/** The token for which a new secret is made. */
export function renewedOf({
  address: { key },
  id,
  attributes,
  spec,
  raw,
}: Observed<ServiceTokenSpec>): Renewed {
  const { name } = raw as TokenReply;
  return { key, id, clientId: attributes.clientId ?? '', name, duration: spec.duration };
}

/** The key without a number: `ci` for `ci` and for its second token, `ci#2`. */
export function baseKey(key: string): string {
  return key.replace(/#\d+$/, '');
}

/**
 * The keys of ours, by id, because names are not unique and a token may have a second one. Of several with one key, the
 * one in the vault has it, else the oldest. Any other one has its id in its key and never conflicts.
 */
async function keysOf(replies: readonly TokenReply[], world: World): Promise<ReadonlyMap<string, string>> {
  const chosen = new Map<string, TokenReply>();
  for (const reply of [...replies].sort(byAge)) {
    const { owner, key } = readName(reply.name);
    const base = baseKey(key);
    if (owner !== world.scope.owner) continue;
    const held = await keptToken(world, base, reply.id);
    if (held !== undefined || !chosen.has(base)) chosen.set(base, reply);
  }
  return new Map([...chosen].map(([key, { id }]) => [id, key]));
}

function byAge(left: TokenReply, right: TokenReply): number {
  return (left.created_at ?? '').localeCompare(right.created_at ?? '') || left.id.localeCompare(right.id);
}

async function observed(
  reply: TokenReply,
  key: string | undefined,
  world: World,
): Promise<Observed<ServiceTokenSpec>> {
  const { id, name, client_id: clientId } = reply;
  const marked = readName(name);
  const ours = marked.owner === world.scope.owner;
  const entry = key === undefined ? undefined : await keptToken(world, key, id);
  const sinks = entry === undefined ? [] : await delivered(readSinks(entry), entry, world);
  const retiring = ours && key === undefined ? await retiringToken(world, baseKey(marked.key)) : undefined;
  const rotatesAt = key === undefined ? undefined : nextRotation(key, reply, entry, world);
  const isLeft = key !== undefined && (await isLeftToAnother(world, key, id));
  const isDue = rotatesAt !== undefined && rotatesAt.getTime() <= world.clock.now().getTime();
  return {
    address: { kind, key: key ?? `${ours ? baseKey(marked.key) : name} (${id})` },
    id,
    owner: marked.owner,
    spec: {
      duration: reply.duration ?? defaultDuration,
      enabled: reply.enabled ?? true,
      secret: marked.owner === undefined ? 'elsewhere' : secretState(entry, isLeft),
      ...(rotatesAt !== undefined && { rotation: isDue ? 'due' : 'fresh' }),
      deliver: sinks,
    },
    attributes: { id, clientId, ...(retiring?.id === id && { beside: baseKey(marked.key) }) },
    ...(rotatesAt !== undefined && { rotatesAt: rotatesAt.toISOString() }),
    uses: [],
    ...(reply.created_at !== undefined && { createdAt: reply.created_at }),
    ...(reply.expires_at !== undefined && { expiresAt: reply.expires_at }),
    raw: reply,
  };
}

function secretState(entry: Secret | undefined, isLeft: boolean): ServiceTokenSpec['secret'] {
  if (isWhole(entry)) return 'kept';
  if (isUnheard(entry)) return 'unheard';
  return isLeft ? 'another' : 'lost';
}

/** The time of the next rotation, counted from the last in the vault or, without one, from the token's creation. */
function nextRotation(
  key: string,
  { created_at: createdAt }: TokenReply,
  entry: Secret | undefined,
  { scope }: World,
): Date | undefined {
  const every = scope.rotations?.[key];
  const since = Date.parse(entry?.rotatedAt ?? createdAt ?? '');
  return every === undefined || Number.isNaN(since) ? undefined : new Date(since + every * 1000);
}

async function update(
  { address, have, drift, verb }: ReadyChange<ServiceTokenSpec>,
  want: ServiceTokenSpec,
  world: World,
): Promise<Readonly<Record<string, string>> | undefined> {
  if (have === undefined) return undefined;
  const { duration, enabled } = want;
  const isAdopted = verb === 'adopt';
  const differs = drift.includes('duration') || drift.includes('enabled');
  if (isAdopted || differs) {
    const name = isAdopted ? markName(world.scope.owner, address.key) : (have.raw as TokenReply).name;
    // A `duration` would move the end of the token.
    const body = { name, ...(differs && { duration, enabled }) };
    await world.cloudflare.put(`${await tokensPath(world)}/${have.id}`, body);
  }
  if (isAdopted) return have.attributes;
  const entry = await keptToken(world, address.key, have.id);
  if (isWhole(entry) && drift.includes('rotation')) {
    const { overlap = 0, deliver: receivers } = want;
    await renewExpiry(world, { ...renewedOf(have), duration });
    await rotateInPlace(world, renewedOf(have), { overlap, receivers });
    return { ...have.attributes, ...nextRotationAttributes(address.key, world) };
  }
  // A second token reaches no file before every policy that admits the first one admits it.
  if (isWhole(entry) && entry.retiring !== undefined) await admitBeside(world, entry.retiring, have.id);
  if (isWhole(entry)) await deliverTo(world, address.key, entry, want.deliver);
  else if (want.deliver.length > 0) {
    throw new UnsafeError('The secret of the service token is not in the vault', {
      hint: `\`gates rotate ${address.key}\` makes a new one, keeps it and delivers it`,
    });
  }
  return have.attributes;
}

/** Makes the token, and removes the previous one if there is one. */
async function replace(
  { address, have }: ReadyChange<ServiceTokenSpec>,
  want: ServiceTokenSpec,
  world: World,
): Promise<Readonly<Record<string, string>>> {
  const { key } = address;
  if (have !== undefined && want.rotation !== undefined && isUnheard(await keptToken(world, key, have.id))) {
    const { overlap = 0, deliver: receivers } = want;
    const { secret } = await addSecond(world, renewedOf(have), { overlap, receivers });
    return { id: secret.id ?? '', clientId: secret.clientId ?? '', ...nextRotationAttributes(key, world) };
  }
  if (have !== undefined) await noteTakingBack(world, { key, liveId: have.id });
  const name = markName(world.scope.owner, key);
  const secret = await make(world, key, { name, duration: want.duration });
  await deliverTo(world, key, secret, want.deliver);
  if (have !== undefined) await removeReplaced(have.id, world);
  return { id: secret.id ?? '', clientId: secret.clientId ?? '' };
}

/** The attribute `rotatesAt`, counted from now, for the status. */
function nextRotationAttributes(key: string, { scope, clock }: World): Readonly<Record<string, string>> {
  const every = scope.rotations?.[key];
  return every === undefined
    ? {}
    : { rotatesAt: new Date(clock.now().getTime() + every * 1000).toISOString() };
}

/** Removes the replaced token. If that fails, the next run prunes it. */
async function removeReplaced(id: string, world: World): Promise<void> {
  try {
    await world.cloudflare.delete(`${await tokensPath(world)}/${id}`);
  } catch (error) {
    if (!(error instanceof GatesError)) throw error;
  }
}

async function remove({ address, have }: ReadyChange<ServiceTokenSpec>, world: World): Promise<undefined> {
  if (have === undefined) return;
  await world.cloudflare.delete(`${await tokensPath(world)}/${have.id}`);
  if ((await keptToken(world, address.key, have.id)) !== undefined) {
    await world.vault.remove(tokenVaultName(world, address.key));
  }
  await noteProtection(world, address.key, 'none');
}

async function tokensPath(world: World): Promise<string> {
  return `${await accountPath(world)}/access/service_tokens`;
}
