import type { ApplicationAdmission } from '../../../reconcilers/authentik/application/admission.ts';
import type { AccessDecision, AccessRule } from '../../../reconcilers/cloudflare/access/access-policy.ts';
import type { PolicyDemands } from '../../../reconcilers/cloudflare/access/policy/policy-demands.ts';
import type { Appearance } from '../../../reconcilers/cloudflare/access/presentation/appearance.ts';
import type { CrossSite } from '../../../reconcilers/cloudflare/access/presentation/cross-site.ts';
import type { IngressOriginRequest } from '../../../reconcilers/cloudflare/ingress/ingress-rule.ts';
import type { CheckRequest, Expectation } from '../../../reconcilers/edge/finding.ts';
import type { Config, Service } from '../../config/model/config.ts';
import type { Gate } from '../../config/model/gate.ts';
import type { AddressId } from '../../core/objects/address.ts';
import type { DesiredObject } from '../../core/objects/object.ts';
import type { Linked, Reference } from '../../core/objects/reference.ts';
import type { Door } from '../../desired/terms/doors.ts';

/** The demands of Access at a door; a gate that Access does not enforce has none. */
export interface AccessTerms {
  /** Each admits whomever it matches. A door that Access leaves open has one, which is a bypass. */
  readonly policies: readonly AccessPolicyTerms[];
  /** The identity providers by which people log in; absent: any of the account. */
  readonly login?: AccessLogin;
  /** Go duration; absent: the account's own default. */
  readonly sessionDuration?: string;
  /** Absent: people set it. */
  readonly appearance?: Appearance;
  /** Absent: people set it. */
  readonly crossSite?: CrossSite;
}

/** One policy of a door: it matches if one of `include`, all of `require` and none of `exclude` hold. */
export interface AccessPolicyTerms {
  readonly decision: AccessDecision;
  readonly include: Linked<readonly AccessRule[]>;
  /** Absent: nothing. */
  readonly require?: Linked<readonly AccessRule[]>;
  readonly exclude?: Linked<readonly AccessRule[]>;
  /** Absent: nothing. */
  readonly demands?: PolicyDemands;
  /** Tells the policies of one door apart; absent or empty for the first. */
  readonly suffix?: string;
}

/** The logins at a door where Access asks for one. */
export interface AccessLogin {
  /** Ids. */
  readonly providers: readonly Reference[];
  /** The people who log in by another method than everybody else; absent: nobody. */
  readonly breakGlass?: AccessPolicyTerms;
}

/** The check of a host's gate; proofs.ts makes a `GateCheck` of it. */
export type GateCheckTerms = CheckPlace & {
  /** Objects that make up the gate; see core/object.ts. */
  readonly needs: readonly AddressId[];
  /** The host admits only our probe until the check has confirmed the gate. */
  readonly covered: boolean;
  /** Objects behind the gate; see core/object.ts. */
  readonly inner?: readonly AddressId[];
};

/** The place of the check, and the `expect` of that kind's spec. */
type CheckPlace =
  | { readonly kind: 'edge/proof'; readonly expect: Linked<Expectation> }
  | { readonly kind: 'authentik/admission'; readonly expect: Linked<ApplicationAdmission> };

/** The target to which the tunnel sends a host's requests. */
export interface Route {
  readonly url: string;
  readonly request: IngressOriginRequest;
}

/** The form of a gate in the systems. The members are methods, so that the form of one gate fits for any gate. */
export interface BuiltGate<G extends Gate = Gate> {
  /** The reason why this door cannot be built as the file asks, and what to do; undefined if it can. */
  refuse(door: Door<G>, config: Config): string | undefined;
  /** Undefined: Access asks nothing here. */
  access(door: Door<G>, config: Config): AccessTerms | undefined;
  /** Objects in addition to the application, the rule and the record that every door has. */
  objects?(door: Door<G>, config: Config): readonly DesiredObject[];
  /** Undefined: there is nothing to check. Asked only for a service's host. */
  proof?(door: Door<G>, config: Config): GateCheckTerms | undefined;
  /** The requests by which the check at the edge tests the gate of a host; absent: one to the root. */
  looks?(service: Service, gate: G): readonly CheckRequest[];
  /**
   * The expression of the only paths that lead to the origin: the host answers 404 to all others; undefined: every path
   * does. Asked of the gate of the whole host.
   */
  within?(gate: G): string | undefined;
  /** Undefined: to the service's origin. Asked of the gate of the whole host, for its paths too. */
  route?(service: Service, config: Config): Route | undefined;
}
