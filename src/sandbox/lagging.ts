import type { Json } from './json.ts';
import type { LagKind } from './lag.ts';
import type { World } from './world.ts';

/** An object that the edge learns of, as the world has it. */
export type Row = { id: string } & { [member: string]: Json };

/** Objects of one kind: which they are in a world, and a world in which they are others. */
export interface Lagging {
  kind: LagKind;
  /** Tells them from the other objects of their kind. */
  name: string;
  rows(world: World): readonly Row[];
  put(world: World, rows: readonly Row[]): Partial<World>;
  /** Members that change without a write of this kind. */
  without?: readonly string[];
  /** Rows have their place in `at`, and what one write moves arrives together. */
  ordered?: true;
}

type Table = 'policies' | 'serviceTokens' | 'identityProviders' | 'records';
type OptionalTable = 'tokenConfigurations' | 'operations';

function table(kind: LagKind, name: Table | OptionalTable, without: readonly string[] = []): Lagging {
  return {
    kind,
    name,
    without,
    rows: (world) => asRows(world[name] ?? []),
    put: (_, rows) => ({ [name]: rows }) as Partial<World>,
  };
}

/** A ruleset arrives whole, as a version of its own. */
function rulesets(kind: LagKind, of: string): Lagging {
  return {
    kind,
    name: `rulesets of ${kind}`,
    rows: ({ rulesets = [] }) => asRows(rulesets.filter(({ phase }) => phase === of)),
    put: ({ rulesets = [] }, rows) =>
      ({ rulesets: [...rulesets.filter(({ phase }) => phase !== of), ...rows] }) as Partial<World>,
  };
}

function asRows(list: readonly object[]): readonly Row[] {
  return list as readonly Row[];
}

/** All that lags. Revocations come after the applications that they are about. */
export const lagging: readonly Lagging[] = [
  {
    kind: 'access',
    name: 'apps',
    without: ['revokedAt'],
    rows: ({ apps }) => asRows(apps),
    put: (_, rows) => ({ apps: rows }) as unknown as Partial<World>,
  },
  {
    kind: 'revocations',
    name: 'revocations',
    rows: ({ apps }) => apps.map(({ id, revokedAt }) => ({ id, revokedAt })),
    put: ({ apps }, rows) => {
      const known = new Map(rows.map(({ id, revokedAt }) => [id, revokedAt as number | null]));
      return { apps: apps.map((app) => ({ ...app, revokedAt: known.get(app.id) ?? null })) };
    },
  },
  table('policies', 'policies'),
  table('tokens', 'serviceTokens', ['lastSeenAt']),
  table('providers', 'identityProviders'),
  table('records', 'records'),
  rulesets('waf', 'http_request_firewall_custom'),
  rulesets('cache', 'http_request_cache_settings'),
  table('shield', 'tokenConfigurations'),
  table('shield', 'operations'),
  {
    kind: 'shield',
    name: 'tokenRules',
    ordered: true,
    rows: ({ tokenRules = [] }) => asRows(tokenRules.map((rule, at) => ({ ...rule, at }))),
    put: (_, rows) => ({ tokenRules: rows }) as unknown as Partial<World>,
  },
  {
    kind: 'organization',
    name: 'organization',
    rows: ({ organization }) => (organization === null ? [] : asRows([{ ...organization, id: '' }])),
    put: (_, [row]) => ({ organization: row ?? null }) as unknown as Partial<World>,
  },
];
