import type { Observation } from '../core/object.ts';
import type { AnyReconciler } from '../core/reconciler.ts';
import type { World } from '../core/world.ts';

/**
 * Reads all kinds side by side. A kind that cannot be read is unknown, never empty, and does not keep the
 * others from being read.
 */
export function observe(
  reconcilers: readonly AnyReconciler[],
  world: World,
): Promise<readonly Observation[]> {
  return Promise.all(
    reconcilers.map(async (reconciler): Promise<Observation> => {
      const { kind } = reconciler;
      try {
        return { kind, state: 'known', objects: await world.read(reconciler) };
      } catch (error) {
        return { kind, state: 'unknown', error: error instanceof Error ? error : new Error(String(error)) };
      }
    }),
  );
}
