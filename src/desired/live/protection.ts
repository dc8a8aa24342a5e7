import { dnsRecord } from '../../../reconcilers/cloudflare/dns/dns-record.ts';
import type { DnsRecordSpec } from '../../../reconcilers/cloudflare/dns/record-spec.ts';
import type { Config } from '../../config/model/config.ts';
import { addressId } from '../../core/objects/address.ts';
import type { Desired, DesiredObject, Observation, Observed, Refusal } from '../../core/objects/object.ts';
import { unprotecting } from '../../core/objects/protection.ts';
import { withKeptAdmission } from './access-login-kept.ts';

type Live = Observed<DnsRecordSpec>;

/**
 * The desired objects with the protection that each is to carry, and the protected services and records that left the
 * file. The host of such a service counts as one of a refused service: gates removes nothing there. With pruning off,
 * nothing would be removed, so nothing is refused.
 */
export function withProtection(
  config: Config,
  desired: Desired,
  observations: readonly Observation[],
): Desired {
  const live = observations
    .flatMap((observation) => (observation.state === 'known' ? observation.objects : []))
    .filter(({ owner }) => owner === config.owner);
  const marks = live.filter(({ protection, address }) => protection?.carrier === addressId(address));
  const carriers = new Set(marks.map(({ address }) => addressId(address)));
  const marked = desired.objects.map((object) => withMark(object, carriers.has(addressId(object.address))));
  const objects = marked.some((object, index) => object !== desired.objects[index])
    ? marked
    : desired.objects;
  if (!config.reconcile.prune || marks.length === 0) return { ...desired, objects };
  const records = marks.filter((have): have is Live => have.address.kind === 'cloudflare/dns-record');
  const hosts = new Set([...config.services.values()].map(({ host }) => host));
  const left = records.filter(({ spec }) => spec.protect === 'service' && !hosts.has(spec.name));
  const leftHosts = new Set(left.map(({ spec }) => spec.name));
  const wanted = new Set(objects.map(({ address }) => addressId(address)));
  const leaving = records.filter(
    ({ address, spec }) => spec.protect === 'record' && !wanted.has(addressId(address)),
  );
  const kept = withKeptAdmission(objects, leftHosts, live, config.owner);
  return {
    ...desired,
    objects: kept
      .filter((object) => !isAddressOf(object, leftHosts))
      .map((object) => waitingFor(object, leaving)),
    refusals: [...desired.refusals, ...left.map(leftService)],
  };
}

/** The object with the protection that the file asks for, or without the one that the file no longer asks for. */
function withMark(object: DesiredObject, isProtected: boolean): DesiredObject {
  const { protect } = object;
  if (protect === undefined && !isProtected) return object;
  return { ...object, spec: { ...(object.spec as object), protect: protect ?? 'none' } };
}

function leftService({ spec: { name: host } }: Live): Refusal {
  return {
    service: undefined,
    host,
    reason: `its service is protected and has left the file, so gates removes nothing of it: ${unprotecting}`,
  };
}

/** True for a record that would lead one of the hosts elsewhere. */
function isAddressOf({ address, spec }: DesiredObject, hosts: ReadonlySet<string>): boolean {
  if (address.kind !== 'cloudflare/dns-record') return false;
  const { type, name } = spec as DnsRecordSpec;
  return hosts.has(name) && leadingTypes.has(type);
}

const leadingTypes: ReadonlySet<string> = new Set(['A', 'AAAA', 'CNAME', 'NS']);

/**
 * A new plain record in place of a protected one waits, or the name would have both. The record of a service does not:
 * the host gets a gate, and protection never delays that.
 */
function waitingFor(object: DesiredObject, leaving: readonly Live[]): DesiredObject {
  if (object.address.kind !== 'cloudflare/dns-record' || object.because.startsWith('services.'))
    return object;
  const spec = object.spec as DnsRecordSpec;
  const before = leaving.find(
    (have) =>
      (have.spec.name === spec.name && have.spec.type === spec.type) ||
      dnsRecord.siblings?.obstacle?.(spec, object.address, [have]) !== undefined,
  );
  if (before === undefined) return object;
  return { ...object, mustExist: `it waits for ${before.address.key}, which is protected` };
}
