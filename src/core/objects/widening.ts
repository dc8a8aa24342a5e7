/** One field that lets more people in, or for longer, than gates would have it, and that gates leaves as it is. */
export interface Widening {
  /** As the API calls it: `cors_headers`. */
  readonly field: string;
  /** The effect, as a clause: `other sites may show the host in a frame`. */
  readonly effect: string;
  /** The field of the spec by which a file may ask for it: then it is not reported. */
  readonly unless?: string;
}

/** Those that the file does not ask for. */
export function standingWidenings(
  { widenings = [] }: { readonly widenings?: readonly Widening[] },
  { spec }: { readonly spec: unknown },
): readonly Widening[] {
  return widenings.filter(({ unless }) => unless === undefined || !(unless in (spec as object)));
}

/** A clause for people, without the object that has it. */
export function describeWidening({ field, effect }: Widening): string {
  return `by ${field}, which was set by hand, ${effect}; gates leaves it as it is`;
}
