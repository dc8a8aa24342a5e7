import type { ReadyChange } from '../../../src/core/change.ts';
import { ConfigError, UnsafeError } from '../../../src/core/errors.ts';
import { markComment } from '../../../src/core/objects/marker.ts';
import type { ProtectedEntry } from '../../../src/core/objects/protection.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import type { World } from '../../../src/core/world.ts';
import { failed } from '../../shared/carry-out.ts';
import { zone } from '../account/zone.ts';
import { type RecordWrite, writeBatches } from './batch.ts';
import { canonicalContent, canonicalData, canonicalName, canonicalTags, recordForm } from './record-form.ts';
import { type DnsRecordSpec, isDelegation } from './record-spec.ts';

/** The most operations of a batch and characters of a comment, by plan (facts of Cloudflare, DNS). */
const batchLimit = { free: 200, paid: 3500 };
const commentLimit = { free: 100, paid: 500 };

/** Makes the changes of one zone, as batches. Refuses records that gates never touches, and comments over the limit. */
export async function writeZone(
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
