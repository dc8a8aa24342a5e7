/** A token of JSON: white space, a text, a number, a word, or one sign. */
const token =
  /[ \t\r\n]+|"(?:[^"\\\t\r\n]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[[\]{},:]/y;

/** The beginning of a token at the end of the text. */
const unfinished = /^(?:"(?:[^"\\\t\r\n]|\\.)*\\?|[-+.\w]+)$/;

/** The kinds of token that may follow: a value, a key, or what stands behind either. */
type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or end';

/**
 * The offset of the first fault of a text that is no JSON; its length if it ends too early. The message of `JSON.parse` quotes the
 * text around the fault, which may be a secret.
 */
export function jsonFault(text: string): number {
  const open: string[] = [];
  let expected: Expected = 'value';
  token.lastIndex = 0;
  for (let offset = 0; offset < text.length; offset = token.lastIndex) {
    const [found] = token.exec(text) ?? [];
    if (found === undefined) return unfinished.test(text.slice(offset)) ? text.length : offset;
    if (/^[ \t\r\n]/.test(found)) continue;
    const next = following(found, expected, open);
    if (next === undefined) return offset;
    expected = next;
  }
  return text.length;
}

/** The tokens that may follow this one; undefined if this one must not stand here. `open`: the brackets around it, which it may change. */
function following(found: string, expected: Expected, open: string[]): Expected | undefined {
  const isKey = expected === 'key' || expected === 'key or }';
  if (isKey && found.startsWith('"')) return ':';
  if (expected === ':') return found === ':' ? 'value' : undefined;
  const isEnd =
    found === '}'
      ? open.at(-1) === '{' && (expected === 'key or }' || expected === ', or end')
      : found === ']' && open.at(-1) === '[' && (expected === 'value or ]' || expected === ', or end');
  if (isEnd) {
    open.pop();
    return ', or end';
  }
  if (expected === ', or end') {
    if (found !== ',' || open.length === 0) return undefined;
    return open.at(-1) === '{' ? 'key' : 'value';
  }
  if (isKey || /^[\]},:]/.test(found)) return undefined;
  if (found !== '{' && found !== '[') return ', or end';
  open.push(found);
  return found === '{' ? 'key or }' : 'value or ]';
}
