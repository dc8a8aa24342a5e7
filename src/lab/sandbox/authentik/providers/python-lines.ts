/** The number of an expression's first line: Authentik puts `def handler():` before it. */
export const FIRST_LINE = 2;

export interface PythonToken {
  kind: 'name' | 'number' | 'string' | 'open' | 'close' | 'operator';
  text: string;
  line: number;
  /** The number of brackets around it; a bracket is not around itself. */
  depth: number;
}

/** One logical line of Python: an open bracket or a backslash joins it with the next. */
export interface LogicalLine {
  /** Columns. */
  indent: number;
  tokens: readonly [PythonToken, ...PythonToken[]];
}

/** A mistake that Python finds before it runs the code, in the words of CPython 3.13. */
export class SyntaxMistake extends Error {
  /** Counted from `FIRST_LINE`. */
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

/** The logical lines with code in the body of a function; throws `SyntaxMistake`. */
export function logicalLines(body: string): readonly LogicalLine[] {
  return new Scanner(body).logicalLines();
}

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy;
const NUMBER = /(\.\.\.|0[xXoObB][\da-fA-F_]+|(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)([eE][+-]?\d+)?[jJ]?)/y;
const OPERATOR = /(\*\*=|\/\/=|>>=|<<=|->|:=|[!=<>+\-*/%&|^@]=|\*\*|\/\/|<<|>>|[-+*/%@&|^~<>=.,:;])/y;
const STRING = /([rR]?[fFtT]|[fFtT][rR]|[rR]?[bB]|[bB][rR]|[rRuU])?("""|'''|"|')/y;

class Scanner {
  readonly #text: string;
  readonly #brackets: { sign: string; line: number }[] = [];
  readonly #lines: LogicalLine[] = [];
  #tokens: PythonToken[] = [];
  #at = 0;
  #line = FIRST_LINE;

  constructor(text: string) {
    this.#text = text;
  }

  logicalLines(): readonly LogicalLine[] {
    while (this.#at < this.#text.length) this.#step();
    this.#endLine();
    const [open] = this.#brackets;
    if (open !== undefined) throw new SyntaxMistake(`'${open.sign}' was never closed`, open.line);
    return this.#lines;
  }

  #step(): void {
    const sign = this.#text[this.#at] ?? '';
    const string = this.#match(STRING);
    if (string !== null) this.#string(string);
    else if (sign === '\n') this.#newline();
    else if (sign === '#') this.#at = this.#endOfLine();
    else if (sign === '\\') this.#continuation();
    else if (sign in CLOSING) this.#open(sign);
    else if (Object.values(CLOSING).includes(sign)) this.#close(sign);
    else if (/\s/.test(sign)) this.#at += 1;
    else this.#word(sign);
  }

  #newline(): void {
    this.#at += 1;
    if (this.#brackets.length === 0) this.#endLine();
    this.#line += 1;
  }

  #continuation(): void {
    if (this.#text[this.#at + 1] !== '\n') {
      throw new SyntaxMistake('unexpected character after line continuation character', this.#line);
    }
    this.#at += 2;
    this.#line += 1;
  }

  #open(sign: string): void {
    this.#push('open', sign);
    this.#brackets.push({ sign, line: this.#line });
    this.#at += 1;
  }

  #close(sign: string): void {
    const open = this.#brackets.pop();
    if (open === undefined) throw new SyntaxMistake(`unmatched '${sign}'`, this.#line);
    if (CLOSING[open.sign] !== sign) {
      const where = open.line === this.#line ? '' : ` on line ${open.line}`;
      const words = `closing parenthesis '${sign}' does not match opening parenthesis '${open.sign}'${where}`;
      throw new SyntaxMistake(words, this.#line);
    }
    this.#push('close', sign);
    this.#at += 1;
  }

  #word(sign: string): void {
    for (const [kind, form] of [
      ['name', NAME],
      ['number', NUMBER],
      ['operator', OPERATOR],
    ] as const) {
      const found = this.#match(form)?.[0];
      if (found === undefined) continue;
      this.#push(kind, found);
      this.#at += found.length;
      return;
    }
    const code = sign.charCodeAt(0);
    const hex = code.toString(16).toUpperCase().padStart(4, '0');
    const words = code < 128 ? 'invalid syntax' : `invalid character '${sign}' (U+${hex})`;
    throw new SyntaxMistake(words, this.#line);
  }

  /** A string as one token; the text in the braces of an f-string is read only to find its end. */
  #string([whole, prefix = '', quote = '']: RegExpExecArray): void {
    this.#push('string', quote);
    const begun = this.#line;
    const isFormatted = /[fFtT]/.test(prefix);
    const kind = isFormatted ? `${prefix.replace(/[rR]/, '').toLowerCase()}-string` : 'string';
    this.#at += whole.length;
    let braces = 0;
    while (!this.#text.startsWith(quote, this.#at) || braces > 0) {
      const sign = this.#text[this.#at];
      const isLong = quote.length === 3;
      if (sign === undefined || (sign === '\n' && !isLong)) {
        const last = isLong ? this.#text.split('\n').length + FIRST_LINE : this.#line;
        const sort = isLong ? 'triple-quoted ' : '';
        throw new SyntaxMistake(`unterminated ${sort}${kind} literal (detected at line ${last})`, begun);
      }
      if (isFormatted && '{}'.includes(sign)) braces = this.#brace(sign, braces);
      else if (braces > 0 && '\'"'.includes(sign)) this.#nested();
      else {
        if (sign === '\n') this.#line += 1;
        if (sign === '\\' && this.#text[this.#at + 1] === '\n') this.#line += 1;
        this.#at += sign === '\\' ? 2 : 1;
      }
    }
    this.#at += quote.length;
  }

  /** The number of open braces after one in an f-string; doubled ones outside of braces are text. */
  #brace(sign: string, open: number): number {
    const isDoubled = open === 0 && this.#text[this.#at + 1] === sign;
    this.#at += isDoubled ? 2 : 1;
    if (isDoubled) return 0;
    return sign === '{' ? open + 1 : Math.max(0, open - 1);
  }

  #nested(): void {
    const count = this.#tokens.length;
    const string = this.#match(STRING);
    if (string !== null) this.#string(string);
    this.#tokens.length = count;
  }

  #push(kind: PythonToken['kind'], text: string): void {
    this.#tokens.push({ kind, text, line: this.#line, depth: this.#brackets.length });
  }

  #endLine(): void {
    const [first, ...others] = this.#tokens;
    if (first !== undefined) {
      const margin = /^[ \t\f]*/.exec(this.#text.split('\n')[first.line - FIRST_LINE] ?? '')?.[0] ?? '';
      this.#lines.push({ indent: widthOf(margin), tokens: [first, ...others] });
    }
    this.#tokens = [];
  }

  #endOfLine(): number {
    const end = this.#text.indexOf('\n', this.#at);
    return end < 0 ? this.#text.length : end;
  }

  #match(form: RegExp): RegExpExecArray | null {
    form.lastIndex = this.#at;
    return form.exec(this.#text);
  }
}

/** The width of an indent; a tab reaches to the next multiple of eight columns. */
function widthOf(margin: string): number {
  return [...margin].reduce((width, sign) => (sign === '\t' ? width - (width % 8) + 8 : width + 1), 0);
}
