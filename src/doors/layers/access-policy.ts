import { groupsClaim } from '../../core/groups-claim.ts';
import type {
  AccessApplicationPart,
  AccessPolicyPart,
  Selector,
} from '../../core/objects/parts/access-parts.ts';
import {
  type Admission,
  allOf,
  anyOf,
  everybody,
  given,
  negated,
  nobody,
  unknown,
} from '../admission/admission.ts';
import type { View, Weighed, WeighedSelector } from '../state/view.ts';
import { groupsWithin } from './group-hierarchy.ts';
import { isContinuous, isLookedAtAgain, isOfIdentity, isOfToken, looksAtPlace } from './selectors.ts';

/** The visitors whom the policies of an application admit, by what Access adds to their requests. */
export interface PolicyVerdict {
  /** Past Access, which adds no JWT. */
  readonly bypassed: Admission;
  /** With a JWT of the application: by Service Auth, a login, or an earlier session. */
  readonly issued: Admission;
}

/** The hosts of a request, at which a client certificate may be valid, and the state. */
export interface PolicyPlace {
  readonly view: View;
  readonly hosts: readonly string[];
}

/**
 * The verdict of an application's policies (documents, "Policy order of execution"): first Bypass and Service Auth by
 * precedence, then Allow and Block by precedence at the login, then nobody else.
 */
export function verdictOf(
  place: PolicyPlace,
  application: AccessApplicationPart,
  weigh?: (weighed: Weighed) => void,
): PolicyVerdict {
  return verdictWith(place, application, weigh, (credential) => credential);
}

/**
 * Everybody to whom the application has issued a JWT while its policies are as they are, wherever that was: network,
 * country, device and certificate may have changed since. Access looks at them again with each request, but only at
 * this application, and cloudflared never does. The documents do not say whether somebody whom the application lets past without a login
 * may log in there all the same.
 */
export function issuedAnywhere(place: PolicyPlace, application: AccessApplicationPart): Admission {
  const { id, policies } = application;
  const issuedBy = (asking: readonly string[]) =>
    verdictWith(place, { ...application, policies: asking }, undefined, (credential, selector, widens) => {
      if (!isContinuous(selector) || isOfToken(selector)) return credential;
      const then = unknown('place of the login', `${JSON.stringify(selector)} at ${id}`);
      return widens ? anyOf(credential, then) : allOf(credential, then);
    }).issued;
  const withLogin = policies.filter((each) => policyOf(place.view, each).decision !== 'bypass');
  if (withLogin.length === policies.length) return issuedBy(policies);
  return anyOf(issuedBy(policies), allOf(unknown('login past a bypass', `at ${id}`), issuedBy(withLogin)));
}

/** The credential that a selector asks for. `widens`: with more of it, the application admits more. */
type Reading = (selector: Selector, widens: boolean) => Admission;

function verdictWith(
  place: PolicyPlace,
  application: AccessApplicationPart,
  weigh: ((weighed: Weighed) => void) | undefined,
  placed: (credential: Admission, selector: Selector, widens: boolean) => Admission,
): PolicyVerdict {
  const { view } = place;
  const before: Reading = (selector, widens) => placed(beforeLogin(place, selector), selector, widens);
  const at: Reading = (selector, widens) => placed(atLogin(place, selector), selector, widens);
  const bypassed: Admission[] = [];
  const issued: Admission[] = [];
  const policies = application.policies.map((id) => policyOf(view, id));
  // An earlier match with the same verdict changes nothing.
  const unless = (others: readonly Admission[], match: Admission) => allOf(negated(anyOf(...others)), match);
  const decide = (verdict: Admission[], match: Admission) =>
    verdict.push(unless(verdict === issued ? bypassed : issued, match));
  for (const policy of policies) {
    if (policy.decision === 'bypass' || policy.decision === 'non_identity') {
      // Whoever is let past gets no JWT.
      const match = matchOf(policy, before, policy.decision === 'non_identity');
      weigh?.(weighedPolicy(policy, match, before));
      decide(policy.decision === 'bypass' ? bypassed : issued, match);
    } else if (policy.decision === 'unknown') {
      decide(bypassed, unknown('unknown policy', `${policy.id} bypasses`));
      decide(issued, unknown('unknown policy', `${policy.id} is Service Auth`));
    }
  }
  const login = decidedAtLogin(policies, at);
  for (const policy of policies) {
    if (policy.decision !== 'allow' && policy.decision !== 'deny') continue;
    weigh?.(weighedPolicy(policy, matchOf(policy, at), at));
  }
  decide(issued, allOf(identityFor(application), login));
  decide(issued, sessionOf(place, application, policies));
  return { bypassed: anyOf(...bypassed), issued: anyOf(...issued) };
}

