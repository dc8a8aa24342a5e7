/** The purposes of our rules; each zone has one rule for each purpose. */
export const wafPurposes = ['audience', 'fallthrough', 'skip'] as const;
export type WafPurpose = (typeof wafPurposes)[number];

/** The part of our rule about one host. */
export interface WafEntry {
  readonly host: string;
  /** For `audience`: what a token must be made for, and by which token configuration it has been checked. */
  readonly audience?: string;
  readonly configuration?: string;
}

/** A host as the rules language matches it: it compares letters as they are, and a request may name a port. */
const hostClause = (host: string) =>
  `(lower(http.host) eq "${host}" or starts_with(lower(http.host), "${host}:"))`;

/** Claims are there for a token that was found valid: without one, or with another audience, nothing is equal. */
const audienceClause = ({ audience = '', configuration = '' }: WafEntry) =>
  `not any(http.request.jwt.claims.aud["${configuration}"][*] eq "${escaped(audience)}")`;

const unsaved = 'cf.api_gateway.fallthrough_detected';

/** The expression for these hosts, always the same for the same ones, whatever their order. */
export function wafExpression(purpose: WafPurpose, entries: readonly WafEntry[]): string {
  return [...entries]
    .sort((left, right) => (left.host < right.host ? -1 : 1))
    .map((entry) => clauseFor(purpose, entry))
    .join(' or ');
}

function clauseFor(purpose: WafPurpose, entry: WafEntry): string {
  if (purpose === 'skip') return hostClause(entry.host);
  const what = purpose === 'fallthrough' ? unsaved : audienceClause(entry);
  return `(${hostClause(entry.host)} and ${what})`;
}

/** The hosts that an expression of ours speaks of; not `intact` where it says anything else besides. */
export function entriesIn(
  purpose: WafPurpose,
  expression: string,
): { readonly entries: readonly WafEntry[]; readonly intact: boolean } {
  const audiences = [...expression.matchAll(/claims\.aud\["([^"]*)"\]\[\*\] eq "((?:[^"\\]|\\.)*)"/g)];
  const hosts = [...expression.matchAll(/lower\(http\.host\) eq "([^"]+)"/g)];
  const entries = hosts.map(([, host = ''], index): WafEntry => {
    const [, configuration, audience] = audiences[index] ?? [];
    if (purpose !== 'audience' || configuration === undefined || audience === undefined) return { host };
    return { host, configuration, audience: audience.replace(/\\(.)/g, '$1') };
  });
  return { entries: uniqueHosts(entries), intact: wafExpression(purpose, entries) === expression };
}

function uniqueHosts(entries: readonly WafEntry[]): readonly WafEntry[] {
  return [...new Map(entries.map((entry) => [entry.host, entry])).values()];
}

/** As between quotes of the rules language. */
function escaped(text: string): string {
  return text.replace(/["\\]/g, '\\$&');
}
