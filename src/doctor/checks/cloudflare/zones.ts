import { check, ok, problem } from '../../chart/check.ts';
import { type ZoneReply, zonesOf } from '../../chart/cloudflare.ts';

/** Checks whether Cloudflare answers for the zones. */
export const zones = check<readonly ZoneReply[]>({
  name: 'zones',
  area: 'cloudflare',
  asks: 'cloudflare',
  ask: zonesOf,
  judge(found, { config }) {
    // The check of its own token reports a zone that has one.
    const missing = (config?.cloudflare.zones ?? []).filter(
      (name) => !found.some((zone) => zone.name === name) && config?.cloudflare.zoneTokens.has(name) !== true,
    );
    return [
      ...missing.map((about) =>
        problem('zone-missing', {
          about,
          text: 'The token sees no such zone in the account',
          hint: 'Add the site to the account, or the zone to the Zone Resources of the token; see whether `cloudflare.account` is the right one',
        }),
      ),
      ...found.map((zone) => judgmentOf(zone)),
    ];
  },
});

function judgmentOf({ name: about, status, paused, type = 'full', name_servers: servers = [] }: ZoneReply) {
  if (type !== 'full') {
    return problem('zone-partial', {
      about,
      text: `The zone has the type ${type}: other name servers answer for it, and nothing that gates writes there takes effect`,
      hint: 'Convert it to a full setup (DNS → Settings), or add each host at the other provider as a CNAME to <host>.cdn.cloudflare.net yourself',
    });
  }
  if (status === 'active' && paused === true) {
    return problem('zone-paused', {
      about,
      text: 'The zone is paused: Cloudflare answers its names, but protects none of its hosts',
      hint: 'Overview → Advanced Actions → Enable Cloudflare on Site',
    });
  }
  if (status === 'active') return ok('The zone is active', about);
  const those = servers.length === 0 ? 'those that the dashboard shows' : servers.join(' and ');
  return problem('zone-pending', {
    about,
    text: `The zone is ${status}: nobody asks Cloudflare for its names`,
    hint: `Set its name servers at the registrar to ${those}, and wait until it is active`,
  });
}
