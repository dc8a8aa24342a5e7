/** `text` with a dot in place of each character that a terminal acts on or hides, so that columns stay aligned. */
export function visible(text: string): string {
  return text.replace(/\t/g, ' ').replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\u00b7');
}
