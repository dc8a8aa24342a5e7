/** The purposes of our rules; each zone has one rule for each purpose. */
export const wafPurposes = ['audience', 'fallthrough', 'skip'] as const;
export type WafPurpose = (typeof wafPurposes)[number];

/** The part of our rule about one host. */
export interface WafEntry {
  readonly host: string;
  /** For `audience`: the audience that a token must have, and the token configuration that checks it. */
  readonly audience?: string;
  readonly configuration?: string;
}

/** A host as the rules language matches it, which compares exact letters, and in which a request may name a port. */
const hostClause = (host: string) =>
  `(lower(http.host) eq "${host}" or starts_with(lower(http.host), "${host}:"))`;

/** Only a valid token has claims: without one, or with another audience, the comparison fails. */
const audienceClause = ({ audience = '', configuration = '' }: WafEntry) =>
  `not any(http.request.jwt.claims.aud["${configuration}"][*] eq "${escaped(audience)}")`;

const unsaved = 'cf.api_gateway.fallthrough_detected';

/** The expression for these hosts. The same hosts give the same expression, in any order. */
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

/** The hosts in our expression; not `intact` if it says anything else. */
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

/** Text as the rules language needs it between quotes. */
function escaped(text: string): string {
  return text.replace(/["\\]/g, '\\$&');
}
