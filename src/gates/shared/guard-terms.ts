import type { Everyone } from '../../config/model/gate.ts';

/** The visitors whom a rehearsal expects to pass; nobody if nothing is set. */
export interface GuardTerms {
  groups?: string[];
  /** User names in Authentik. */
  users?: string[];
  emails?: string[];
  tokens?: string[];
  /** Everybody who has logged in. */
  people?: boolean;
  public?: boolean;
  /** Visitors of whom one of these rules holds. */
  rules?: GuardRule[];
}

/** A rule that holds if one term of `include`, all of `require` and none of `exclude` hold. */
export interface GuardRule {
  /** False: it needs no login. */
  login?: boolean;
  include: GuardTerm[];
  require?: GuardTerm[];
  exclude?: GuardTerm[];
}

/** A property of a visitor: one value of one key is enough. */
export interface GuardTerm {
  everyone?: true;
  users?: string[];
  /** Flows and policies of Authentik that they pass: `flow mfa`, `policy office`. */
  passes?: string[];
  emails?: string[];
  domains?: string[];
  groups?: string[];
  /** Enough approvers have approved them. */
  approved?: true;
  tokens?: string[];
  networks?: string[];
  countries?: string[];
  identityProviders?: string[];
  authenticationMethods?: string[];
  postures?: string[];
  warp?: true;
  gateway?: true;
  certificate?: true;
  commonNames?: string[];
  /** Fingerprints. */
  authorities?: string[];
}

/** The people whom a part of the file admits. */
export interface Admitting {
  readonly groups: readonly string[];
  readonly users: readonly string[];
  readonly everyone: Everyone | undefined;
  readonly flow?: string | undefined;
  readonly policies?: readonly string[];
}

/** If one of them names groups or users, `everyone` in another one opens nothing. What one of them asks for, all must meet. */
export function peopleOf(entries: readonly (Admitting | undefined)[]): GuardTerms {
  const people = namedBy(entries);
  const require = entries.flatMap((entry) => [
    ...(entry?.flow === undefined ? [] : [`flow ${entry.flow}`]),
    ...(entry?.policies ?? []).map((name) => `policy ${name}`),
  ]);
  if (require.length === 0) return people;
  const { groups, users } = people;
  const include: GuardTerm[] = [
    ...(groups === undefined ? [] : [{ groups }]),
    ...(users === undefined ? [] : [{ users }]),
    ...(people.people === true ? [{ everyone: true as const }] : []),
  ];
  return { rules: [{ include, require: require.map((name) => ({ passes: [name] })) }] };
}

function namedBy(entries: readonly (Admitting | undefined)[]): GuardTerms {
  const groups = [...new Set(entries.flatMap((entry) => entry?.groups ?? []))];
  const users = [...new Set(entries.flatMap((entry) => entry?.users ?? []))];
  if (groups.length + users.length > 0)
    return { ...(groups.length > 0 && { groups }), ...(users.length > 0 && { users }) };
  return entries.some((entry) => entry?.everyone !== undefined) ? { people: true } : {};
}
