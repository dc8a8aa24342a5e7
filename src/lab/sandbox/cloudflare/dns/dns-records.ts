import { isObject } from '../../state/json.ts';
import type { DnsRecord, World, Zone } from '../../state/world.ts';
import { paged } from '../api/paging.ts';
import { CloudflareApiError, type CloudflareReply, okEnvelope } from '../api/reply.ts';
import { type CloudflareCall, type CloudflareRoute, param } from '../api/router.ts';
import { requireZone } from '../api/zones.ts';
import { IDENTICAL, refuseConflict, refuseOverQuota } from './dns-conflict.ts';
import { filteredRecords } from './dns-filter.ts';
import { DNS_QUOTAS } from './dns-quota.ts';
import { dnsBody, dnsMistake, recordBody, recordOf, recordView } from './dns-record.ts';
import { recordsIn, zoneFile } from './dns-zone-file.ts';

export const dnsRecordRoutes: readonly CloudflareRoute[] = [
  ['GET', '/zones/{zone_id}/dns_records', listRecords],
  ['POST', '/zones/{zone_id}/dns_records', createRecord],
  ['GET', '/zones/{zone_id}/dns_records/usage', recordUsage],
  ['POST', '/zones/{zone_id}/dns_records/batch', batchRecords],
  ['GET', '/zones/{zone_id}/dns_records/export', exportRecords],
  ['POST', '/zones/{zone_id}/dns_records/import', importRecords],
  ['GET', '/zones/{zone_id}/dns_records/{dns_record_id}', getRecord],
  ['PUT', '/zones/{zone_id}/dns_records/{dns_record_id}', overwriteRecord],
  ['PATCH', '/zones/{zone_id}/dns_records/{dns_record_id}', editRecord],
  ['DELETE', '/zones/{zone_id}/dns_records/{dns_record_id}', deleteRecord],
];

/** The records during one write, so that a batch can fail completely. */
interface Draft {
  world: World;
  zone: Zone;
  records: DnsRecord[];
}

function draftOf(call: CloudflareCall): Draft {
  return { world: call.world, zone: requireZone(call), records: [...call.world.records] };
}

function find(draft: Draft, id: unknown): DnsRecord {
  const record = draft.records.find((candidate) => candidate.zoneId === draft.zone.id && candidate.id === id);
  if (record === undefined)
    throw new CloudflareApiError(404, { code: 81044, message: 'Record does not exist.' });
  return record;
}

function insert(draft: Draft, body: unknown): DnsRecord {
  const record = recordOf(draft.world, draft.zone, dnsBody(body));
  refuseConflict(record, draft.records);
  draft.records.push(record);
  refuseOverQuota(draft.zone, draft.records);
  return record;
}

function overwrite(draft: Draft, id: unknown, body: unknown): DnsRecord {
  return replace(draft, find(draft, id), dnsBody(body));
}

/** Changes a record by a PATCH, which keeps omitted fields. */
function edit(draft: Draft, id: unknown, body: unknown): DnsRecord {
  const before = find(draft, id);
  return replace(draft, before, { ...recordBody(before), ...dnsBody(body) });
}

function replace(draft: Draft, before: DnsRecord, body: ReturnType<typeof dnsBody>): DnsRecord {
  const record = recordOf(draft.world, draft.zone, body, before);
  refuseConflict(
    record,
    draft.records.filter((other) => other.id !== before.id),
  );
  draft.records = draft.records.map((other) => (other.id === before.id ? record : other));
  return record;
}

function remove(draft: Draft, id: unknown): DnsRecord {
  const record = find(draft, id);
  draft.records = draft.records.filter((other) => other.id !== record.id);
  return record;
}

function committed(draft: Draft, record: DnsRecord): CloudflareReply {
  draft.world.records = draft.records;
  return okEnvelope(recordView(record));
}

function listRecords(call: CloudflareCall): CloudflareReply {
  const zone = requireZone(call);
  const ofZone = call.world.records.filter((record) => record.zoneId === zone.id);
  const found = filteredRecords(ofZone, call.query);
  const { page, info } = paged(found, call.query, { perPage: 100, max: 5_000_000, totalPages: true });
  return okEnvelope(page.map(recordView), info);
}

function getRecord(call: CloudflareCall): CloudflareReply {
  return okEnvelope(recordView(find(draftOf(call), param(call, 'dns_record_id'))));
}

