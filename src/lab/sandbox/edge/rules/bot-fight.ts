import type { World } from '../../state/world.ts';
import { isBrowser } from '../view/browser.ts';
import { errorPage } from '../view/error-page.ts';
import { viewOf } from '../view/view.ts';
import { type Answer, answer, headerValues, type Visit } from '../view/visit.ts';
import { zoneOf } from '../view/zone-rules.ts';
import { ipRulesAbout } from './ip-access.ts';

/**
 * The answer of IP Access rules, Browser Integrity Check or Bot Fight Mode to a visit, before Access and every other
 * part of the edge; null if they admit it. The oracle skips these checks, because visitors who solve the challenge must
 * meet the gate behind it.
 */
export function botChallenge(world: World, visit: Visit): Answer | null {
  const zone = zoneOf(world, visit.host);
  if (zone === undefined) return null;
  const matching = ipRulesAbout(world, zone, visit.from);
  const isChecked = zone.browserCheck === true && isSuspicious(visit);
  const isFought = zone.fightMode === true && !isBrowser(visit);
  if (matching.length === 0 && !isChecked && !isFought) return null;
  const resolution = viewOf(world).resolve(visit.host);
  if (resolution.kind === 'unresolved') return null;
  if (resolution.kind === 'address' && !resolution.proxied) return null;
  // A rule that allows a visitor exempts them from the other checks.
  if (matching.some(({ mode }) => mode === 'whitelist')) return null;
  const block = matching.find(({ mode }) => mode === 'block');
  if (block !== undefined) {
    return errorPage(visit, block.target === 'country' ? 1009 : 1006, `ip-access-rule ${block.id}`);
  }
  if (isChecked) return errorPage(visit, 1010, 'browser-integrity-check');
  // A request that an IP Access rule matches does not trigger Bot Fight Mode (facts/edge).
  if (isBrowser(visit)) return null;
  return answer('edge', 403, PAGE, { ...HTML, 'cf-mitigated': 'challenge' });
}

/** True if the User-Agent is missing, or one of the most abused ones. */
function isSuspicious(visit: Visit): boolean {
  const [agent = ''] = headerValues(visit, 'user-agent');
  return agent === '' || /^(python-urllib|libwww-perl)\b/i.test(agent);
}

const HTML = { 'content-type': 'text/html; charset=UTF-8' };
const PAGE = '<!DOCTYPE html><html><head><title>Just a moment...</title></head><body></body></html>\n';
