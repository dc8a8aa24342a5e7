import { RejectedError } from '../../../src/core/errors.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { World } from '../../../src/core/world.ts';
import { accountPath } from './account.ts';

/** The one Zero Trust organization of the account, looked up; attributes `team` and `authDomain`. */
export interface OrganizationSpec {
  /** First label of the team's domain, `<team>.cloudflareaccess.com`. */
  readonly team?: string;
  /** Never asked for: hosts without an Access application are blocked, but for those of exempted zones. */
  readonly requiresAccess?: boolean;
  readonly exemptedZones?: readonly string[];
  /** Never asked for: people log in by a device that runs WARP, where an application does not say otherwise. */
  readonly admitsDevices?: boolean;
  /** Never asked for: how Access takes a wrong service token; absent where the organization does not say. */
  readonly wrongTokens?: WrongTokens;
}

/** `refused`: at once, with 401. `ignored`: as no token at all, with 403, or with the login page where people may come in. */
export type WrongTokens = 'refused' | 'ignored';

interface OrganizationReply {
  readonly auth_domain?: string;
  /** *Require Access Protection*; absent in organizations that never touched it. */
  readonly deny_unmatched_requests?: boolean;
  readonly deny_unmatched_requests_exempted_zone_names?: readonly string[] | null;
  readonly allow_authenticate_via_warp?: boolean | null;
  readonly strict_service_token_auth?: boolean | null;
}

const kind = 'cloudflare/organization';

/** The code of the answer of an account that never started Zero Trust (its own code is not documented). */
const notEnabled = 'access.api.error.not_enabled';

export const organization: Reconciler<OrganizationSpec> = {
  kind,
  title: 'Zero Trust organization',
  unmarked: true,

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

/** The organization's setting; undefined where it cannot be read, which the plan reports of the organization itself. */
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
