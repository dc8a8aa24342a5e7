import {
  type LoginProtectionSpec,
  protectionOf,
} from '../../../../reconcilers/cloudflare/rules/login-protection.ts';
import { managedAtLogin, skippingManaged } from '../../../desired/live/login-protection.ts';
import { loginServiceOf, usesAccessLogin } from '../../../desired/logins/access-login.ts';
import { check, notKnown, ok, warning } from '../../chart/check.ts';
import { zonesOf } from '../../chart/cloudflare.ts';

/** Checks whether managed rules may stop Access when it redeems logins at Authentik. */
export const managedRules = check<LoginProtectionSpec | undefined>({
  name: 'managed-rules',
  area: 'edge',
  asks: 'cloudflare',
  async ask(chart) {
    const { config, cloudflare } = chart;
    if (config === undefined || !usesAccessLogin(config)) return undefined;
    const zone = (await zonesOf(chart)).find(({ name }) => name === loginServiceOf(config)?.zone);
    return zone && protectionOf(cloudflare, zone.id);
  },
  judge(protection, { config }) {
    const about = config && loginServiceOf(config)?.host;
    if (protection === undefined || config === undefined || about === undefined) return [];
    const stops = managedAtLogin(about, protection, config);
    if (stops === undefined) {
      const hint = 'Give it "Zone / WAF / Read" to have this looked at';
      return [
        notKnown({ about, text: 'The token may not read whether managed rules run at the login host', hint }),
      ];
    }
    if (!stops) return [ok('No managed rules run at the login host', about)];
    return [
      warning('managed-rules', {
        about,
        text: 'Managed rules run at the login host: where they stop Access, nobody logs in at any gate `cloudflare`, and people see "Failed to fetch user/group information"',
        hint: `Skip them there: ${skippingManaged(about)}`,
      }),
    ];
  },
});
