import type { Deliver } from '../../src/core/delivery.ts';

/** Keyed by the name in the file; the live name is `gates:<owner>/<key>`. Attributes `id` and `clientId`. */
export interface ServiceTokenSpec {
  /** Go duration, `8760h`, or `forever`. */
  readonly duration: string;
  readonly enabled: boolean;
  /** Whether the vault holds the secret, which the API shows once only. */
  readonly secret: 'kept' | 'lost';
  /** Desired: files that must hold the secret (fields `clientId`, `clientSecret`); observed: those that do. */
  readonly deliver: readonly Deliver[];
}
