import type { Oauth2ProviderSpec } from '../../../reconcilers/authentik/provider/oauth2-provider.ts';
import type { ScopeMappingSpec } from '../../../reconcilers/authentik/provider/scope-mapping.ts';
import {
  type AccessIdentityProviderSpec,
  oneTimePin,
} from '../../../reconcilers/cloudflare/access/access-identity-provider.ts';
import type { AuthentikConfig, Config, Service } from '../../config/model/config.ts';
import { slugOfAccess } from '../../config/model/slug.ts';
import { groupsClaim } from '../../core/groups-claim.ts';
import type { DesiredObject } from '../../core/objects/object.ts';
import { type Linked, type Reference, ref } from '../../core/objects/reference.ts';
import type { AccessLogin } from '../../gates/shared/built-gate.ts';
import {
  flowId,
  identityProviderId,
  oauth2ProviderAddress,
  organizationId,
  providerLinkAddress,
  scopeId,
  stockPairId,
  stockScopeId,
} from '../terms/addresses.ts';
import { doorsOf } from '../terms/doors.ts';
import type { LoginAdmission } from './admission.ts';
import { applicationObjects } from './application.ts';
import { providerFlow } from './flow.ts';
import { guardingAuthentik } from './login-host.ts';

/** The scope that carries the claim, and the key of its mapping, which no scope of the file can have. */
const groupsScope = 'gates';
const groupsMapping = 'access groups';

/** Authentik's own scopes by which Access learns who a person is. */
const stock = ['openid', 'email', 'profile'] as const;

const because = 'cloudflare.access.identityProvider';
const minute = 60;

/** True if Access asks Authentik at any door. */
export function usesAccessLogin(config: Config): boolean {
  return config.cloudflare.access.identityProvider !== undefined && askedHosts(config).length > 0;
}

/** The service that shows the login page, to which Access sends people and where it redeems their logins. */
export function loginServiceOf({ authentik, services }: Config): Service | undefined {
  return authentik?.service === undefined ? undefined : services.get(authentik.service);
}

/** The identity provider of Access that asks Authentik. */
export function provider({ owner }: Config): Reference {
  return identityProviderId(slugOfAccess(owner));
}

/** The logins of Access if it asks Authentik; undefined if it asks the identity providers of the account. */
export function accessLogin(config: Config): AccessLogin | undefined {
  const { identityProvider, breakGlass } = config.cloudflare.access;
  if (identityProvider === undefined) return undefined;
  if (breakGlass === undefined) return { providers: [provider(config)] };
  const pin = identityProviderId(oneTimePin);
  const emails = [...new Set(breakGlass.emails.map((email) => email.toLowerCase()))].sort();
  return {
    providers: [provider(config), pin],
    breakGlass: {
      decision: 'allow',
      suffix: 'break-glass',
      include: emails.map((email) => ({ email: { email } })),
      require: [{ login_method: { id: pin } }],
    },
  };
}

/** One client in Authentik for all of Access, and the identity provider that is its counterpart. */
export function accessLoginObjects(config: Config): readonly DesiredObject[] {
  if (!usesAccessLogin(config)) return [];
  const { authentik, login } = guardingAuthentik(config);
  const slug = slugOfAccess(config.owner);
  return [
    groupsOfPeople,
    { address: { kind: 'authentik/oauth2-provider', key: slug }, spec: clientSpec(authentik), because },
    ...applicationObjects({
      ...admission(config),
      slug,
      launchUrl: '',
      provider: oauth2ProviderAddress(slug),
      hosts: [],
      because,
    }),
    otherEnd(slug, login, askedHosts(config)),
    ...(config.cloudflare.access.breakGlass === undefined ? [] : [pin]),
  ];
}

/**
 * The client's admission: the groups of all doors, or everybody with an account if any door admits people by more than
 * their groups, such as their address. Only the policies of Access decide who passes which door.
 */
function admission({ services }: Config): LoginAdmission {
  const gates = [...services.values()].flatMap((service) =>
    doorsOf(service).flatMap(({ gate }) => (gate.login === 'access' ? [gate] : [])),
  );
  if (!gates.every(({ admitsByGroup }) => admitsByGroup))
    return { groups: [], users: [], policies: [], admits: 'everyone' };
  const groups = [...new Set(gates.flatMap((gate) => gate.groups))].sort();
  return { groups, users: [], policies: [], admits: 'named' };
}

/** Hosts with a door at which Access asks for a login. */
function askedHosts({ services }: Config): readonly string[] {
  const asking = [...services.values()].filter((service) =>
    doorsOf(service).some(({ gate }) => gate.login === 'access'),
  );
  return asking.map(({ host }) => host).sort();
}

/** Includes inherited groups: as at every other gate, members of a group are also members of its parents. */
const groupsOfPeople: DesiredObject<ScopeMappingSpec> = {
  address: { kind: 'authentik/scope-mapping', key: groupsMapping },
  spec: {
    scopeName: groupsScope,
    expression: `return {"${groupsClaim}": [group.name for group in request.user.all_groups()]}`,
    description: '',
  },
  because,
};

/** Tokens are signed with a key and never encrypted, because Access reads no others (G110). */
function clientSpec({ flows }: AuthentikConfig): Linked<Oauth2ProviderSpec> {
  return {
    clientType: 'confidential',
    grantTypes: ['authorization_code'],
    redirectUris: [
      { match: 'strict', uri: ref(organizationId, 'https://{authDomain}/cdn-cgi/access/callback') },
    ],
    logoutUris: [],
    signingKey: stockPairId(),
    encrypted: false,
    propertyMappings: [...stock.map(stockScopeId), scopeId(groupsMapping)],
    ...providerFlow(undefined, flows),
    invalidationFlow: flowId(flows.invalidation),
    subject: 'hashed_user_id',
    issuer: 'per_provider',
    claimsInIdToken: true,
    codeLifetime: minute,
    accessLifetime: 60 * minute,
    refreshLifetime: 30 * 24 * 60 * minute,
    trustedProviders: [],
    secret: 'kept',
    deliver: [],
    hosts: [],
  };
}

function otherEnd(slug: string, login: string, hosts: readonly string[]): DesiredObject {
  const spec: Linked<AccessIdentityProviderSpec> = {
    type: 'oidc',
    authUrl: `${login}/application/o/authorize/`,
    tokenUrl: `${login}/application/o/token/`,
    certsUrl: `${login}/application/o/${slug}/jwks/`,
    scopes: [...stock, groupsScope],
    claims: [groupsClaim],
    emailClaim: 'email',
    pkce: true,
    client: 'kept',
    hosts,
  };
  // Without references: an existing provider of Access works, and can be narrowed, even if Authentik does not answer.
  const needs = [oauth2ProviderAddress(slug), providerLinkAddress(slug)];
  return { address: { kind: 'cloudflare/access-identity-provider', key: slug }, spec, needs, because };
}

const pin: DesiredObject = {
  address: { kind: 'cloudflare/access-identity-provider', key: oneTimePin },
  spec: {},
  because: 'cloudflare.access.breakGlass',
};
