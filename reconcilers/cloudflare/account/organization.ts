import { RejectedError } from '../../../src/core/errors.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { World } from '../../../src/core/world.ts';
import { accountPath } from './account.ts';

/** The one Zero Trust organization of the account, looked up; attributes `team` and `authDomain`. */
export interface OrganizationSpec {
  /** First label of the team's domain, `<team>.cloudflareaccess.com`. */
  readonly team?: string;
  /** Observed only: hosts without an Access application are blocked, except those of exempted zones. */
  readonly requiresAccess?: boolean;
  readonly exemptedZones?: readonly string[];
  /** Observed only: a device that runs WARP logs people in, unless the application says otherwise. */
  readonly admitsDevices?: boolean;
  /** Observed only: what Access does with a wrong service token; absent if the organization does not say. */
  readonly wrongTokens?: WrongTokens;
}

/** `refused`: at once, with 401. `ignored`: like no token, with 403, or with the login page if people may log in. */
export type WrongTokens = 'refused' | 'ignored';

interface OrganizationReply {
  readonly auth_domain?: string;
  /** *Require Access Protection*; absent in organizations that never set it. */
  readonly deny_unmatched_requests?: boolean;
  readonly deny_unmatched_requests_exempted_zone_names?: readonly string[] | null;
  readonly allow_authenticate_via_warp?: boolean | null;
  readonly strict_service_token_auth?: boolean | null;
}

const kind = 'cloudflare/organization';

/** The API's code for an account that never started Zero Trust (this code is not documented). */
const notEnabled = 'access.api.error.not_enabled';

export const organization: Reconciler<OrganizationSpec> = {
  kind,
  title: 'Zero Trust organization',
  traits: { unmarked: true },

  remedy: (_drift, want, have) => ({
    verb: 'refuse',
    reason: `the team of this account is "${have.spec.team}", not "${want.team}": correct \`cloudflare.access.team\``,
  }),

  async observe(world) {
    const reply = await organizationOf(world);
    const authDomain = reply?.auth_domain;
    if (authDomain === undefined) return [];
    const [team = ''] = authDomain.split('.');
    return [
      {
        address: { kind, key: 'account' },
        id: authDomain,
        owner: undefined,
        spec: {
          team,
          requiresAccess: reply?.deny_unmatched_requests === true,
          exemptedZones: reply?.deny_unmatched_requests_exempted_zone_names ?? [],
          admitsDevices: reply?.allow_authenticate_via_warp === true,
          ...wrongTokensOf(reply),
        },
        attributes: { authDomain, team },
        uses: [],
      },
    ];
  },
};

/** The organization's settings. Undefined if they cannot be read, which the plan then reports. */
export async function organizationSettings(world: World): Promise<OrganizationSpec | undefined> {
  try {
    return (await world.read(organization))[0]?.spec;
  } catch {
    return undefined;
  }
}

function wrongTokensOf(reply: OrganizationReply | undefined): Pick<OrganizationSpec, 'wrongTokens'> {
  const strict = reply?.strict_service_token_auth;
  return strict == null ? {} : { wrongTokens: strict ? 'refused' : 'ignored' };
}

/** Undefined for an account without Zero Trust. */
async function organizationOf(world: World): Promise<OrganizationReply | undefined> {
  const path = `${await accountPath(world)}/access/organizations`;
  try {
    return (await world.cloudflare.get(path)) as OrganizationReply | undefined;
  } catch (error) {
    if (error instanceof RejectedError && error.facts.detail?.includes(notEnabled) === true) return undefined;
    throw error;
  }
}
