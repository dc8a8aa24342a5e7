import { domainToASCII } from 'node:url';
import { isConnected } from '../../cloudflare/tunnels/tunnel.ts';
import { goExpression } from '../../expressions/go-expression.ts';
import { decodedPath } from '../../expressions/request-path.ts';
import type { IngressRule, World } from '../../state/world.ts';
import { runningVersion } from '../../state/world.ts';
import { answer, type Verdict } from './visit.ts';

/** `Ingress` is what a tunnel has for a path of a host, whoever asks: the rule that matches, or a verdict where none does. */
export type Ingress = Refusal | { kind: 'rule'; rule: IngressRule; route: ConnectorRoute };

/** `Route` is where a connector sends a visit: a verdict of its own, or the service of the rule that matched. */
export type ConnectorRoute = Refusal | { kind: 'service'; rule: IngressRule };

/** `Refusal` is cloudflared's own answer, or the edge's for a tunnel that has no connector. */
export interface Refusal {
  kind: 'verdict';
  verdict: Verdict;
}

/** What cloudflared answers before it has a configuration. */
const NO_CONFIGURATION: IngressRule[] = [{ service: 'http_status:503' }];

/**
 * What tunnel `tunnelId` makes of a path, as sent: 530 without a connector, else the first rule that matches in the
 * configuration that the connectors run, which need not be the one the API shows. A tunnel with `config_src: local`
 * runs a file that the sandbox does not know, so it answers 503 to everything.
 */
export function ingressFor(world: World, tunnelId: string, host: string, sent: string): Ingress {
  const tunnel = world.tunnels.find((candidate) => candidate.id === tunnelId);
  if (!tunnel || tunnel.deletedAt !== null || !isConnected(tunnel)) return noConnector();
  const path = decodedPath(sent);
  if (path === null) return refuse(400, 'invalid URL escape');
  const rules = runningVersion(world, tunnel)?.config.ingress ?? NO_CONFIGURATION;
  const rule = rules.find((candidate) => matches(candidate, host, path));
  if (!rule) return refuse(404, 'no ingress rule matches');
  const status = /^http_status:(\d{3})$/.exec(rule.service)?.[1];
  const route: ConnectorRoute = status === undefined ? { kind: 'service', rule } : refuse(Number(status), '');
  return { kind: 'rule', rule, route };
}

/** As cloudflared: `*.` covers any number of labels; the expression is sought anywhere in the path. */
function matches(rule: IngressRule, host: string, path: string): boolean {
  return hostMatches(rule.hostname ?? '', host) && pathMatches(rule.path ?? '', path);
}

/** To the letter, as the rule has the name or as IDNA writes it for a lookup. */
export function hostMatches(hostname: string, host: string): boolean {
  if (hostname === '' || hostname === '*') return true;
  return isName(hostname, host) || isName(lookupName(hostname), host);
}

function isName(name: string, host: string): boolean {
  return name.startsWith('*.') ? host.endsWith(name.slice(1)) : name === host;
}

/**
 * The name in lower case and Punycode. A wildcard has no such form, nor has a name with an underscore or a label that
 * begins or ends with a hyphen: cloudflared compares those only as they are written.
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
