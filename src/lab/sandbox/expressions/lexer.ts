/** A mistake in an expression and its place, in the words of the API's parser. */
export class ExpressionError extends Error {
  constructor(text: string, at: number) {
    super(`Filter parsing error (1:${at + 1}): ${text}`);
  }
}

/** `at` is the beginning of the token in the text. */
export type RuleToken =
  | { kind: 'name' | 'symbol' | 'ip'; text: string; at: number }
  | { kind: 'string'; text: string; at: number }
  | { kind: 'integer'; text: string; at: number }
  | { kind: 'end'; text: ''; at: number };

const BLANK = /\s+/y;
const ADDRESS = /(?:[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}|\d{1,3}(?:\.\d{1,3}){3})(?:\/\d{1,3})?/iy;
const INTEGER = /-?\d+/y;
const NAME = /[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)*/iy;
const SYMBOL = /\.\.|&&|\|\||\^\^|==|!=|<=|>=|[<>~!()[\]{},*]/y;
const RAW = /r(#*)"([\s\S]*?)"\1/y;
const QUOTED = /"((?:[^"\\]|\\[\s\S])*)"/y;
const ESCAPE = /\\(x[0-9a-f]{2}|[\s\S])/gi;

/** The tokens of an expression, followed by `end`. Throws `ExpressionError`. */
export function tokensOf(text: string): RuleToken[] {
  const tokens: RuleToken[] = [];
  let at = 0;
  while (at < text.length) {
    const blank = matched(BLANK, text, at);
    if (blank !== null) {
      at += blank[0].length;
      continue;
    }
    const [token, length] = tokenAt(text, at);
    tokens.push(token);
    at += length;
  }
  return [...tokens, { kind: 'end', text: '', at }];
}

function tokenAt(text: string, at: number): [RuleToken, number] {
  const raw = matched(RAW, text, at);
  if (raw !== null) return [{ kind: 'string', text: raw[2] ?? '', at }, raw[0].length];
  const quoted = matched(QUOTED, text, at);
  if (quoted !== null) {
    return [{ kind: 'string', text: unescaped(quoted[1] ?? '', at), at }, quoted[0].length];
  }
  for (const [kind, pattern] of PLAIN) {
    const found = matched(pattern, text, at)?.[0];
    if (found !== undefined) return [{ kind, text: found, at }, found.length];
  }
  throw new ExpressionError(`unexpected ${JSON.stringify(text.charAt(at))}`, at);
}

const PLAIN = [
  ['ip', ADDRESS],
  ['integer', INTEGER],
  ['name', NAME],
  ['symbol', SYMBOL],
] as const;

function unescaped(text: string, at: number): string {
  return text.replace(ESCAPE, (_, code: string) => {
    if (/^x[0-9a-f]{2}$/i.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    if (code === '"' || code === '\\') return code;
    throw new ExpressionError(`invalid escape \\${code}`, at);
  });
}

function matched(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
