import { IneffectiveError } from '../../../src/core/errors.ts';

/**
 * Compares a write with its reply, which shows the complete object. `sent`: the written fields; `drift`: fields of the
 * reply with a wrong value.
 * @throws IneffectiveError
 */
export function confirmEffect(sent: readonly string[], drift: readonly string[]): void {
  const fields = drift.filter((field) => sent.includes(field));
  if (fields.length > 0) throw new IneffectiveError(fields);
}
