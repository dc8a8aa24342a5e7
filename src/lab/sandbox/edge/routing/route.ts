import type { ServiceToken } from '../../state/world.ts';
import { passAccess } from '../access/access.ts';
import { passCache } from '../cache/cache.ts';
import { deliver } from '../origin/origin.ts';
import { ruleVerdict } from '../rules/rule-verdict.ts';
import type { Resolution } from '../view/resolution.ts';
import type { EdgeView } from '../view/view.ts';
import { type Assertion, answer, type CachePassage, type Verdict, type Visit } from '../view/visit.ts';
import { routeThroughTunnel } from './tunnel.ts';

/** A verdict, and the service token that opened the door, if one did. */
export interface RoutedVisit {
  verdict: Verdict;
  token?: ServiceToken;
  /** The nonce of the session that opened the door, if one did. */
  session?: string;
  /** The cache's part in the answer; absent if the visit did not reach the cache. */
  cache?: CachePassage;
  /** Stopped by the name, the edge or the tunnel, before any other part read the visitor's claims. */
  stoppedOnTheWay?: true;
}

/** A host without an address. HTTP has no status for that, so it is one of its own, explained in a header. */
export const UNRESOLVED: Verdict = answer('edge', 502, 'this host does not resolve\n', {
  'content-type': 'text/plain',
  'x-sandbox-error': 'does-not-resolve',
});

/**
 * The complete way of a visit: name → edge or not → custom rules → API Shield → Access → cache → tunnel → origin, as if
 * every Worker passed it on unchanged. Pure: it neither signs nor calls anything, so that the oracle can test every guard
 * after every write.
 */
export function route(view: EdgeView, visit: Visit): RoutedVisit {
  const passed = passGuards(view, visit);
  return 'verdict' in passed ? passed : routeBehind(view, visit, passed);
}

/** A visit that the rules of the edge and Access let through, where a Worker may receive it. */
export interface GuardsPassed {
  resolution: Exclude<Resolution, { kind: 'unresolved' }>;
  assertion: Assertion | null;
  token: ServiceToken | undefined;
  /** The nonce of the session that opened the door, if one did. */
  session: string | undefined;
}

/** The first half of the way: up to Access. */
export function passGuards(view: EdgeView, visit: Visit): RoutedVisit | GuardsPassed {
  const resolution = view.resolve(visit.host);
  if (resolution.kind === 'unresolved') return { verdict: UNRESOLVED, stoppedOnTheWay: true };
  const sent = visit.assertion;
  if (resolution.kind === 'address' && !resolution.proxied) {
    return { verdict: deliver(view, visit, playedAt(resolution.content), sent, false) };
  }
  const ruled = ruleVerdict(view, visit);
  if (ruled !== null) return { verdict: ruled };
  const passage = passAccess(view, visit);
  if (passage.kind === 'stopped') return { verdict: passage.verdict, stoppedOnTheWay: true };
  return {
    resolution,
    assertion: passage.kind === 'admitted' ? passage.assertion : sent,
    token: passage.kind === 'admitted' ? passage.token : undefined,
    session: passage.kind === 'admitted' ? passage.assertion.claims?.identity_nonce : undefined,
  };
}

/** The second half: from the cache to the origin. */
export function routeBehind(
  view: EdgeView,
  visit: Visit,
  { resolution, assertion, token, session }: GuardsPassed,
): RoutedVisit {
  const passed = passCache(view, visit);
  if (passed?.kind === 'cached')
    return { verdict: passed, ...(token && { token }), ...(session && { session }) };
  // The cache fetches a storable answer completely, whatever part was requested.
  const asked: Visit = passed?.kind === 'miss' ? { ...visit, method: 'GET' } : visit;
  const routed: RoutedVisit =
    resolution.kind === 'address'
      ? { verdict: deliver(view, asked, playedAt(resolution.content), assertion, true) }
      : behindTunnel(view, resolution.tunnelId, asked, assertion);
  if (token !== undefined) routed.token = token;
  if (session !== undefined) routed.session = session;
  if (passed !== null) routed.cache = passed;
  return routed;
}

function behindTunnel(
  view: EdgeView,
  tunnelId: string,
  visit: Visit,
  assertion: Assertion | null,
): RoutedVisit {
  const routed = routeThroughTunnel(view, tunnelId, visit, assertion);
  if (routed.kind === 'verdict') return { verdict: routed.verdict, stoppedOnTheWay: true };
  return { verdict: deliver(view, visit, routed.rule, assertion, true) };
}

/** The HTTP origin at the address of a plain record. */
function playedAt(content: string): { service: string } {
  return { service: `http://${content.includes(':') ? `[${content}]` : content}` };
}
