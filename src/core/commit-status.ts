/** What a commit is told to have come to, where its author looks. No secrets. */
export interface CommitStatus {
  /**
   * `pending`: picked up, or it waits for something that may pass · `success`: everything it asks for holds · `failure`:
   * it has mistakes, or something of it was not done · `superseded`: a later revision came before it was looked at.
   */
  readonly state: 'pending' | 'success' | 'failure' | 'superseded';
  /** One line. */
  readonly description: string;
  /** What is said behind it, however much of the description has to be left out: `and 2 more`. */
  readonly more?: string;
}
