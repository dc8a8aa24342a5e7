import {
  Composer,
  type CST,
  type Document,
  isScalar,
  Lexer,
  LineCounter,
  type Node,
  type ParsedNode,
  Parser,
  visit,
  type YAMLError,
} from 'yaml';
import type { Mistake, Place } from '../../core/mistake.ts';
import type { Rule } from '../mistakes/mistake-kinds.ts';
import { firstFaults, parserMistake } from './parser-mistake.ts';
import { MAX_DEPTH, type ReadingCost, readValues, type YamlDocument } from './yaml-values.ts';

/** The most documents, directives and parser errors: more of them show nothing new. */
const MAX_TOKENS = 1000;
/** The most words, signs and spaces: 1 MiB of services has 585,000. Time and memory grow with them. */
export const MAX_PIECES = 600_000;

/**
 * Reads one YAML 1.2 document, within what other files have left of the limits (`spent` is updated), or returns the parser's mistakes that follow from no other.
 */
export function readYaml(
  text: string,
  spent: ReadingCost = { pieces: 0, aliased: 0 },
): { document: YamlDocument } | { mistakes: readonly Mistake[] } {
  const counter = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = counter.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const fault = (rule: Rule, offset: number, message: string, hint: string): Mistake => ({
    severity: 'error',
    rule,
    ...placeAt(offset),
    message,
    hint,
    path: '',
  });

  const { tokens, excess } = tokensOf(text, counter, spent);
  if (excess !== undefined)
    return { mistakes: [fault('yaml-feature', excess.offset, excess.message, excess.hint)] };
  const documents = composed(tokens, text.length);
  const faults = firstFaults(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]));
  const lines = faults.length === 0 ? [] : text.split(/\r?\n/);
  const mistakes = faults.map((error) => {
    const { line, column } = placeAt(openingOf(error, documents));
    return parserMistake(error, { lines, line: line - 1, column: column - 1 });
  });
  const [first, second] = documents;
  if (second !== undefined && mistakes.length === 0) {
    const start = second.contents?.range?.[0] ?? second.range?.[0] ?? 0;
    mistakes.push(
      fault(
        'yaml-feature',
        start,
        'a second document begins here',
        'gates.yaml is one document: remove the `---` between them',
      ),
    );
  }
  if (first?.directives?.yaml.explicit === true && first.directives.yaml.version !== '1.2') {
    mistakes.push(
      fault(
        'yaml-feature',
        0,
        'the file asks for another version of YAML',
        'remove the %YAML line: gates.yaml is YAML 1.2',
      ),
    );
  }
  if (mistakes.length > 0) return { mistakes: firstOfEachLine(mistakes) };
  if (first === undefined || first.contents === null || isEmpty(first.contents)) {
    return {
      mistakes: [
        fault(
          'file-empty',
          0,
          'the file is empty',
          'an empty file never removes anything: restore it, or begin with `version: 1`',
        ),
      ],
    };
  }
  return { document: readValues(first, placeAt, spent) };
}

/**
 * The place where the fault begins: an unclosed quote begins where it opens, but the parser notices it at the end of
 * the file.
 */
function openingOf({ code, message, pos }: YAMLError, documents: readonly Document.Parsed[]): number {
  if (code !== 'MISSING_CHAR' || !message.includes('quote')) return pos[0];
  let opening = pos[0];
  for (const document of documents) {
    visit(document, {
      Scalar: (_, { range, type }) => {
        if (type?.startsWith('QUOTE_') !== true || !range || range[0] >= pos[0] || range[1] < pos[0])
          return undefined;
        opening = range[0];
        return visit.BREAK;
      },
    });
  }
  return opening;
}

/** One mistake of the parser causes others: on each line, only the first needs correction. */
function firstOfEachLine(mistakes: readonly Mistake[]): Mistake[] {
  const lines = new Set<number>();
  const sorted = [...mistakes].sort((a, b) => a.line - b.line || a.column - b.column);
  return sorted.filter(({ line }) => !lines.has(line) && lines.add(line));
}

function isEmpty(node: Node): boolean {
  return isScalar(node) && node.value === null && node.source === '';
}

interface Excess {
  readonly offset: number;
  readonly message: string;
  readonly hint: string;
}

const tooDeep = {
  message: `nested more than ${MAX_DEPTH} levels deep`,
  hint: 'gates.yaml needs ten at most',
};
const tooLong = {
  message: `the file has more than ${MAX_PIECES.toLocaleString('en')} words and signs`,
  hint: 'split it between two owners, each with a file',
};

/**
 * Tokens of the text, read only as far as the file may still be useful: `excess` says where it is too deep or too long.
 * The cost of the parser grows with the square of the depth.
 */
function tokensOf(
  text: string,
  counter: LineCounter,
  spent: ReadingCost,
): { tokens: readonly CST.Token[]; excess?: Excess } {
  const tokens: CST.Token[] = [];
  const parser = new Parser(counter.addNewLine);
  counter.addNewLine(0);
  let costly = 0;
  for (const piece of new Lexer().lex(text)) {
    for (const token of parser.next(piece)) {
      tokens.push(token);
      if (token.type === 'error' || token.type === 'directive' || token.type === 'document') costly += 1;
    }
    spent.pieces += 1;
    const { offset } = parser;
    if (parser.stack.length > MAX_DEPTH) return { tokens, excess: { ...tooDeep, offset } };
    if (spent.pieces > MAX_PIECES) return { tokens, excess: { ...tooLong, offset } };
    if (costly > MAX_TOKENS) break;
  }
  return { tokens: [...tokens, ...parser.end()] };
}

/** Documents of the tokens. Errors of the library need no stack, which would cost most of the time and memory. */
function composed(tokens: readonly CST.Token[], length: number): readonly Document.Parsed<ParsedNode>[] {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    const options = { prettyErrors: false, uniqueKeys: false, merge: false, resolveKnownTags: false };
    return [...new Composer(options).compose(tokens, false, length)];
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
