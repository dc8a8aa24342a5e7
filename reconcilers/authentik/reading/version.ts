import type { Reconciler } from '../../../src/core/reconciler.ts';

/** The server's version. Looked up; attribute `version`, `2026.8.3`. */
export interface VersionSpec {
  /** At least the oldest version that gates works with. */
  readonly supported: boolean;
}

const kind = 'authentik/version';
const key = 'server';

/** The oldest supported release: since then every list has `autocomplete`, and Redis is being phased out. */
const oldest = '2025.8';

export const version: Reconciler<VersionSpec> = {
  kind,
  title: 'Authentik version',
  traits: { unmarked: true },

  async observe(world) {
    const reply = (await world.authentik?.get('/admin/version/')) as { version_current?: string } | undefined;
    const current = reply?.version_current;
    if (current === undefined) return [];
    return [
      {
        address: { kind, key },
        id: `version ${current}`,
        owner: undefined,
        spec: { supported: isAtLeast(current, oldest) },
        attributes: { version: current },
        uses: [],
      },
    ];
  },

  remedy: (_drift, _want, have) => ({
    verb: 'refuse',
    reason: `Authentik ${have.attributes.version} is older than ${oldest}: upgrade it`,
  }),
};

/** Compares year and month; release candidates count as the release. */
export function isAtLeast(current: string, wanted: string): boolean {
  const [year = 0, month = 0] = current.split('.').map(Number);
  const [wantedYear = 0, wantedMonth = 0] = wanted.split('.').map(Number);
  return year > wantedYear || (year === wantedYear && month >= wantedMonth);
}

/** Negative if the first release is older, 0 if both are equal. A release candidate is older than its release. */
export function compareReleases(first: string, second: string): number {
  const [left, right] = [partsOf(first), partsOf(second)];
  const at = left.findIndex((part, index) => part !== right[index]);
  return at === -1 ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
}

/** `2026.5.0-rc1` becomes 2026, 5, 0, 1. For a release the last number is infinite. */
function partsOf(version: string): readonly number[] {
  const [numbers = '', candidate] = version.split('-rc');
  const [year = 0, month = 0, patch = 0] = numbers.split('.').map((part) => Number.parseInt(part, 10) || 0);
  return [
    year,
    month,
    patch,
    candidate === undefined ? Number.POSITIVE_INFINITY : Number.parseInt(candidate, 10) || 0,
  ];
}
