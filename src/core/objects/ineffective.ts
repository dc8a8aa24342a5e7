import { equal } from './equal.ts';

/** Topic of the notes about writes without effect; a note is named after the address. */
export const ineffectiveTopic = 'ineffective-writes';

/** A write that an API accepted without effect: the values that were written and those that were there, by field. */
export interface IneffectiveWrite {
  /** Id of the object. */
  readonly id: string;
  readonly want: Readonly<Record<string, unknown>>;
  readonly have: Readonly<Record<string, unknown>>;
}

/** True if writing the field again would repeat the same write on the same object. */
export function isIneffective(
  write: IneffectiveWrite | undefined,
  field: string,
  { want, have }: { readonly want: object; readonly have: object },
): boolean {
  if (write === undefined || !(field in write.want)) return false;
  return (
    equal(write.want, { ...write.want, ...fieldsOf(want, [field]) }) &&
    equal(write.have, { ...write.have, ...fieldsOf(have, [field]) })
  );
}

/** The fields of a spec, as JSON keeps them. */
export function fieldsOf(spec: object, fields: readonly string[]): Readonly<Record<string, unknown>> {
  const values = spec as Readonly<Record<string, unknown>>;
  return JSON.parse(
    JSON.stringify(Object.fromEntries(fields.map((field) => [field, values[field] ?? null]))),
  );
}
