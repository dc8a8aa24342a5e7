import { type Budget, createBudget } from '../../clients/cloudflare/budget.ts';
import {
  type CloudflareOptions,
  type CloudflareWire,
  createCloudflareWire,
} from '../../clients/cloudflare/cloudflare.ts';
import { zonedWire } from '../../clients/cloudflare/zone-wires.ts';
import { ConfigError } from '../../core/errors.ts';
import type { Scope } from '../../core/objects/object.ts';
import type { Clock } from '../../core/world.ts';
import { variableOf } from './named-variables.ts';
import type { Settings } from './settings.ts';

/** The wires to Cloudflare with each of its tokens. */
export interface CloudflareWires {
  /** The token of the account, whatever the call. */
  readonly account: CloudflareWire;
  /** With the tokens that zones have of their own. Throws ConfigError if one is missing. */
  readonly of: (scope: Pick<Scope, 'zones' | 'zoneTokens'>) => CloudflareWire;
  /** The wire with the token of this name, for zones; undefined if it is not set. */
  readonly ofZone: (name: string) => CloudflareWire | undefined;
  /** Without a token, only runs that need it miss it. */
  readonly workers: CloudflareWire | undefined;
}

type WireParts = Omit<CloudflareOptions, 'token' | 'variable' | 'budget'>;

/**
 * Makes wires to Cloudflare. Cloudflare counts the calls of each token, so each token has one budget for all wires.
 * `onBudget` gets each budget once.
 * @throws ConfigError without a token of the account.
 */
export function cloudflareMaker(
  { cloudflareToken, workersToken, tokenVariables, named }: Settings,
  clock: Clock,
  onBudget: (budget: Budget, variable: string) => void = () => {},
): (parts: WireParts) => CloudflareWires {
  const { cloudflare: variable, workers } = tokenVariables;
  if (cloudflareToken === undefined) {
    throw new ConfigError('No token for Cloudflare', {
      hint: `Set ${variable}, or ${variable}_FILE; docs/permissions.md lists the permissions it needs`,
    });
  }
  const budgets = new Map<string, Budget>();
  const budgetOf = (name: string) => {
    const budget = budgets.get(name) ?? createBudget(clock);
    if (!budgets.has(name)) onBudget(budget, name);
    budgets.set(name, budget);
    return budget;
  };
  return (parts) => {
    const wire = (name: string, token: string) =>
      createCloudflareWire({ ...parts, token, variable: name, budget: budgetOf(name) });
    const account = wire(variable, cloudflareToken);
    const ofZone = (name: string) => {
      const own = variableOf('CLOUDFLARE_ZONE_TOKEN', name);
      const token = named.get(own);
      return token === undefined ? undefined : wire(own, token);
    };
    return {
      account,
      ofZone,
      of: (scope) =>
        scope.zoneTokens === undefined ? account : zonedWire(account, wiresOf(scope, account, ofZone)),
      workers: workersToken === undefined ? undefined : wire(workers, workersToken),
    };
  };
}

/** The wire of each zone. Zones with one token share a wire. */
function wiresOf(
  { zones, zoneTokens = {} }: Pick<Scope, 'zones' | 'zoneTokens'>,
  account: CloudflareWire,
  ofZone: CloudflareWires['ofZone'],
): ReadonlyMap<string, CloudflareWire> {
  const own = new Map([...new Set(Object.values(zoneTokens))].map((name) => [name, ofZone(name)] as const));
  return new Map(
    zones.map((zone) => {
      const name = Object.hasOwn(zoneTokens, zone) ? zoneTokens[zone] : undefined;
      if (name === undefined) return [zone, account] as const;
      const wire = own.get(name);
      if (wire === undefined) throw missingToken(zone, name);
      return [zone, wire] as const;
    }),
  );
}

function missingToken(zone: string, name: string): ConfigError {
  const variable = variableOf('CLOUDFLARE_ZONE_TOKEN', name);
  return new ConfigError(`No token for the zone ${zone}`, {
    hint: `Set ${variable}, or ${variable}_FILE: \`zoneTokens\` of the file gives this zone the token "${name}"; docs/permissions.md lists the permissions it needs`,
  });
}
