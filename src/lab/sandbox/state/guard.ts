import { isStringArray } from './field.ts';
import { isObject } from './json.ts';

/** The visitors whom a host may admit, in words of the intent. The oracle compares them with those whom the edge admits. */
export interface Guard {
  host: string;
  path?: string;
  admit: {
    groups?: string[];
    /** Groups of which a person must be a member themselves: one that lies in such a group does not count. */
    members?: string[];
    /** User names in Authentik. */
    users?: string[];
    emails?: string[];
    tokens?: string[];
    /** Admits every person who has logged in. */
    people?: boolean;
    public?: boolean;
    /** Admits tokens for this audience (default: the client's id), signed by a key of that client or key set. */
    bearer?: { audience?: string; client?: string; keys?: string };
    /** The operations that admit a bearer: `GET /v1/items/{id}`; absent: all. */
    operations?: string[];
    /** Admits, beside the keys above, each visitor whom at least one of these rules admits. */
    rules?: AdmitRule[];
  };
  /**
   * Slug of the Authentik application whose login is the gate. Visitors at the door then prove nothing: an exposure is
   * a person who gets a code for that client, or whom an LDAP outpost admits for it.
   */
  client?: string;
  /**
   * The people whom an origin (`by`, its URL) admits, for a host that moves between origins. Everybody else is an
   * exposure there, even if the guard's `admit` admits them.
   */
  served?: { by: string; admit: Guard['admit'] }[];
  /** Headers by which the application knows its visitors: one that a visitor wrote is an exposure. */
  identity?: string[];
}

/** Admits a visitor if one term of `include`, all of `require` and none of `exclude` match. */
export interface AdmitRule {
  /** False: admits visitors who have not logged in too. Default true: only people who have. */
  login?: boolean;
  include: AdmitTerm[];
  require?: AdmitTerm[];
  exclude?: AdmitTerm[];
}

/**
 * Properties of a visitor. A term matches if one value of one of its keys matches: `{ countries: ['DE', 'FR'], warp:
 * true }` matches a visitor from Germany, one from France, and one with WARP.
 */
export interface AdmitTerm {
  everyone?: true;
  emails?: string[];
  /** Domains of mail addresses. */
  domains?: string[];
  /** Groups of Authentik, parents included. */
  groups?: string[];
  /** Groups of Authentik of which the person is a member themselves: one that lies in such a group does not count. */
  members?: string[];
  /** User names in Authentik. */
  users?: string[];
  /** Flows and policies of Authentik that the person passes: `flow mfa`, `policy office`. */
  passes?: string[];
  /** A person whom enough approvers have approved. */
  approved?: true;
  /** Names or ids of the providers by which the session began. */
  identityProviders?: string[];
  /** Values of the session's `amr` (RFC 8176). */
  authenticationMethods?: string[];
  /** Names of service tokens, the parts behind their last `/`, or ids. */
  tokens?: string[];
  /** Any valid service token of the account, listed or not. */
  anyToken?: true;
  /** Addresses, or ranges in CIDR notation. */
  networks?: string[];
  countries?: string[];
  /** Names or ids of posture checks that the device passes. */
  postures?: string[];
  warp?: true;
  gateway?: true;
  /** A client certificate that is valid at the host. */
  certificate?: true;
  /** The same, with one of these common names. */
  commonNames?: string[];
  /** The same, issued by one of these authorities: names, ids or fingerprints. */
  authorities?: string[];
}

const FLAGS = ['everyone', 'anyToken', 'approved', 'warp', 'gateway', 'certificate'];

const LISTS = [
  'emails',
  'domains',
  'groups',
  'members',
  'users',
  'passes',
  'identityProviders',
  'authenticationMethods',
  'tokens',
  'networks',
  'countries',
  'postures',
  'commonNames',
  'authorities',
];

/** The first mistake in the rules of a guard, or null. An unknown key is one: nobody may take it for a rule. */
export function admitRulesMistake(rules: unknown): string | null {
  if (rules === undefined) return null;
  if (!Array.isArray(rules)) return 'rules is a list';
  for (const rule of rules) {
    if (!isObject(rule)) return 'a rule is an object';
    const { login, include, require, exclude, ...others } = rule;
    const [unknown] = Object.keys(others);
    if (unknown !== undefined) return `a rule has no '${unknown}'`;
    if (login !== undefined && typeof login !== 'boolean') return 'login is true or false';
    for (const terms of [include, require ?? [], exclude ?? []]) {
      if (!Array.isArray(terms)) return 'include, require and exclude are lists, and include is needed';
      const mistake = terms.map(termMistake).find((each) => each !== null);
      if (mistake !== undefined) return mistake;
    }
  }
  return null;
}

function termMistake(term: unknown): string | null {
  if (!isObject(term)) return 'a term is an object';
  const entries = Object.entries(term);
  if (entries.length === 0) return 'a term needs a key';
  for (const [key, value] of entries) {
    if (FLAGS.includes(key) && value !== true) return `'${key}' is true or absent`;
    if (LISTS.includes(key) && !isStringArray(value)) return `'${key}' is a list of texts`;
    if (!FLAGS.includes(key) && !LISTS.includes(key)) return `a term has no '${key}'`;
  }
  return null;
}
