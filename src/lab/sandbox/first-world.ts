import { firstAuthentik } from './authentik/first-state.ts';
import { FIRST_SETTINGS } from './cloudflare/access/access-organization.ts';
import type { AuthentikChoice } from './state/authentik-version.ts';
import { connected, newServiceToken, newTunnel } from './state/fresh-objects.ts';
import { type Mint, newApiToken, newHex } from './state/ids.ts';
import type { JsonObject } from './state/json.ts';
import { type LagOptions, lagOf } from './state/lag.ts';
import type { AccessLimits, Plan, RateHeaders, World, Zone } from './state/world.ts';

/** A first world plays Cloudflare's cache by default. */
export const CACHE_BY_DEFAULT = true;

/** The options of a first world; everything else is design §11's "first world". */
export interface FirstWorldOptions {
  zones: readonly string[];
  /** The seed of ids and secrets; by default the same for every first world. */
  seed?: string;
  plan?: Plan;
  settle?: number;
  lag?: LagOptions;
  /** True if the edge plays Cloudflare's cache. */
  cache?: boolean;
  canary?: string;
  /** The most calls of one token in five minutes; default: Cloudflare's own number. */
  callBudget?: number;
  /** The headers with the remaining budget; default: the newer ones. */
  rateHeaders?: RateHeaders;
  /** Quotas of Access that differ from the documented ones. */
  accessLimits?: AccessLimits;
  /** `inactive`: a new tunnel has no connector, as at Cloudflare. `connected`, the default: it has one at once. */
  freshTunnels?: 'connected' | 'inactive';
  /** Name of the first tunnel; default: homelab. */
  tunnel?: string;
  /** Settings of the organization that differ from those of a new account. */
  organization?: JsonObject;
  /** Bot Fight Mode of every zone. */
  fightMode?: boolean;
  /** The played release of Authentik; default: 2026.8. */
  authentikVersion?: AuthentikChoice;
}

/**
 * The initial world: the zones, active; one account; the tunnel `homelab`, remotely managed and connected; an Access
 * team named after the first zone's first label; one API token that may do everything.
 */
export function firstWorld(options: FirstWorldOptions): World {
  const mint: Mint = { seed: options.seed ?? 'gates-sandbox', count: 0, canary: options.canary ?? null };
  const created = new Date().toISOString();
  const plan = options.plan ?? 'free';
  const team = (options.zones[0] ?? 'sandbox').toLowerCase().split('.')[0];
  const parts = {
    account: { id: '0123456789abcdef0123456789abcdef', name: 'Sandbox', createdOn: created },
    apiTokens: [
      { id: newHex(mint, 32), value: newApiToken(mint), actor: 'daemon', status: 'active' as const },
    ],
    zones: options.zones.map((name) => ({
      ...firstZone(mint, name, plan, created),
      ...(options.fightMode === true ? { fightMode: true } : {}),
    })),
    tunnels: [
      connected(
        mint,
        newTunnel(mint, { name: options.tunnel ?? 'homelab', configSrc: 'cloudflare', createdAt: created }),
        created,
      ),
    ],
    organization: {
      name: `${team}.cloudflareaccess.com`,
      authDomain: `${team}.cloudflareaccess.com`,
      createdAt: created,
      updatedAt: created,
      ...(options.organization === undefined
        ? {}
        : { details: { ...FIRST_SETTINGS, created_at: created, ...options.organization } }),
    },
    strangerToken: newServiceToken(mint, { name: 'stranger', duration: '8760h', now: Date.now() }),
    authentik: firstAuthentik(mint, {
      choice: options.authentikVersion ?? '2026.8',
      zone: options.zones[0]?.toLowerCase() ?? 'sandbox',
    }),
  };
  const lag = lagOf(options.lag);
  return {
    ...mint,
    ...parts,
    ...(lag === undefined ? {} : { lag }),
    clockOffset: 0,
    settle: options.settle ?? 0,
    ...(options.freshTunnels === undefined ? {} : { freshTunnels: options.freshTunnels }),
    plan,
    ...((options.cache ?? CACHE_BY_DEFAULT) ? { playsCache: true } : {}),
    ...(options.rateHeaders === undefined ? {} : { rateHeaders: options.rateHeaders }),
    ...(options.accessLimits === undefined ? {} : { accessLimits: { ...options.accessLimits } }),
    budget: {
      limit: options.callBudget ?? 1200,
      windowMs: 5 * 60 * 1000,
      windowStart: 0,
      used: 0,
      blockedUntil: 0,
    },
    records: [],
    apps: [],
    policies: [],
    tags: [],
    identityProviders: [],
    serviceTokens: [],
    sessions: [],
    origins: [],
    guards: [],
    faults: [],
    calls: [],
    exposures: [],
    audit: [],
  };
}

function firstZone(mint: Mint, name: string, plan: Plan, createdOn: string): Zone {
  return { id: newHex(mint, 32), name: name.toLowerCase(), status: 'active', plan, createdOn };
}
