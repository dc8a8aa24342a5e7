/** Colors of `paint.ts`: the only sequences that gates itself writes into a text. */
const painted = '\\u001b\\[(?:1|2|22|31|32|33|39)m';

/** Control characters except line breaks and tabs, and characters that invisibly turn or break a line. */
const acting = '[^\\P{Cc}\\n\\t]|[\\p{Bidi_Control}\\u2028\\u2029]';

const inText = new RegExp(`(${painted})|${acting}`, 'gu');
const everywhere = new RegExp(acting, 'gu');

/**
 * `text` with a dot for each character with which foreign text, from a file, an API or a commit, could control a
 * terminal or look like another text. Line breaks stay, and so do the colors of gates if the text is `colored`.
 */
export function harmless(text: string, { colored = false }: { readonly colored?: boolean } = {}): string {
  return text.replace(inText, (_, color: string | undefined) =>
    color === undefined ? '·' : colored ? color : color.replace('\u001b', '·'),
  );
}

/** Foreign text on one line, without any color. */
export function harmlessLine(text: string): string {
  return text.replace(everywhere, '·').replace(/[\n\t]/g, '·');
}

/** JSON with such characters as escapes, so that its meaning stays. */
export function harmlessJson(value: unknown): string {
  const text = `${JSON.stringify(value, undefined, 2)}\n`;
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return text.replace(everywhere, escaped);
}
