import { UnsafeError } from '../../src/core/errors.ts';
import type { Turn } from '../../src/daemon/lease/lease-turn.ts';

/** A turn without competitors, held until the test says that it is lost. */
export function freeTurn(signal: AbortSignal, isHeld: () => boolean = () => true): Turn {
  const mayWrite = async () => {
    if (!isHeld()) throw new UnsafeError('The turn is lost');
  };
  return { signal, isUnexpired: isHeld, confirm: async () => isHeld(), mayWrite, mayChange: mayWrite };
}
