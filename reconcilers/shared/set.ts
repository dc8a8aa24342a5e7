/** True if two lists are equal as sets: the API keeps such lists in no order. */
export function sameSet(left: readonly string[], right: readonly string[]): boolean {
  return isSubset(left, right) && isSubset(right, left);
}

export function isSubset(part: readonly string[], whole: readonly string[]): boolean {
  return part.every((item) => whole.includes(item));
}
