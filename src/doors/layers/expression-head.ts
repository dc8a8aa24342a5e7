/** The rest of an expression after a part of the text. */
interface Remainder {
  readonly expression: string;
  readonly text: string;
}

/**
 * True if an expression of Go may match some text that begins with this one. It compares the literal beginning of the
 * expression, optional parts included; whatever else an expression contains may match.
 */
export function mayMatchBeyond(expression: string, text: string): boolean {
  const isFolded = expression.startsWith('(?i)');
  const plain = isFolded ? expression.slice('(?i)'.length) : expression;
  if (!plain.startsWith('^') || special.test(plain) || hasAlternatives(plain)) return true;
  const folded = (part: string) => (isFolded ? part.toLowerCase() : part);
  const begun = { expression: folded(plain.slice(1)), text: folded(text) };
  const states = new Map([[keyOf(begun), begun]]);
  for (const state of states.values()) {
    const next = stepsFrom(state);
    if (next === 'may match') return true;
    for (const each of next) states.set(keyOf(each), each);
  }
  return false;
}

/** Quoted text, classes with names, and flags: what follows them does not mean what it means elsewhere. */
const special = /\\Q|\[:|\(\?[^:]/;

function keyOf({ expression, text }: Remainder): string {
  return `${text.length} ${expression}`;
}

function stepsFrom({ expression, text }: Remainder): 'may match' | readonly Remainder[] {
  if (text === '') return 'may match';
  if (expression === '$') return [];
  return afterLiteral({ expression, text }) ?? afterGroup({ expression, text }) ?? 'may match';
}

/** A character that stands for itself, with its quantifier. */
const literal = /^(?:\\([^\w\s])|([^\\.+*?()[\]{}|^$]))([?*+{]?)/su;

function afterLiteral({ expression, text }: Remainder): 'may match' | readonly Remainder[] | undefined {
  const [read, escaped, plain = escaped, quantifier = ''] = literal.exec(expression) ?? [];
  if (read === undefined || plain === undefined) return undefined;
  // Characters beyond ASCII may be equal without case in more ways than one.
  if (quantifier === '{' || !isAscii(plain) || !isAscii(text.slice(0, 1))) return 'may match';
  const behind = expression.slice(read.length);
  const isThere = text.startsWith(plain);
  if (isThere && (quantifier === '*' || quantifier === '+')) return 'may match';
  const without = quantifier === '?' || quantifier === '*' ? [{ expression: behind, text }] : [];
  return isThere ? [...without, { expression: behind, text: text.slice(1) }] : without;
}

function afterGroup({ expression, text }: Remainder): 'may match' | readonly Remainder[] | undefined {
  const end = endOfGroup(expression);
  const inner = expression.slice(1, end).replace(/^\?:/, '');
  if (end === undefined || hasAlternatives(inner)) return undefined;
  const [quantifier = ''] = /^[?*+{]/.exec(expression.slice(end + 1)) ?? [];
  const behind = expression.slice(end + 1 + quantifier.length);
  if (quantifier === '{') return 'may match';
  const repeats = quantifier === '*' || quantifier === '+';
  const within = { expression: `${inner}${repeats ? '.*' : behind}`, text };
  return quantifier === '?' || quantifier === '*' ? [{ expression: behind, text }, within] : [within];
}

/** The place of the bracket that ends the group with which an expression begins. */
function endOfGroup(expression: string): number | undefined {
  if (!expression.startsWith('(')) return undefined;
  let depth = 0;
  for (const { 0: token, index } of expression.matchAll(brackets)) {
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    if (depth === 0 && token === ')') return index;
  }
  return undefined;
}

/** True if a `|` is outside every group and every list of characters. */
function hasAlternatives(expression: string): boolean {
  let depth = 0;
  for (const [token] of expression.matchAll(brackets)) {
    if (token === '|' && depth === 0) return true;
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
  }
  return false;
}

const brackets = /\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()|]/gs;

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
