import { fitsOneRule } from './expression.ts';

/** One of our cache rules in a zone: its number, from 1, and the hosts that it names. */
export interface Share {
  readonly number: number;
  readonly hosts: readonly string[];
}

export interface Division {
  readonly shares: readonly Share[];
  /** Hosts for which the zone has no room in a rule. */
  readonly left: readonly string[];
}

/**
 * Divides hosts among as few rules as possible, at most `room`. A host stays in the rule that names it, so that no
 * write removes it from one rule before another has it. Only a rule whose hosts all fit into the others is dissolved,
 * after those are written.
 */
export function divide(standing: readonly Share[], hosts: readonly string[], room: number): Division {
  const wanted = new Set(hosts);
  let shares = standing.map(({ number, hosts: named }) => ({
    number,
    hosts: named.filter((host) => wanted.delete(host)),
  }));
  const left: string[] = [];
  for (const host of [...wanted].sort()) {
    const free = room > shares.length ? [{ number: freeNumber(shares), hosts: [] }] : [];
    const next = placed([...shares, ...free], host);
    if (next === undefined) left.push(host);
    else shares = next.filter(({ hosts: named }, index) => index < shares.length || named.length > 0);
  }
  return { shares: withoutSpare(shares.filter(({ hosts: named }) => named.length > 0)), left };
}

type Mutable = readonly { readonly number: number; readonly hosts: string[] }[];

/** The shares with the host added to the first that has room. */
function placed(shares: Mutable, host: string): { number: number; hosts: string[] }[] | undefined {
  const at = shares.findIndex(({ hosts }) => fitsOneRule([...hosts, host]));
  return at < 0
    ? undefined
    : shares.map((share, index) => (index === at ? { ...share, hosts: [...share.hosts, host] } : share));
}

function withoutSpare(shares: Mutable): readonly Share[] {
  for (const spare of [...shares].reverse()) {
    let others: Mutable | undefined = shares.filter((share) => share !== spare);
    for (const host of spare.hosts) others = others && placed(others, host);
    if (others !== undefined && others.length > 0) return withoutSpare(others);
  }
  return shares;
}

function freeNumber(shares: Mutable): number {
  const taken = new Set(shares.map(({ number }) => number));
  let number = 1;
  while (taken.has(number)) number += 1;
  return number;
}
