import { readTag } from '../../../src/core/objects/marker.ts';
import type { World } from '../../../src/core/world.ts';
import { accessApplication } from '../access/access-application.ts';
import { dnsRecord } from '../dns/dns-record.ts';
import { type IngressEntry, isWide, matchOf } from './entry.ts';
import { settings } from './origin-request.ts';

/**
 * Notes rules that are created for a host that nothing of ours names yet: until its DNS record stands, a rule
 * carries no sign of its owner, and a crash in between would leave it to nobody.
 */
export const creationTopic = 'create-ingress-rule';

/** Two owners may share a state directory. */
export function noteOf(owner: string, key: string): string {
  return `${owner} ${key}`;
}

/**
 * The owner of each rule: the owner that its closing marker names; else of the DNS record that leads its host into a
 * tunnel; without such a record, of the Access application that a rule of the host asks for; else us, if we noted
 * that we are creating it. A rule for several hosts belongs to nobody, and so does one that existed before: neither
 * an application that was made beside it nor a plain record of the file makes it ours.
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
    const header = settings(entry.originRequest).httpHostHeader ?? '';
    const closer = entry.service === 'http_status:503' ? readTag(header) : undefined;
    const { hostname } = match;
    const named = byRecord.has(hostname) ? byRecord.get(hostname) : byApplication.get(hostname);
    return closer ?? named ?? (begun.includes(noteOf(us, key)) ? us : undefined);
  };
}

/** Host and audience, for each audience that a rule asks for. */
function audiencesOf(entry: IngressEntry): readonly string[] {
  const audiences = settings(entry.originRequest).access?.audTag ?? [];
  return audiences.map((audience) => `${matchOf(entry).hostname} ${audience}`);
}