/** A policy that is missing in the snapshot may decide anything. */
interface UnknownPolicy {
  readonly decision: 'unknown';
  readonly id: string;
}

function policyOf(view: View, id: string): AccessPolicyPart | UnknownPolicy {
  return view.parts('access-policy', id)[0] ?? { decision: 'unknown', id };
}

/** Any of `include`, all of `require`, none of `exclude`. A policy that includes nothing matches nobody. */
function matchOf(policy: AccessPolicyPart, of: Reading, widens = true): Admission {
  const list = (name: 'include' | 'require' | 'exclude') =>
    policy[name].map((selector) => of(selector, widens === (name !== 'exclude')));
  return allOf(anyOf(...list('include')), ...list('require'), negated(anyOf(...list('exclude'))));
}

function weighedPolicy(policy: AccessPolicyPart, admits: Admission, of: Reading): Weighed {
  const selectors = (['include', 'require', 'exclude'] as const).flatMap((list) =>
    policy[list].map((selector): WeighedSelector => ({ list, selector, admits: of(selector, true) })),
  );
  const { approval } = policy;
  if (approval === undefined) return { layer: 'Access', part: policy, admits, selectors };
  const asked: WeighedSelector = {
    list: 'require',
    selector: { approval: { by: approval } },
    admits: approvalFor(policy),
  };
  const withApproval = allOf(admits, approvalFor(policy));
  return { layer: 'Access', part: policy, admits: withApproval, selectors: [...selectors, asked] };
}

/** The first Allow or Block policy that matches ends the evaluation. */
function decidedAtLogin(
  policies: readonly (AccessPolicyPart | UnknownPolicy)[],
  of: Reading,
  approved: (policy: AccessPolicyPart) => Admission = approvalFor,
): Admission {
  return policies.reduceRight<Admission>((rest, policy) => {
    if (policy.decision === 'allow') {
      if (policy.approval === undefined) return anyOf(matchOf(policy, of), rest);
      // "Be sure the policy order is set to allow persistent users through": nobody gets on to the next one.
      const others = allOf(negated(matchOf(policy, of, false)), rest);
      return anyOf(allOf(matchOf(policy, of), approved(policy)), others);
    }
    if (policy.decision === 'deny') return allOf(negated(matchOf(policy, of, false)), rest);
    if (policy.decision !== 'unknown') return rest;
    const decides = unknown('unknown policy', `${policy.id} decides`);
    return given(decides, unknown('unknown policy', `${policy.id} admits`), rest);
  }, nobody);
}

/** The approval that a policy needs; everybody has one that it does not need. */
function approvalFor({ approval }: AccessPolicyPart): Admission {
  return approval === undefined ? everybody : { has: 'approval', by: approval };
}

/** A login by one of the identity providers that the application allows. A device that WARP knows may need none. */
function identityFor({ logins = [], waysAround, id }: AccessApplicationPart): Admission {
  const device = waysAround.includes('allow_authenticate_via_warp');
  // `allowed_idps: []` means the same as leaving it out.
  if (logins.length === 0) return { has: 'identity' };
  const allowed = logins.map((provider): Admission => ({ has: 'login', provider }));
  const enrolled = allOf({ has: 'identity' }, unknown('device login', `at ${id}`));
  return anyOf(...allowed, device ? enrolled : nobody);
}

/**
 * A session lasts until its end or its revocation. Access checks networks, countries and the like again with each
 * request, but never what a login showed (documents, "Selectors"). The documents do not say what happens to a session
 * at an application whose policies no longer admit by a login, nor whether one that began before its policies changed
 * obeys them or the earlier ones.
 */
function sessionOf(
  place: PolicyPlace,
  { id, audience }: AccessApplicationPart,
  policies: readonly (AccessPolicyPart | UnknownPolicy)[],
): Admission {
  const session: Admission = { has: 'session', audience };
  const issuing = policies.filter(({ decision }) => decision !== 'bypass' && decision !== 'deny');
  if (issuing.length === 0) return allOf(session, unknown('session without a policy', `at ${id}`));
  const lasting = policies.flatMap((policy): readonly (AccessPolicyPart | UnknownPolicy)[] => {
    if (policy.decision === 'non_identity') return [{ ...policy, decision: 'allow' }];
    return policy.decision === 'deny' && !isLookedAtAgain(policy) ? [] : [policy];
  });
  const admitted = decidedAtLogin(
    lasting,
    (selector, widens) => {
      if (isContinuous(selector)) return inSession(place, selector, id);
      return widens ? everybody : nobody;
    },
    // Access asks for it only at the login.
    () => everybody,
  );
  const isBound = lasting.some((policy) => policy.decision !== 'unknown' && looksAtPlace(policy));
  const earlier = isBound ? unknown('policies of a session', `at ${id}`) : nobody;
  return allOf(session, anyOf(admitted, earlier));
}

