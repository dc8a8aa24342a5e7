import type { BindingSpec } from '../../../reconcilers/authentik/application/binding-form.ts';
import type { AccessApplicationSpec } from '../../../reconcilers/cloudflare/access/access-application.ts';
import { slugOfAccess } from '../../config/model/slug.ts';
import { addressId, type Kind } from '../../core/objects/address.ts';
import type { DesiredObject, Observed } from '../../core/objects/object.ts';

/**
 * The desired objects, with an admission of Access's login in Authentik that loses nobody while one of the hosts, which
 * the file does not have, asks for this login: the groups that are bound stay bound, and a login without bindings, which
 * admits everybody with an account, gets none.
 */
export function withKeptAdmission(
  objects: readonly DesiredObject[],
  hosts: ReadonlySet<string>,
  live: readonly Observed[],
  owner: string,
): readonly DesiredObject[] {
  const slug = slugOfAccess(owner);
  if (!isAsked(slug, hosts, live)) return objects;
  const isAdmission = ({ address }: Pick<Observed, 'address'>) =>
    address.kind === 'authentik/binding' && address.key.startsWith(`${slug}/`);
  const bound = live.filter((have) => isAdmission(have) && isPlain(have.spec as BindingSpec));
  if (bound.length === 0) return objects.filter((object) => !isAdmission(object));
  const wanted = new Set(objects.map(({ address }) => addressId(address)));
  const kept = bound.filter(({ address }) => !wanted.has(addressId(address)));
  return [
    ...objects,
    ...kept.map(({ address, spec }) => {
      const { last: _, ...asBound } = spec as BindingSpec;
      return { address, spec: asBound, because: 'cloudflare.access.identityProvider' };
    }),
  ];
}

/** True if an Access application of one of the hosts asks for the login, itself or by one of its policies. */
function isAsked(slug: string, hosts: ReadonlySet<string>, live: readonly Observed[]): boolean {
  const idsOf = (kind: Kind, key: string) =>
    live.flatMap(({ address, id }) => (address.kind === kind && address.key === key ? [id] : []));
  const login = idsOf('cloudflare/access-identity-provider', slug);
  const uses = new Map(live.map((have) => [have.id, have.uses]));
  return live.some(({ address, spec, uses: used }) => {
    if (address.kind !== 'cloudflare/access-application') return false;
    const { destinations } = spec as AccessApplicationSpec;
    const isHere = destinations.some((uri) => hosts.has(uri.split('/')[0] ?? uri));
    const needed = [...used, ...used.flatMap((id) => uses.get(id) ?? [])];
    return isHere && needed.some((id) => login.includes(id));
  });
}

function isPlain({ group, enabled, negated }: BindingSpec): boolean {
  return group !== '' && enabled && !negated;
}
