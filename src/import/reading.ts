import { identity } from '../../reconcilers/authentik/reading/identity.ts';
import { ConfigError, GatesError } from '../core/errors.ts';
import type { Scope } from '../core/objects/object.ts';
import type { ProgressEvent } from '../core/progress.ts';
import type { AnyReconciler } from '../core/reconciler.ts';
import type { World } from '../core/world.ts';
import { observe } from '../observed/observe.ts';
import { LiveObjects } from './terms/live-objects.ts';
import type { LiveGround } from './terms/visit.ts';
import { visitedHosts } from './visits.ts';

/** The parts of both systems that an import reads. */
export interface LiveReach {
  readonly reconcilers: readonly AnyReconciler[];
  readonly world: (scope: Scope) => World;
  readonly onEvent?: (event: ProgressEvent) => void;
}

/** The names with which a person calls the import. */
export interface ImportPlace {
  readonly owner: string;
  /** An id or a name; undefined: the only account that the token sees. */
  readonly account?: string;
  /** EntryNames; undefined: all zones of the account. */
  readonly zones?: readonly string[];
  /** Names of the tokens that some zones have of their own. */
  readonly zoneTokens?: Scope['zoneTokens'];
  /** The address of Authentik's API; undefined: there is none. */
  readonly authentik?: string;
}

/** Kinds of which an import needs nothing: gates makes or checks them by itself. */
const unneeded: ReadonlySet<string> = new Set([
  'cloudflare/access-session',
  'cloudflare/api-shield',
  'cloudflare/token-configuration',
  'cloudflare/token-rule',
  'cloudflare/api-operation',
  'cloudflare/cached-copies',
  'cloudflare/login-protection',
  'edge/key-set',
  'edge/proof',
  'authentik/admission',
]);

/** Kinds without which nobody knows what guards a host. */
const essential: ReadonlySet<string> = new Set([
  'cloudflare/zone',
  'cloudflare/tunnel',
  'cloudflare/dns-record',
  'cloudflare/ingress-rule',
  'cloudflare/access-application',
  'cloudflare/access-policy',
]);

/** Everything that an import has found out. */
export interface Found extends LiveGround {
  /** The time of the reading. */
  readonly now: Date;
  /** False: Authentik shows this token only the applications that its account may open. */
  readonly listsEveryApplication: boolean;
}

/** Throws the reason why a kind could not be read without which no file can say what is live. */
export function requireEssential({ observed }: LiveObjects): void {
  for (const each of observed) if (each.state === 'unknown' && essential.has(each.kind)) throw each.error;
}

/** Everything live that may become part of a file. Writes nothing. */
export async function readLive(reach: LiveReach, place: ImportPlace): Promise<Found> {
  const world = reach.world(await scopeOf(reach, place));
  const now = world.clock.now();
  const read = reach.reconcilers.filter(({ kind }) => !unneeded.has(kind));
  const observed = await observe(read, world, reach.onEvent);
  const live = new LiveObjects(world.scope, observed);
  const visits = await visitedHosts(live, world, (visited, all) =>
    reach.onEvent?.({ type: 'working', words: `visiting hosts: ${visited} of ${all}` }),
  );
  reach.onEvent?.({ type: 'working' });
  return { live, visits, now, listsEveryApplication: await listsEveryApplication(world) };
}

async function listsEveryApplication(world: World): Promise<boolean> {
  if (world.authentik === undefined) return true;
  try {
    const [self] = await world.read(identity);
    return self?.spec.superuser === true;
  } catch (error) {
    if (error instanceof GatesError) return false;
    throw error;
  }
}

interface AccountReply {
  readonly id: string;
  readonly name: string;
}

interface ZoneReply {
  readonly name: string;
  readonly account?: { readonly id?: string };
}

interface TunnelReply {
  readonly name: string;
}

async function scopeOf(
  { world: enter }: LiveReach,
  { owner, account, zones, zoneTokens, authentik }: ImportPlace,
): Promise<Scope> {
  const tokens = zoneTokens === undefined ? {} : { zoneTokens };
  const { cloudflare } = enter({ owner, account: account ?? '', zones: zones ?? [], ...tokens, tunnels: [] });
  const id = await accountId(cloudflare, account);
  const listed = (await cloudflare.list('/zones', {
    'account.id': id,
    per_page: 50,
  })) as readonly ZoneReply[];
  const known = listed
    .filter((zone) => (zone.account?.id ?? id) === id)
    .map(({ name }) => name)
    .sort();
  const missing = zones?.find((name) => !known.includes(name));
  if (missing !== undefined)
    throw new ConfigError(`The account has no zone ${missing}`, { hint: `It has: ${known.join(', ')}` });
  const tunnels = (await cloudflare.list(`/accounts/${id}/cfd_tunnel`, {
    is_deleted: false,
    per_page: 1000,
  })) as readonly TunnelReply[];
  const wanted = zones ?? known;
  return {
    ...{ owner, account: id, zones: wanted, ...tokens, tunnels: tunnels.map(({ name }) => name) },
    ...{ wafZones: wanted, cacheZones: wanted },
    looksUp: ['cloudflare/access-identity-provider', 'cloudflare/posture-check'],
    ...(authentik !== undefined && {
      authentik: {
        ...{
          url: authentik,
          outpost: 'authentik Embedded Outpost',
          applications: [],
          clients: true,
          saml: true,
          // Its name follows from what is read.
          ldapOutpost: '',
        },
        users: [],
        policies: [],
      },
    }),
  };
}

async function accountId(cloudflare: World['cloudflare'], asked: string | undefined): Promise<string> {
  if (asked !== undefined && /^[0-9a-f]{32}$/.test(asked)) return asked;
  const seen = (await cloudflare.list('/accounts', { per_page: 50 })) as readonly AccountReply[];
  const found = seen.filter(({ name }) => asked === undefined || name === asked);
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only.id;
  throw new ConfigError(
    found.length === 0 ? 'The token sees no such account' : 'The token sees several accounts',
    {
      hint: `Name one with --account: ${seen.map(({ id, name }) => `${id} (${name})`).join(', ') || 'it sees none'}`,
    },
  );
}
