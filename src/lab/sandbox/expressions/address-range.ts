interface Address {
  bits: 32 | 128;
  value: bigint;
}

/** Addresses from `first` to `last`, of one family. */
interface Range {
  bits: 32 | 128;
  first: bigint;
  last: bigint;
}

const ranges = new Map<string, Range | null>();

/** True for an address, or a range in CIDR notation, of IPv4 or IPv6. */
export function isRange(text: string): boolean {
  return rangeOf(text) !== null;
}

/** True if an address lies in `range` (an address or CIDR) of the same family. */
export function addressInside(address: string, range: string): boolean {
  const [given, wanted] = [rangeOf(address), rangeOf(range)];
  if (given === null || wanted === null || given.bits !== wanted.bits) return false;
  return given.first >= wanted.first && given.last <= wanted.last;
}

/** The first and the last address of a range, and their neighbors outside; none for a text that is no range. */
export function edgesOf(text: string): { inside: string[]; outside: string[] } {
  const range = rangeOf(text);
  if (range === null) return { inside: [], outside: [] };
  const { bits, first, last } = range;
  const outside = [first - 1n, last + 1n].filter((value) => value >= 0n && value < 1n << BigInt(bits));
  return {
    inside: [...new Set([first, last])].map((value) => written(bits, value)),
    outside: outside.map((value) => written(bits, value)),
  };
}

function rangeOf(text: string): Range | null {
  const known = ranges.get(text);
  if (known !== undefined) return known;
  const range = parsedRange(text);
  if (ranges.size > 10_000) ranges.clear();
  ranges.set(text, range);
  return range;
}

function parsedRange(text: string): Range | null {
  const [, network = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = addressOf(network);
  if (address === null) return null;
  const { bits, value } = address;
  const length = prefix === undefined ? bits : Number(prefix);
  if (length > bits) return null;
  const size = 1n << BigInt(bits - length);
  const first = value - (value % size);
  return { bits, first, last: first + size - 1n };
}

function addressOf(text: string): Address | null {
  return text.includes(':') ? addressV6(text) : addressV4(text);
}

function addressV4(text: string): Address | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255))
    return null;
  return { bits: 32, value: parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n) };
}

function addressV6(text: string): Address | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  return { bits: 128, value: BigInt(`0x${groups.map((group) => group.padStart(4, '0')).join('')}`) };
}

function written(bits: 32 | 128, value: bigint): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
  const hex = value.toString(16).padStart(32, '0');
  return (hex.match(/.{4}/g) ?? []).join(':');
}
