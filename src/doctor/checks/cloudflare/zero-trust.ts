import type { Config } from '../../../config/model/config.ts';
import { RejectedError } from '../../../core/errors.ts';
import { hasApplication, hostDoor } from '../../../desired/terms/doors.ts';
import { type CheckJudgment, check, ok, problem } from '../../chart/check.ts';
import { chartedAccountPath } from '../../chart/cloudflare.ts';
import { usesAccess } from './cloudflare-permissions.ts';

interface Organization {
  readonly auth_domain?: string;
  readonly deny_unmatched_requests?: boolean;
  readonly deny_unmatched_requests_exempted_zone_names?: readonly string[] | null;
}

/** Hosts of the file that the account blocks because no Access application matches them; one finding for each zone. */
function blocked(
  { deny_unmatched_requests: denies, deny_unmatched_requests_exempted_zone_names: exempted }: Organization,
  config: Config | undefined,
): readonly CheckJudgment[] {
  if (denies !== true || config === undefined || config.cloudflare.access.openDoors === 'bypass') return [];
  return config.cloudflare.zones
    .filter((zone) => exempted?.includes(zone) !== true)
    .flatMap((zone) => {
      const hosts = [...config.services.values()]
        .filter((service) => service.zone === zone && !hasApplication(hostDoor(service)))
        .map(({ host }) => host);
      if (hosts.length === 0) return [];
      return problem('require-access', {
        text: `The account blocks every host of ${zone} without an Access application (Require Access Protection): ${hosts.join(', ')}`,
        hint: `Exempt ${zone} (Zero Trust → Access controls → Access settings), or write \`openDoors: bypass\` below \`cloudflare.access\``,
      });
    });
}

/** Checks whether the account has Zero Trust, under the file's team, and admits its hosts. Undefined: no Zero Trust. */
export const zeroTrust = check<Organization | undefined>({
  name: 'zero-trust',
  area: 'cloudflare',
  asks: 'cloudflare',
  async ask(chart) {
    try {
      const path = `${await chartedAccountPath(chart)}/access/organizations`;
      return (await chart.cloudflare.get(path)) as Organization | undefined;
    } catch (error) {
      if (error instanceof RejectedError && error.facts.detail?.includes('not_enabled') === true) {
        return undefined;
      }
      throw error;
    }
  },
  judge(organization, need) {
    const domain = organization?.auth_domain;
    const blocks = blocked(organization ?? {}, need.config);
    if (!usesAccess(need)) return blocks;
    if (domain === undefined) {
      return [
        problem('zero-trust', {
          text: 'Zero Trust is not set up in this account: nothing of Access can be made',
          hint: 'Open one.dash.cloudflare.com once, choose a team name and a plan (Free will do), then put the name into `cloudflare.access.team`',
        }),
      ];
    }
    const wanted = need.config?.cloudflare.access.team;
    const [team = ''] = domain.split('.');
    if (wanted === undefined || wanted === team) return [ok(`Zero Trust is set up: ${domain}`), ...blocks];
    return [
      ...blocks,
      problem('team', {
        text: `The team of this account is "${team}", and the file says "${wanted}"`,
        hint: `Write \`team: ${team}\` below \`cloudflare.access\`, or name another account`,
      }),
    ];
  },
});
