import type { AccessPolicySpec, AccessRule } from '../../../reconcilers/cloudflare/access/access-policy.ts';
import type * as file from '../../../schema/generated/config.ts';
import { Inexpressible } from '../terms/inexpressible.ts';
import type { LiveObjects } from '../terms/live-objects.ts';
import { isOwnLogin, ownLogin } from './access-login.ts';
import { type AccessKey, type AccessTerm, isNaming, type TokenNames, termOf } from './access-terms.ts';
import { importedDemands } from './demands.ts';

/** The reason that the file gives for a policy that admits everybody who can log in. */
export const everyoneReason = 'imported: everybody who can log in';

/** One rule of a gate `cloudflare`, and whether it admits people or machines. */
export interface ImportedRule {
  readonly visitors: 'people' | 'machines';
  readonly rule: file.AccessRule;
}

/**
 * The rules that say the same as a policy. Nearly always it is one; a policy that admits named people and, beside them,
 * everybody who meets a condition gives one for each.
 * @throws Inexpressible
 */
export function importedRules(
  policy: AccessPolicySpec,
  live: LiveObjects,
  tokens: TokenNames,
): readonly ImportedRule[] {
  const terms = (rules: readonly AccessRule[]) => rules.map((rule) => termOf(rule, live, tokens));
  const include = terms(policy.include);
  const require = terms(requiredBesideLogin(policy, live));
  const exclude = conditionsOf(
    terms(policy.exclude).map((term) => [term]),
    'exclude',
  );
  const visitors = policy.decision === 'allow' ? 'people' : 'machines';
  const alternatives = splitInclude(include, require).map(({ who, conditions }) => {
    const required = conditionsOf(conditions, 'require');
    return {
      visitors,
      rule: {
        ...namedBy(who, visitors),
        ...(Object.keys(required).length > 0 && { require: required }),
        ...(Object.keys(exclude).length > 0 && { exclude }),
        ...importedDemands(policy),
      },
    } as const;
  });
  if (alternatives.length === 0) throw new Inexpressible('a policy includes nobody');
  return alternatives;
}

/**
 * The conditions of a policy without our login, which the file asks for at all hosts.
 * @throws Inexpressible if people may log in here in another way too.
 */
function requiredBesideLogin(
  { decision, require }: AccessPolicySpec,
  live: LiveObjects,
): readonly AccessRule[] {
  if (decision !== 'allow' || live.once(ownLogin) === undefined) return require;
  const others = require.filter((rule) => !isOwnLogin(rule, live));
  if (others.length === require.length)
    throw new Inexpressible('Access logs people in through Authentik elsewhere, and here in another way');
  return others;
}

interface Alternative {
  readonly who: readonly AccessTerm[];
  /** One term of each list must hold. */
  readonly conditions: readonly (readonly AccessTerm[])[];
}

/**
 * The alternatives of a policy. `include` of a policy may be a list of conditions, because it is the only list that has
 * alternatives: `include` two countries, `require` one person. The person is then the one whom the rule admits.
 */
function splitInclude(
  include: readonly AccessTerm[],
  require: readonly AccessTerm[],
): readonly Alternative[] {
  const required = require.map((term) => [term]);
  const who = include.filter(isNaming);
  const conditions = include.filter((term) => !isNaming(term));
  const person = who.length === 0 ? require.find(isNaming) : undefined;
  if (person !== undefined) {
    const others = require.filter((term) => term !== person).map((term) => [term]);
    return byKey(conditions).map((terms) => ({ who: [person], conditions: [terms, ...others] }));
  }
  const everybody: AccessTerm = { key: 'everyone', value: '' };
  return [
    ...(who.length === 0 ? [] : [{ who, conditions: required }]),
    ...byKey(conditions).map((terms) => ({ who: [everybody], conditions: [terms, ...required] })),
  ];
}

/** The terms of each key, which are alternatives in the file too. A device must pass every posture check, so each is alone. */
function byKey(terms: readonly AccessTerm[]): readonly (readonly AccessTerm[])[] {
  const keys = [...new Set(terms.map(({ key }) => key))];
  return keys.flatMap((key) => {
    const same = terms.filter((term) => term.key === key);
    return key === 'devicePosture' || key === 'authenticationMethod' ? same.map((term) => [term]) : [same];
  });
}

function namedBy(who: readonly AccessTerm[], visitors: ImportedRule['visitors']): file.AccessRule {
  const values = (key: AccessKey) => who.filter((term) => term.key === key).map(({ value }) => value);
  const [tokens, emails, domains, groups] = [
    ...[values('tokens'), values('emails')],
    ...[values('domains'), values('groups')],
  ] as const;
  if (visitors === 'machines') {
    if (tokens.length < who.length)
      throw new Inexpressible('a Service Auth policy admits machines without a service token');
    return { tokens };
  }
  if (tokens.length > 0)
    throw new Inexpressible('an Allow policy names a service token, which has no effect');
  // Nobody is added by the others if everybody may pass.
  if (values('everyone').length > 0) return { everyone: { reason: everyoneReason } };
  return {
    ...(emails.length > 0 && { emails }),
    ...(domains.length > 0 && { domains }),
    ...(groups.length > 0 && { groups }),
  };
}

/** Keys of conditions that are lists in the file. */
type ListKey =
  | 'emails'
  | 'domains'
  | 'groups'
  | 'networks'
  | 'countries'
  | 'identityProviders'
  | 'devicePosture'
  | 'commonNames';

function conditionsOf(
  lists: readonly (readonly AccessTerm[])[],
  where: 'require' | 'exclude',
): file.AccessConditions {
  const conditions: file.AccessConditions = {};
  const required = new Set<AccessKey>();
  for (const list of lists) {
    const [{ key } = { key: 'everyone' as const }] = list;
    // `require` of a policy means all of them, and two lists of one key would be one list in the file.
    if (where === 'require' && key !== 'devicePosture') {
      if (required.has(key)) throw new Inexpressible(`a policy requires two values of \`${key}\` at once`);
      required.add(key);
    }
    for (const term of list) add(conditions, term);
  }
  return conditions;
}

function add(conditions: file.AccessConditions, { key, value }: AccessTerm): void {
  switch (key) {
    case 'everyone':
    case 'tokens':
      throw new Inexpressible(
        `a condition of a policy is ${key === 'tokens' ? 'a service token' : 'everybody'}`,
      );
    case 'warp':
    case 'gateway':
    case 'certificate':
      conditions[key] = true;
      return;
    case 'authenticationMethod':
      if (conditions[key] !== undefined)
        throw new Inexpressible('a policy names two methods of authentication');
      conditions[key] = value as NonNullable<file.AccessConditions['authenticationMethod']>;
      return;
    default:
      conditions[key satisfies ListKey] = [...(conditions[key] ?? []), value];
  }
}
