import { domainToASCII } from 'node:url';
import { stringOf } from '../../state/field.ts';
import type { JsonObject } from '../../state/world.ts';

/**
 * A record's name in the API's form: fully qualified, lower case, Punycode, no trailing dot. `@` is the apex. The zone
 * is appended to any name that does not end in it, even to a name of another zone (facts §2). Null for an invalid name.
 */
export function recordName(given: string, zone: string): string | null {
  const ascii = asciiName(given);
  if (ascii === null) return null;
  const full =
    ascii === '@' ? zone : ascii === zone || ascii.endsWith(`.${zone}`) ? ascii : `${ascii}.${zone}`;
  const labels = full.split('.');
  const [first, ...rest] = labels;
  const sound =
    full.length <= 253 && rest.every(isLabel) && (first === '*' || (first !== undefined && isLabel(first)));
  return sound ? full : null;
}

/**
 * True if `data` of an SRV record names another record than `full`. Its members `service`, `proto` and `name` are
 * deprecated: clients may only repeat the record's own name there.
 */
export function contradictsName(data: JsonObject, full: string, zone: string): boolean {
  const memberText = (member: string) => stringOf(data[member], '').toLowerCase();
  const [service, proto] = [memberText('service'), memberText('proto')];
  if (service === '' && proto === '') return false;
  const prefix = `${service}.${proto}.`;
  if (!full.startsWith(prefix)) return true;
  const name = memberText('name');
  return name !== '' && recordName(name, zone) !== full.slice(prefix.length);
}

/** A host in record content: no trailing dot, lower case, Punycode; null if it is not a host name. */
export function hostContent(given: string): string | null {
  const ascii = asciiName(given);
  if (ascii === null || ascii.length > 253) return null;
  const labels = ascii.split('.');
  return labels.length > 1 && labels.every(isLabel) ? ascii : null;
}

function isLabel(label: string): boolean {
  return /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label);
}

function asciiName(given: string): string | null {
  const bare = given.trim().replace(/\.$/, '').toLowerCase();
  if (bare === '' || bare !== given.replace(/\.$/, '').toLowerCase()) return null;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
  if (/^[\x00-\x7f]*$/.test(bare)) return bare;
  return domainToASCII(bare) || null;
}
