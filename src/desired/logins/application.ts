import type { ApplicationSpec } from '../../../reconcilers/authentik/application/application.ts';
import type { BindingSpec } from '../../../reconcilers/authentik/application/binding-form.ts';
import type { ProviderLinkSpec } from '../../../reconcilers/authentik/application/provider-link.ts';
import type { ProviderFlow } from '../../../reconcilers/authentik/reading/flow-strictness.ts';
import { type AddressId, parseAddressId } from '../../core/objects/address.ts';
import type { DesiredObject } from '../../core/objects/object.ts';
import type { ProtectedEntry } from '../../core/objects/protection.ts';
import { type Linked, ref } from '../../core/objects/reference.ts';
import {
  applicationAddress,
  bindingAddress,
  groupId,
  policyAddress,
  policyBindingAddress,
  userAddress,
  userBindingAddress,
} from '../terms/addresses.ts';
import type { LoginAdmission } from './admission.ts';

/** One application with a login of its own. */
export interface Login extends LoginAdmission {
  /** Part of issuer and key addresses. */
  readonly slug: string;
  /** The target of its tile; empty: none. */
  readonly launchUrl: string;
  /** The provider that it gets once its bindings exist. */
  readonly provider: AddressId;
  /** The flow of that provider, if the login may come to have a provider of another type. */
  readonly providerFlow?: Linked<ProviderFlow>;
  /** The hosts that the login guards. */
  readonly hosts: readonly string[];
  readonly protect?: ProtectedEntry;
  readonly because: string;
}

/** An application, its bindings, and the link that makes a login of it: in parts, see docs/decisions/0001. */
export function applicationObjects(login: Login): readonly DesiredObject[] {
  return [application(login), ...bindings(login), link(login)];
}

function application({ slug, launchUrl, policies, hosts, protect, because }: Login): DesiredObject {
  const engine = policies.length > 0 ? 'all' : 'any';
  const spec: Linked<ApplicationSpec> = { name: slug, launchUrl, engine, hosts };
  return {
    address: { kind: 'authentik/application', key: slug },
    spec,
    ...(protect !== undefined && { protect }),
    because,
  };
}

function bindings(login: Login): readonly DesiredObject[] {
  const { slug, groups, users, policies, because } = login;
  return [
    ...policies.flatMap((name) => [
      policy(name, because),
      binding(login, policyBindingAddress(slug, name), {
        ...{ group: '', user: '', policy: ref(policyAddress(name)) },
      }),
    ]),
    ...groups.map((group) =>
      binding(login, bindingAddress(slug, group), { group: groupId(group), user: '' }),
    ),
    ...users.flatMap((name) => [
      user(name, because),
      binding(login, userBindingAddress(slug, name), { group: '', user: ref(userAddress(name)) }),
    ]),
  ];
}

function binding(
  { slug, hosts, policies, because }: Login,
  address: AddressId,
  who: Pick<Linked<BindingSpec>, 'group' | 'user' | 'policy'>,
): DesiredObject {
  const application = ref(applicationAddress(slug));
  const spec: Linked<BindingSpec> = { application, ...who, enabled: true, negated: false, hosts };
  // Nobody whom the file names gets in before the policies are asked too.
  const needs = who.policy === undefined ? policies.map((name) => policyBindingAddress(slug, name)) : [];
  return { address: parseAddressId(address), spec, ...(needs.length > 0 && { needs }), because };
}

/** A policy, which gates never makes. */
function policy(name: string, because: string): DesiredObject {
  const mustExist = `Authentik has no policy ${name}, or hides it from the token: correct \`policies\`, or give the token \`authentik_policies.view_policy\``;
  return { address: parseAddressId(policyAddress(name)), spec: {}, mustExist, because };
}

/** A person with an account, whom gates never makes. */
function user(name: string, because: string): DesiredObject {
  const mustExist = `Authentik has no user ${name}, or hides it from the token: correct \`users\`, or give the token \`authentik_core.view_user\``;
  return { address: parseAddressId(userAddress(name)), spec: {}, mustExist, because };
}

function link(login: Login): DesiredObject {
  const { slug, provider, providerFlow, groups, users, policies, admits, hosts, because } = login;
  const spec: Linked<ProviderLinkSpec> = {
    application: ref(applicationAddress(slug)),
    provider: ref(provider),
    ...providerFlow,
    // A policy is a binding too, without which the application must not log anybody in.
    admits: policies.length > 0 ? 'named' : admits,
    hosts,
  };
  const needs = [
    ...policies.map((name) => policyBindingAddress(slug, name)),
    ...groups.map((group) => bindingAddress(slug, group)),
    ...users.map((name) => userBindingAddress(slug, name)),
  ];
  return { address: { kind: 'authentik/provider-link', key: slug }, spec, needs, because };
}
