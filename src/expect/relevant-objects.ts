import type { Change } from '../core/change.ts';
import { addressId, type Kind } from '../core/objects/address.ts';
import type { Desired, DesiredObject, Observation, Observed } from '../core/objects/object.ts';
import { isReference } from '../core/objects/reference.ts';
import { recordKey } from '../doors/state/places.ts';

/** The objects of a file, and the live ones. */
export interface ObjectsGround {
  readonly desired: Desired;
  readonly observed: readonly Observation[];
}

/** The fields of all kinds by which an object may belong to a host. */
interface Placed {
  readonly zone?: string;
  readonly name?: string;
  readonly content?: unknown;
  readonly host?: string;
  readonly hostname?: string;
  readonly tunnelId?: unknown;
  readonly originRequest?: { readonly httpHostHeader?: string };
  readonly destinations?: readonly string[];
  readonly policies?: readonly unknown[];
}

/**
 * The objects of a run that may decide at some hosts. Only objects that are certainly about other hosts are left out: a
 * home may have a thousand of them, and each state of the doors would be computed with them.
 */
export class RelevantObjects {
  readonly desired: Desired;
  readonly observed: readonly Observation[];
  readonly #hosts: Set<string>;
  readonly #policies = new Set<string>();
  /** The first observed rule of each tunnel shows that its rules were read. */
  readonly #firstRules = new Set<Observed>();

  constructor({ desired, observed }: ObjectsGround, hosts: readonly string[]) {
    this.#hosts = new Set(hosts);
    const live = observed.flatMap((each) => (each.state === 'known' ? each.objects : []));
    const all = [...desired.objects, ...live];
    this.#followNames(all);
    this.#findPolicies(all, live);
    const tunnels = new Set<unknown>();
    for (const have of live) {
      if (have.address.kind !== 'cloudflare/ingress-rule') continue;
      const { tunnelId } = have.spec as Placed;
      if (!tunnels.has(tunnelId)) this.#firstRules.add(have);
      tunnels.add(tunnelId);
    }
    this.desired = {
      ...desired,
      objects: desired.objects.filter((object) => this.#isRelevant(object)),
      proofs: desired.proofs.filter(({ host }) => this.#hosts.has(host)),
    };
    this.observed = observed.map((each) =>
      each.state === 'known'
        ? {
            ...each,
            objects: each.objects.filter((have) => this.#isRelevant(have) || this.#firstRules.has(have)),
          }
        : each,
    );
  }

  /** True if a change may matter at one of the hosts. */
  isTouchedBy({ address, want, have }: Change): boolean {
    const forms = [want, have?.spec].filter((spec) => spec !== undefined);
    return (
      forms.length === 0 ||
      forms.some((spec) => this.#isRelevant({ address, spec, ...(have && { id: have.id }) }))
    );
  }

  /** Adds the hosts that a CNAME record of a host leads to, and those that its origin is asked for. */
  #followNames(objects: readonly (DesiredObject | Observed)[]): void {
    for (let known = -1; known !== this.#hosts.size; ) {
      known = this.#hosts.size;
      for (const { address, spec } of objects) {
        const { content, hostname, originRequest } = spec as Placed;
        if (address.kind === 'cloudflare/dns-record') {
          const isName = typeof content === 'string' && !content.endsWith('.cfargotunnel.com');
          if (isName && (spec as { type?: unknown }).type === 'CNAME' && this.#isRelevant({ address, spec }))
            this.#hosts.add(content.toLowerCase());
        } else if (address.kind === 'cloudflare/ingress-rule') {
          const header = originRequest?.httpHostHeader?.toLowerCase();
          if (header !== undefined && hostname !== undefined && this.#hosts.has(hostname))
            this.#hosts.add(header);
        }
      }
    }
  }

  /** Finds the policies of the applications that may decide, by id and by address. */
  #findPolicies(objects: readonly (DesiredObject | Observed)[], live: readonly Observed[]): void {
    for (const { address, spec } of objects) {
      if (address.kind !== 'cloudflare/access-application' || !this.#isRelevant({ address, spec })) continue;
      for (const policy of (spec as Placed).policies ?? [])
        this.#policies.add(isReference(policy) ? policy.$ref : String(policy));
    }
    for (const { address, id } of live) {
      if (address.kind !== 'cloudflare/access-policy') continue;
      const names = [id, addressId(address)];
      if (names.some((name) => this.#policies.has(name))) for (const name of names) this.#policies.add(name);
    }
  }

  #isRelevant({
    address,
    spec,
    id,
  }: Pick<DesiredObject, 'address' | 'spec'> & { readonly id?: string }): boolean {
    const { zone = '', name = '', host, hostname, originRequest, destinations = [] } = spec as Placed;
    switch (address.kind as Kind) {
      case 'cloudflare/dns-record':
        return this.#keysIn(zone).has(recordKey(name.toLowerCase(), zone));
      case 'cloudflare/ingress-rule': {
        const header = originRequest?.httpHostHeader?.toLowerCase();
        return isAt(hostname, this.#hosts) || (header !== undefined && this.#hosts.has(header));
      }
      case 'cloudflare/access-application':
        return destinations.some((uri) => isAt(uri.split('/')[0], this.#hosts));
      case 'cloudflare/access-policy':
        // Policies that all hosts share do not name one.
        return (
          !address.key.includes('.') ||
          this.#policies.has(addressId(address)) ||
          (id !== undefined && this.#policies.has(id))
        );
      case 'cloudflare/waf-rule':
      case 'cloudflare/cache-rule':
      case 'cloudflare/api-operation':
      case 'cloudflare/worker-route':
        return isAt(host, this.#hosts);
      default:
        return true;
    }
  }

  readonly #keys = new Map<string, { readonly hosts: number; readonly keys: ReadonlySet<string> }>();

  /** The keys of a zone's records that may lead a host somewhere: its own, and that of the wildcard. */
  #keysIn(zone: string): ReadonlySet<string> {
    const known = this.#keys.get(zone);
    if (known?.hosts === this.#hosts.size) return known.keys;
    const inZone = [...this.#hosts].filter((host) => host === zone || host.endsWith(`.${zone}`));
    const keys = new Set([`*.${zone}`, ...inZone.map((host) => recordKey(host, zone))]);
    this.#keys.set(zone, { hosts: this.#hosts.size, keys });
    return keys;
  }
}

/** True if a name is one of the hosts, or may stand for several. */
function isAt(name: string | undefined, hosts: ReadonlySet<string>): boolean {
  return name === undefined || name === '' || name.includes('*') || hosts.has(name.toLowerCase());
}
