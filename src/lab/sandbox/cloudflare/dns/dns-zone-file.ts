import type { DnsRecord, JsonObject, Zone } from '../../state/world.ts';
import { dnsMistake } from './dns-record.ts';

/** The records of a zone as a BIND file, the result of an export. */
export function zoneFile(zone: Zone, records: readonly DnsRecord[]): string {
  const lines = records.map((record) => {
    const priority = record.priority === null ? '' : `${record.priority} `;
    const note = notesOf(record);
    return `${record.name}.\t${record.ttl}\tIN\t${record.type}\t${priority}${contentOf(record)}${note}`;
  });
  return [`;; Domain:     ${zone.name}.`, ...lines, ''].join('\n');
}

const ENDS_IN_HOST = ['CNAME', 'MX', 'NS', 'PTR', 'SRV'];

function contentOf({ type, content, data }: DnsRecord): string {
  if (ENDS_IN_HOST.includes(type)) return content.replace(/\.?$/, '.');
  const target = typeof data?.target === 'string' ? data.target : '';
  if (type === 'HTTPS' || type === 'SVCB')
    return content.replace(` ${target}`, ` ${target.replace(/\.?$/, '.')}`);
  return type === 'TXT' && !content.startsWith('"') ? `"${content.replaceAll('"', '\\"')}"` : content;
}

/** The comment of a line, with the fields that the format lacks. */
function notesOf({ comment, proxied, type, tags }: DnsRecord): string {
  const isProxiable = ['A', 'AAAA', 'CNAME'].includes(type);
  const all = [...tags, ...(isProxiable ? [`cf-proxied:${proxied}`] : [])];
  const notes = [
    ...(comment === null ? [] : [comment]),
    ...(all.length === 0 ? [] : [`cf_tags=${all.join(',')}`]),
  ];
  return notes.length === 0 ? '' : ` ; ${notes.join(' ')}`;
}

/**
 * The bodies of the records in a BIND file, one record on each line; `$ORIGIN` and `$TTL` are known. It omits the SOA
 * and the NS records of the apex. Throws for a line without a known record.
 */
export function recordsIn(file: string, zone: Zone, proxied: boolean): JsonObject[] {
  let origin = `${zone.name}.`;
  let ttl = 1;
  let owner = '@';
  return file.split(/\r?\n/).flatMap((line): JsonObject[] => {
    const words = wordsOf(line);
    const [first = '', second = ''] = words;
    if (words.length === 0) return [];
    if (first === '$ORIGIN') origin = second.endsWith('.') ? second : `${second}.${origin}`;
    if (first === '$TTL') ttl = Number(second);
    if (first.startsWith('$')) return [];
    if (!/^\s/.test(line)) owner = words.shift() ?? owner;
    const given: { ttl?: number } = {};
    while (/^(\d+|IN)$/i.test(words[0] ?? '')) {
      const word = words.shift() ?? '';
      if (word.toUpperCase() !== 'IN') given.ttl = Number(word);
    }
    const type = (words.shift() ?? '').toUpperCase();
    const name = absolute(owner, origin);
    if (type === 'SOA' || (type === 'NS' && name === `${zone.name}.`)) return [];
    const content = contentIn(type, words, origin);
    if (content === undefined) throw dnsMistake(9207, `The line "${line.trim()}" cannot be imported.`);
    const isProxied = proxied && ['A', 'AAAA', 'CNAME'].includes(type);
    return [{ type, name, ttl: given.ttl ?? ttl, proxied: isProxied, ...content }];
  });
}

/** The words of a line without its comment; quoted text is one word, with its quotes. */
function wordsOf(line: string): string[] {
  const words = line.match(/"(?:[^"\\]|\\.)*"|;.*|[^\s;]+/g) ?? [];
  return words.filter((word) => !word.startsWith(';'));
}

function absolute(name: string, origin: string): string {
  if (name === '@') return origin;
  return name.endsWith('.') ? name : `${name}.${origin}`;
}

function contentIn(type: string, words: readonly string[], origin: string): JsonObject | undefined {
  const [first = '', second = '', third = '', fourth = ''] = words;
  const unquoted = (word: string) => word.replace(/^"(.*)"$/, '$1');
  switch (type) {
    case 'A':
    case 'AAAA':
      return words.length === 1 ? { content: first } : undefined;
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return words.length === 1 ? { content: absolute(first, origin) } : undefined;
    case 'MX':
      return words.length === 2 ? { priority: Number(first), content: absolute(second, origin) } : undefined;
    case 'TXT':
      return words.length > 0 ? { content: words.join(' ') } : undefined;
    case 'SRV':
      return words.length === 4
        ? { data: { priority: first, weight: second, port: third, target: absolute(fourth, origin) } }
        : undefined;
    case 'CAA':
      return words.length === 3 ? { data: { flags: first, tag: second, value: unquoted(third) } } : undefined;
    case 'HTTPS':
    case 'SVCB':
      return words.length >= 2
        ? { data: { priority: first, target: absolute(second, origin), value: words.slice(2).join(' ') } }
        : undefined;
    default:
      return undefined;
  }
}
