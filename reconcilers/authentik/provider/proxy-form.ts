import type { ProviderFlow } from '../reading/flow-strictness.ts';
import type { ProxySettings } from './proxy-settings.ts';

/** A proxy provider. Keyed by what follows `gates:<owner>/` in its name. Attributes `id` and `clientId`. */
export interface ProxyProviderSpec extends ProviderFlow, Partial<ProxySettings> {
  readonly mode: 'forward_single' | 'forward_domain' | 'proxy';
  /** The API keeps it unchanged; the outpost compares the host exactly, with its port. */
  readonly externalHost: string;
  /** Mode `proxy` only. Empty: any value, since no other mode uses it. */
  readonly internalHost: string;
  readonly internalHostTls: boolean;
  /** Mode `forward_domain` only, `example.dev`; else empty. */
  readonly cookieDomain: string;
  /** Anchored expressions of the open paths, one on each line. */
  readonly skipPathRegex: string;
  /** Id of a flow. */
  readonly invalidationFlow: string;
  /** Ids of scope mappings that must exist. Authentik adds its own, and people may add more. */
  readonly propertyMappings: readonly string[];
  /** Grants that must exist, on servers that have them: without them every login fails. */
  readonly grantTypes: readonly string[];
  /** Ids of providers whose tokens it accepts like its own. Desired: none. */
  readonly trustedProviders: readonly number[];
  /** The hosts it guards; never sent. */
  readonly hosts: readonly string[];
  /** Mode `forward_domain` only: see `BindingSpec.behind`. */
  readonly behind?: readonly string[];
}
