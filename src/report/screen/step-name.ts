import type { Change, Plan } from '../../core/change.ts';
import { type AddressId, type Kind, parseAddressId } from '../../core/objects/address.ts';

/** The names for people of kinds that only gates has; other kinds have the names of the systems. */
const words: Readonly<Partial<Record<Kind, string>>> = {
  'edge/proof': 'check from outside of',
  'authentik/admission': 'check of the login of',
  'authentik/provider-link': 'authentik/application provider',
  'authentik/outpost-entry': 'authentik/outpost provider',
  'authentik/ldap-entry': 'authentik/LDAP outpost provider',
};

/** A kind's name for people: `cloudflare/dns-record`, `check from outside of`. */
export function kindName(kind: Kind): string {
  return words[kind] ?? kind;
}

/** An object's name for people, from its address: `check from outside of app.example.dev`. */
export function objectName(id: string): string {
  const { kind, key } = parseAddressId(id as AddressId);
  return words[kind] === undefined ? id : `${kindName(kind)} ${key}`;
}

/** A change's name for people: `refuse cloudflare/ingress-rule homelab/app.example.dev`. */
export function nameOfChange({ verb, address: { kind, key } }: Pick<Change, 'verb' | 'address'>): string {
  return `${verb === 'verify' ? '' : `${verb} `}${kindName(kind)} ${key}`;
}

/** The name of a step, by its id: the id itself may end with that of a live object, which helps nobody on a screen. */
export function stepName({ changes }: Plan, id: string): string {
  const change = changes.find((one) => one.id === id);
  return change === undefined ? id : nameOfChange(change);
}