function createRecord(call: CloudflareCall): CloudflareReply {
  const draft = draftOf(call);
  return committed(draft, insert(draft, call.body));
}

function overwriteRecord(call: CloudflareCall): CloudflareReply {
  const draft = draftOf(call);
  return committed(draft, overwrite(draft, param(call, 'dns_record_id'), call.body));
}

function editRecord(call: CloudflareCall): CloudflareReply {
  const draft = draftOf(call);
  return committed(draft, edit(draft, param(call, 'dns_record_id'), call.body));
}

/** Deletes a record. The reply has no `success`, as in the endpoint's schema (docs/sandbox.md). */
function deleteRecord(call: CloudflareCall): CloudflareReply {
  const draft = draftOf(call);
  const { id } = remove(draft, param(call, 'dns_record_id'));
  draft.world.records = draft.records;
  return { status: 200, result: null, body: { result: { id } } };
}

function recordUsage(call: CloudflareCall): CloudflareReply {
  const zone = requireZone(call);
  const used = call.world.records.filter((record) => record.zoneId === zone.id).length;
  return okEnvelope({ record_quota: DNS_QUOTAS[zone.plan].records, record_usage: used });
}

function exportRecords(call: CloudflareCall): CloudflareReply {
  const zone = requireZone(call);
  const ofZone = call.world.records.filter((record) => record.zoneId === zone.id);
  return { status: 200, result: null, text: zoneFile(zone, ofZone) };
}

/** Imports all records of the file or none; an existing one is skipped. */
function importRecords(call: CloudflareCall): CloudflareReply {
  const draft = draftOf(call);
  const form = isObject(call.body) ? call.body : {};
  if (typeof form.file !== 'string') throw dnsMistake(9207, "Request body is invalid: 'file' is missing.");
  const bodies = recordsIn(form.file, draft.zone, form.proxied === 'true');
  const before = draft.records.length;
  for (const body of bodies) {
    try {
      insert(draft, body);
    } catch (error) {
      if (!(error instanceof CloudflareApiError) || error.detail.code !== IDENTICAL) throw error;
    }
  }
  const added = draft.records.length - before;
  draft.world.records = draft.records;
  return okEnvelope({ recs_added: added, total_records_parsed: bodies.length });
}

/** Runs deletes, patches, puts, posts, in this order and in one transaction; the first error undoes all (facts §2). */
function batchRecords(call: CloudflareCall): CloudflareReply {
  const draft = draftOf(call);
  const operations = batchOperations(draft.zone, call.body);
  const done = {
    deletes: operations.deletes.map((entry) => recordView(remove(draft, idOf(entry)))),
    patches: operations.patches.map((entry) => recordView(edit(draft, idOf(entry), entry))),
    puts: operations.puts.map((entry) => recordView(overwrite(draft, idOf(entry), entry))),
    posts: operations.posts.map((entry) => recordView(insert(draft, entry))),
  };
  draft.world.records = draft.records;
  return okEnvelope(done);
}

function idOf(entry: unknown): unknown {
  if (!isObject(entry) || typeof entry.id !== 'string') throw dnsMistake(9207, 'An operation without an id.');
  return entry.id;
}

const BATCH_KEYS = ['deletes', 'patches', 'puts', 'posts'] as const;

function batchOperations(zone: Zone, body: unknown): { [key in (typeof BATCH_KEYS)[number]]: unknown[] } {
  if (!isObject(body)) throw dnsMistake(9207, 'Request body is invalid.');
  const unknown = Object.keys(body).find((key) => !BATCH_KEYS.some((known) => known === key));
  if (unknown !== undefined) throw dnsMistake(9207, `Request body is invalid: unknown field '${unknown}'.`);
  const of = (key: (typeof BATCH_KEYS)[number]): unknown[] => {
    const operations = body[key] ?? [];
    if (!Array.isArray(operations))
      throw dnsMistake(9207, `Request body is invalid: '${key}' must be an array.`);
    return operations;
  };
  const operations = { deletes: of('deletes'), patches: of('patches'), puts: of('puts'), posts: of('posts') };
  const count = BATCH_KEYS.reduce((sum, key) => sum + operations[key].length, 0);
  const most = DNS_QUOTAS[zone.plan].batchOperations;
  if (count === 0) throw dnsMistake(9207, 'Request body is invalid: no operations.');
  if (count > most) throw dnsMistake(9207, `A batch may have ${most} operations on this plan, not ${count}.`);
  return operations;
}
