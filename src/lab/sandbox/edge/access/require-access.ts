import { organizationSetting } from '../../cloudflare/access/access-organization.ts';
import { isStringArray } from '../../state/field.ts';
import { errorPage } from '../view/error-page.ts';
import type { EdgeView } from '../view/view.ts';
import type { Answer, Visit } from '../view/visit.ts';
import { zoneOf } from '../view/zone-rules.ts';

/**
 * *Require Cloudflare Access Protection*: the account's answer to a request that no application covers; null if it is
 * admitted. Each path counts, not only the host.
 */
export function denyUnmatched(view: EdgeView, visit: Visit): Answer | null {
  if (organizationSetting(view.world, 'deny_unmatched_requests') !== true) return null;
  const exempt = organizationSetting(view.world, 'deny_unmatched_requests_exempted_zone_names');
  const zone = zoneOf(view.world, visit.host);
  if (zone === undefined || (isStringArray(exempt) && exempt.includes(zone.name))) return null;
  return errorPage(visit, 1050, 'require-access-protection');
}
