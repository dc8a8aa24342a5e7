import type { Observed } from '../../../src/core/objects/object.ts';
import { recordForm } from './record-form.ts';
import { type DnsRecordSpec, isDelegation } from './record-spec.ts';

/** True for A, AAAA and CNAME, the types that lead to a host. */
export function isAddressRecord({ type }: DnsRecordSpec): boolean {
  return recordForm(type).proxiable === true;
}

/** True if a wildcard answers for a name, at any depth below it (RFC 4592). */
export function wildcardCovers(wildcard: string, name: string): boolean {
  return wildcard.startsWith('*.') && name.endsWith(wildcard.slice(1));
}

/**
 * True if a record answers for a name: it is at the name, or it is a wildcard that covers the name and that no record hides. A record hides it
 * at the name, at a closer ancestor, or below these, whatever its type (RFC 4592).
 */
export function answersFor(
  record: DnsRecordSpec,
  name: string,
  siblings: readonly Observed<DnsRecordSpec>[],
): boolean {
  if (record.name === name) return true;
  if (!wildcardCovers(record.name, name)) return false;
  const domain = record.name.slice(1);
  const closest = `${name.slice(0, -domain.length).split('.').at(-1)}${domain}`;
  return siblings.every(({ spec }) => spec.name !== closest && !spec.name.endsWith(`.${closest}`));
}

/**
 * True if the API refuses a record of this type next to that one on the same name: an alias excludes addresses and
 * other aliases, a delegation everything except its keys (RFC 4035, 2.4).
 */
export function excludesBeside(type: string, beside: DnsRecordSpec): boolean {
  const types = [type, beside.type];
  if (type !== beside.type && types.includes('NS')) return !types.includes('DS') && !isDelegation(beside);
  return types.includes('CNAME') && types.every((one) => recordForm(one).proxiable === true);
}
