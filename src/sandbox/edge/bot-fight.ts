import type { World } from '../world.ts';
import { isBrowser } from './browser.ts';
import { ipRulesAbout } from './ip-access.ts';
import { viewOf } from './view.ts';
import { type Answer, answer, type Visit } from './visit.ts';
import { zoneOf } from './zone-rules.ts';

/**
 * What Bot Fight Mode, or an IP Access rule, makes of a visit, before Access and everything else of the edge; null where
 * it goes on. The oracle does not ask this: whoever solves the challenge must find the gate behind it.
 */
export function botChallenge(world: World, visit: Visit): Answer | null {
  const zone = zoneOf(world, visit.host);
  if (zone === undefined) return null;
  const matching = ipRulesAbout(world, zone);
  if (matching.length === 0 && (zone.fightMode !== true || isBrowser(visit))) return null;
  const resolution = viewOf(world).resolve(visit.host);
  if (resolution.kind === 'unresolved') return null;
  if (resolution.kind === 'address' && !resolution.proxied) return null;
  // A request that an IP Access rule matches does not trigger Bot Fight Mode (facts/edge).
  if (matching.some(({ mode }) => mode === 'whitelist')) return null;
  if (matching.some(({ mode }) => mode === 'block')) return answer('edge', 403, 'blocked\n', HTML);
  if (matching.length > 0 && isBrowser(visit)) return null;
  return answer('edge', 403, PAGE, { ...HTML, 'cf-mitigated': 'challenge' });
}

const HTML = { 'content-type': 'text/html; charset=UTF-8' };
const PAGE = '<!DOCTYPE html><html><head><title>Just a moment...</title></head><body></body></html>\n';
