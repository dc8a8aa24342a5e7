import type { Address, AddressId } from './address.ts';
import type { DesiredObject } from './object.ts';
import type { Linked } from './reference.ts';

/**
 * What has to be seen of a host's gate before the host is left to it alone. Planned only for a host that something
 * happens to; carried out by the reconciler of its kind, as the verb `verify`.
 */
export interface Proof<Spec = unknown> {
  readonly address: Address;
  readonly host: string;
  /** What is looked for, in the vocabulary of the kind that looks. */
  readonly spec: Linked<Spec>;
  /** `attest`: read back before anything routes to the host. `prove`: seen from outside once it is open. */
  readonly step: 'attest' | 'prove';
  /** Objects that make up the gate: where one of them is made anew, what was seen before counts no longer. */
  readonly needs: readonly AddressId[];
  /**
   * What admits nobody but our own probe while the gate is unproved. Absent where another layer refuses everybody
   * in the meantime, or where nothing can be seen from outside.
   */
  readonly cover?: DesiredObject;
  /** The entry of the file: `services.grafana`. */
  readonly because: string;
}
