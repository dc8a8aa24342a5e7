import { IneffectiveError } from '../../../src/core/errors.ts';

/**
 * Compares what was written with the reply to the write, which shows the whole object. `sent`: fields that were written;
 * `drift`: fields of the reply that are not as they should be.
 * @throws IneffectiveError
 */
export function confirmEffect(sent: readonly string[], drift: readonly string[]): void {
  const fields = drift.filter((field) => sent.includes(field));
  if (fields.length > 0) throw new IneffectiveError(fields);
}
