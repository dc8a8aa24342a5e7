/** A system that gates speaks to: two APIs, and the edge as visitors see it. It is the first half of every kind. */
export type System = 'cloudflare' | 'authentik' | 'edge';

/** A sort of object, for example `cloudflare/dns-record`. */
export type Kind = `${System}/${string}`;

/** Their names for people. */
export const systemNames: Readonly<Record<System, string>> = {
  cloudflare: 'Cloudflare',
  authentik: 'Authentik',
  edge: 'the edge',
};

export function systemOf(kind: Kind): System {
  return kind.slice(0, kind.indexOf('/')) as System;
}

/** Kind and key: names one object for people and for references. The key is unique in the API. */
export interface Address {
  readonly kind: Kind;
  readonly key: string;
}

/** An address as one string, `cloudflare/tunnel:homelab`: the form references and maps use. */
export type AddressId = `${Kind}:${string}`;

export function addressId(address: Address): AddressId {
  return `${address.kind}:${address.key}`;
}

/** Reads an address back from its string form; a key may contain colons, a kind never does. */
export function parseAddressId(id: AddressId): Address {
  const colon = id.indexOf(':');
  return { kind: id.slice(0, colon) as Kind, key: id.slice(colon + 1) };
}
