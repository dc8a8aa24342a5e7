import type { ProxyProviderSpec } from '../../reconcilers/authentik/provider/proxy-provider.ts';
import type { AccessApplicationSpec } from '../../reconcilers/cloudflare/access/access-application.ts';
import { compareOnHost } from '../../reconcilers/cloudflare/ingress/entry.ts';
import type { IngressRuleSpec } from '../../reconcilers/cloudflare/ingress/ingress-rule.ts';
import type { Desired } from '../../src/core/objects/object.ts';
import { type Linked, referencesIn } from '../../src/core/objects/reference.ts';
import { expressionOf } from './go-expression.ts';

/** Undocumented behavior of Access: a path must be safe in each case. */
export interface Edge {
  /** True if Access sees the path as the edge normalizes it, false if it sees the path as sent. */
  readonly normalizes: boolean;
  /** True if an application on `h/a` also covers the paths below `/a`. */
  readonly coversBelow: boolean;
}

export const edges: readonly Edge[] = [true, false].flatMap((normalizes) =>
  [true, false].map((coversBelow) => ({ normalizes, coversBelow })),
);

/** The host of all requests. */
const host = 'app.example.dev';

/** A visitor in a group that Authentik admits and Access does not know. */
export const loggedIn = 'logged in at Authentik';

/**
 * True if a request for a raw path of the host reaches the origin, by the compiled objects alone. The visitor is
 * admitted by the named application (its key) or logged in at Authentik, not both; `undefined` is a visitor whom
 * nothing admits.
 */
export function reachesOrigin(
  desired: Desired,
  raw: string,
  admittedBy: string | undefined,
  edge: Edge,
): boolean {
  const application = applicationAt(desired, raw, edge);
  const asks = application !== undefined && !application.spec.bypass;
  if (asks && application.key !== admittedBy) return false;
  const rule = ruleFor(desired, raw);
  if (rule === undefined || String(rule.service).startsWith('http_status:')) return false;
  const audiences = referencesIn(rule.originRequest.access?.audTag);
  const passes =
    audiences.length === 0 ||
    (asks && audiences.includes(`cloudflare/access-application:${application.key}`));
  return passes && (admittedBy === loggedIn || !outpostAsks(desired, raw));
}

/** True if the outpost asks, which it does unless a line matches what it sees. */
function outpostAsks(desired: Desired, raw: string): boolean {
  const [provider] = specsOf<ProxyProviderSpec>(desired, 'authentik/proxy-provider');
  if (provider === undefined) return false;
  const { mode, skipPathRegex } = provider.spec;
  const seen = mode === 'forward_domain' ? `https://${host}${asGoWrites(raw)}?from=x` : decoded(raw);
  const lines = String(skipPathRegex).split('\n');
  return !lines.some((line) => line !== '' && expressionOf(line).test(seen));
}

/** The path as Go writes it: as sent if all its characters may be in a path, otherwise escaped anew. */
function asGoWrites(raw: string): string {
  const kept = /^([A-Za-z0-9\-_.~!$&'()*+,;=:@/[\]]|%[0-9a-f]{2})*$/i;
  if (kept.test(raw)) return raw;
  const bytes = [...Buffer.from(rawBytes(raw), 'latin1')];
  const escaped = (byte: number) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return bytes
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[A-Za-z0-9\-_.~$&+,/:;=@]/.test(character) ? character : escaped(byte);
    })
    .join('');
}

function decoded(raw: string): string {
  return Buffer.from(rawBytes(raw), 'latin1').toString('utf8');
}

/** The decoded path, with one character for each byte. */
function rawBytes(raw: string): string {
  const sent = Buffer.from(raw, 'utf8').toString('latin1');
  return sent.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}

interface Application {
  readonly key: string;
  readonly spec: Linked<AccessApplicationSpec>;
}

function applicationAt(desired: Desired, raw: string, edge: Edge): Application | undefined {
  const path = edge.normalizes ? normalized(raw) : raw;
  const found = specsOf<AccessApplicationSpec>(desired, 'cloudflare/access-application').flatMap(
    (application) =>
      application.spec.destinations
        .map((uri) => String(uri).replace(/^[^/]*/, ''))
        .filter((pattern) => covers(pattern, path, edge))
        .map((pattern) => ({ application, literal: pattern.replace('*', '').length })),
  );
  return found.sort((left, right) => right.literal - left.literal)[0]?.application;
}

function covers(pattern: string, path: string, { coversBelow }: Edge): boolean {
  if (pattern.endsWith('/*')) return path.startsWith(pattern.slice(0, -1));
  return pattern === '' || path === pattern || (coversBelow && path.startsWith(`${pattern}/`));
}

/** The normalization, among those that RFC 3986 allows, that Cloudflare applies by default. */
function normalized(raw: string): string {
  const unreserved = raw
    .replaceAll('\\', '/')
    .replace(/%[0-9a-f]{2}/gi, (code) =>
      /^%(2d|2e|5f|7e|3\d|[46][1-9a-f]|[57][0-9a])$/i.test(code) ? decodeURIComponent(code) : code,
    );
  const segments: string[] = [];
  for (const segment of unreserved.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return `/${segments.join('/')}${/\/\.{0,2}$/.test(unreserved) && segments.length > 0 ? '/' : ''}`;
}

/** The first rule whose expression matches the decoded path, as cloudflared chooses it. */
function ruleFor(desired: Desired, raw: string): Linked<IngressRuleSpec> | undefined {
  if (/%(?![0-9a-f]{2})/i.test(raw)) return undefined;
  const path = decoded(raw);
  return specsOf<IngressRuleSpec>(desired, 'cloudflare/ingress-rule')
    .map(({ spec }) => spec)
    .filter(({ hostname }) => hostname === host)
    .sort((left, right) => compareOnHost(matchOf(left), matchOf(right)))
    .find((rule) => rule.path === undefined || expressionOf(String(rule.path)).test(path));
}

function matchOf(rule: Linked<IngressRuleSpec>) {
  return { hostname: String(rule.hostname), path: rule.path === undefined ? undefined : String(rule.path) };
}

function specsOf<Spec>(desired: Desired, kind: string): readonly { key: string; spec: Linked<Spec> }[] {
  return desired.objects
    .filter(({ address }) => address.kind === kind)
    .map(({ address, spec }) => ({ key: address.key, spec: spec as Linked<Spec> }));
}
