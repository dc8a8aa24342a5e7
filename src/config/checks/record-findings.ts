import type { DnsRecord, GatesFile } from '../../../schema/generated/config.ts';
import { type Finding, type Path, quoted } from '../mistakes/finding.ts';
import { fullRecordName, isWithin, zoneOf } from '../model/host.ts';
import { compact, type PartOf } from '../model/partial-file.ts';

type Found = PartOf<DnsRecord>;

/** Finds records that Cloudflare would refuse, or that must not be written. */
export function recordFindings(file: PartOf<GatesFile>): Finding[] {
  const zones = new Set(compact(file.cloudflare?.zones ?? []).map((zone) => zone.toLowerCase()));
  return Object.entries(file.dns ?? {}).flatMap(([zone, records]) => {
    const located = compact(
      (records ?? []).map((record, index) => record && { record, path: ['dns', zone, index] as Path }),
    );
    return [
      ...located.flatMap(({ record, path }) => contentFindings(record, path)),
      ...located.flatMap(({ record, path }) => nameFindings(record, path, zone.toLowerCase(), zones)),
      ...neighbours(located, zone.toLowerCase()),
    ];
  });
}

function error(path: Path, message: string, hint: string): Finding {
  return { severity: 'error', rule: 'dns-record', path, message, hint };
}

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$/;
const NAME =
  /^(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.?$/;

function contentFindings({ content, type }: Found, path: Path): Finding[] {
  if (content === undefined) return [];
  const at = [...path, 'content'];
  if (type === 'A' && !IPV4.test(content)) {
    const [address = ''] = content.split(/[/:]/);
    const hint = `write ${IPV4.test(address) ? `one address: ${address}` : 'one such as 192.0.2.1'}`;
    return [error(at, `${quoted(content)} is no IPv4 address`, hint)];
  }
  if (type === 'AAAA' && !isIpv6(content))
    return [error(at, `${quoted(content)} is no IPv6 address`, 'write one such as 2001:db8::1')];
  const isName = type === 'CNAME' || type === 'MX' || type === 'NS' || type === 'PTR';
  // A lone dot is the MX record that says: no mail.
  if (isName && !NAME.test(content) && !(type === 'MX' && content === '.')) {
    return [error(at, `${quoted(content)} is no host name`, 'write a name such as mail.example.net')];
  }
  return [];
}

function isIpv6(content: string): boolean {
  return /^[0-9a-f:.]+$/i.test(content) && URL.canParse(`http://[${content}]/`);
}

function nameFindings(
  { name, type }: Found,
  path: Path,
  zone: string,
  zones: ReadonlySet<string>,
): Finding[] {
  if (name === undefined) return [];
  const lower = name.toLowerCase();
  const at = [...path, 'name'];
  const inZone = zoneOf(lower, zones);
  if (inZone !== undefined && inZone !== zone && !isWithin(lower, zone)) {
    return [error(at, `${quoted(name)} is in the zone ${inZone}`, `move the record to \`dns\` of ${inZone}`)];
  }
  if (type === 'NS' && fullRecordName(name, zone) === zone) {
    return [error(at, 'the name servers of the zone itself are never touched', 'remove the record')];
  }
  if (type === 'DS' && fullRecordName(name, zone) === zone) {
    const hint = 'give it to the registrar of the zone';
    return [error(at, 'the DS record of the zone itself belongs to its parent', hint)];
  }
  return [];
}

const SOLITARY = new Set(['A', 'AAAA', 'CNAME']);

/** The content of a record in one spelling. To Cloudflare, two records that differ only in priority are one. */
function spelling(type: Found['type'], content: string): string {
  const names = type === 'CNAME' || type === 'MX' || type === 'NS' || type === 'PTR';
  return names || type === 'AAAA' ? content.replace(/\.$/, '').toLowerCase() : content;
}

/** Finds the same record twice, and a CNAME next to an address. */
function neighbours(located: readonly { record: Found; path: Path }[], zone: string): Finding[] {
  const seenRecords = new Set<string>();
  const addresses = new Map<string, string>();
  return located.flatMap(({ record, path }) => {
    const { content, data, name, type } = record;
    if (name === undefined || type === undefined) return [];
    const full = fullRecordName(name, zone);
    const parts = Object.entries(data ?? {})
      .filter(([field]) => type !== 'SRV' || field !== 'priority')
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const same = JSON.stringify([full, type, content && spelling(type, content), parts]);
    if (seenRecords.has(same)) return [error(path, 'the same record occurs twice', 'remove one of them')];
    seenRecords.add(same);
    if (!SOLITARY.has(type)) return [];
    const before = addresses.get(full);
    addresses.set(full, type);
    if (before === undefined || (before !== 'CNAME' && type !== 'CNAME')) return [];
    return [
      error(
        path,
        `${type} beside ${before} on ${full}`,
        'a name with a CNAME has no other addresses: keep one',
      ),
    ];
  });
}
