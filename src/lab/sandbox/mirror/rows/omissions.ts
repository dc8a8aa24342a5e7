/** What a copy does not play of what it was made from, in words for a person, each once. */
export class Omissions {
  readonly #sentences = new Set<string>();
  readonly #unread = new Set<string>();
  readonly #leftOut = new Set<string>();

  /** `sentence` names the thing and says what becomes of it. */
  say(sentence: string): void {
    this.#sentences.add(sentence);
  }

  /** Says of a rule that the copy cannot tell whom it lets through. */
  sayUnread(sentence: string): void {
    this.say(sentence);
    this.#unread.add(sentence);
  }

  /** An object that the copy has not at all; by its key, so that its absence is not told a second time. */
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
