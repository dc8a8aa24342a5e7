import type { GatesFile } from '../../../schema/generated/config.ts';
import { type Finding, quoted } from '../mistakes/finding.ts';
import { didYouMean } from '../mistakes/suggestion.ts';
import { isFileName } from '../model/account-name.ts';
import { compact, type PartOf } from '../model/partial-file.ts';

/** Tokens for zones that the file lacks, and names that cannot be the end of a variable. */
export function zoneTokenFindings({ cloudflare }: PartOf<GatesFile>): Finding[] {
  const zones = compact(cloudflare?.zones ?? []).map((zone) => zone.toLowerCase());
  const seen = new Set<string>();
  return Object.entries(cloudflare?.zoneTokens ?? {}).flatMap(([written, name]): Finding[] => {
    const zone = written.toLowerCase();
    const at = { severity: 'error', path: ['cloudflare', 'zoneTokens', written] } as const;
    if (name !== undefined && isFileName(name)) {
      const message = `${quoted(name)} cannot be a name here: variables that end in _FILE name files`;
      return [{ ...at, rule: 'wrong-name', message, hint: 'choose a name that does not end in `file`' }];
    }
    if (seen.has(zone)) {
      const message = `${quoted(zone)} is in \`zoneTokens\` already`;
      return [{ ...at, part: 'key', rule: 'conflicting-keys', message, hint: 'keep one of them' }];
    }
    seen.add(zone);
    if (zones.length === 0 || zones.includes(zone)) return [];
    const hint = didYouMean(zone, zones) ?? 'add it to `cloudflare.zones`, or remove it here';
    const message = `${quoted(written)} is none of the zones`;
    return [
      { ...at, part: 'key', rule: 'undeclared-name', message, hint, restsOn: [['cloudflare', 'zones']] },
    ];
  });
}
