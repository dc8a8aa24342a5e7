import {
  FIRST_LINE,
  type LogicalLine,
  logicalLines,
  type PythonToken,
  SyntaxMistake,
} from './python-lines.ts';

/**
 * Authentik's message about an expression that is no body of a function; null if there is no mistake. `file` is
 * Authentik's name of the code. It finds unclosed brackets and quotes, wrong indentation, missing colons, and values
 * without an operator between them; Python itself finds more.
 */
export function pythonMistake(expression: string, file: string): string | null {
  try {
    const lines = logicalLines(expression);
    for (const line of lines) checkStatement(line);
    checkIndents(lines, FIRST_LINE + expression.split('\n').length);
    return null;
  } catch (error) {
    if (!(error instanceof SyntaxMistake)) throw error;
    const base = file.slice(file.lastIndexOf('/') + 1);
    return `Expression Syntax Error: ${error.message} (${base}, line ${error.line})`;
  }
}

const VALUES = ['True', 'False', 'None'];
const BLOCKS = [
  ...['if', 'elif', 'else', 'for', 'while', 'with', 'try', 'except', 'finally', 'def', 'class'],
  // Words that are names unless they open a block.
  ...['match', 'case'],
];
const KEYWORDS = [
  ...BLOCKS.slice(0, -2),
  ...[
    'and',
    'as',
    'assert',
    'async',
    'await',
    'break',
    'continue',
    'del',
    'from',
    'global',
    'import',
    'in',
    'is',
  ],
  ...['lambda', 'nonlocal', 'not', 'or', 'pass', 'raise', 'return', 'yield'],
];
/** Keywords that a value must follow. */
const PREFIXES = ['and', 'assert', 'del', 'in', 'is', 'lambda', 'not', 'or', 'if', 'while', 'elif'];
const TRAILING = [',', ':', ';'];

function checkStatement({ tokens }: LogicalLine): void {
  const [first] = tokens;
  const last = tokens.at(-1) ?? first;
  const isBlock = last.text === ':' && BLOCKS.includes(first.text);
  for (const [at, token] of tokens.entries()) {
    const before = tokens[at - 1];
    if (before === undefined || !endsValue(before) || !beginsValue(token)) continue;
    if (before.kind === 'string' && token.kind === 'string') continue;
    if (before === first && (isBlock || first.text === 'type')) continue;
    const isListed = token.depth > 0;
    throw new SyntaxMistake(`invalid syntax${isListed ? '. Perhaps you forgot a comma?' : ''}`, before.line);
  }
  if (last.kind === 'operator' ? !TRAILING.includes(last.text) : PREFIXES.includes(last.text)) {
    throw new SyntaxMistake('invalid syntax', last.line);
  }
  const isCompound = first.kind === 'name' && KEYWORDS.includes(first.text) && BLOCKS.includes(first.text);
  if (isCompound && !tokens.some(({ text, depth }) => text === ':' && depth === 0)) {
    throw new SyntaxMistake("expected ':'", last.line);
  }
}

function endsValue({ kind, text }: PythonToken): boolean {
  if (kind === 'name') return VALUES.includes(text) || !KEYWORDS.includes(text);
  return kind === 'number' || kind === 'string' || kind === 'close';
}

/** True if a token begins a value. A bracket that may call or index the token before it does not. */
function beginsValue({ kind, text }: PythonToken): boolean {
  if (kind === 'name') return !KEYWORDS.includes(text);
  return kind === 'number' || kind === 'string' || text === '{';
}

/** Checks that every block is indented, and ends at an open indentation. `end` is the line after the last. */
function checkIndents(lines: readonly LogicalLine[], end: number): void {
  const [first] = lines;
  if (first === undefined) throw new SyntaxMistake(missingBlock('function definition', 1), end);
  const open = [first.indent];
  for (const [at, { indent, tokens }] of lines.entries()) {
    const [{ line }] = tokens;
    const before = lines[at - 1];
    const current = open.at(-1) ?? 0;
    if (before !== undefined && opensBlock(before)) {
      if (indent <= current) throw new SyntaxMistake(blockAfter(before), line);
      open.push(indent);
      continue;
    }
    if (indent > current) throw new SyntaxMistake('unexpected indent', line);
    while ((open.at(-1) ?? indent) > indent) open.pop();
    if (open.at(-1) !== indent) {
      throw new SyntaxMistake('unindent does not match any outer indentation level', line);
    }
  }
  const last = lines.at(-1);
  if (last !== undefined && opensBlock(last)) throw new SyntaxMistake(blockAfter(last), end);
}

function opensBlock({ tokens }: LogicalLine): boolean {
  return tokens.at(-1)?.text === ':';
}

function blockAfter({ tokens: [{ text, line }] }: LogicalLine): string {
  if (text === 'def') return missingBlock('function definition', line);
  return missingBlock(text === 'class' ? 'class definition' : `'${text}' statement`, line);
}

function missingBlock(what: string, line: number): string {
  return `expected an indented block after ${what} on line ${line}`;
}
