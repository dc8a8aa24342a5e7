import type { Change, Plan } from '../../core/change.ts';
import { type AddressId, type Kind, parseAddressId } from '../../core/objects/address.ts';

/** Kinds whose names are of gates alone, as people read them; the names of others are those of the systems. */
const words: Readonly<Partial<Record<Kind, string>>> = {
  'edge/proof': 'check from outside of',
  'authentik/admission': 'check of the login of',
  'authentik/provider-link': 'authentik/application provider',
  'authentik/outpost-entry': 'authentik/outpost provider',
};

/** A kind as people read it: `cloudflare/dns-record`, `check from outside of`. */
export function kindName(kind: Kind): string {
  return words[kind] ?? kind;
}

/** An object as people read it, from its address: `check from outside of app.example.dev`. */
export function objectName(id: string): string {
  const { kind, key } = parseAddressId(id as AddressId);
  return words[kind] === undefined ? id : `${kindName(kind)} ${key}`;
}

/** A change as people read it: `refuse cloudflare/ingress-rule homelab/app.example.dev`. */
export function nameOfChange({ verb, address: { kind, key } }: Pick<Change, 'verb' | 'address'>): string {
  return `${verb === 'verify' ? '' : `${verb} `}${kindName(kind)} ${key}`;
}

/** A step of a plan by its id, which may end with the id of a live object and is of no use on a screen. */
export function stepName({ changes }: Plan, id: string): string {
  const change = changes.find((one) => one.id === id);
  return change === undefined ? id : nameOfChange(change);
}
