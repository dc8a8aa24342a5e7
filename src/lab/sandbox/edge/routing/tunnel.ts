import type { AccessClaims } from '../../state/world.ts';
import { type ConnectorRoute, refuse } from '../view/ingress.ts';
import type { EdgeView } from '../view/view.ts';
import type { Assertion, Visit } from '../view/visit.ts';

/** Sends a visit through tunnel `tunnelId`: to the rule for its path, which may demand a token of Access. */
export function routeThroughTunnel(
  view: EdgeView,
  tunnelId: string,
  visit: Visit,
  assertion: Assertion | null,
): ConnectorRoute {
  const ingress = view.ingress(tunnelId, visit.host, visit.path);
  if (ingress.kind === 'verdict') return ingress;
  const access = ingress.rule.originRequest?.access;
  if (access?.required === true) {
    const fault = accessFault(assertion, access.teamName ?? '', access.audTag ?? []);
    if (fault) return refuse(fault.status, fault.reason);
  }
  return ingress.route;
}

/**
 * cloudflared's own check of `Cf-Access-Jwt-Assertion`, which ignores revocations. An invalid token is an error of its
 * handler, which is a 502 (facts, beliefs §3).
 */
function accessFault(
  assertion: Assertion | null,
  teamName: string,
  audTags: readonly string[],
): { status: 403 | 502; reason: string } | null {
  if (!assertion) return { status: 403, reason: 'no access token in request' };
  const { claims } = assertion;
  if (!claims || !isFromTeam(claims, teamName)) return { status: 502, reason: 'invalid access token' };
  if (claims.aud.some((aud) => audTags.includes(aud))) return null;
  return { status: 403, reason: 'access token is for another application' };
}

function isFromTeam(claims: AccessClaims, teamName: string): boolean {
  return claims.iss === `https://${teamName}.cloudflareaccess.com`;
}
