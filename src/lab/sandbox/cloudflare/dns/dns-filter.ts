import type { DnsRecord } from '../../state/world.ts';

type Test = (record: DnsRecord) => boolean;

const OPERATORS: { readonly [suffix: string]: (have: string, want: string) => boolean } = {
  '': (have, want) => have === want,
  '.exact': (have, want) => have === want,
  '.contains': (have, want) => have.includes(want),
  '.startswith': (have, want) => have.startsWith(want),
  '.endswith': (have, want) => have.endsWith(want),
};

const FIELDS: { readonly [name: string]: (record: DnsRecord) => string } = {
  name: (record) => record.name,
  content: (record) => record.content,
  comment: (record) => record.comment ?? '',
};

/** The records that match the query, in its order; by type without one. */
export function filteredRecords(records: readonly DnsRecord[], query: URLSearchParams): DnsRecord[] {
  const tests = testsOf(query);
  const any = query.get('match') === 'any' && tests.length > 0;
  const hit = (record: DnsRecord) =>
    any ? tests.some((test) => test(record)) : tests.every((test) => test(record));
  const search = query.get('search')?.toLowerCase();
  const found = records.filter((record) => hit(record) && (search === undefined || mentions(record, search)));
  return ordered(found, query);
}

function testsOf(query: URLSearchParams): Test[] {
  const tests: Test[] = [];
  for (const [key, value] of query) {
    const want = value.toLowerCase();
    const [field = '', operator] = key.split('.');
    const read = FIELDS[field];
    const holds = OPERATORS[operator === undefined ? '' : `.${operator}`];
    if (read !== undefined && holds !== undefined)
      tests.push((record) => holds(read(record).toLowerCase(), want));
    if (key === 'type') tests.push((record) => record.type.toLowerCase() === want);
    if (key === 'proxied') tests.push((record) => String(record.proxied) === want);
    if (key === 'comment.present') tests.push((record) => record.comment !== null);
    if (key === 'comment.absent') tests.push((record) => record.comment === null);
    if (field === 'tag') tests.push(tagTest(operator ?? 'exact', want));
  }
  return tests;
}

function tagTest(operator: string, want: string): Test {
  const [name, value] = want.split(':', 2);
  const has = (record: DnsRecord) =>
    record.tags.some((tag) => {
      const [tagName, tagValue = ''] = tag.toLowerCase().split(':', 2);
      const holds = OPERATORS[`.${operator}`] ?? OPERATORS[''];
      return tagName === name && (value === undefined || holds?.(tagValue, value) === true);
    });
  return operator === 'absent' ? (record) => !has(record) : has;
}

function mentions(record: DnsRecord, search: string): boolean {
  return Object.values(FIELDS).some((read) => read(record).toLowerCase().includes(search));
}

const SORT_KEYS: { readonly [order: string]: (record: DnsRecord) => string | number } = {
  type: (record) => record.type,
  name: (record) => record.name,
  content: (record) => record.content,
  ttl: (record) => record.ttl,
  proxied: (record) => String(record.proxied),
};

function ordered(records: readonly DnsRecord[], query: URLSearchParams): DnsRecord[] {
  const key = SORT_KEYS[query.get('order') ?? 'type'] ?? ((record) => record.type);
  const sign = query.get('direction') === 'desc' ? -1 : 1;
  return [...records].sort((a, b) => {
    const [left, right] = [key(a), key(b)];
    return sign * (left < right ? -1 : left > right ? 1 : 0);
  });
}
