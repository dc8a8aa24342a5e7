import { shortKeyName, shortPlace } from '../../../reconcilers/cloudflare/api-shield/configuration-text.ts';
import type { TokenConfigurationSpec } from '../../../reconcilers/cloudflare/api-shield/token-configuration.ts';
import { absentKeySet, type KeySetSpec } from '../../../reconcilers/shared/key-set.ts';
import { keyName, type SigningKey } from '../../../reconcilers/shared/signing-key.ts';
import type { Config } from '../../config/model/config.ts';
import type { Kind } from '../../core/objects/address.ts';
import type { DesiredObject, Observation, Observed } from '../../core/objects/object.ts';

/** Seconds for which Cloudflare still accepts a token after its end, because clocks differ. */
const leeway = 60;
/** The assumed longest lifetime of tokens from a foreign issuer, in seconds. */
const lastsElsewhere = 86_400;
/** Keys that a configuration may have (changelog of 2026-08-27). */
const mostKeys = 16;

export interface WithKeys {
  readonly objects: readonly DesiredObject[];
  readonly warnings: readonly string[];
}

/**
 * Gives each token configuration the keys that it must have now: those of the set, and those that recently left it, as
 * long as a token that they signed may be valid. gates keeps the keys if a set is unreadable or empty.
 */
export function withKeys(
  objects: readonly DesiredObject[],
  {
    config,
    observations,
    now,
  }: { readonly config: Config; readonly observations: readonly Observation[]; readonly now: Date },
): WithKeys {
  const sets = new Map(
    read<KeySetSpec>(observations, 'edge/key-set').map((set) => [set.address.key, set.spec]),
  );
  const standing = new Map(
    read<TokenConfigurationSpec>(observations, 'cloudflare/token-configuration')
      .filter(({ owner }) => owner === config.owner)
      .map((one) => [one.address.key, one.spec]),
  );
  const warnings = new Set<string>();
  const changed = objects.map((object) => {
    if (object.address.kind !== 'cloudflare/token-configuration') return object;
    const spec = object.spec as Pick<TokenConfigurationSpec, 'keySet'>;
    const have = standing.get(object.address.key);
    const set = sets.get(spec.keySet);
    for (const warning of warningsOn(spec.keySet, set, have)) warnings.add(warning);
    if (set === undefined || set.keys.length === 0) return object;
    const client = config.clients.get(spec.keySet);
    const seconds = client?.protocol === 'oidc' ? client.lifetimes.access : lastsElsewhere;
    const end = new Date(now.getTime() + (seconds + leeway) * 1000);
    const wanted = keysFor(set.keys, sameSource(have, spec.keySet) ? have : undefined, { now, end });
    return { ...object, spec: { ...spec, ...wanted } };
  });
  return { objects: changed, warnings: [...warnings] };
}

/** The file does not admit tokens that another source signed. */
function sameSource(have: TokenConfigurationSpec | undefined, keySet: string): boolean {
  return have?.keySet === shortPlace(keySet);
}

function warningsOn(
  name: string,
  set: KeySetSpec | undefined,
  have: TokenConfigurationSpec | undefined,
): readonly string[] {
  const { problem, left = [] } = set ?? {};
  const stays = have === undefined ? 'its hosts stay closed' : 'the keys that stand stay';
  // A client that does not exist yet has no keys.
  const isNew = problem === absentKeySet && have === undefined;
  return [
    ...(problem === undefined || isNew ? [] : [`keys of ${name}: ${problem}; ${stays}`]),
    ...left.map((reason) => `keys of ${name}: left out ${reason}`),
  ];
}

interface Times {
  readonly now: Date;
  /** The time until which a key stays that has just left the set. */
  readonly end: Date;
}

function keysFor(
  keys: readonly SigningKey[],
  have: TokenConfigurationSpec | undefined,
  { now, end }: Times,
): Pick<TokenConfigurationSpec, 'keys' | 'leaving'> {
  const names = new Set(keys.map(keyName));
  const leavingKeys = (have?.keys ?? [])
    .filter((key) => !names.has(keyName(key)))
    .map((key) => ({ key, until: have?.leaving[shortKeyName(key.kid)] ?? written(end) }))
    .filter(({ until }) => Date.parse(until) > now.getTime())
    // If there is no room for all, the keys whose tokens last longest stay.
    .sort((left, right) => (left.until > right.until ? -1 : 1))
    .slice(0, Math.max(0, mostKeys - keys.length));
  return {
    keys: [...keys.slice(0, mostKeys), ...leavingKeys.map(({ key }) => key)],
    leaving: Object.fromEntries(leavingKeys.map(({ key, until }) => [shortKeyName(key.kid), until])),
  };
}

/** The time without fractions of a second. */
function written(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z');
}

function read<Spec>(observations: readonly Observation[], kind: Kind): readonly Observed<Spec>[] {
  const found = observations.find((observation) => observation.kind === kind);
  return found?.state === 'known' ? (found.objects as readonly Observed<Spec>[]) : [];
}
