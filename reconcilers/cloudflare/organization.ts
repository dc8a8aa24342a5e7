import { RejectedError } from '../../src/core/errors.ts';
import type { Reconciler } from '../../src/core/reconciler.ts';
import type { World } from '../../src/core/world.ts';
import { accountPath } from './account.ts';

/** The one Zero Trust organization of the account, looked up; attributes `team` and `authDomain`. */
export interface OrganizationSpec {
  /** First label of the team's domain, `<team>.cloudflareaccess.com`. */
  readonly team?: string;
}

const kind = 'cloudflare/organization';

/** What an account answers that never started Zero Trust (its own code is not documented). */
const notEnabled = 'access.api.error.not_enabled';

export const organization: Reconciler<OrganizationSpec> = {
  kind,
  title: 'Zero Trust organisation',
  unmarked: true,

  remedy: (_drift, want, have) => ({
    verb: 'refuse',
    reason: `the team of this account is "${have.spec.team}", not "${want.team}": correct \`cloudflare.access.team\``,
  }),

  async observe(world) {
    const authDomain = await authDomainOf(world);
    if (authDomain === undefined) return [];
    const [team = ''] = authDomain.split('.');
    return [
      {
        address: { kind, key: 'account' },
        id: authDomain,
        owner: undefined,
        spec: { team },
        attributes: { authDomain, team },
        uses: [],
      },
    ];
  },
};

/** `team.cloudflareaccess.com`; undefined for an account without Zero Trust. */
async function authDomainOf(world: World): Promise<string | undefined> {
  const path = `${await accountPath(world)}/access/organizations`;
  try {
    const reply = (await world.cloudflare.get(path)) as { readonly auth_domain?: string } | undefined;
    return reply?.auth_domain;
  } catch (error) {
    if (error instanceof RejectedError && error.facts.detail?.includes(notEnabled) === true) return undefined;
    throw error;
  }
}
