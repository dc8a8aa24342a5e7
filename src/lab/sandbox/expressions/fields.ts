import type { JsonObject } from '../state/json.ts';
import type { Plan } from '../state/world.ts';

/** The value of a field or a function; undefined is a missing value. */
export type Data = string | number | boolean | readonly Data[] | ReadonlyMap<string, Data> | undefined;

export type FieldType = 'boolean' | 'string' | 'integer' | 'ip' | { list: FieldType } | { map: FieldType };

/** A request as the rules see it. */
export interface Asked {
  method: string;
  host: string;
  /** The normalized path; `rawPath` is the path as sent. */
  path: string;
  rawPath: string;
  /** With its `?`, or empty. */
  query: string;
  headers: readonly (readonly [name: string, value: string])[];
  ip: string;
  /** ISO 3166, two letters. */
  country: string;
  /** Epoch seconds. */
  time: number;
  /** True if the host has saved operations, and the request is none of them. */
  fallthrough(): boolean;
  /** The token that this configuration finds: whether there is one, and its claims if it is valid. */
  token(configuration: string): FoundToken;
  /** The verified claims, by configuration. */
  claims(): ReadonlyMap<string, JsonObject>;
}

export interface FoundToken {
  present: boolean;
  claims: JsonObject | null;
}

/** The place of an expression: custom rules of the WAF, rules of API Shield, or rules of another phase. */
export type Dialect = 'waf' | 'token-rule' | 'rule';

export interface RuleField {
  type: FieldType;
  /** The lowest plan with the field; absent: all plans. */
  plan?: Plan;
  /** Needs API Shield, and is only valid in custom rules. */
  isClaim?: true;
  read(asked: Asked): Data;
}

const texts: FieldType = { list: 'string' };
const textMap: FieldType = { map: texts };

/** Fields that nobody computes here have the value of an ordinary visitor. */
export const FIELDS: { readonly [name: string]: RuleField } = {
  'cf.api_gateway.fallthrough_detected': { type: 'boolean', read: (asked) => asked.fallthrough() },
  'cf.client.bot': { type: 'boolean', read: () => false },
  'cf.threat_score': { type: 'integer', read: () => 0 },
  'cf.tls_client_auth.cert_verified': { type: 'boolean', read: () => false },
  'http.cookie': { type: 'string', read: (asked) => valuesOf(asked, 'cookie')[0] ?? '' },
  'http.host': { type: 'string', read: ({ host }) => host },
  'http.referer': { type: 'string', read: (asked) => valuesOf(asked, 'referer')[0] ?? '' },
  'http.user_agent': { type: 'string', read: (asked) => valuesOf(asked, 'user-agent')[0] ?? '' },
  'http.x_forwarded_for': { type: 'string', read: (asked) => valuesOf(asked, 'x-forwarded-for')[0] ?? '' },
  'http.request.cookies': { type: textMap, plan: 'pro', read: cookiesOf },
  'http.request.full_uri': {
    type: 'string',
    read: ({ host, path, query }) => `https://${host}${path}${query}`,
  },
  'http.request.headers': { type: textMap, read: headersOf },
  'http.request.headers.names': { type: texts, read: ({ headers }) => headers.map(([name]) => name) },
  'http.request.headers.values': { type: texts, read: ({ headers }) => headers.map(([, value]) => value) },
  'http.request.method': { type: 'string', read: ({ method }) => method },
  'http.request.timestamp.sec': { type: 'integer', read: ({ time }) => time },
  'http.request.uri': { type: 'string', read: ({ path, query }) => path + query },
  'http.request.uri.path': { type: 'string', read: ({ path }) => path },
  'http.request.uri.path.extension': {
    type: 'string',
    read: ({ path }) => /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? '',
  },
  'http.request.uri.query': { type: 'string', read: ({ query }) => query.replace(/^\?/, '') },
  'http.request.uri.args': { type: textMap, read: argumentsOf },
  'http.request.version': { type: 'string', read: () => 'HTTP/2' },
  'ip.src': { type: 'ip', read: ({ ip }) => ip },
  'ip.src.asnum': { type: 'integer', read: () => 64_500 },
  'ip.src.continent': { type: 'string', read: () => 'EU' },
  'ip.src.country': { type: 'string', read: ({ country }) => country },
  'ip.geoip.country': { type: 'string', read: ({ country }) => country },
  'raw.http.request.full_uri': {
    type: 'string',
    read: ({ host, rawPath, query }) => `https://${host}${rawPath}${query}`,
  },
  'raw.http.request.uri': { type: 'string', read: ({ rawPath, query }) => rawPath + query },
  'raw.http.request.uri.path': { type: 'string', read: ({ rawPath }) => rawPath },
  ssl: { type: 'boolean', read: () => true },
  'http.request.jwt.claims': {
    type: textMap,
    isClaim: true,
    read: (asked) => perConfiguration(asked, (claims) => [JSON.stringify(claims)]),
  },
  ...claimFields('aud', 'string'),
  ...claimFields('iat.sec', 'integer'),
  ...claimFields('iss', 'string'),
  ...claimFields('jti', 'string'),
  ...claimFields('nbf.sec', 'integer'),
  ...claimFields('sub', 'string'),
};

/** A registered claim by configuration, the configurations that found it, and all its values. */
function claimFields(claim: string, type: 'string' | 'integer'): { [name: string]: RuleField } {
  const name = `http.request.jwt.claims.${claim}`;
  const valuesIn = (claims: JsonObject): Data[] => {
    const value = claims[claim.replace(/\.sec$/, '')];
    const wanted = type === 'string' ? 'string' : 'number';
    return (Array.isArray(value) ? value : [value]).flatMap((each) =>
      typeof each === wanted ? [each as string | number] : [],
    );
  };
  const found = (asked: Asked) => perConfiguration(asked, valuesIn);
  return {
    [name]: { type: { map: { list: type } }, isClaim: true, read: found },
    [`${name}.names`]: { type: texts, isClaim: true, read: (asked) => [...found(asked).keys()] },
    [`${name}.values`]: {
      type: { list: type },
      isClaim: true,
      read: (asked) => [...found(asked).values()].flat(),
    },
  };
}

/** Values by configuration, without configurations that found no valid token or a token without the claim. */
function perConfiguration(asked: Asked, values: (claims: JsonObject) => Data[]): Map<string, Data[]> {
  const entries = [...asked.claims()].map(([id, claims]): [string, Data[]] => [id, values(claims)]);
  return new Map(entries.filter(([, found]) => found.length > 0));
}

function valuesOf({ headers }: Asked, wanted: string): string[] {
  return headers.filter(([name]) => name === wanted).map(([, value]) => value);
}

function headersOf({ headers }: Asked): Map<string, string[]> {
  return grouped(headers);
}

function cookiesOf(asked: Asked): Map<string, string[]> {
  const pairs = valuesOf(asked, 'cookie').flatMap((line) => line.split(/;\s*/));
  return grouped(
    pairs.map((pair): [string, string] => {
      const equals = pair.indexOf('=');
      return equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}

function argumentsOf({ query }: Asked): Map<string, string[]> {
  return grouped([...new URLSearchParams(query)]);
}

function grouped(pairs: readonly (readonly [string, string])[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [name, value] of pairs) groups.set(name, [...(groups.get(name) ?? []), value]);
  return groups;
}
