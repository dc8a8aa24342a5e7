import type { Leftover } from '../../conformance/sweep.ts';
import { describeError, UnsafeError } from '../../core/errors.ts';
import { tell } from '../surroundings/terminal.ts';

/** @throws UnsafeError if an object could not be removed. */
export async function removeAll(found: readonly Leftover[]): Promise<void> {
  const left: string[] = [];
  for (const { what, remove } of found) {
    try {
      await remove();
    } catch (error) {
      left.push(`${what}: ${describeError(error)}`);
    }
  }
  if (left.length === 0) return;
  for (const line of left) tell(`not removed: ${line}`);
  throw new UnsafeError('Scratch objects could not be removed', {
    hint: 'Run the same with --sweep; all of them carry a name or a marker with conformance- in it',
  });
}
