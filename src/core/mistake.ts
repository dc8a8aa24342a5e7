/** A position in a text. Line and column begin at 1; a column counts UTF-16 units. */
export interface Place {
  readonly line: number;
  readonly column: number;
  /** The included file, relative to the folder of gates.yaml; absent for gates.yaml itself. */
  readonly file?: string;
}

/** The order of places: gates.yaml first, then the included files by name. */
export function comparePlaces(left: Place, right: Place): number {
  const [before = '', after = ''] = [left.file, right.file];
  if (before !== after) return before < after ? -1 : 1;
  return left.line - right.line || left.column - right.column;
}

/** One mistake in gates.yaml or an included file, with its place. Text, JSON, annotations and SARIF show the same list. */
export interface Mistake extends Place {
  readonly severity: 'error' | 'warning';
  /** The kind of mistake, which stays the same between releases: `unknown-key`, or the code of an invariant. */
  readonly rule: string;
  /** An invariant of docs/invariants.md, such as `G106`. */
  readonly code?: string;
  readonly message: string;
  /** The text to write instead. */
  readonly hint?: string;
  /** The line may hold a secret and is not shown. */
  readonly secret?: true;
  /** `services.grafana.gate`; empty if no key leads there. */
  readonly path: string;
  /** Further places with the same cause, in the order of the text: one correction fixes all of them. */
  readonly also?: readonly Place[];
}
