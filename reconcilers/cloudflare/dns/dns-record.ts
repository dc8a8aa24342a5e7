import type { ReadyChange } from '../../../src/core/change.ts';
import { addressId } from '../../../src/core/objects/address.ts';
import type { DoorEffect } from '../../../src/core/objects/door.ts';
import { equal } from '../../../src/core/objects/equal.ts';
import { readComment } from '../../../src/core/objects/marker.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import { isReference, type Linked } from '../../../src/core/objects/reference.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import { notingWrite, recordWriteTopic } from '../access/application/path-writes.ts';
import { forgetArrived } from '../access/session/moment.ts';
import { zone } from '../account/zone.ts';
import { answersFor, excludesBeside, isAddressRecord, wildcardCovers } from './names-beside.ts';
import { canonicalContent, canonicalData, canonicalName, canonicalTags, recordForm } from './record-form.ts';
import { type DnsRecordSpec, isDelegation } from './record-spec.ts';
import { writeZone } from './write-zone.ts';

interface RecordReply {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly content?: string;
  readonly data?: Readonly<Record<string, string | number>> | null;
  readonly priority?: number | null;
  readonly ttl: number;
  readonly proxied?: boolean;
  readonly comment?: string | null;
  readonly tags?: readonly string[] | null;
  readonly created_on?: string;
}

const kind = 'cloudflare/dns-record';

/** More than any zone has, so that one call reads a zone; the API allows a thousand times as much. */
const perPage = 5000;

/**
 * `CNAME www.example.dev` for types with one record for each name, `MX example.dev mail.example.net` for types with
 * several, which only their content distinguishes. The former need no content.
 */
export function dnsRecordKey(
  record: Pick<DnsRecordSpec, 'type' | 'name'> & Partial<Pick<DnsRecordSpec, 'content' | 'data'>>,
): string {
  const single = `${record.type} ${canonicalName(record.name)}`;
  return recordForm(record.type).single ? single : `${single} ${canonicalContent(record)}`;
}

export const dnsRecord: Reconciler<DnsRecordSpec> = {
  kind,
  title: 'DNS record',
  traits: { plain: true, counted: true },

  async observe(world) {
    const zones = (await world.read(zone)).filter(({ address }) => world.scope.zones.includes(address.key));
    const found = await Promise.all(
      zones.map(async ({ address, attributes: { id = '' } }) => {
        const path = `/zones/${id}/dns_records`;
        const records = await world.roster.list(world.cloudflare, path, { per_page: perPage });
        return records.map((record) => observed(record as RecordReply, address.key, id));
      }),
    );
    return found.flat();
  },

  words: { quota: (spec) => `DNS records of ${String(spec.zone)}` },

  drift(want, have) {
    const fields: string[] = [];
    // The live content is canonical already. Decoding it again would remove quotes that belong to the text.
    if (want.content !== undefined && canonicalContent(contentOf(want, have)) !== have.content) {
      fields.push('content');
    }
    if (want.data !== undefined && !sameData(have.type, want.data, have.data)) fields.push('data');
    if (want.priority !== undefined && want.priority !== have.priority) fields.push('priority');
    // A proxied record always reads back with ttl 1, so its ttl says nothing.
    const proxied = have.proxied || want.proxied === true;
    if (!proxied && want.ttl !== undefined && want.ttl !== have.ttl) fields.push('ttl');
    if (want.proxied !== undefined && want.proxied !== have.proxied) fields.push('proxied');
    if (want.comment !== undefined && want.comment !== (have.comment ?? '')) fields.push('comment');
    if (want.tags !== undefined && !equal(canonicalTags(want.tags), have.tags ?? [])) fields.push('tags');
    if (want.protect !== undefined && want.protect !== (have.protect ?? 'none')) fields.push('protect');
    return fields;
  },

  siblings: {
    obstacle(want, address, siblings) {
      const name = canonicalName(String(want.name));
      const inPlace = siblings.filter(
        ({ address: { key }, spec }) =>
          key !== address.key && spec.name === name && excludesBeside(String(want.type), spec),
      );
      return inPlace.find(({ owner }) => owner === undefined) ?? inPlace[0];
    },

    retain(have, siblings) {
      // Only for a service's name: the author who removes a plain record may want the wildcard to answer.
      if (!leadsToTunnel(have.spec.content) || have.spec.name.startsWith('*.')) return undefined;
      const wildcard = siblings.find(
        ({ spec }) => isAddressRecord(spec) && wildcardCovers(spec.name, have.spec.name),
      );
      return wildcard === undefined
        ? undefined
        : `${wildcard.address.key} would answer for its name in its place`;
    },
  },

  route: {
    otherTarget(want, siblings) {
      const name = canonicalName(String(want.name));
      const leading = siblings.find(
        ({ spec }) =>
          isAddressRecord(spec) &&
          spec.proxied &&
          (spec.name !== name || spec.type === want.type) &&
          answersFor(spec, name, siblings),
      );
      const content = leading?.spec.content;
      return content === want.content ? undefined : content;
    },

    // A name that leads to another name may end at any tunnel.
    target: ({ content }) => (leadsToTunnel(content) ? content : undefined),

    answersFor,
  },

  doors(want, have) {
    const record = want ?? have?.spec;
    if (record === undefined || recordForm(String(record.type)).proxiable !== true) return [];
    const resolvesAlike = want !== undefined && have !== undefined && resolveAlike(want, have.spec);
    if (resolvesAlike) return [];
    const live = want === undefined && record.proxied === true;
    const effect = { host: canonicalName(String(record.name)), step: 'publish' } satisfies DoorEffect;
    return [live ? { ...effect, live } : effect];
  },

  async write(changes, world) {
    const byZone = new Map<string, ReadyChange<DnsRecordSpec>[]>();
    for (const change of changes) {
      const id = change.have?.spec.zoneId ?? change.want?.zoneId ?? '';
      byZone.set(id, [...(byZone.get(id) ?? []), change]);
    }
    const outcomes: Outcome[] = [];
    for (const [id, group] of byZone) {
      const write = () => writeZone(group, id, world);
      outcomes.push(...(await notingWrite(world, recordWriteTopic, earlierTargets(group), write)));
    }
    return outcomes;
  },

  moments: {
    async arrive(world, next) {
      // Only a purge depends on where a name led before, and waits for it itself.
      if (next === undefined) await forgetArrived(world, recordWriteTopic);
    },
  },
};

