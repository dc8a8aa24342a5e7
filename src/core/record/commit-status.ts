/** The status of a commit at the forge, where its author looks. Contains no secrets. */
export interface CommitStatus {
  /**
   * `pending`: picked up, or it waits for a condition that may pass · `success`: everything that it asks for holds ·
   * `failure`: it has mistakes, or part of it was not done · `superseded`: a later revision came before it was checked.
   */
  readonly state: 'pending' | 'success' | 'failure' | 'superseded';
  /** One line. */
  readonly description: string;
  /** Text after the description that is never shortened, unlike the description: `and 2 more`. */
  readonly more?: string;
}
