/** The parts of the original that a copy does not play, in words for people, each once. */
export class Omissions {
  readonly #sentences = new Set<string>();
  readonly #unread = new Set<string>();
  readonly #leftOut = new Set<string>();

  /** `sentence` names the part and the consequence. */
  say(sentence: string): void {
    this.#sentences.add(sentence);
  }

  /** Reports a rule of which the copy cannot know whom it admits. */
  sayUnread(sentence: string): void {
    this.say(sentence);
    this.#unread.add(sentence);
  }

  /** Reports an object that the copy lacks, with its key, so that its absence is reported only once. */
  leaveOut(what: string, key: string, why: string): void {
    this.#leftOut.add(key);
    this.#sentences.add(`${what} is left out: ${why}`);
  }

  isLeftOut(key: string): boolean {
    return this.#leftOut.has(key);
  }

  get unread(): readonly string[] {
    return [...this.#unread];
  }

  get sentences(): readonly string[] {
    return [...this.#sentences];
  }
}
