/** Colors of `paint.ts`: the only sequences that gates itself writes into a text. */
const painted = '\\u001b\\[(?:1|2|22|31|32|33|39)m';

/** Control characters but line breaks and tabs, and what turns the direction of a line or breaks it unseen. */
const acting = '[^\\P{Cc}\\n\\t]|[\\p{Bidi_Control}\\u2028\\u2029]';

const inText = new RegExp(`(${painted})|${acting}`, 'gu');
const everywhere = new RegExp(acting, 'gu');

/**
 * `text` with a dot for each character by which text of others, out of a file, an API or a commit, could act on a terminal
 * or look like another text. Line breaks stay, and the colors of gates where the text is `colored`.
 */
export function harmless(text: string, { colored = false }: { readonly colored?: boolean } = {}): string {
  return text.replace(inText, (_, color: string | undefined) =>
    color === undefined ? '·' : colored ? color : color.replace('\u001b', '·'),
  );
}

/** Text of others on one line, without any color. */
export function harmlessLine(text: string): string {
  return text.replace(everywhere, '·').replace(/[\n\t]/g, '·');
}

/** JSON with such characters as escapes, so that it says the same. */
export function harmlessJson(value: unknown): string {
  const text = `${JSON.stringify(value, undefined, 2)}\n`;
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return text.replace(everywhere, escaped);
}
