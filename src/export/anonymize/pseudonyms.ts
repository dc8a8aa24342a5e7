import { isIPv4, isIPv6 } from 'node:net';

/** Networks of home and company networks, which a copy must still recognize as such. */
const privateNetwork =
  /^(10|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])|169\.254)\./;

/** Addresses that mean the same everywhere. */
const commonAddress =
  /^(127\.\d+\.\d+\.\d+|0\.0\.0\.0|255\.255\.255\.255|::1?|10\.0\.0\.0\/8|172\.16\.0\.0\/12|192\.168\.0\.0\/16|f[cd]00::\/[78])$/i;

/**
 * One replacement for each name and each network, numbered in the order in which they first occur. An address keeps its
 * place in its network: the last byte of IPv4 (/24), a number in IPv6 (/64). So it still lies in the ranges of that size.
 */
export class Pseudonyms {
  readonly #words = new Map<string, string>();
  readonly #networks = new Map<string, number>();
  readonly #hosts = new Map<string, Map<string, number>>();

  /** The number of words and of networks that have a replacement. */
  get counts(): { readonly words: number; readonly networks: number } {
    return { words: this.#words.size, networks: this.#networks.size };
  }

  /** The same for `Grafana` and `grafana`, since a host and a name may differ in case. */
  word(word: string): string {
    const key = word.toLowerCase();
    const known = this.#words.get(key) ?? `name${this.#words.size + 1}`;
    this.#words.set(key, known);
    return known;
  }

  /** An address, or a range such as `192.0.2.0/24`; undefined for any other text. */
  address(text: string): string | undefined {
    if (commonAddress.test(text)) return text;
    const [address = '', length] = text.split('/');
    const range = length === undefined ? '' : `/${length}`;
    if (isIPv4(address)) return `${this.#ipv4(address, Number(length ?? 32))}${range}`;
    return isIPv6(address) ? `${this.#ipv6(address, Number(length ?? 128))}${range}` : undefined;
  }

  /** Private ones become 10.x, all others are from the network for benchmarks, 198.18.0.0/15. */
  #ipv4(text: string, length: number): string {
    const end = text.lastIndexOf('.');
    const network = text.slice(0, end);
    const number = this.#numberOf(network);
    const [high, low] = [Math.floor(number / 256), number % 256];
    const place = privateNetwork.test(text) ? `10.${high % 256}` : `198.${18 + (high % 2)}`;
    const bytes = `${place}.${low}${text.slice(end)}`.split('.').map(Number);
    // A range shorter than a network must end in zeros.
    const inRange = bytes.map(
      (byte, index) => byte & (0xff00 >> Math.min(8, Math.max(0, length - 8 * index))) & 0xff,
    );
    return inRange.join('.');
  }

  /** From the network for documentation, 2001:db8::/32. */
  #ipv6(text: string, length: number): string {
    if (length <= 48) return '2001:db8::';
    const groups = groupsOf(text);
    const network = groups.slice(0, 4).join(':');
    const inner = groups.slice(4).join(':');
    const known = this.#hosts.get(network) ?? new Map<string, number>([['0:0:0:0', 0]]);
    const host = known.get(inner) ?? known.size;
    this.#hosts.set(network, known.set(inner, host));
    const prefix = `2001:db8:0:${this.#numberOf(network).toString(16)}`;
    return host === 0 ? `${prefix}::` : `${prefix}::${host.toString(16)}`;
  }

  #numberOf(network: string): number {
    const number = this.#networks.get(network) ?? this.#networks.size;
    this.#networks.set(network, number);
    return number;
  }
}

/** The eight groups of an IPv6 address, without leading zeros. */
function groupsOf(text: string): readonly string[] {
  const [head = '', tail] = new URL(`http://[${text.split('%')[0]}]/`).hostname.slice(1, -1).split('::');
  const split = (part: string) => (part === '' ? [] : part.split(':'));
  if (tail === undefined) return split(head);
  const [before, after] = [split(head), split(tail)];
  return [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
}
