import { readTag } from '../../../src/core/objects/marker.ts';
import type { World } from '../../../src/core/world.ts';
import { accessApplication } from '../access/access-application.ts';
import { dnsRecord } from '../dns/dns-record.ts';
import { type IngressEntry, isWide, matchOf } from './entry.ts';
import { settings } from './origin-request.ts';

/**
 * Notes of rules that gates creates for a host without another object of ours. Until its DNS record exists, nothing
 * shows the owner of the rule, and after a crash in between it would belong to nobody.
 */
export const creationTopic = 'create-ingress-rule';

/** The name of a note, with the owner, since two owners may share a state folder. */
export function noteOf(owner: string, key: string): string {
  return `${owner} ${key}`;
}

/**
 * The owner of each rule: the owner that its closing marker names; else of the DNS record that leads its host into a
 * tunnel; without such a record, of the Access application for which the host's rule checks; else us, if we noted that
 * we are creating it. A rule for several hosts belongs to nobody. So does one that existed before: neither a new
 * application for its host nor a plain record of the file makes it ours. A record of ours would, so a host with such a rule for a path is
 * refused (src/desired/live/breaches.ts).
 */
export async function owners(
  world: World,
  entries: readonly IngressEntry[],
): Promise<(key: string, entry: IngressEntry) => string | undefined> {
  const [records, applications, begun] = await Promise.all([
    world.read(dnsRecord),
    world.read(accessApplication),
    world.notes.list(creationTopic),
  ]);
  const us = world.scope.owner;
  const plain = new Set(world.scope.plainHosts);
  const byRecord = new Map<string, string | undefined>();
  for (const { owner, spec } of records) {
    if (spec.content?.endsWith('.cfargotunnel.com') !== true) continue;
    byRecord.set(spec.name, plain.has(spec.name) ? undefined : owner);
  }
  const asked = new Set(entries.flatMap(audiencesOf));
  const byApplication = new Map<string, string>();
  for (const { owner, spec, attributes } of applications) {
    if (owner === undefined || attributes.aud === undefined) continue;
    for (const uri of spec.destinations) {
      const host = uri.split('/')[0] ?? uri;
      if (!asked.has(`${host} ${attributes.aud}`)) continue;
      if (byApplication.get(host) !== us) byApplication.set(host, owner);
    }
  }
  return (key, entry) => {
    const match = matchOf(entry);
    if (isWide(match)) return undefined;
    const { hostname } = match;
    const named = byRecord.has(hostname) ? byRecord.get(hostname) : byApplication.get(hostname);
    return closerOf(entry) ?? named ?? (begun.includes(noteOf(us, key)) ? us : undefined);
  };
}

/** False for an entry by which another owner closed a host. */
export function mayBeOf(owner: string, entry: IngressEntry): boolean {
  return (closerOf(entry) ?? owner) === owner;
}

/** The owner that the marker of a closed entry names. */
function closerOf({ service, originRequest }: IngressEntry): string | undefined {
  return service === 'http_status:503' ? readTag(settings(originRequest).httpHostHeader ?? '') : undefined;
}

/** `host audience`, for each audience that a rule checks. */
function audiencesOf(entry: IngressEntry): readonly string[] {
  const audiences = settings(entry.originRequest).access?.audTag ?? [];
  return audiences.map((audience) => `${matchOf(entry).hostname} ${audience}`);
}
