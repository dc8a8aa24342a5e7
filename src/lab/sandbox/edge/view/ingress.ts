import { domainToASCII } from 'node:url';
import { isConnected } from '../../cloudflare/tunnels/tunnel.ts';
import { goExpression } from '../../expressions/go-expression.ts';
import { decodedPath } from '../../expressions/request-path.ts';
import type { IngressRule, World } from '../../state/world.ts';
import { runningVersion } from '../../state/world.ts';
import { answer, type Verdict } from './visit.ts';

/** The answer of a tunnel for a path of a host, whoever visits: the rule that matches, or a verdict without one. */
export type Ingress = Refusal | { kind: 'rule'; rule: IngressRule; route: ConnectorRoute };

/** The destination of a visit in a connector: a verdict of its own, or the service of the matching rule. */
export type ConnectorRoute = Refusal | { kind: 'service'; rule: IngressRule };

/** cloudflared's own answer, or the edge's for a tunnel without a connector. */
export interface Refusal {
  kind: 'verdict';
  verdict: Verdict;
}

/** The configuration of cloudflared before it has received one. */
const NO_CONFIGURATION: IngressRule[] = [{ service: 'http_status:503' }];

/**
 * The answer of tunnel `tunnelId` for a path as sent: 530 without a connector, else the first matching rule of the
 * configuration that the connectors run, which may differ from the API's. A tunnel with `config_src: local` runs a file
 * that the sandbox does not know, so it always answers 503.
 */
export function ingressFor(
  { world, isReached }: { world: World; isReached(moment: number): boolean },
  tunnelId: string,
  host: string,
  sent: string,
): Ingress {
  const tunnel = world.tunnels.find((candidate) => candidate.id === tunnelId);
  if (!tunnel || tunnel.deletedAt !== null || !isConnected(tunnel)) return noConnector();
  const path = decodedPath(sent);
  if (path === null) return refuse(400, 'invalid URL escape');
  const rules = runningVersion(world, tunnel, isReached)?.config.ingress ?? NO_CONFIGURATION;
  const rule = rules.find((candidate) => matches(candidate, host, path));
  if (!rule) return refuse(404, 'no ingress rule matches');
  const status = /^http_status:(\d{3})$/.exec(rule.service)?.[1];
  const route: ConnectorRoute = status === undefined ? { kind: 'service', rule } : refuse(Number(status), '');
  return { kind: 'rule', rule, route };
}

/** True if a rule matches, as in cloudflared: `*.` covers any number of labels, the expression is unanchored. */
function matches(rule: IngressRule, host: string, path: string): boolean {
  return hostMatches(rule.hostname ?? '', host) && pathMatches(rule.path ?? '', path);
}

/** True if a hostname equals the host exactly, as the rule has it or in IDNA's form for a lookup. */
export function hostMatches(hostname: string, host: string): boolean {
  if (hostname === '' || hostname === '*') return true;
  return isName(hostname, host) || isName(lookupName(hostname), host);
}

function isName(name: string, host: string): boolean {
  return name.startsWith('*.') ? host.endsWith(name.slice(1)) : name === host;
}

/**
 * The name in lower case and Punycode. A wildcard has no such form, nor a name with an underscore or a label that
 * begins or ends with a hyphen: cloudflared compares those only as written.
 */
function lookupName(hostname: string): string {
  if (/^[a-z0-9.*_-]*$/.test(hostname)) return hostname;
  const isSound = hostname.split('.').every((label) => /^(?!-)(?!..--)[^*_]*(?<!-)$/.test(label));
  return (isSound && domainToASCII(hostname)) || hostname;
}

function pathMatches(expression: string, path: string): boolean {
  return expression === '' || (goExpression(expression)?.test(path) ?? false);
}

function noConnector(): Refusal {
  const verdict = answer('edge', 530, 'error code: 1033\n', { 'content-type': 'text/plain' });
  return { kind: 'verdict', verdict };
}

export function refuse(status: number, reason: string): Refusal {
  return { kind: 'verdict', verdict: answer('edge', status, reason, { 'content-type': 'text/plain' }) };
}
