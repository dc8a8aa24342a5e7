import type {
  AccessApplicationPart,
  AccessPolicyPart,
  CertificateHostPart,
  OrganizationPart,
  ServiceTokenPart,
  WorkerPart,
  WorkerRoutePart,
} from './parts/access-parts.ts';
import type {
  ApplicationPart,
  BindingPart,
  ClientPart,
  GroupParentPart,
  OtherClientPart,
  OutpostEntryPart,
  ProviderLinkPart,
  ProxyProviderPart,
} from './parts/authentik-parts.ts';
import type {
  CacheRulePart,
  EdgeRulePart,
  OperationPart,
  PurgePart,
  RecordPart,
  TokenRulePart,
  ZonePart,
} from './parts/edge-parts.ts';
import type { OriginPart, TunnelPart, TunnelRulePart } from './parts/tunnel-parts.ts';

/**
 * The contribution of one object to a layer of the way from a visitor to a service. A part says what the object is,
 * never when it is written. Ids are opaque: the same object has the same id in both states that are compared.
 */
export type Part =
  | ZonePart
  | RecordPart
  | EdgeRulePart
  | OperationPart
  | TokenRulePart
  | OrganizationPart
  | AccessApplicationPart
  | AccessPolicyPart
  | ServiceTokenPart
  | CertificateHostPart
  | WorkerPart
  | WorkerRoutePart
  | CacheRulePart
  | PurgePart
  | TunnelPart
  | TunnelRulePart
  | OriginPart
  | ProxyProviderPart
  | ClientPart
  | OtherClientPart
  | ApplicationPart
  | ProviderLinkPart
  | BindingPart
  | GroupParentPart
  | OutpostEntryPart;
