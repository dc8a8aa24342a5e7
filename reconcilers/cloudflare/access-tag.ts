/** Keyed by its name, which is all there is to a tag; `gates-<owner>` marks the owner's applications. */
export interface AccessTagSpec {
  readonly name: string;
}
