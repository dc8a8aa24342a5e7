import type { SandboxOptions } from './sandbox.ts';
import { isObject, type JsonObject } from './state/json.ts';
import type { Delay, LagKind, LagOptions } from './state/lag.ts';
import type { Plan, RateHeaders } from './state/world.ts';

/** The options that a sandbox takes from a document of `gates conformance`. */
type AsMeasured = Pick<
  SandboxOptions,
  | 'zones'
  | 'tunnel'
  | 'plan'
  | 'lag'
  | 'settle'
  | 'cache'
  | 'rateHeaders'
  | 'callBudget'
  | 'accessLimits'
  | 'organization'
  | 'fightMode'
>;

/** The line and the measure of each lag, the more exact one first. */
const LAGS: readonly (readonly [kind: LagKind, lines: readonly string[]])[] = [
  ['access', ['lag/access']],
  ['policies', ['lag/policy']],
  ['records', ['lag/record', 'tunnel/name']],
  ['waf', ['lag/rule']],
  ['cache', ['cache/rule']],
  ['revocations', ['sessions/ended']],
];

const PLANS: readonly Plan[] = ['free', 'pro', 'business', 'enterprise'];
const HEADERS: readonly RateHeaders[] = ['newer', 'older', 'both', 'none'];

/**
 * The options of a sandbox that behaves like the tested account, without those that the document lacks.
 * @throws {TypeError} for a text that is no document of `gates conformance`.
 */
export function asMeasured(document: unknown): AsMeasured {
  if (!isObject(document) || document.version !== 1 || !Array.isArray(document.beliefs))
    throw new TypeError('this is no document of gates conformance');
  const { zone, tunnel } = document;
  if (typeof zone !== 'string' || typeof tunnel !== 'string')
    throw new TypeError('it names no zone and tunnel');
  const lines = new Map(document.beliefs.filter(isObject).map((line) => [String(line.belief), line]));
  const measuredAt = (belief: string): JsonObject => {
    const measured = lines.get(belief)?.measured;
    return isObject(measured) ? measured : {};
  };
  const { plan } = measuredAt('token/zone');
  const { sent } = measuredAt('headers/allowance');
  const [knownPlan, knownHeaders] = [PLANS.find((one) => one === plan), HEADERS.find((one) => one === sent)];
  const cache = lines.get('cache/extension')?.state;
  return {
    ...{ zones: [zone], tunnel, lag: lagsOf(measuredAt) },
    ...(knownPlan && { plan: knownPlan }),
    ...(knownHeaders && { rateHeaders: knownHeaders }),
    ...numberOf('settle', measuredAt('tunnel/pick-up').ms),
    ...numberOf('callBudget', measuredAt('headers/budget').calls),
    ...(cache === 'as believed' || cache === 'otherwise' ? { cache: cache === 'as believed' } : {}),
    accessLimits: { ...numberOf('destinations', measuredAt('limits/destinations').destinations) },
    organization: organizationOf(measuredAt, zone),
    fightMode: measuredAt('bots/gates').challenged === true,
  };
}

function lagsOf(measuredAt: (belief: string) => JsonObject): LagOptions {
  const lags: { [kind in LagKind]?: Delay } = {};
  for (const [kind, lines] of LAGS) {
    const delay = lines.map((line) => delayOf(measuredAt(line))).find((one) => one !== undefined);
    if (delay !== undefined) lags[kind] = delay;
  }
  return lags;
}

function delayOf({ shortest, longest, ms }: JsonObject): Delay | undefined {
  if (typeof shortest === 'number' && typeof longest === 'number')
    return shortest === longest ? longest : [shortest, longest];
  return typeof ms === 'number' ? ms : undefined;
}

function numberOf<Name extends string>(name: Name, value: unknown): { [name in Name]?: number } {
  return typeof value === 'number' && Number.isFinite(value)
    ? ({ [name]: value } as { [name in Name]: number })
    : {};
}

function organizationOf(measuredAt: (belief: string) => JsonObject, zone: string): JsonObject {
  const { exempted, ...reachable } = measuredAt('organization/reachable');
  return {
    ...reachable,
    ...measuredAt('organization/devices'),
    ...measuredAt('organization/team'),
    deny_unmatched_requests_exempted_zone_names: exempted === true ? [zone] : [],
  };
}
