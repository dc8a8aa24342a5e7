import { shortKeyName, shortPlace } from '../../../reconcilers/cloudflare/api-shield/configuration-text.ts';
import type { TokenConfigurationSpec } from '../../../reconcilers/cloudflare/api-shield/token-configuration.ts';
import { absentKeySet, type KeySetSpec } from '../../../reconcilers/shared/key-set.ts';
import { keyName, type SigningKey } from '../../../reconcilers/shared/signing-key.ts';
import type { Config } from '../../config/model/config.ts';
import type { Kind } from '../../core/objects/address.ts';
import type { DesiredObject, Observation, Observed } from '../../core/objects/object.ts';

/** Seconds that Cloudflare still takes a token after its end, for clocks that differ. */
const leeway = 60;
/** Seconds that tokens of an issuer elsewhere are taken to last at most. */
const lastsElsewhere = 86_400;
/** Keys that a configuration may have (changelog of 2026-08-27). */
const mostKeys = 16;

export interface WithKeys {
  readonly objects: readonly DesiredObject[];
  readonly warnings: readonly string[];
}

/**
 * The same objects, each token configuration with the keys that it is to have now: those that the set has, and those that
 * it had until a moment ago, as long as a token that they signed may be valid. A set that cannot be read, or has no key,
 * leaves the keys as they are.
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
    const seconds = config.clients.get(spec.keySet)?.lifetimes.access ?? lastsElsewhere;
    const end = new Date(now.getTime() + (seconds + leeway) * 1000);
    const wanted = keysFor(set.keys, sameSource(have, spec.keySet) ? have : undefined, { now, end });
    return { ...object, spec: { ...spec, ...wanted } };
  });
  return { objects: changed, warnings: [...warnings] };
}

/** Tokens that another source signed are not those that the file lets in. */
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
  // A client that is still to be made has none yet.
  const isNew = problem === absentKeySet && have === undefined;
  return [
    ...(problem === undefined || isNew ? [] : [`keys of ${name}: ${problem}; ${stays}`]),
    ...left.map((reason) => `keys of ${name}: left out ${reason}`),
  ];
}

interface Times {
  readonly now: Date;
  /** Until when a key stays that has just gone from the set. */
  readonly end: Date;
}

function keysFor(
  keys: readonly SigningKey[],
  have: TokenConfigurationSpec | undefined,
  { now, end }: Times,
): Pick<TokenConfigurationSpec, 'keys' | 'leaving'> {
  const names = new Set(keys.map(keyName));
  const gone = (have?.keys ?? [])
    .filter((key) => !names.has(keyName(key)))
    .map((key) => ({ key, until: have?.leaving[shortKeyName(key.kid)] ?? written(end) }))
    .filter(({ until }) => Date.parse(until) > now.getTime())
    // Those whose tokens last longest, where there is no room for all.
    .sort((left, right) => (left.until > right.until ? -1 : 1))
    .slice(0, Math.max(0, mostKeys - keys.length));
  return {
    keys: [...keys.slice(0, mostKeys), ...gone.map(({ key }) => key)],
    leaving: Object.fromEntries(gone.map(({ key, until }) => [shortKeyName(key.kid), until])),
  };
}

/** Without parts of a second. */
function written(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z');
}

function read<Spec>(observations: readonly Observation[], kind: Kind): readonly Observed<Spec>[] {
  const found = observations.find((observation) => observation.kind === kind);
  return found?.state === 'known' ? (found.objects as readonly Observed<Spec>[]) : [];
}
