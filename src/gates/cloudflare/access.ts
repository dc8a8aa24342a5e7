import type { AccessRule } from '../../../reconcilers/cloudflare/access/access-policy.ts';
import type { PolicyDemands } from '../../../reconcilers/cloudflare/access/policy/policy-demands.ts';
import type { Appearance } from '../../../reconcilers/cloudflare/access/presentation/appearance.ts';
import type { CrossSite } from '../../../reconcilers/cloudflare/access/presentation/cross-site.ts';
import { postureCheckOfType } from '../../../reconcilers/cloudflare/account/posture-check.ts';
import type { Config } from '../../config/model/config.ts';
import type { Gate } from '../../config/model/gate.ts';
import { groupsClaim } from '../../core/groups-claim.ts';
import type { DesiredObject } from '../../core/objects/object.ts';
import type { Linked } from '../../core/objects/reference.ts';
import { accessLogin, provider } from '../../desired/logins/access-login.ts';
import { identityProviderId, postureCheckId } from '../../desired/terms/addresses.ts';
import { goDuration } from '../../desired/terms/duration.ts';
import type { AccessPolicyTerms, BuiltGate } from '../shared/built-gate.ts';
import { tokenPolicy } from '../shared/token-access.ts';
import { certificateObjects } from './certificates.ts';
import { identityCheck, identityObjects, identityRequest, namesOf } from './identity-header.ts';
import {
  admitsPeople,
  type GateRule,
  isOfRequest,
  policyCombinations,
  type RuleDemands,
  type Term,
} from './rule.ts';

export interface CloudflareGate extends Gate {
  /** Seconds; 0 ends it with the request after the login. */
  readonly session: number;
  readonly rules: readonly GateRule[];
  readonly appearance: Appearance | undefined;
  readonly crossSite: CrossSite | undefined;
}

/** The most policies of one door. An application may have more, but people no longer see who gets in. */
const mostPolicies = 20;

/** `cloudflare`: Access asks people for a login, and machines for a token, and admits those of whom a rule holds. */
export const builtCloudflare: BuiltGate<CloudflareGate> = {
  refuse({ gate }, config) {
    const count = policiesOf(gate.rules, config).length;
    if (count <= mostPolicies) return undefined;
    return `it needs ${count} policies of Access, one for each combination of what \`require\` lists, and gates makes at most ${mostPolicies}: write shorter lists`;
  },
  access({ gate }, config) {
    const login = gate.rules.some(admitsPeople) ? accessLogin(config) : undefined;
    return {
      policies: policiesOf(gate.rules, config),
      ...(login !== undefined && { login }),
      sessionDuration: goDuration(gate.session),
      ...(gate.appearance !== undefined && { appearance: gate.appearance }),
      ...(gate.crossSite !== undefined && { crossSite: gate.crossSite }),
    };
  },
  objects: (door, config) => [
    ...door.gate.rules.flatMap((rule) => lookups(rule, `services.${door.service.name}`)),
    ...certificateObjects(door.gate.lists.certificateAuthorities, door.service, config),
    ...(door.path === undefined ? identityObjects(door.service, config) : []),
  ],
  proof: identityCheck,
  looks: ({ identityHeader }) => [
    identityHeader === undefined ? { path: '/' } : identityRequest(namesOf(identityHeader)),
  ],
};

/**
 * The policies of all rules. Those with approval come last, because the first one that matches decides: whoever matches another rule
 * too needs no approval.
 */
function policiesOf(rules: readonly GateRule[], config: Config): readonly AccessPolicyTerms[] {
  const isOnly = rules.length === 1;
  const policies = rules.flatMap((rule, place) => {
    const name = isOnly ? [] : [`rule ${place + 1}`];
    const people = admitsPeople(rule) ? peoplePolicies(rule, config) : [];
    const parts = people.map((policy, part) => ({
      ...policy,
      suffix: [...name, ...(part === 0 ? [] : [`part ${part + 1}`])].join(' '),
    }));
    const machines = rule.tokens.length === 0 ? [] : machinePolicies(rule, config);
    return [
      ...parts,
      ...machines.map((policy, part) => ({
        ...policy,
        suffix: [...name, 'tokens', ...(part === 0 ? [] : [`part ${part + 1}`])].join(' '),
      })),
    ];
  });
  const isApproved = ({ demands }: AccessPolicyTerms) => demands?.approval !== undefined;
  return [...policies.filter((policy) => !isApproved(policy)), ...policies.filter(isApproved)];
}