/** Bypass and Service Auth come before the login. The API refuses selectors of identity there. */
function beforeLogin(place: PolicyPlace, selector: Selector): Admission {
  if (!isOfIdentity(selector)) return credentialOf(place, selector);
  return unknown('selector before the login', JSON.stringify(selector));
}

/** The API refuses tokens in an Allow or Block policy, but older accounts may still count some. */
function atLogin(place: PolicyPlace, selector: Selector): Admission {
  const credential = credentialOf(place, selector);
  if (!isOfToken(selector)) return credential;
  return allOf(credential, unknown('token without Service Auth', JSON.stringify(selector)));
}

/** The documents say that tokens are checked with each request. Measurements show that a session outlives its token. */
function inSession(place: PolicyPlace, selector: Selector, application: string): Admission {
  const credential = credentialOf(place, selector);
  if (!isOfToken(selector)) return credential;
  return anyOf(credential, unknown('session of a token', `at ${application}`));
}

/** The credential that a selector asks for. One that gates does not read, such as a group, is an unknown fact. */
function credentialOf(place: PolicyPlace, selector: Selector): Admission {
  const [name = '', fields = {}] = Object.entries(selector)[0] ?? [];
  const { email, domain, ip, country_code: code, token_id: token, id, auth_method: method } = fields;
  const { integration_uid: check, common_name: commonName } = fields;
  switch (name) {
    case 'everyone':
      return everybody;
    case 'email':
      return email ? { has: 'email', address: email.toLowerCase() } : nobody;
    case 'email_domain':
      return domain ? { has: 'email-domain', domain: domain.toLowerCase() } : nobody;
    case 'ip':
      return ip ? { has: 'network', range: ip } : nobody;
    case 'geo':
      return code ? { has: 'country', code } : nobody;
    case 'auth_method':
      return method ? { has: 'authentication-method', method } : nobody;
    case 'device_posture':
      return check ? { has: 'posture', check } : nobody;
    case 'certificate':
      return certificateAt(place, undefined);
    case 'common_name':
      return commonName ? certificateAt(place, commonName) : nobody;
    case 'login_method':
      return id ? { has: 'login', provider: id } : nobody;
    case 'oidc': {
      const { identity_provider_id: provider, claim_name: claim, claim_value: value } = fields;
      if (!provider || !claim || value === undefined) return nobody;
      return claimed(place.view, { provider, name: claim, value });
    }
    case 'service_token':
      return token ? tokenCredential(place.view, token) : nobody;
    case 'any_valid_service_token':
      return { has: 'any-service-token' };
    default:
      return unknown('selector', JSON.stringify(selector));
  }
}

/** The claim that lists groups names those too in which a group of the person lies. */
function claimed(
  view: View,
  { provider, name, value }: { readonly provider: string; readonly name: string; readonly value: string },
): Admission {
  const values = name === groupsClaim ? groupsWithin(view, value, 'name') : [value];
  return anyOf(...values.map((each): Admission => ({ has: 'claim', provider, name, value: each })));
}

/** A token that is disabled, expired or missing admits nobody. */
function tokenCredential(view: View, id: string): Admission {
  const holder: Admission = { has: 'service-token', id };
  if (view.unread('service-token')) return allOf(holder, unknown('not read', `service token ${id}`));
  return view.parts('service-token', id, ({ valid }) => valid).length > 0 ? holder : nobody;
}

/** A certificate, with this common name if it matters, of any authority that is valid at one of the hosts. */
function certificateAt({ view, hosts }: PolicyPlace, commonName: string | undefined): Admission {
  const found = view.parts('certificate-host', hosts);
  const valid = found.map(({ authority }): Admission => ({ has: 'certificate', commonName, authority }));
  const others: Admission = { has: 'certificate', commonName, authority: undefined };
  // A wildcard contains hosts that nobody has listed.
  if (hosts.some((host) => host.includes('*'))) return anyOf(...valid, others);
  return valid.length === 0 && view.unread('certificate-host') ? others : anyOf(...valid);
}
