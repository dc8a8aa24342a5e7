import type { ZoneSpec } from '../../../reconcilers/cloudflare/account/zone.ts';
import type { Observation, Observed } from '../../core/objects/object.ts';

/** Warnings about zones for which name servers other than Cloudflare's answer. */
export function elsewhereAnswered(observations: readonly Observation[]): readonly string[] {
  const found = observations.find(({ kind }) => kind === 'cloudflare/zone');
  const zones = (found?.state === 'known' ? found.objects : []) as readonly Observed<ZoneSpec>[];
  return zones.flatMap(({ address: { key }, spec: { type = 'full' } }) =>
    type === 'full'
      ? []
      : [
          `cloudflare.zones: ${key} has the type ${type}: other name servers answer for it, and no record that gates writes there takes effect. Convert it to a full setup (DNS, Settings), or add each host at the other provider as a CNAME to <host>.cdn.cloudflare.net`,
        ],
  );
}
