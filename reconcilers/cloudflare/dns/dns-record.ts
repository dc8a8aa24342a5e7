import type { ReadyChange } from '../../../src/core/change.ts';
import { ConfigError, UnsafeError } from '../../../src/core/errors.ts';
import { addressId } from '../../../src/core/objects/address.ts';
import type { DoorEffect } from '../../../src/core/objects/door.ts';
import { equal } from '../../../src/core/objects/equal.ts';
import { markComment, readComment } from '../../../src/core/objects/marker.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { ProtectedEntry } from '../../../src/core/objects/protection.ts';
import { isReference, type Linked } from '../../../src/core/objects/reference.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { World } from '../../../src/core/world.ts';
import { failed } from '../../shared/carry-out.ts';
import { zone } from '../account/zone.ts';
import { type RecordWrite, writeBatches } from './batch.ts';
import { canonicalContent, canonicalData, canonicalName, canonicalTags, recordForm } from './record-form.ts';

/** One DNS record. It has either `content` or, for types written through `data`, `data`. */
export interface DnsRecordSpec {
  /** Name of the zone. */
  readonly zone: string;
  readonly zoneId: string;
  /** Upper case: `CNAME`. */
  readonly type: string;
  /** In full: `www.example.dev`; `*.example.dev` for a wildcard. */
  readonly name: string;
  /** For TXT the text itself, without quotes. */
  readonly content?: string;
  /** The content in parts, as the API names them: for CAA `{ flags, tag, value }`. */
  readonly data?: Readonly<Record<string, string | number>>;
  /** MX and URI only. */
  readonly priority?: number;
  /** Seconds; 1 means that Cloudflare chooses, which it always does for a proxied record. */
  readonly ttl: number;
  readonly proxied: boolean;
  /** The author's own text, without the owner's marker. Desired and absent: the text that is there stays. */
  readonly comment?: string;
  /** `name:value`, names in lower case; only on a paid plan. Absent: none, or gates does not decide them. */
  readonly tags?: readonly string[];
  /** The entry that the mark protects. Desired: `none` removes the protection; absent: it is kept. */
  readonly protect?: ProtectedEntry | 'none';
}

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

/** The most operations of a batch and characters of a comment, by plan (facts of Cloudflare, DNS). */
const batchLimit = { free: 200, paid: 3500 };
const commentLimit = { free: 100, paid: 500 };

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
  plain: true,
  counted: true,

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

  quota: (spec) => `DNS records of ${String(spec.zone)}`,

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

  obstacle(want, address, siblings) {
    const inPlace = siblings.filter(
      ({ address: { key }, spec }) =>
        key !== address.key &&
        spec.name === canonicalName(String(want.name)) &&
        excludes(String(want.type), spec),
    );
    return inPlace.find(({ owner }) => owner === undefined) ?? inPlace[0];
  },

  retain(have, siblings) {
    // Only for a service's name: the author who removes a plain record may want the wildcard to answer.
    if (have.spec.content?.endsWith('.cfargotunnel.com') !== true || have.spec.name.startsWith('*.'))
      return undefined;
    const wildcard = siblings.find(({ spec }) => leads(spec) && coversName(spec.name, have.spec.name));
    return wildcard === undefined
      ? undefined
      : `${wildcard.address.key} would answer for its name in its place`;
  },

  wildcardTarget(want, siblings) {
    const name = canonicalName(String(want.name));
    const wildcard = siblings.find(
      ({ spec }) =>
        leads(spec) && spec.proxied && coversName(spec.name, name) && answers(spec, name, siblings),
    );
    const content = wildcard?.spec.content;
    return content === want.content ? undefined : content;
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
    for (const [id, group] of byZone) outcomes.push(...(await writeZone(group, id, world)));
    return outcomes;
  },
};

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

/** The name servers and the SOA of the zone itself: never ours, whatever their comment says. */
function isDelegation({ type, name, zone: zoneName }: DnsRecordSpec): boolean {
  return (type === 'NS' || type === 'SOA') && canonicalName(name) === canonicalName(zoneName);
}

async function writeZone(
  changes: readonly ReadyChange<DnsRecordSpec>[],
  zoneId: string,
  world: World,
): Promise<readonly Outcome[]> {
  const untouchable = changes.filter(({ want, have }) => {
    const spec = want ?? have?.spec;
    return spec !== undefined && isDelegation(spec);
  });
  const plan = (await world.read(zone)).find(({ attributes }) => attributes.id === zoneId)?.attributes.plan;
  const paid = plan === undefined || plan === 'free' ? 'free' : 'paid';
  const { owner } = world.scope;
  const tooLong = changes.filter((change) => commentOver(change, owner, paid) > 0);
  const writes = changes
    .filter((change) => !untouchable.includes(change) && !tooLong.includes(change))
    .flatMap((change) => writesOf(change, owner));
  return [
    ...untouchable.map((change) => failed(change, delegationError())),
    ...tooLong.map((change) => failed(change, commentError(change, owner, paid))),
    ...(await writeBatches(world.cloudflare, `/zones/${zoneId}/dns_records`, writes, batchLimit[paid])),
  ];
}

