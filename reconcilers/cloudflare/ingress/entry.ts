import { domainToASCII } from 'node:url';

/** A rule as the tunnel's configuration has it. A write keeps unknown keys. */
export interface IngressEntry {
  /** Absent or empty: every host. */
  readonly hostname?: string;
  readonly path?: string;
  readonly service: string;
  readonly originRequest?: unknown;
}

/** The requests of an entry. */
export interface Match {
  /** The name that a host is compared with; `*` for every host. */
  readonly hostname: string;
  readonly path: string | undefined;
}

/** Every host, as keys and specs write it. */
export const everyHost = '*';

export function matchOf(entry: Pick<IngressEntry, 'hostname' | 'path'>): Match {
  return { hostname: comparedName(entry.hostname ?? '') || everyHost, path: entry.path || undefined };
}

/**
 * The name that cloudflared compares with the host of a request: lower case and ASCII (`idna.Lookup` in
 * ingress/ingress.go). A wildcard has no such form, nor has a name with an underscore or with a hyphen at the end of a
 * label: cloudflared compares those as written, so `*.Deep.example.dev` is for no host in lower case.
 */
function comparedName(hostname: string): string {
  if (/^[a-z0-9.*_-]*$/.test(hostname)) return hostname;
  const isAllowed = hostname.split('.').every((label) => /^(?!-|..--)[^*_]*(?<!-)$/.test(label));
  return (isAllowed && domainToASCII(hostname)) || hostname;
}

export function sameMatch(left: Match, right: Match): boolean {
  return left.hostname === right.hostname && left.path === right.path;
}

/** True if an entry is for more than one host. */
export function isWide({ hostname }: Match): boolean {
  return hostname.startsWith('*');
}

/**
 * True if an entry is for this host too. A wildcard stands for any number of labels: cloudflared compares the end of
 * the name (ingress/rule.go, Rule.Matches).
 */
export function covers({ hostname }: Match, host: string): boolean {
  if (hostname === everyHost || hostname === host) return true;
  return hostname.startsWith('*.') && host.endsWith(hostname.slice(1));
}

/** True if a service answers with its own error, so that no request reaches an origin. */
export function isClosed(service: string): boolean {
  return /^http_status:[45]\d\d$/.test(service);
}

/**
 * Sorts the rules of one host: first the longer literal path at the front of the expression, since an expression's own
 * length says nothing (`^/a(/.*)?$` is longer than `^/a/b$`, and would take its requests); then the shorter expression,
 * so that the exact path precedes the subtree; then expressions without a literal front; the host's own rule last.
 */
export function compareOnHost(left: Match, right: Match): number {
  const difference = frontLength(right) - frontLength(left);
  return difference === 0 ? (left.path?.length ?? 0) - (right.path?.length ?? 0) : difference;
}

/** Length of the literal path at the front of an expression; -1 without one, -2 without an expression. */
function frontLength({ path }: Match): number {
  if (path === undefined) return -2;
  const front = /^(?:\(\?i\))?\^((?:[^\\()[\]{}$?*+|.]|\\.)*)/.exec(path)?.[1];
  return front === undefined ? -1 : front.replace(/\\(.)/g, '$1').length;
}

/**
 * The index of the first entry before `index` that takes requests of the entry at `index`: an entry for several hosts,
 * or one of the same host that should come later. Undefined if the entry is in its place.
 */
export function shadowOf(matches: readonly Match[], index: number): number | undefined {
  const own = matches[index];
  if (own === undefined || isWide(own)) return undefined;
  const found = matches.slice(0, index).findIndex((earlier) => {
    if (isWide(earlier)) return covers(earlier, own.hostname);
    return earlier.hostname === own.hostname && compareOnHost(earlier, own) > 0;
  });
  return found === -1 ? undefined : found;
}

/** The place of a new rule: among the rules of its host, and before any rule for several hosts that covers it. */
export function placeFor(matches: readonly Match[], own: Match): number {
  const wide = matches.findIndex((match) => isWide(match) && covers(match, own.hostname));
  const limit = wide === -1 ? matches.length : wide;
  let last = -1;
  // A loop: a tunnel has a thousand rules, and each of them gets a place among the others.
  for (const [index, match] of matches.entries()) {
    if (index === limit) break;
    if (match.hostname !== own.hostname) continue;
    if (compareOnHost(match, own) > 0) return index;
    last = index;
  }
  return last === -1 ? limit : last + 1;
}
