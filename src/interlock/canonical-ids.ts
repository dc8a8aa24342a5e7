import { type AddressId, addressId, type Kind } from '../core/objects/address.ts';
import type { Observed } from '../core/objects/object.ts';
import type { Part } from '../core/objects/part.ts';
import type { Selector } from '../core/objects/parts/access-parts.ts';
import type { Linked, Reference } from '../core/objects/reference.ts';
import { isReference } from '../core/objects/reference.ts';

/**
 * Ids of live objects by the addresses that they have: so that an object has one name in what is live, in what the file asks
 * for, and before it is made. Ids of objects without an address here stay as they are.
 */
export class CanonicalIds {
  readonly #addresses = new Map<string, AddressId>();

  learn(
    { address }: Pick<Observed, 'address'>,
    attributes: Readonly<Record<string, string>>,
    id?: string,
  ): void {
    for (const value of [id, attributes.id, attributes.aud, attributes.clientId])
      if (value !== undefined) this.#addresses.set(`${spaceOf(address.kind)} ${value}`, addressId(address));
  }

  /** The part with the names of its own object and of those that it refers to. */
  renamed(part: Part): Part {
    const name: NameOf = (kind, id) => this.#addresses.get(`${spaceOf(kind)} ${id}`) ?? id;
    return renamedAtEdge(part, name);
  }
}

/** The name of an object in place of its id. */
type NameOf = (kind: Kind, id: string) => string;

/** Names in parts of DNS, of tunnels and of rules at the edge; other parts are of Access or of Authentik. */
function renamedAtEdge(part: Part, name: NameOf): Part {
  switch (part.part) {
    case 'record': {
      const [, id] = /^(.*)\.cfargotunnel\.com$/.exec(part.content ?? '') ?? [];
      if (id === undefined) return part;
      return { ...part, content: `${name('cloudflare/tunnel', id)}.cfargotunnel.com` };
    }
    case 'tunnel':
      return { ...part, id: name('cloudflare/tunnel', part.id) };
    case 'tunnel-rule':
      return {
        ...part,
        tunnel: name('cloudflare/tunnel', part.tunnel),
        audiences: part.audiences?.map((each) => name(application, each)).sort(),
      };
    case 'edge-rule': {
      const { rule } = part;
      if (rule.blocks !== 'other-audiences') return part;
      // A client of Authentik is the audience of its tokens.
      const audience = name(provider, rule.audience);
      return {
        ...part,
        rule: { ...rule, audience, configuration: name(configuration, rule.configuration) },
      };
    }
    case 'operation':
      return { ...part, id: name('cloudflare/api-operation', part.id) };
    case 'token-rule':
      return {
        ...part,
        excluded: part.excluded.map((id) => name('cloudflare/api-operation', id)),
        configuration: part.configuration && name(configuration, part.configuration),
      };
    default:
      return renamedAtAccess(part, name);
  }
}

/** Names in parts of Access; other parts are of Authentik. */
function renamedAtAccess(part: Part, name: NameOf): Part {
  switch (part.part) {
    case 'access-application':
      return {
        ...part,
        id: name(application, part.id),
        audience: name(application, part.audience),
        policies: part.policies.map((id) => name('cloudflare/access-policy', id)),
        logins: part.logins?.map((id) => name('cloudflare/access-identity-provider', id)),
      };
    case 'access-policy': {
      const list = (selectors: readonly Selector[]) =>
        selectors.map((selector) => renamedSelector(selector, name));
      return {
        ...part,
        id: name('cloudflare/access-policy', part.id),
        include: list(part.include),
        require: list(part.require),
        exclude: list(part.exclude),
      };
    }
    case 'service-token':
      return { ...part, id: name('cloudflare/service-token', part.id) };
    case 'certificate-host':
      return { ...part, authority: name('cloudflare/certificate-authority', part.authority) };
    case 'worker':
      return { ...part, audience: part.audience && name(application, part.audience) };
    default:
      return renamedInAuthentik(part, name);
  }
}

/** Names in parts of Authentik; the rest refers to no object. */
function renamedInAuthentik(part: Part, name: NameOf): Part {
  switch (part.part) {
    case 'proxy-provider':
    case 'client':
      return {
        ...part,
        id: name(provider, part.id),
        trusts: part.trusts.map((id) => name(provider, id)),
        ...(part.flow !== undefined && { flow: name('authentik/flow', part.flow) }),
      };
    case 'other-client':
      return {
        ...part,
        id: name(provider, part.id),
        ...(part.flow !== undefined && { flow: name('authentik/flow', part.flow) }),
      };
    case 'application':
      return { ...part, id: name('authentik/application', part.id) };
    case 'provider-link':
      return {
        ...part,
        application: name('authentik/application', part.application),
        provider: name(provider, part.provider),
      };
    case 'binding':
      return {
        ...part,
        application: name('authentik/application', part.application),
        group: part.group && name('authentik/group', part.group),
        ...(part.user !== undefined && { user: name('authentik/user', part.user) }),
        ...(part.policy !== undefined && { policy: name('authentik/policy', part.policy) }),
      };
    case 'group-parent':
      return {
        ...part,
        group: name('authentik/group', part.group),
        parent: name('authentik/group', part.parent),
      };
    case 'outpost-entry':
      return {
        ...part,
        outpost: name('authentik/outpost-host', part.outpost),
        provider: name(provider, part.provider),
      };
    default:
      return part;
  }
}

const application = 'cloudflare/access-application';
const configuration = 'cloudflare/token-configuration';
const provider = 'authentik/proxy-provider';

/** Authentik numbers providers of all kinds together. */
function spaceOf(kind: Kind): Kind {
  return /^authentik\/(?:oauth2|saml|ldap)-provider$/.test(kind) ? provider : kind;
}

function renamedSelector(selector: Selector, name: NameOf): Selector {
  const [[sort, fields] = ['', {}]] = Object.entries(selector);
  const renamed = (field: string, kind: Kind) =>
    fields[field] === undefined ? fields : { ...fields, [field]: name(kind, fields[field]) };
  switch (sort) {
    case 'service_token':
      return { [sort]: renamed('token_id', 'cloudflare/service-token') };
    case 'login_method':
      return { [sort]: renamed('id', 'cloudflare/access-identity-provider') };
    case 'device_posture':
      return { [sort]: renamed('integration_uid', 'cloudflare/posture-check') };
    case 'oidc':
      return { [sort]: renamed('identity_provider_id', 'cloudflare/access-identity-provider') };
    default:
      return selector;
  }
}

/** A spec in which each reference is the address that it refers to, within the text around it. */
export function withAddresses<T>(value: Linked<T>): T {
  return replaced(value) as T;
}

function replaced(value: unknown): unknown {
  if (isReference(value)) return textOf(value);
  if (Array.isArray(value)) return value.map(replaced);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([field, item]) => [field, replaced(item)]));
}

function textOf({ $ref, template }: Reference): string {
  return template.replace(/\{\w+\}/g, () => $ref);
}