/** The text behind the mark: that of the file or, if it has none, the one that is there. */
function commentOf({ want, have }: Pick<ReadyChange<DnsRecordSpec>, 'want' | 'have'>): string {
  return want?.comment ?? have?.spec.comment ?? '';
}

/** The entry that the mark protects after the change. */
function protectOf({
  want,
  have,
}: Pick<ReadyChange<DnsRecordSpec>, 'want' | 'have'>): ProtectedEntry | undefined {
  const protect = want?.protect ?? have?.spec.protect;
  return protect === 'none' ? undefined : protect;
}

/** The number of characters beyond the limit of a comment, with the owner's mark before it. */
function commentOver(
  change: ReadyChange<DnsRecordSpec>,
  owner: string,
  plan: keyof typeof commentLimit,
): number {
  if (change.want === undefined) return 0;
  return [...markComment(owner, commentOf(change), protectOf(change))].length - commentLimit[plan];
}

function commentError(
  change: ReadyChange<DnsRecordSpec>,
  owner: string,
  plan: keyof typeof commentLimit,
): ConfigError {
  const over = commentOver(change, owner, plan);
  return new ConfigError('The comment of the record is longer than the plan of the zone allows', {
    hint: `Shorten it by ${over}: of ${commentLimit[plan]} characters, "${markComment(owner, '', protectOf(change))} " takes its part`,
  });
}

function delegationError(): UnsafeError {
  return new UnsafeError('The NS and SOA records of a zone itself are never touched', {
    hint: 'Take the record out of the file; name servers are changed at the registrar',
  });
}

function writesOf(change: ReadyChange<DnsRecordSpec>, owner: string): readonly RecordWrite<DnsRecordSpec>[] {
  const { want, have } = change;
  const name = canonicalName((want ?? have?.spec)?.name ?? '');
  const id = have?.id;
  return [
    {
      change,
      name,
      ...(id !== undefined && { id }),
      ...(want !== undefined && {
        body: written({ ...want, comment: markComment(owner, commentOf(change), protectOf(change)) }),
      }),
    },
  ];
}

/** All fields that gates decides, with the marked comment. A PATCH keeps settings, and tags that the file does not name. */
function written(want: DnsRecordSpec): Readonly<Record<string, unknown>> {
  const { type, name, content, data, priority, comment = '', tags } = want;
  const form = recordForm(type);
  return {
    type,
    name: canonicalName(name),
    ...(data === undefined
      ? { content: form.written?.(content ?? '') ?? canonicalContent(want) }
      : { data: canonicalData(type, data) }),
    ...(form.priority === true && priority !== undefined && { priority }),
    ttl: effectiveTtl(want),
    ...(form.proxiable === true && { proxied: want.proxied }),
    comment,
    ...(tags !== undefined && { tags: canonicalTags(tags) }),
  };
}

/** The API's fixed ttl for a proxied record. */
function effectiveTtl({ ttl, proxied }: Pick<DnsRecordSpec, 'ttl' | 'proxied'>): number {
  return proxied ? 1 : ttl;
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

function leads({ type }: DnsRecordSpec): boolean {
  return recordForm(type).proxiable === true;
}

/** True if a wildcard answers for a name, at any depth below it (RFC 4592). */
function coversName(wildcard: string, name: string): boolean {
  return wildcard.startsWith('*.') && name.endsWith(wildcard.slice(1));
}

/** True if no record hides a wildcard from a name that it covers: one at the name, or at a closer ancestor, or below these. */
function answers(
  { name: wildcard }: DnsRecordSpec,
  name: string,
  siblings: readonly Observed<DnsRecordSpec>[],
): boolean {
  const domain = wildcard.slice(1);
  const closest = `${name.slice(0, -domain.length).split('.').at(-1)}${domain}`;
  return siblings.every(({ spec }) => spec.name !== closest && !spec.name.endsWith(`.${closest}`));
}

function resolveAlike(want: Linked<DnsRecordSpec>, have: DnsRecordSpec): boolean {
  if (isReference(want.content)) return false;
  const drift = dnsRecord.drift?.(want as DnsRecordSpec, have) ?? [];
  return drift.every((field) => ['comment', 'tags', 'ttl', 'protect'].includes(field));
}

/**
 * True if the API refuses a record of this type next to that one on the same name: an alias excludes addresses and
 * other aliases, a delegation everything except its keys (RFC 4035, 2.4).
 */
function excludes(type: string, beside: DnsRecordSpec): boolean {
  const types = [type, beside.type];
  if (type !== beside.type && types.includes('NS')) return !types.includes('DS') && !isDelegation(beside);
  return types.includes('CNAME') && types.every((one) => recordForm(one).proxiable === true);
}
