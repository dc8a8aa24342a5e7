import { passesByName } from '../authentik/api/passing.ts';
import { groupsOf } from '../authentik/api/permission.ts';
import { contextAt, VISITOR_COUNTRY, VISITOR_IP } from '../edge/view/circumstances.ts';
import { addressInside } from '../expressions/address-range.ts';
import type { UserRow } from '../state/authentik-state.ts';
import type { AdmitRule, AdmitTerm } from '../state/guard.ts';
import type { Guard, ServiceToken, World } from '../state/world.ts';
import type { Situation } from './situation.ts';

/** A person with a mail address at Access, an account at Authentik, or both. */
export interface Person {
  principal: string;
  /** Empty for a person without one. */
  email: string;
  user: UserRow;
}

/** A visitor of one host: a person who has logged in, the holder of a service token, or neither. */
export interface Visitor {
  host: string;
  situation: Situation;
  person?: Person;
  token?: ServiceToken;
}

/** True if a guard admits a visitor, judged by nothing but the words of the guard. */
export function isAdmitted(world: World, admit: Guard['admit'], visitor: Visitor): boolean {
  const { person, token } = visitor;
  return (
    (person !== undefined && isPersonAdmitted(world, admit, person)) ||
    (token !== undefined && isTokenNamed(world, admit.tokens, token)) ||
    (admit.rules ?? []).some((rule) => ruleAdmits(world, rule, visitor))
  );
}

/** True if a guard admits a person, by their address, their user name, or one of their groups: with its ancestors, or in `members` without. */
function isPersonAdmitted(world: World, admit: Guard['admit'], person: Person): boolean {
  const { emails = [], users = [], groups = [], members = [], people = false } = admit;
  const { user } = person;
  const isNamed = user !== null && users.includes(user.username);
  return (
    people ||
    isNamed ||
    isMember(world, person, members) ||
    hasAddress(person, emails) ||
    isInGroup(world, person, groups)
  );
}

/** True if the person is in one of the groups themselves, and not only in a group that lies in one. */
function isMember(world: World, { user }: Person, members: readonly string[]): boolean {
  if (members.length === 0) return false;
  const own = world.authentik.groups.filter(({ pk }) => user.groups.includes(pk));
  return own.some(({ name }) => members.includes(name));
}

function hasAddress({ email }: Person, emails: readonly string[]): boolean {
  return emails.some((admitted) => admitted.toLowerCase() === email.toLowerCase());
}

function isInGroup(world: World, { user }: Person, groups: readonly string[]): boolean {
  return groups.length > 0 && groupsOf(world.authentik, user).some(({ name }) => groups.includes(name));
}

/** True if a token is listed, by name, by its part after the last `/`, or by id; never the hidden one. */
function isTokenNamed(world: World, listed: readonly string[] = [], token: ServiceToken): boolean {
  if (token === world.strangerToken) return false;
  const name = token.name.replace(/#\d+$/, '');
  const short = name.slice(name.lastIndexOf('/') + 1);
  return listed.some((admitted) => [token.id, token.clientId, name, short].includes(admitted));
}

function ruleAdmits(world: World, rule: AdmitRule, visitor: Visitor): boolean {
  const { login = true, include, require = [], exclude = [] } = rule;
  if (login && visitor.person === undefined) return false;
  const matches = (term: AdmitTerm) => termMatches(world, term, visitor);
  return include.some(matches) && require.every(matches) && !exclude.some(matches);
}

function termMatches(world: World, term: AdmitTerm, visitor: Visitor): boolean {
  return (
    term.everyone === true ||
    personMatches(world, term, visitor) ||
    tokenMatches(world, term, visitor) ||
    placeMatches(term, visitor) ||
    deviceMatches(world, term, visitor)
  );
}

function personMatches(world: World, term: AdmitTerm, { person, situation }: Visitor): boolean {
  if (person === undefined) return false;
  const { emails = [], domains = [], groups = [], members = [], users = [] } = term;
  const { identityProviders = [], authenticationMethods = [] } = term;
  if (term.approved === true && situation.approved === true) return true;
  const { passes = [] } = situation.from;
  if (term.passes?.some((name) => passesByName(world.authentik, name, passes))) return true;
  const provider = world.identityProviders.find(({ id }) => id === situation.by?.provider);
  const amr = situation.by?.amr ?? [];
  return (
    hasAddress(person, emails) ||
    domains.some((domain) => person.email.toLowerCase().endsWith(`@${domain.toLowerCase()}`)) ||
    isInGroup(world, person, groups) ||
    isMember(world, person, members) ||
    users.includes(person.user.username) ||
    identityProviders.some((name) => name === provider?.id || name === provider?.name) ||
    authenticationMethods.some((method) => amr.includes(method))
  );
}

function tokenMatches(world: World, { tokens, anyToken }: AdmitTerm, { token }: Visitor): boolean {
  return token !== undefined && (anyToken === true || isTokenNamed(world, tokens, token));
}

function placeMatches(
  { networks = [], countries = [] }: AdmitTerm,
  { situation: { from } }: Visitor,
): boolean {
  const { ip = VISITOR_IP, country = VISITOR_COUNTRY } = from;
  return (
    networks.some((network) => addressInside(ip, network)) ||
    countries.some((each) => each.toUpperCase() === country)
  );
}

function deviceMatches(world: World, term: AdmitTerm, { host, situation: { from } }: Visitor): boolean {
  const { passed, certificate } = contextAt(world, host, from);
  const { postures = [], warp, gateway, commonNames = [], authorities = [] } = term;
  const checks = (world.postureRules ?? []).filter(({ id }) => passed.has(id));
  const isOfType = (wanted: string) => checks.some(({ type }) => type === wanted);
  if (checks.some(({ id, name }) => postures.includes(id) || postures.includes(name))) return true;
  if ((warp === true && isOfType('warp')) || (gateway === true && isOfType('gateway'))) return true;
  if (certificate === null) return false;
  const authority = world.accessCertificates?.find(({ id }) => id === certificate.authority);
  return (
    term.certificate === true ||
    commonNames.includes(certificate.commonName) ||
    authorities.some((each) => [authority?.id, authority?.name, authority?.fingerprint].includes(each))
  );
}
