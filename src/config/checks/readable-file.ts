import type { GatesFile } from '../../../schema/generated/config.ts';
import { validate } from '../../../schema/generated/validate.js';
import type { Finding, Path } from '../mistakes/finding.ts';
import { compact, type PartOf } from '../model/partial-file.ts';

/** The file without values and keys that were found wrong; lists keep their indexes and get holes. */
export function partialFile(value: unknown, findings: readonly Finding[]): PartOf<GatesFile> {
  const wrong = findings.filter(({ absent }) => absent === undefined).map(({ path }) => path);
  const rest = without(value, wrong);
  return isMap(rest) ? rest : {};
}

/** The sound entries of a file, and for each zone the indexes of its sound records. */
export interface SoundFile {
  readonly file: GatesFile;
  readonly recordIndexes: ReadonlyMap<string, readonly number[]>;
}

/**
 * The file without the entries (services, origins, records …) that have mistakes, so that the others can still be
 * judged together. Undefined if too little is left.
 */
export function soundFile(value: unknown, findings: readonly Finding[]): SoundFile | undefined {
  if (findings.length === 0) return validate(value) ? { file: value, recordIndexes: new Map() } : undefined;
  // A key that is missing at the top, or around the authentik block, makes no entry unsound.
  const unsound = findings
    .filter(({ path, severity }) => severity === 'error' && path.length > 0)
    .map(entryOf);
  const rest = without(value, unsound);
  if (!isMap(rest)) return undefined;
  const whole = partialFile(value, findings);
  const access =
    whole.cloudflare?.access?.identityProvider === 'authentik' ? { identityProvider: 'authentik' } : {};
  const zones = compact(whole.cloudflare?.zones ?? []);
  const tunnels = isMap(rest.cloudflare) ? rest.cloudflare.tunnels : undefined;
  const recordIndexes = new Map<string, number[]>();
  const dns: Record<string, unknown> = {};
  for (const [zone, records] of Object.entries(isMap(rest.dns) ? rest.dns : {})) {
    if (!Array.isArray(records)) continue;
    recordIndexes.set(
      zone,
      [...records.keys()].filter((index) => records[index] !== undefined),
    );
    dns[zone] = compact(records);
  }
  const file = {
    ...rest,
    // Mistakes in these do not affect the judgment of the entries.
    version: 1,
    owner: 'owner',
    cloudflare: { account: 'account', zones, access, ...(tunnels === undefined ? {} : { tunnels }) },
    dns,
    notify: [],
  };
  return validate(file) ? { file, recordIndexes } : undefined;
}

/** The entry that a finding makes useless for judging the others. */
function entryOf({ path }: Finding): Path {
  const [section, , third] = path;
  if (section === 'services' && third === 'paths' && path.length >= 4) return path.slice(0, 4);
  // A hole in a list is not an entry, so the assertions are removed together.
  if (section === 'services' && third === 'expect') return path.slice(0, 3);
  if (section === 'expect') return path.slice(0, 1);
  if (section === 'dns' || section === 'cloudflare') return path.slice(0, 3);
  if (section === 'authentik' || section === 'waf' || section === 'reconcile') return path.slice(0, 1);
  return path.slice(0, 2);
}

/** A copy without the values at the paths; lists get holes. */
function without(value: unknown, paths: readonly Path[]): unknown {
  const tree: Removal = { below: new Map(), gone: false };
  for (const path of paths) {
    let node = tree;
    for (const key of path) {
      const next = node.below.get(String(key)) ?? { below: new Map(), gone: false };
      node.below.set(String(key), next);
      node = next;
    }
    node.gone = true;
  }
  return copy(value, tree);
}

interface Removal {
  readonly below: Map<string, Removal>;
  gone: boolean;
}

function copy(value: unknown, removal: Removal | undefined): unknown {
  if (removal === undefined) return value;
  if (removal.gone) return undefined;
  if (Array.isArray(value)) return value.map((item, index) => copy(item, removal.below.get(String(index))));
  if (!isMap(value)) return value;
  const entries = Object.entries(value).filter(([key]) => removal.below.get(key)?.gone !== true);
  return Object.fromEntries(entries.map(([key, inner]) => [key, copy(inner, removal.below.get(key))]));
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
