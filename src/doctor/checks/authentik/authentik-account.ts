import { GatesError, RejectedError } from '../../../core/errors.ts';
import { type Self, selfOf, usesLdap, usesLogins, usesOutpost } from '../../chart/authentik.ts';
import { type Chart, check, type Need, ok, problem, warning } from '../../chart/check.ts';
import { isLackOfPermission } from '../../chart/cloudflare.ts';

/** Checks whether the token is valid, and whose it is. Undefined: it is invalid. */
export const authentikToken = check<Self | undefined>({
  name: 'token',
  area: 'authentik',
  asks: 'authentik',
  async ask(chart) {
    try {
      return await selfOf(chart);
    } catch (error) {
      if (error instanceof RejectedError && error.facts.status === 403) return undefined;
      throw error;
    }
  },
  judge(self, { variables }) {
    if (self === undefined) {
      return [
        problem('authentik-token', {
          text: 'Authentik rejected the token: it is malformed or expired, or its account is inactive',
          hint: `Set ${variables.authentik} to the key of a token with intent "API Token" and \`expiring: false\` (docs/first-hour.md)`,
        }),
      ];
    }
    const { username, is_superuser: superuser } = self;
    return [
      ok(
        superuser
          ? `The token is that of ${username}, a superuser: it may do all`
          : `The token is that of ${username}, no superuser: what others have at a host may stay unseen, and whom an application admits cannot be asked`,
      ),
    ];
  },
});

interface Rights {
  readonly self: Self;
  /** Permissions whose lack a refusal showed, `authentik_core.view_application`. */
  readonly lacking: readonly string[];
  /** Permissions without which gates removes some objects with less knowledge, or not at all. */
  readonly helpful: readonly string[];
}

/** The questions, each with the permission that it needs. */
const questions: readonly (readonly [
  path: string,
  permission: string,
  of: 'logins' | 'outpost' | 'clients' | 'saml' | 'ldap' | 'users' | 'policies',
])[] = [
  ['/core/applications/', 'authentik_core.view_application', 'logins'],
  ['/core/groups/', 'authentik_core.view_group', 'logins'],
  ['/policies/bindings/', 'authentik_policies.view_policybinding', 'logins'],
  ['/core/users/', 'authentik_core.view_user', 'users'],
  ['/policies/all/', 'authentik_policies.view_policy', 'policies'],
  ['/flows/instances/', 'authentik_flows.view_flow', 'logins'],
  ['/providers/proxy/', 'authentik_providers_proxy.view_proxyprovider', 'outpost'],
  ['/providers/oauth2/', 'authentik_providers_oauth2.view_oauth2provider', 'logins'],
  ['/outposts/instances/', 'authentik_outposts.view_outpost', 'outpost'],
  ['/propertymappings/provider/scope/', 'authentik_providers_oauth2.view_scopemapping', 'clients'],
  ['/crypto/certificatekeypairs/', 'authentik_crypto.view_certificatekeypair', 'clients'],
  ['/providers/saml/', 'authentik_providers_saml.view_samlprovider', 'saml'],
  ['/propertymappings/provider/saml/', 'authentik_providers_saml.view_samlpropertymapping', 'saml'],
  ['/providers/ldap/', 'authentik_providers_ldap.view_ldapprovider', 'ldap'],
];

/**
 * Permissions that a token without superuser rights needs for `used_by` of a group. Without one of them real servers
 * answer 500: they compare a text key with a number.
 */
const usedByRights = ['authentik_core.view_groupancestrynode', 'authentik_sources_scim.view_scimsourcegroup'];

/**
 * Checks the reading permissions of an account without a superuser's rights. Only a write shows permissions to change.
 */
export const authentikPermissions = check<Rights>({
  name: 'permissions',
  area: 'authentik',
  asks: 'authentik',
  async ask(chart) {
    const self = await selfOf(chart);
    if (self.is_superuser) return { self, lacking: [], helpful: [] };
    const needed = questions.filter(([, , of]) => isNeeded(of, chart));
    const refused = await Promise.all(
      needed.map(async ([path, permission]) => ((await maySee(chart, path)) ? [] : [permission])),
    );
    const lacking = refused.flat();
    const helpful = [
      ...(lacking.length === 0 && !(await namesUsers(chart)) ? usedByRights : []),
      ...(isNeeded('clients', chart) && !(await maySee(chart, '/providers/all/'))
        ? ['authentik_core.view_provider']
        : []),
    ];
    return { self, lacking, helpful };
  },
  judge({ self, lacking, helpful }) {
    if (self.is_superuser) return [];
    const missed = helpful.map((permission) =>
      warning('authentik-permission', {
        text: `The token lacks ${permission}: before gates removes a ${permission.endsWith('provider') ? 'scope mapping' : 'group'}, Authentik does not say all that uses it`,
        hint: `Give it to a role of ${self.username}; until then gates goes by the lists that it reads itself`,
      }),
    );
    if (lacking.length === 0 && missed.length === 0) {
      return [ok('The token may see all that gates needs; what it may change, only a write shows')];
    }
    return [
      ...lacking.map((permission) =>
        problem('authentik-permission', {
          text: `The token lacks ${permission}`,
          hint: `Give it to a role of ${self.username}, with add_, change_ and delete_ of the same where docs/first-hour.md lists them`,
        }),
      ),
      ...missed,
    ];
  },
});

/** True if Authentik names the users of a group to this token, or if there is no group to ask for. */
async function namesUsers({ authentik }: Chart): Promise<boolean> {
  const page = (await authentik.get('/core/groups/', { page_size: 1, include_users: false })) as
    | { readonly results?: readonly { readonly pk: string }[] }
    | undefined;
  const [first] = page?.results ?? [];
  if (first === undefined) return true;
  try {
    await authentik.get(`/core/groups/${first.pk}/used_by/`);
    return true;
  } catch (error) {
    if (error instanceof GatesError && (error.facts.status ?? 0) >= 500) return false;
    throw error;
  }
}

function isNeeded(of: (typeof questions)[number][2], need: Need): boolean {
  if (of === 'outpost') return usesOutpost(need) || usesLdap(need);
  if (of === 'ldap') return usesLdap(need);
  if (of === 'logins') return usesLogins(need);
  if (of === 'saml') return need.desired?.scope.authentik?.saml === true;
  if (of === 'policies') return (need.desired?.scope.authentik?.policies ?? []).length > 0;
  if (of === 'users') return (need.desired?.scope.authentik?.users ?? []).length > 0;
  return need.config === undefined || need.config.clients.size > 0;
}

async function maySee({ authentik }: Chart, path: string): Promise<boolean> {
  try {
    await authentik.get(path, { page_size: 1 });
    return true;
  } catch (error) {
    if (isLackOfPermission(error)) return false;
    throw error;
  }
}
