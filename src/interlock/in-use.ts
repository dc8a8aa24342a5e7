import type { Observed } from '../core/objects/object.ts';

/** Returns the leaving objects that no staying object uses, directly or through another one. gates removes no object that is in use. */
export function withoutUsed(leaving: readonly Observed[], objects: readonly Observed[]): readonly Observed[] {
  const going = new Set(leaving);
  const used = new Set(objects.flatMap((have) => (going.has(have) ? [] : have.uses)));
  const left = leaving.filter(({ id }) => !used.has(id));
  return left.length === leaving.length ? left : withoutUsed(left, objects);
}
