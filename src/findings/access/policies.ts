import type { AccessPolicySpec } from '../../../reconcilers/cloudflare/access/access-policy.ts';
import { type AccessRule, ruleKey } from '../../../reconcilers/cloudflare/access/policy/rule.ts';
import type { Observed } from '../../core/objects/object.ts';
import { specByFile } from '../terms/explaining-file.ts';
import type { FindingGround, FindingQuestion, FoundFault } from '../terms/finding-ground.ts';
import { isForChecks, namedSubject } from '../terms/subjects.ts';
import { isPublicMailDomain } from './public-mail-domains.ts';

type Policy = Observed<AccessPolicySpec>;

/** The policies that admit more people than somebody probably wanted. */
export const widePolicies: FindingQuestion = {
  rules: ['everyone-policy', 'mail-domain-policy', 'any-token-policy'],
  reads: ['cloudflare/access-application', 'cloudflare/access-policy', 'cloudflare/access-identity-provider'],
  ask: (ground) => {
    const used = usedPolicies(ground);
    return ground.live
      .of('cloudflare/access-policy')
      .filter(({ id, spec }) => used.has(id) && spec.require.length === 0 && spec.approval === undefined)
      .flatMap((policy) => {
        const asked = new Set(includedByFile(policy, ground).map(ruleKey));
        const rules = policy.spec.include.filter((rule) => !asked.has(ruleKey(rule)));
        return faultOf(policy, rules, ground);
      });
  },
};

/** The rules that the file asks for in this policy. */
function includedByFile(policy: Policy, ground: FindingGround): readonly AccessRule[] {
  const { include = [] } = (specByFile(ground, policy) ?? {}) as Partial<AccessPolicySpec>;
  return include;
}

function faultOf(policy: Policy, rules: readonly AccessRule[], ground: FindingGround): readonly FoundFault[] {
  const { decision } = policy.spec;
  const subject = policySubject(policy);
  if (decision === 'allow') {
    const login = openLogin(policy, rules, ground);
    if (login !== undefined)
      return [
        { rule: 'everyone-policy', subject, says: `The policy "${subject.name}" admits everybody ${login}` },
      ];
    const domain = rules.map((rule) => rule.email_domain?.domain).find(isPublicMailDomain);
    if (domain !== undefined)
      return [
        {
          rule: 'mail-domain-policy',
          subject,
          says: `The policy "${subject.name}" admits every address at ${domain}, and anybody can get one there`,
        },
      ];
  }
  if (!rules.some((rule) => 'any_valid_service_token' in rule)) return [];
  return [
    {
      rule: 'any-token-policy',
      subject,
      says: `The policy "${subject.name}" admits every service token of the account`,
    },
  ];
}

/** Identity providers at which anybody can get an account, by their type at Access. */
const publicLogins: Readonly<Record<string, string>> = {
  onetimepin: 'who can receive an email',
  google: 'who has an account at Google',
  github: 'who has an account at GitHub',
  facebook: 'who has an account at Facebook',
  linkedin: 'who has an account at LinkedIn',
  yandex: 'who has an account at Yandex',
};

/** The people who can log in by the rules, in words; undefined if each login is one of an organization. */
function openLogin(
  policy: Policy,
  rules: readonly AccessRule[],
  { live }: FindingGround,
): string | undefined {
  const all = live.of('cloudflare/access-identity-provider');
  const wordsOf = (ids: ReadonlySet<string>) =>
    all
      .filter(({ id }) => ids.has(id))
      .flatMap(({ spec }) => publicLogins[(spec as { readonly type?: string }).type ?? ''] ?? [])[0];
  const named = wordsOf(new Set(rules.flatMap((rule) => rule.login_method?.id ?? [])));
  if (named !== undefined || !rules.some((rule) => 'everyone' in rule)) return named;
  // Access offers the one-time PIN to an account that lists no other way to log in.
  if (all.length === 0) return publicLogins.onetimepin;
  const applications = live
    .of('cloudflare/access-application')
    .filter(({ spec }) => spec.policies.includes(policy.id));
  const allowed = applications.flatMap(({ spec: { allowedProviders = [] } }) =>
    allowedProviders.length === 0 ? all.map(({ id }) => id) : allowedProviders,
  );
  return wordsOf(new Set(allowed));
}

/** The policies that nothing uses. */
export const idlePolicies: FindingQuestion = {
  rules: ['unused-policy'],
  reads: ['cloudflare/access-application', 'cloudflare/access-policy'],
  ask: (ground) => {
    const used = usedPolicies(ground);
    return ground.live.of('cloudflare/access-policy').flatMap((policy): readonly FoundFault[] => {
      const subject = policySubject(policy);
      if (used.has(policy.id) || isForChecks(subject.name)) return [];
      return [
        { rule: 'unused-policy', subject, says: `No Access application uses the policy "${subject.name}"` },
      ];
    });
  },
};

/** Ids of the policies that some application names. An application of any type counts. */
function usedPolicies({ live }: FindingGround): ReadonlySet<string> {
  const named = live.of('cloudflare/access-application').flatMap(({ spec }) => spec.policies);
  const counted = live.of('cloudflare/access-policy').filter(({ spec, raw }) => {
    const { app_count: count = 0 } = raw as { readonly app_count?: number };
    return spec.inlineOf !== undefined || count > 0;
  });
  return new Set([...named, ...counted.map(({ id }) => id)]);
}

function policySubject({ raw, address }: Policy) {
  const { name } = raw as { readonly name?: string };
  return namedSubject('Access policy', name || address.key);
}
