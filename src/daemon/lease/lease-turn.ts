import { UnsafeError } from '../../core/errors.ts';
import type { Lease } from './lease.ts';

/** The right to write for a while, which depends on one or more leases. */
export interface Turn {
  /** Aborted when the process should stop, and when a lease is lost. */
  readonly signal: AbortSignal;
  /** True if this process may still write; false also if that cannot be determined. */
  confirm(): Promise<boolean>;
  /** Called right before each write. @throws UnsafeError unless all leases are held at this moment. */
  readonly mayWrite: () => Promise<void>;
  /** Called right before each change of the live systems. @throws like `mayWrite`, and PausedError during a pause. */
  readonly mayChange: () => Promise<void>;
  /** The same by the clocks alone, without a wait during which the process could be stopped. */
  readonly isUnexpired: () => boolean;
}

export function turnOf(leases: readonly Lease[], stop: AbortSignal): Turn {
  const isUnexpired = () => leases.every((lease) => lease.isUnexpired());
  const isHeld = async () => {
    for (const lease of leases) if (!(await lease.confirm())) return false;
    return isUnexpired();
  };
  const mayWrite = async () => {
    const held = await isHeld().catch((cause) => {
      throw new UnsafeError('The lease of the state directory cannot be read: nothing is written', {
        hint: 'See whether the disk of GATES_STATE_DIR is there',
        facts: { applied: 'no' },
        cause,
      });
    });
    if (held) return;
    for (const { lost } of leases) lost.throwIfAborted();
    throw new UnsafeError('Bug in gates: a run wrote after its turn. Please report it');
  };
  return {
    signal: AbortSignal.any([stop, ...leases.map(({ lost }) => lost)]),
    isUnexpired,
    confirm: () => isHeld().catch(() => false),
    mayWrite,
    mayChange: mayWrite,
  };
}
