import { RejectedError } from '../../core/errors.ts';
import { check, ok, problem } from '../check.ts';
import { accountPath } from '../cloudflare.ts';
import { usesAccess } from './cloudflare-permissions.ts';

/** Whether the account has Zero Trust, and under the team that the file names. Undefined: it has not. */
export const zeroTrust = check<string | undefined>({
  name: 'zero-trust',
  area: 'cloudflare',
  asks: 'cloudflare',
  async ask(chart) {
    try {
      const path = `${await accountPath(chart)}/access/organizations`;
      const reply = (await chart.cloudflare.get(path)) as { readonly auth_domain?: string } | undefined;
      return reply?.auth_domain;
    } catch (error) {
      if (error instanceof RejectedError && error.facts.detail?.includes('not_enabled') === true) {
        return undefined;
      }
      throw error;
    }
  },
  judge(domain, need) {
    if (!usesAccess(need)) return [];
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
    if (wanted === undefined || wanted === team) return [ok(`Zero Trust is set up: ${domain}`)];
    return [
      problem('team', {
        text: `The team of this account is "${team}", and the file says "${wanted}"`,
        hint: `Write \`team: ${team}\` below \`cloudflare.access\`, or name another account`,
      }),
    ];
  },
});
