/** Deep equality of plain data; key order does not matter, list order does, undefined equals absent. */
export function equal(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((item, index) => equal(item, right[index]));
  }
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  const fields = new Set([...Object.keys(left), ...Object.keys(right)]);
  for (const field of fields) {
    if (!equal((left as Record<string, unknown>)[field], (right as Record<string, unknown>)[field]))
      return false;
  }
  return true;
}

/** The fields that `want` sets and that differ in `have`: the drift of kinds without a comparison of their own. */
export function differingFields(want: object, have: object): readonly string[] {
  return Object.entries(want)
    .filter(
      ([field, value]) => value !== undefined && !equal(value, (have as Record<string, unknown>)[field]),
    )
    .map(([field]) => field);
}
