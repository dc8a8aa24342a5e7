import { held } from '../belief.ts';
import { type Group, named } from '../group.ts';

const beliefs = named('organization', {
  reachable: {
    says: 'Require Access Protection is off, or the zone is exempted: a host without an application is reached',
    where: 'reconcilers/cloudflare/rules/login-protection.ts',
  },
  devices: {
    says: 'Devices that run WARP are not let in without a login',
    where: 'reconcilers/cloudflare/access/application/ways-around.ts',
  },
  team: {
    says: 'The organization says its team domain',
    where: 'reconcilers/cloudflare/account/organization.ts',
  },
});

/** The settings that apply to all applications of the account; the group changes none of them. */
export const organizationBeliefs: Group = {
  name: 'organization',
  set: 'quick',
  seconds: 2,
  makes: [],
  needs: [],
  beliefs: Object.values(beliefs),
  async ask({ ground }, answers) {
    const {
      team = '',
      requiresAccess = false,
      exemptedZones = [],
      admitsDevices,
      wrongTokens,
    } = ground.organization;
    const exempted = exemptedZones.includes(ground.zone.name);
    await answers.ask(beliefs.reachable, async () =>
      held(!requiresAccess || exempted, 'it is on, and this zone is not exempted', {
        deny_unmatched_requests: requiresAccess,
        exempted,
      }),
    );
    await answers.ask(beliefs.devices, async () =>
      held(admitsDevices !== true, 'they are, where an application does not say otherwise', {
        allow_authenticate_via_warp: admitsDevices === true,
      }),
    );
    await answers.ask(beliefs.team, async () =>
      held(team !== '', 'it says none', {
        ...(wrongTokens !== undefined && { strict_service_token_auth: wrongTokens === 'refused' }),
      }),
    );
  },
};
