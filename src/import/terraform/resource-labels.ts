import type { Observed } from '../../core/objects/object.ts';
import type { LiveObjects } from '../terms/live-objects.ts';
import type { LabelSource, ResourceLabel } from '../terms/resource-label.ts';
import { groupOf, namesOfResources } from './resource-names.ts';
import type { StateResource } from './state-text.ts';

/** The kinds of the objects of which entries are made, by the types of both major versions of the providers. */
const kinds: Readonly<Record<string, Parameters<LiveObjects['of']>[0]>> = {
  cloudflare_record: 'cloudflare/dns-record',
  cloudflare_dns_record: 'cloudflare/dns-record',
  cloudflare_access_application: 'cloudflare/access-application',
  cloudflare_zero_trust_access_application: 'cloudflare/access-application',
  cloudflare_access_policy: 'cloudflare/access-policy',
  cloudflare_zero_trust_access_policy: 'cloudflare/access-policy',
  cloudflare_access_service_token: 'cloudflare/service-token',
  cloudflare_zero_trust_access_service_token: 'cloudflare/service-token',
  authentik_application: 'authentik/application',
  authentik_provider_proxy: 'authentik/proxy-provider',
  authentik_provider_oauth2: 'authentik/oauth2-provider',
  authentik_provider_saml: 'authentik/saml-provider',
  authentik_provider_ldap: 'authentik/ldap-provider',
  authentik_group: 'authentik/group',
};

/** The labels of the live objects that a state names. */
export class ResourceLabels implements LabelSource {
  readonly #byId: ReadonlyMap<string, ResourceLabel>;

  constructor(resources: readonly StateResource[]) {
    const ours = resources.filter(({ type }) => Object.hasOwn(kinds, type));
    const names = namesOfResources(ours);
    this.#byId = new Map(
      ours.map((resource, place) => [
        `${kinds[resource.type]} ${resource.id}`,
        {
          address: addressOf(resource),
          names: names.get(resource) ?? [],
          group: groupOf(resource.module ?? ''),
          place,
        },
      ]),
    );
  }

  /** The number of resources that could have a label. */
  get size(): number {
    return this.#byId.size;
  }

  /** The number of live objects that the state names. */
  countIn(live: LiveObjects): number {
    const kindsOfState = [...new Set(Object.values(kinds))];
    return kindsOfState.flatMap((kind) => live.of(kind).filter((each) => this.of(each) !== undefined)).length;
  }

  /** The providers know an object by the id that its API has for it: a slug, a number or a UUID. */
  of({ address: { kind }, id, attributes }: Observed): ResourceLabel | undefined {
    for (const each of [id, ...Object.values(attributes)]) {
      const label = this.#byId.get(`${kind} ${each}`);
      if (label !== undefined) return label;
    }
    return undefined;
  }
}

/** The address that `terraform state list` prints. */
function addressOf({ type, name, module, key }: StateResource): string {
  const index = key === undefined ? '' : `[${JSON.stringify(key)}]`;
  return [...(module === undefined ? [] : [module]), type, `${name}${index}`].join('.');
}
