import type { AccessClaims, IngressRule } from '../world.ts';
import { type Refusal, refuse } from './ingress.ts';
import type { EdgeView } from './view.ts';
import type { Assertion, Visit } from './visit.ts';

/** Where a connector sends a visit: a verdict of its own, or the service of the rule that matched. */
export type Route = Refusal | { kind: 'service'; rule: IngressRule };

/** Sends a visit through tunnel `tunnelId`: to the rule for its path, which may ask for a token of Access. */
export function routeThroughTunnel(
  view: EdgeView,
  tunnelId: string,
  visit: Visit,
  assertion: Assertion | null,
): Route {
  const ingress = view.ingress(tunnelId, visit.host, visit.path);
  if (ingress.kind === 'verdict') return ingress;
  const { rule } = ingress;
  const access = rule.originRequest?.access;
  if (access?.required === true) {
    const fault = accessFault(assertion, access.teamName ?? '', access.audTag ?? []);
    if (fault) return refuse(fault.status, fault.reason);
  }
  const status = /^http_status:(\d{3})$/.exec(rule.service);
  if (status) return refuse(Number(status[1]), '');
  return { kind: 'service', rule };
}

/**
 * cloudflared's own check of `Cf-Access-Jwt-Assertion`; it knows nothing of revoked sessions. A token that does not
 * verify is an error of its handler, which is a 502 (facts, beliefs §3).
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
