/** One field that admits more people, or for longer, than gates would, and that gates does not change. */
export interface Widening {
  /** The name of the field in the API: `cors_headers`. */
  readonly field: string;
  /** The effect, as a clause: `other sites may show the host in a frame`. */
  readonly effect: string;
  /** The field of the spec by which a file may ask for it, in which case it is not reported. */
  readonly unless?: string;
}

/** The widenings that the file does not ask for. */
export function standingWidenings(
  { widenings = [] }: { readonly widenings?: readonly Widening[] },
  { spec }: { readonly spec: unknown },
): readonly Widening[] {
  return widenings.filter(({ unless }) => unless === undefined || !(unless in (spec as object)));
}

/** A clause for people, without the object that has it. */
export function describeWidening({ field, effect }: Widening): string {
  return `by ${field}, which the file does not set, ${effect}; gates leaves it as it is`;
}
