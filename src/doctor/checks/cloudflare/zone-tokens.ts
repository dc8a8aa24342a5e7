import { namedVariable } from '../../../core/named-variable.ts';
import { type Asker, type Chart, check, ok, problem } from '../../chart/check.ts';
import { ifPermitted } from '../../chart/cloudflare.ts';
import { invalidityOf, tokenEnd, type Verified, verifiedToken } from './cloudflare-token.ts';

/** The token of some zones. */
interface ZoneToken {
  readonly variable: string;
  readonly zones: readonly string[];
  readonly isSet: boolean;
  /** Undefined if it is not set, or not valid. */
  readonly verified: Verified | undefined;
  /** Zones that it cannot read. */
  readonly unseen: readonly string[];
}

/** Checks each token that zones have of their own. The permissions of the zones are a check of their own. */
export const zoneTokens = check<readonly ZoneToken[]>({
  name: 'zone-tokens',
  area: 'cloudflare',
  asks: 'cloudflare',
  isNeeded: ({ config }) => config !== undefined && config.cloudflare.zoneTokens.size > 0,
  ask: async (chart) => {
    const ofZones = [...(chart.config?.cloudflare.zoneTokens ?? [])];
    const names = [...new Set(ofZones.map(([, name]) => name))];
    return Promise.all(
      names.map((name) =>
        examined(
          chart,
          name,
          ofZones.flatMap(([zone, token]) => (token === name ? [zone] : [])),
        ),
      ),
    );
  },
  judge(tokens, { now }) {
    return tokens.flatMap(({ variable, zones, isSet, verified, unseen }) => {
      const about = zones.join(', ');
      const wrong = isSet ? invalidityOf(verified, now) : 'The file gives it a token that is not set';
      const hint = `Make one with the permissions of docs/permissions.md for this zone, and set ${variable} or ${variable}_FILE`;
      if (wrong !== undefined) return [problem('zone-token', { about, text: wrong, hint })];
      const missing = unseen.map((zone) =>
        problem('zone-token', {
          about: zone,
          text: `The token of ${variable} does not see this zone in the account`,
          hint: 'Give it "Zone / Zone / Read", and add the zone to its Zone Resources: My Profile → API Tokens → Edit',
        }),
      );
      const end = tokenEnd(verified?.expires_on, now);
      if (end.state !== 'ok') return [...missing, { ...end, about }];
      return missing.length > 0 ? missing : [ok(end.text, about)];
    });
  },
});

async function examined(chart: Chart, name: string, zones: readonly string[]): Promise<ZoneToken> {
  const variable = namedVariable('CLOUDFLARE_ZONE_TOKEN', name);
  const asker = chart.zoneTokens.get(name);
  if (asker === undefined) return { variable, zones, isSet: false, verified: undefined, unseen: [] };
  const verified = await verifiedToken({ ...chart, cloudflare: asker });
  const isValid = invalidityOf(verified, chart.now) === undefined;
  const seen = await Promise.all(isValid ? zones.map((zone) => sees(asker, zone)) : []);
  return {
    variable,
    zones,
    isSet: true,
    verified,
    unseen: zones.filter((_, index) => seen[index] === false),
  };
}

async function sees(asker: Asker, zone: string): Promise<boolean> {
  const answer = await ifPermitted(asker.list('/zones', { name: zone, per_page: 50 }));
  return answer.may && answer.answer.length > 0;
}