/** The names that these changes take from their targets, as the notes of `recordWriteTopic` have them. */
function earlierTargets(changes: readonly ReadyChange<DnsRecordSpec>[]): readonly string[] {
  return changes.flatMap(({ want, have, address }) => {
    const leadsAway = have !== undefined && dnsRecord.doors?.(want, have, address).length !== 0;
    return leadsAway ? [`${have.spec.name} ${have.spec.content ?? ''}`] : [];
  });
}

function observed(reply: RecordReply, zoneName: string, zoneId: string): Observed<DnsRecordSpec> {
  const form = recordForm(reply.type);
  const { owner, comment, protect } = readComment(reply.comment ?? '');
  const { type, name, content, data } = reply;
  const tags = canonicalTags(reply.tags ?? []);
  const asRead = { type, name, ...(content !== undefined && { content }), ...(data && { data }) };
  const spec: DnsRecordSpec = {
    zone: zoneName,
    zoneId,
    type: reply.type,
    name: canonicalName(reply.name),
    ...(form.compose === undefined || !reply.data
      ? { content: canonicalContent(reply as { type: string; content?: string }) }
      : { data: canonicalData(reply.type, reply.data) }),
    ...(form.priority === true && typeof reply.priority === 'number' && { priority: reply.priority }),
    ttl: reply.ttl,
    proxied: reply.proxied === true,
    comment,
    ...(tags.length > 0 && { tags }),
    ...(protect !== undefined && { protect }),
  };
  const address = { kind, key: dnsRecordKey(asRead) } as const;
  return {
    address,
    id: reply.id,
    owner: isDelegation(spec) ? undefined : owner,
    spec,
    attributes: { id: reply.id },
    uses: [],
    ...(protect !== undefined && { protection: { entry: protect, carrier: addressId(address) } }),
    ...(reply.created_on !== undefined && { createdAt: reply.created_on }),
  };
}

function leadsToTunnel(content: string | undefined): boolean {
  return content?.endsWith('.cfargotunnel.com') === true;
}

function contentOf({ content }: Partial<DnsRecordSpec>, { type }: DnsRecordSpec) {
  return { type, ...(content !== undefined && { content }) };
}

/** Compares only the fields of `want`, since the API adds others. */
function sameData(
  type: string,
  want: Readonly<Record<string, string | number>>,
  have: Readonly<Record<string, string | number>> | undefined,
): boolean {
  const live = canonicalData(type, have ?? {});
  return Object.entries(canonicalData(type, want)).every(([field, value]) => equal(value, live[field]));
}

function resolveAlike(want: Linked<DnsRecordSpec>, have: DnsRecordSpec): boolean {
  if (isReference(want.content)) return false;
  const drift = dnsRecord.drift?.(want as DnsRecordSpec, have) ?? [];
  return drift.every((field) => ['comment', 'tags', 'ttl', 'protect'].includes(field));
}
