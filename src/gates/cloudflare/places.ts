import ipaddr from 'ipaddr.js';
import type { Finding, Path } from '../../config/mistakes/finding.ts';
import { plain } from '../../config/mistakes/plain-text.ts';
import { isListName } from './rule.ts';

type Mistake = Pick<Finding, 'message' | 'hint'>;

/** The mistakes in a list of addresses and ranges, which may contain names of networks. */
export function rangeMistakes(ranges: readonly (string | undefined)[], path: Path): readonly Finding[] {
  return mistakesIn(ranges, path, (range) => (isListName(range) ? undefined : rangeMistake(range)));
}

/** A code that names no country excludes nobody, and as a condition it admits nobody. */
export function countryMistakes(codes: readonly (string | undefined)[], path: Path): readonly Finding[] {
  return mistakesIn(codes, path, countryMistake);
}

function mistakesIn(
  values: readonly (string | undefined)[],
  path: Path,
  mistakeOf: (value: string) => Mistake | undefined,
): readonly Finding[] {
  return values.flatMap((value, place): readonly Finding[] => {
    const mistake = value === undefined ? undefined : mistakeOf(value);
    return mistake === undefined
      ? []
      : [{ severity: 'error', rule: 'wrong-value', path: [...path, place], ...mistake }];
  });
}

/** Access compares whole networks, so an address with further bits after the prefix is a slip. */
function rangeMistake(range: string): Mistake | undefined {
  const [address = '', prefix] = range.split('/');
  const isAddress = ipaddr.IPv6.isValid(address) || ipaddr.IPv4.isValidFourPartDecimal(address);
  if (!isAddress || (prefix !== undefined && !ipaddr.isValidCIDR(range))) {
    return {
      message: `${plain(range)} is no network`,
      hint: 'write an address such as 203.0.113.7, or a network such as 203.0.113.0/24',
    };
  }
  if (prefix === undefined) return undefined;
  if (Number(prefix) === 0) return { message: `${range} contains every address`, hint: 'remove it' };
  const family = ipaddr.parse(address).kind() === 'ipv6' ? ipaddr.IPv6 : ipaddr.IPv4;
  const first = family.networkAddressFromCIDR(range).toString();
  if (first === ipaddr.parse(address).toString()) return undefined;
  return { message: `${range} is an address inside of a network`, hint: `write ${first}/${prefix}` };
}

/** Regions with a code of ISO 3166-1 that are no countries. */
const noCountries: ReadonlySet<string> = new Set(['EU', 'EZ', 'QO', 'UN', 'XA', 'XB', 'ZZ']);
const countryNames = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });

function countryMistake(code: string): Mistake | undefined {
  const isKnown = countryNames.of(code) !== undefined && !noCountries.has(code);
  const usual = Intl.getCanonicalLocales(`und-${code}`)[0]?.slice('und-'.length);
  if (isKnown && usual === code) return undefined;
  return {
    message: `${code} is no code of a country`,
    hint:
      isKnown && usual !== undefined ? `write ${usual}` : 'write a code of ISO 3166-1, such as FR for France',
  };
}
