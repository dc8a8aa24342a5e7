import type { ApplicationSpec } from '../../../reconcilers/authentik/application/application.ts';
import type { BindingSpec } from '../../../reconcilers/authentik/application/binding-form.ts';
import type { GroupSpec } from '../../../reconcilers/authentik/application/group.ts';
import type { ProviderLinkSpec } from '../../../reconcilers/authentik/application/provider-link.ts';
import type { LdapProviderSpec } from '../../../reconcilers/authentik/ldap/ldap-provider.ts';
import type { LdapEntrySpec } from '../../../reconcilers/authentik/outpost/ldap-entry.ts';
import type { OutpostEntrySpec } from '../../../reconcilers/authentik/outpost/outpost-entry.ts';
import type { OutpostHostSpec } from '../../../reconcilers/authentik/outpost/outpost-host.ts';
import type { Oauth2ProviderSpec } from '../../../reconcilers/authentik/provider/oauth2-provider.ts';
import type { ProxyProviderSpec } from '../../../reconcilers/authentik/provider/proxy-provider.ts';
import type { SamlProviderSpec } from '../../../reconcilers/authentik/saml/saml-provider.ts';
import type { AccessApplicationSpec } from '../../../reconcilers/cloudflare/access/access-application.ts';
import type { AccessPolicySpec } from '../../../reconcilers/cloudflare/access/access-policy.ts';
import type { TunnelSpec } from '../../../reconcilers/cloudflare/account/tunnel.ts';
import type { CacheRuleSpec } from '../../../reconcilers/cloudflare/cache/rule-spec.ts';
import type { DnsRecordSpec } from '../../../reconcilers/cloudflare/dns/record-spec.ts';
import type { IngressRuleSpec } from '../../../reconcilers/cloudflare/ingress/ingress-rule.ts';
import type { ServiceTokenSpec } from '../../../reconcilers/cloudflare/service-token/service-token.ts';
import type { WafRuleSpec } from '../../../reconcilers/cloudflare/waf/rule-spec.ts';
import type { Kind } from '../../core/objects/address.ts';
import { grouped } from '../../core/objects/grouped.ts';
import type { Observation, Observed, Scope } from '../../core/objects/object.ts';

/** The specs of the kinds that an import reads. A kind of which only key and id matter has none. */
interface Specs {
  readonly 'cloudflare/tunnel': TunnelSpec;
  readonly 'cloudflare/dns-record': DnsRecordSpec;
  readonly 'cloudflare/ingress-rule': IngressRuleSpec;
  readonly 'cloudflare/access-application': AccessApplicationSpec;
  readonly 'cloudflare/access-policy': AccessPolicySpec;
  readonly 'cloudflare/access-identity-provider': unknown;
  readonly 'cloudflare/posture-check': unknown;
  readonly 'cloudflare/service-token': ServiceTokenSpec;
  readonly 'cloudflare/cache-rule': CacheRuleSpec;
  readonly 'cloudflare/waf-rule': WafRuleSpec;
  readonly 'authentik/proxy-provider': ProxyProviderSpec;
  readonly 'authentik/oauth2-provider': Oauth2ProviderSpec;
  readonly 'authentik/saml-provider': SamlProviderSpec;
  readonly 'authentik/ldap-provider': LdapProviderSpec;
  readonly 'authentik/ldap-outpost': unknown;
  readonly 'authentik/ldap-entry': LdapEntrySpec;
  readonly 'authentik/application': ApplicationSpec;
  readonly 'authentik/provider-link': ProviderLinkSpec;
  readonly 'authentik/binding': BindingSpec;
  readonly 'authentik/group': GroupSpec;
  readonly 'authentik/flow': unknown;
  readonly 'authentik/certificate': unknown;
  readonly 'authentik/certificate-key-pair': unknown;
  readonly 'authentik/scope-mapping': unknown;
  readonly 'authentik/saml-mapping': unknown;
  readonly 'authentik/outpost-entry': OutpostEntrySpec;
  readonly 'authentik/outpost-host': OutpostHostSpec;
}

/** The live objects of one import, by kind, and the scope in which they were read. */
export class LiveObjects {
  readonly scope: Scope;
  readonly observed: readonly Observation[];
  readonly #byKind: ReadonlyMap<Kind, readonly Observed[]>;
  readonly #ids = new Map<Kind, ReadonlyMap<string | undefined, Observed>>();
  readonly #answers = new Map<unknown, unknown>();

  constructor(scope: Scope, observed: readonly Observation[]) {
    this.scope = scope;
    this.observed = observed;
    this.#byKind = new Map(observed.map((each) => [each.kind, each.state === 'known' ? each.objects : []]));
  }

  /** The objects of a kind; none if it could not be read. */
  of<K extends keyof Specs & Kind>(kind: K): readonly Observed<Specs[K]>[] {
    return (this.#byKind.get(kind) ?? []) as readonly Observed<Specs[K]>[];
  }

  withId<K extends keyof Specs & Kind>(kind: K, id: string): Observed<Specs[K]> | undefined {
    return this.#byId(kind).get(id) as Observed<Specs[K]> | undefined;
  }

  /** The answer to a question about all objects, which is computed once, because each of a thousand hosts asks it. */
  once<T>(question: (live: LiveObjects) => T): T {
    if (!this.#answers.has(question)) this.#answers.set(question, question(this));
    return this.#answers.get(question) as T;
  }

  #byId(kind: keyof Specs & Kind): ReadonlyMap<string | undefined, Observed> {
    if (!this.#ids.has(kind))
      // The first one counts if an id is there twice.
      this.#ids.set(kind, new Map([...this.of(kind)].reverse().map((each) => [each.attributes.id, each])));
    return this.#ids.get(kind) ?? new Map();
  }

  isUnread(kind: Kind): boolean {
    return this.observed.some((each) => each.kind === kind && each.state === 'unknown');
  }

  /** The kinds that could not be read, each reason once. */
  unreadLines(): readonly string[] {
    const unread = this.observed.flatMap((each) => (each.state === 'unknown' ? [each] : []));
    const kinds = grouped(unread, ({ error }) => error.message);
    return [...kinds].map(
      ([reason, each]) => `${each.map(({ kind }) => kind).join(', ')} could not be read: ${reason}`,
    );
  }

  /** The other owner that has marked an object; undefined if nobody has, or if we have. */
  otherOwnerOf({ owner }: Pick<Observed, 'owner'>): string | undefined {
    return owner === this.scope.owner ? undefined : owner;
  }
}
