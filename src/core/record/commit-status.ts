/** The status of a commit at the forge, where its author looks. Contains no secrets. */
export interface CommitStatus {
  /**
   * `pending`: picked up, or it waits for something that may pass · `success`: everything it asks for holds · `failure`:
   * it has mistakes, or something of it was not done · `superseded`: a later revision came before it was looked at.
   */
  readonly state: 'pending' | 'success' | 'failure' | 'superseded';
  /** One line. */
  readonly description: string;
  /** Text after the description, kept however much of the description has to be shortened: `and 2 more`. */
  readonly more?: string;
}
