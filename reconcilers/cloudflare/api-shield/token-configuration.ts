import { RejectedError } from '../../../src/core/errors.ts';
import { equal } from '../../../src/core/objects/equal.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { World } from '../../../src/core/world.ts';
import { carryOut } from '../../shared/carry-out.ts';
import { keySet } from '../../shared/key-set.ts';
import { keyName, readKeySet, type SigningKey, sameKeys } from '../../shared/signing-key.ts';
import { clearZone, noteZone } from '../rules/zones.ts';
import { apiShield, shields } from './api-shield.ts';
import { readConfigurationText, shortPlace, writeText } from './configuration-text.ts';

/**
 * The configuration with which API Shield checks the tokens of a host. Keyed by the host, which its description has
 * after our marker. Attribute `id`, to which rules refer; it survives a change of keys.
 */
export interface TokenConfigurationSpec {
  readonly zone: string;
  readonly zoneId: string;
  readonly title: string;
  /** The places of the token in a request, in the rules language. */
  readonly sources: readonly string[];
  /** Key of the set with the keys (edge/key-set). */
  readonly keySet: string;
  /** Absent while the set is unknown: an existing configuration keeps its keys, a new one gets those of its write. */
  readonly keys: readonly SigningKey[];
  /** Keys that the set no longer has, by the beginning of their name, and until when they stay (RFC 3339). */
  readonly leaving: Readonly<Record<string, string>>;
}

interface ConfigurationReply {
  readonly id: string;
  readonly title: string;
  readonly description?: string;
  readonly token_sources?: readonly string[];
  readonly credentials?: unknown;
  readonly created_at?: string;
}

const kind = 'cloudflare/token-configuration';

/** Configurations of a zone (changelog of 2026-08-27). */
const mostConfigurations = 32;

export const tokenConfiguration: Reconciler<TokenConfigurationSpec> = {
  kind,
  title: 'token configuration',

  async observe(world) {
    return (await shields(world)).flatMap(({ zone, zoneId, configurations }) =>
      (configurations as readonly ConfigurationReply[]).map((reply) => observed(reply, { zone, zoneId })),
    );
  },

  drift(want, have) {
    const fields: string[] = [];
    for (const field of ['title', 'sources', 'leaving'] as const) {
      if (want[field] !== undefined && !equal(want[field], have[field])) fields.push(field);
    }
    if (want.keySet !== undefined && shortPlace(want.keySet) !== have.keySet) fields.push('keySet');
    if (want.keys !== undefined && !sameKeys(want.keys, have.keys)) fields.push('keys');
    return fields;
  },

  doors(want, have, { key: host }) {
    // It does nothing alone: the objects that refer to it do.
    if (want === undefined || have === undefined) return [];
    const { spec } = have;
    const { sources, keySet: set, keys } = want as Partial<TokenConfigurationSpec>;
    const isOther =
      (sources !== undefined && !equal(sources, spec.sources)) ||
      (set !== undefined && shortPlace(set) !== spec.keySet);
    if (isOther) return [{ host, step: 'change' }];
    if (keys === undefined || sameKeys(keys, spec.keys)) return [];
    const before = new Set(spec.keys.map((one) => JSON.stringify(one)));
    return [{ host, step: keys.every((one) => before.has(JSON.stringify(one))) ? 'guard' : 'change' }];
  },

  foreseen(drift, { keys = [], leaving = {} }, { spec }) {
    const isKept = (key: SigningKey) => spec.keys.some((held) => sameKeys([held], [key]));
    // A removal of expired keys alone was foreseen.
    return (
      drift.every((field) => field === 'keys' || field === 'leaving') &&
      keys.length > 0 &&
      (keys as readonly SigningKey[]).every(isKept) &&
      Object.entries(leaving).every(([name, end]) => spec.leaving[name] === end)
    );
  },

  write: (changes, world) =>
    carryOut(changes, async ({ verb, address: { key: host }, want, have, drift }) => {
      const zoneId = want?.zoneId ?? have?.spec.zoneId ?? '';
      const path = `/zones/${zoneId}/token_validation/config`;
      if (verb === 'prune' && have !== undefined) {
        await world.cloudflare.delete(`${path}/${have.id}`);
        world.forget(apiShield, tokenConfiguration);
        if ((await ownIn(zoneId, world)).length === 0) await clearZone(world, 'api-shield', zoneId);
        return undefined;
      }
      if (want === undefined) return undefined;
      await noteZone(world, 'api-shield', zoneId);
      try {
        const standing = have ?? (await madeMeanwhile(host, world));
        if (standing === undefined) return { id: await create(path, host, want, world) };
        const fields = have === undefined ? (tokenConfiguration.drift?.(want, standing.spec) ?? []) : drift;
        return {
          id: await update(`${path}/${standing.id}`, { host, want, have: standing, drift: fields }, world),
        };
      } finally {
        world.forget(apiShield);
      }
    }),
};

