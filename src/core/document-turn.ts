/**
 * The turn that a run holds from before its first write to its end: no other gates process writes these documents
 * meanwhile.
 */
export interface DocumentTurn {
  /**
   * Checks that the turn is still held. Called directly before a document (`tunnel ID`, `outpost ID`) is read and
   * written. A document outside the turn passes: this run has just made it.
   * @throws UnreachableError when another run has taken over.
   */
  confirm(document: string): Promise<void>;
}
