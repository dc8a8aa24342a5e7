import type { Json } from './json.ts';
import type { LagKind } from './lag.ts';
import type { World } from './world.ts';

/** An object of the world that reaches the edge later. */
export type Row = { id: string } & { [member: string]: Json };

/** The part that uses a write: the edge, or the login service of the Access team, which has its own delay. */
export type Place = 'edge' | 'login';

/** Objects of one kind: how to read them from a world, and how to replace them in one. */
export interface Lagging {
  kind: LagKind;
  /** The name among the kinds. */
  name: string;
  at: readonly Place[];
  rows(world: World): readonly Row[];
  put(world: World, rows: readonly Row[]): Partial<World>;
  /** Members that change without a write of this kind. */
  without?: readonly string[];
  /** Rows have their place in `at`, and everything that one write moves arrives together. */
  ordered?: true;
}

const AT_EDGE: readonly Place[] = ['edge'];

type Table = 'policies' | 'serviceTokens' | 'identityProviders' | 'records';
type OptionalTable =
  | 'accessCertificates'
  | 'accessGroups'
  | 'tokenConfigurations'
  | 'operations'
  | 'workerScripts';

function table(kind: LagKind, name: Table | OptionalTable, without: readonly string[] = []): Lagging {
  return {
    kind,
    name,
    at: AT_EDGE,
    without,
    rows: (world) => asRows(world[name] ?? []),
    put: (_, rows) => ({ [name]: rows }) as Partial<World>,
  };
}

/** The rulesets of a kind. Each arrives completely, as its own version. */
function rulesets(kind: LagKind, of: string): Lagging {
  return {
    kind,
    name: `rulesets of ${kind}`,
    at: AT_EDGE,
    rows: ({ rulesets = [] }) => asRows(rulesets.filter(({ phase }) => phase === of)),
    put: ({ rulesets = [] }, rows) =>
      ({ rulesets: [...rulesets.filter(({ phase }) => phase !== of), ...rows] }) as Partial<World>,
  };
}

function asRows(list: readonly object[]): readonly Row[] {
  return list as readonly Row[];
}

const apps: Lagging = {
  kind: 'access',
  name: 'apps',
  at: AT_EDGE,
  without: ['revokedAt'],
  rows: (world) => asRows(world.apps),
  put: (_, rows) => ({ apps: rows }) as unknown as Partial<World>,
};
const policies = table('policies', 'policies');
const certificates = table('access', 'accessCertificates');
const groups = table('policies', 'accessGroups');

function atLogin(lagging: Lagging): Lagging {
  return { ...lagging, kind: 'login', name: `${lagging.name} at login`, at: ['login'] };
}

/** All lagging kinds. Revocations come after the applications that they concern. */
export const lagging: readonly Lagging[] = [
  apps,
  atLogin(apps),
  certificates,
  atLogin(certificates),
  policies,
  atLogin(policies),
  groups,
  atLogin(groups),
  {
    kind: 'revocations',
    name: 'revocations',
    at: ['edge', 'login'],
    rows: ({ apps }) => apps.map(({ id, revokedAt }) => ({ id, revokedAt })),
    put: ({ apps }, rows) => {
      const known = new Map(rows.map(({ id, revokedAt }) => [id, revokedAt as number | null]));
      return { apps: apps.map((app) => ({ ...app, revokedAt: known.get(app.id) ?? null })) };
    },
  },
  table('tokens', 'serviceTokens', ['lastSeenAt']),
  { ...table('providers', 'identityProviders'), at: ['login', 'edge'] },
  table('records', 'records'),
  rulesets('waf', 'http_request_firewall_custom'),
  rulesets('cache', 'http_request_cache_settings'),
  table('shield', 'tokenConfigurations'),
  table('shield', 'operations'),
  {
    kind: 'shield',
    name: 'tokenRules',
    at: AT_EDGE,
    ordered: true,
    rows: ({ tokenRules = [] }) => asRows(tokenRules.map((rule, at) => ({ ...rule, at }))),
    put: (_, rows) => ({ tokenRules: rows }) as unknown as Partial<World>,
  },
  table('workers', 'workerScripts'),
  {
    kind: 'workers',
    name: 'workersRoutes',
    at: AT_EDGE,
    rows: ({ zoneExtras = {} }) =>
      Object.entries(zoneExtras).flatMap(([zone, { workersRoutes = [] }]) =>
        asRows(workersRoutes.map((route) => ({ ...route, zone }))),
      ),
    put: ({ zoneExtras = {} }, rows) => ({
      zoneExtras: Object.fromEntries(
        Object.entries(zoneExtras).map(([zone, extras]) => [
          zone,
          { ...extras, workersRoutes: rows.filter((row) => row.zone === zone) },
        ]),
      ),
    }),
  },
  {
    kind: 'organization',
    name: 'organization',
    at: AT_EDGE,
    rows: ({ organization }) => (organization === null ? [] : asRows([{ ...organization, id: '' }])),
    put: (_, [row]) => ({ organization: row ?? null }) as unknown as Partial<World>,
  },
];