function observed(
  reply: ConfigurationReply,
  place: Pick<TokenConfigurationSpec, 'zone' | 'zoneId'>,
): Observed<TokenConfigurationSpec> {
  const { id, title, description = '', token_sources: sources = [], created_at: createdAt } = reply;
  const text = readConfigurationText(description);
  return {
    address: { kind, key: text?.host ?? `${title} (${id})` },
    id,
    owner: text?.owner,
    spec: {
      ...place,
      title,
      sources,
      keySet: text?.keySet ?? '',
      keys: readKeySet(reply.credentials).keys,
      leaving: text?.leaving ?? {},
    },
    attributes: { id },
    uses: [],
    ...(createdAt !== undefined && { createdAt }),
  };
}

/** Our configuration of the host, read again: titles are not unique, so a repeated POST would make a second one. */
async function madeMeanwhile(
  host: string,
  world: World,
): Promise<Observed<TokenConfigurationSpec> | undefined> {
  world.forget(apiShield, tokenConfiguration);
  const there = await world.read(tokenConfiguration);
  return there.find(({ owner, address }) => owner === world.scope.owner && address.key === host);
}

async function create(
  path: string,
  host: string,
  want: TokenConfigurationSpec,
  world: World,
): Promise<string> {
  await mayMake(want, world);
  const keys = want.keys ?? (await keysNow(want.keySet, world));
  const reply = (await world.cloudflare.post(path, {
    title: want.title,
    description: describeConfiguration(host, want, world),
    token_sources: want.sources,
    token_type: 'JWT',
    credentials: { keys },
  })) as ConfigurationReply;
  mustHold(keys, reply.credentials);
  return reply.id;
}

interface Updated {
  readonly host: string;
  readonly want: TokenConfigurationSpec;
  readonly have: Observed<TokenConfigurationSpec>;
  readonly drift: readonly string[];
}

async function update(path: string, { host, want, have, drift }: Updated, world: World): Promise<string> {
  // With another set, the previous keys must not stay: they would count as keys of the new set.
  const keys = want.keys ?? (drift.includes('keySet') ? await keysNow(want.keySet, world) : undefined);
  // Replaced in place, so that the id stays, to which rules refer.
  if (keys !== undefined && !sameKeys(keys, have.spec.keys)) {
    await world.cloudflare.put(`${path}/credentials`, { keys });
    const reply = (await world.cloudflare.get(path)) as ConfigurationReply | undefined;
    mustHold(keys, reply?.credentials);
  }
  if (drift.some((field) => field !== 'keys')) {
    const description = describeConfiguration(host, { ...have.spec, ...want }, world);
    await world.cloudflare.patch(path, { title: want.title, description, token_sources: want.sources });
  }
  return have.id;
}

/** The text of the description. */
export function describeConfiguration(
  host: string,
  { keySet: set, leaving = {} }: Pick<TokenConfigurationSpec, 'keySet' | 'leaving'>,
  { scope: { owner } }: World,
): string {
  return writeText({ owner, host, keySet: set, leaving });
}

/** The keys of the set as they are now: the client that signs with it may be new. */
async function keysNow(key: string, world: World): Promise<readonly SigningKey[]> {
  world.forget(keySet);
  const found = (await world.read(keySet)).find(({ address }) => address.key === key)?.spec;
  if (found !== undefined && found.keys.length > 0) return found.keys;
  throw new RejectedError('The keys that sign the tokens are not known', {
    hint: 'See whether the key set can be read from here, and has keys; the next run looks again',
    facts: { address: `edge/key-set:${key}`, detail: found?.problem ?? '', applied: 'no' },
  });
}

async function ownIn(zoneId: string, world: World): Promise<readonly unknown[]> {
  const all = await world.read(tokenConfiguration);
  return all.filter(({ owner, spec }) => owner === world.scope.owner && spec.zoneId === zoneId);
}

async function mayMake({ zoneId, zone }: TokenConfigurationSpec, world: World): Promise<void> {
  const there = (await world.read(tokenConfiguration)).filter(({ spec }) => spec.zoneId === zoneId);
  if (there.length < mostConfigurations) return;
  throw new RejectedError('The zone has as many token configurations as it may have', {
    hint: `Remove one of its ${mostConfigurations} (Security, Settings, Token configurations)`,
    facts: { address: `cloudflare/zone:${zone}`, applied: 'no' },
  });
}

/** Throws if Cloudflare has silently dropped keys that it does not accept. */
function mustHold(keys: readonly SigningKey[], credentials: unknown): void {
  const held = new Set(readKeySet(credentials).keys.map(keyName));
  const dropped = keys.filter((key) => !held.has(keyName(key))).map(keyName);
  if (dropped.length === 0) return;
  throw new RejectedError('Cloudflare did not take every key', {
    hint: 'Tokens that these keys sign are refused: have the issuer sign with another kind of key',
    facts: { detail: dropped.join(', ') },
  });
}