type Alternatives = Linked<readonly AccessRule[]>;

/** The rules of these terms, each once: two authorities are the same rule. */
function selectors(terms: readonly Term[], config: Config): Alternatives {
  const rules = terms.map((term) => selector(term, config));
  return [...new Map(rules.map((rule) => [JSON.stringify(rule), rule])).values()];
}

function peoplePolicies({ people, everyone, require, exclude, demands }: GateRule, config: Config) {
  const selected = (terms: readonly Term[]) => selectors(terms, config);
  const admitted: Alternatives = everyone === undefined ? selected(people) : [{ everyone: {} }];
  const login: readonly Alternatives[] =
    accessLogin(config) === undefined ? [] : [[{ login_method: { id: provider(config) } }]];
  return policyCombinations([admitted, ...require.map(selected), ...login]).map((each) => ({
    decision: 'allow' as const,
    ...each,
    ...(exclude.length > 0 && { exclude: selected(exclude) }),
    demands: policyDemands(demands),
  }));
}

function policyDemands({ approval, justification, isolate }: RuleDemands): PolicyDemands {
  return {
    ...(approval && { approval: [{ needed: approval.needed, emails: approval.approvers }] }),
    ...(justification !== undefined && { justification }),
    ...(isolate && { isolate }),
  };
}

/** A machine has no login, so only properties of its requests can count. */
function machinePolicies({ tokens, require, exclude }: GateRule, config: Config) {
  const selected = (terms: readonly Term[]) => selectors(terms.filter(isOfRequest), config);
  const { decision, include } = tokenPolicy(tokens);
  const places = require.map(selected).filter((terms) => terms.length > 0);
  const excluded = selected(exclude);
  return policyCombinations([include, ...places]).map((each) => ({
    decision,
    ...each,
    ...(excluded.length > 0 && { exclude: excluded }),
  }));
}

function selector({ sort, value }: Term, config: Config): Linked<AccessRule> {
  switch (sort) {
    case 'person':
      return { email: { email: value } };
    case 'domain':
      return { email_domain: { domain: value } };
    case 'group':
      // Without Authentik, nothing tells Access who is in a group: G119 refuses such files.
      return {
        oidc: { claim_name: groupsClaim, claim_value: value, identity_provider_id: provider(config) },
      };
    case 'network':
      return { ip: { ip: value } };
    case 'country':
      return { geo: { country_code: value } };
    case 'login':
      return { login_method: { id: identityProviderId(value) } };
    case 'method':
      return { auth_method: { auth_method: value } };
    case 'certificate':
    case 'authority':
      // A certificate of any authority of the host counts: gates sees to it that those of the rule are the only ones.
      return { certificate: {} };
    case 'common name':
      return { common_name: { common_name: value } };
    case 'posture':
    case 'warp':
    case 'gateway':
      return { device_posture: { integration_uid: postureCheckId(postureKey(sort, value)) } };
  }
}

/** The objects of the account that a rule names, which gates never makes. */
function lookups({ require, exclude }: GateRule, because: string): readonly DesiredObject[] {
  return [...require.flat(), ...exclude].flatMap(({ sort, value }): readonly DesiredObject[] => {
    if (sort === 'login') {
      const mustExist = `the account has no login method ${value}, or several: correct \`identityProviders\``;
      return [
        {
          address: { kind: 'cloudflare/access-identity-provider', key: value },
          spec: {},
          mustExist,
          because,
        },
      ];
    }
    if (sort !== 'posture' && sort !== 'warp' && sort !== 'gateway') return [];
    const mustExist =
      sort === 'posture'
        ? `the account has no posture check ${value}, or several, or it is one of WARP or Gateway: correct \`devicePosture\``
        : `the account has no posture check of this type: add it in the dashboard, under Reusable components, Posture checks`;
    return [
      {
        address: { kind: 'cloudflare/posture-check', key: postureKey(sort, value) },
        spec: {},
        mustExist,
        because,
      },
    ];
  });
}

/** A check of the type WARP or Gateway is found by its type, whatever its name. */
function postureKey(sort: 'posture' | 'warp' | 'gateway', value: string): string {
  return sort === 'posture' ? value : postureCheckOfType(sort);
}
