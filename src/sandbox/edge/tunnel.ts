import { isConnected } from '../cloudflare/tunnel.ts';
import { goExpression } from '../go-expression.ts';
import type { AccessClaims, IngressRule, Tunnel } from '../world.ts';
import { runningVersion } from '../world.ts';
import { decodedPath } from './request-path.ts';
import type { EdgeView } from './view.ts';
import { type Assertion, answer, type Verdict, type Visit } from './visit.ts';

/** Where a connector sends a visit: a verdict of its own, or the service of the rule that matched. */
export type Route = { kind: 'verdict'; verdict: Verdict } | { kind: 'service'; rule: IngressRule };

/** What cloudflared answers before it has a configuration. */
const NO_CONFIGURATION: IngressRule[] = [{ service: 'http_status:503' }];

/**
 * Through tunnel `tunnelId`: 530 without a connector, else the first rule that matches in the configuration that the
 * connectors run, which need not be the one the API shows. A tunnel with `config_src: local` runs a file that the
 * sandbox does not know, so it answers 503 to everything.
 */
export function routeThroughTunnel(
  view: EdgeView,
  tunnelId: string,
  visit: Visit,
  assertion: Assertion | null,
): Route {
  const tunnel = view.world.tunnels.find((candidate) => candidate.id === tunnelId);
  if (!tunnel || tunnel.deletedAt !== null || !isConnected(tunnel)) return noConnector();
  const path = decodedPath(visit.path);
  if (path === null) return refuse(400, 'invalid URL escape');
  const rule = rulesOf(view, tunnel).find((candidate) => matches(candidate, visit.host, path));
  if (!rule) return refuse(404, 'no ingress rule matches');

  const access = rule.originRequest?.access;
  if (access?.required === true) {
    const fault = accessFault(assertion, access.teamName ?? '', access.audTag ?? []);
    if (fault) return refuse(fault.status, fault.reason);
  }
  const status = /^http_status:(\d{3})$/.exec(rule.service);
  if (status) return refuse(Number(status[1]), '');
  return { kind: 'service', rule };
}

function rulesOf(view: EdgeView, tunnel: Tunnel): IngressRule[] {
  return runningVersion(view.world, tunnel)?.config.ingress ?? NO_CONFIGURATION;
}

/** As cloudflared: `*.` covers any number of labels; the expression is sought anywhere in the path. */
function matches(rule: IngressRule, host: string, path: string): boolean {
  return hostMatches(rule.hostname ?? '', host) && pathMatches(rule.path ?? '', path);
}

function hostMatches(hostname: string, host: string): boolean {
  if (hostname === '' || hostname === '*') return true;
  const wanted = hostname.toLowerCase();
  return wanted.startsWith('*.') ? host.endsWith(wanted.slice(1)) : wanted === host;
}

function pathMatches(expression: string, path: string): boolean {
  return expression === '' || (goExpression(expression)?.test(path) ?? false);
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

function noConnector(): Route {
  const verdict = answer('edge', 530, 'error code: 1033\n', { 'content-type': 'text/plain' });
  return { kind: 'verdict', verdict };
}

function refuse(status: number, reason: string): Route {
  return { kind: 'verdict', verdict: answer('edge', status, reason, { 'content-type': 'text/plain' }) };
}
