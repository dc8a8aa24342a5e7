const collator = new Intl.Collator('en', { numeric: true });

/** Compares as people count: `host-2` is before `host-10`. */
export function naturalOrder(left: string, right: string): number {
  return collator.compare(left, right);
}
