import type { Admitted, VisitorTerm } from '../../config/model/file-door.ts';
import { loggedIn } from '../shared/admitted-words.ts';
import type { GuardRule, GuardTerm, GuardTerms } from '../shared/guard-terms.ts';
import { type Approval, admitsPeople, type GateRule, isOfRequest, type Term } from './rule.ts';

/** The visitors whom a rule admits, for people. */
export function admittedBy(rule: GateRule): readonly Admitted[] {
  const { people, everyone, tokens, require, exclude, demands } = rule;
  const named = (sort: 'person' | 'domain'): Admitted => ({ sort, names: valuesOf(people, sort) });
  const admitted: readonly Admitted[] = [
    named('person'),
    named('domain'),
    ...loggedIn(valuesOf(people, 'group'), everyone),
  ];
  const machines: Admitted = { sort: 'token', names: tokens };
  return [
    ...admitted.map((each) => limited(each, require, exclude, demands.approval)),
    limited(
      machines,
      require.map((terms) => terms.filter(isOfRequest)),
      exclude.filter(isOfRequest),
    ),
  ];
}

function limited(
  admitted: Admitted,
  require: GateRule['require'],
  exclude: readonly Term[],
  approval?: Approval,
): Admitted {
  const approved: readonly VisitorTerm[] =
    approval === undefined ? [] : [{ sort: 'approval', names: approval.approvers, needed: approval.needed }];
  const only = [...require.flatMap(inWords), ...approved];
  const except = inWords(exclude);
  return { ...admitted, ...(only.length > 0 && { only }), ...(except.length > 0 && { except }) };
}

/** The terms of each sort together, a network by the name of its list. */
function inWords(terms: readonly Term[]): readonly VisitorTerm[] {
  const sorts = [...new Set(terms.map(({ sort }) => sort))];
  return sorts.map((sort) => ({
    sort,
    names: [...new Set(terms.flatMap((term) => (term.sort === sort ? [nameOf(term)] : [])))],
  }));
}

function nameOf({ sort, value, list }: Term): string {
  return sort === 'network' || sort === 'authority' ? (list ?? value) : value;
}

/**
 * The visitors whom the rules admit, as a rehearsal expects them. A rule without conditions needs no more than the
 * addresses, groups and tokens.
 */
export function guardOf(rules: readonly GateRule[], breakGlass: readonly string[]): GuardTerms {
  const [rule, ...others] = rules;
  const isPlain = ({ people, require, exclude, demands }: GateRule) =>
    require.length === 0 &&
    exclude.length === 0 &&
    demands.approval === undefined &&
    people.every(({ sort }) => sort !== 'domain');
  if (rule === undefined || others.length > 0 || !isPlain(rule))
    return { ...(rules.some(admitsPeople) && { emails: [...breakGlass] }), rules: rules.flatMap(guardRules) };
  const tokens = rule.tokens.length === 0 ? {} : { tokens: [...rule.tokens] };
  if (rule.everyone !== undefined) return { people: true, ...tokens };
  const emails = [...valuesOf(rule.people, 'person'), ...breakGlass];
  return { emails, groups: [...valuesOf(rule.people, 'group')], ...tokens };
}

function guardRules({ people, everyone, tokens, require, exclude, demands }: GateRule): readonly GuardRule[] {
  const approved = demands.approval === undefined ? [] : [{ approved: true as const }];
  const rule = {
    require: [...require.flatMap(guardTerms), ...approved],
    exclude: [...guardTerms(exclude)],
  };
  const isOpen = everyone !== undefined;
  return [
    ...(isOpen || people.length > 0
      ? [{ ...rule, include: isOpen ? [{ everyone: true as const }] : [...guardTerms(people)] }]
      : []),
    ...(tokens.length > 0 ? [{ ...machineRule(require, exclude), include: [{ tokens: [...tokens] }] }] : []),
  ];
}

function machineRule(require: GateRule['require'], exclude: readonly Term[]) {
  return {
    login: false,
    require: require.flatMap((terms) => guardTerms(terms.filter(isOfRequest))),
    exclude: [...guardTerms(exclude.filter(isOfRequest))],
  };
}

/** One condition; none for no terms. */
function guardTerms(terms: readonly Term[]): readonly GuardTerm[] {
  if (terms.length === 0) return [];
  const term: GuardTerm = {};
  for (const [key, sort] of guardKeys) {
    const values = valuesOf(terms, sort);
    if (values.length > 0) term[key] = [...values];
  }
  if (terms.some(({ sort }) => sort === 'warp')) term.warp = true;
  if (terms.some(({ sort }) => sort === 'gateway')) term.gateway = true;
  if (terms.some(({ sort }) => sort === 'certificate')) term.certificate = true;
  return [term];
}

const guardKeys = [
  ['emails', 'person'],
  ['domains', 'domain'],
  ['groups', 'group'],
  ['networks', 'network'],
  ['countries', 'country'],
  ['identityProviders', 'login'],
  ['authenticationMethods', 'method'],
  ['postures', 'posture'],
  ['commonNames', 'common name'],
  ['authorities', 'authority'],
] as const;

export function valuesOf(terms: readonly Term[], sort: Term['sort']): readonly string[] {
  return [...new Set(terms.flatMap((term) => (term.sort === sort ? [term.value] : [])))];
}
