import {
  type Alias,
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  type ParsedNode,
  Parser,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import { type Mistake, type Path, type Place, pathText, quoted } from './mistake.ts';
import { parserMistake } from './parser-mistake.ts';

/** Deeper nesting than any file has: a limit below that of the call stack. */
const MAX_DEPTH = 64;
/** How many values aliases may stand for in all; an alias bomb stands for millions. */
const MAX_ALIASED = 100_000;
/** Documents, directives and errors of the parser: more than this many show nothing new. */
const MAX_TOKENS = 1000;
/** Words, signs and spaces between them: 1 MiB of services has 585,000. Time and memory grow with them. */
const MAX_PIECES = 600_000;

/** The file as plain values, with the way back from each to its place. */
export interface YamlDocument {
  /** Maps, lists and scalars; a key that cannot be read is left out and is among the mistakes. */
  readonly value: unknown;
  /** Mistakes that leave the values readable: a key that stands twice, a tag, an alias. */
  readonly mistakes: readonly Mistake[];
  readonly place: (path: Path, part?: 'key' | 'value') => Place;
}

/** Reads one YAML 1.2 document. The text is no document where the parser itself finds mistakes: all of them. */
export function readYaml(text: string): { document: YamlDocument } | { mistakes: readonly Mistake[] } {
  const counter = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = counter.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const fault = (offset: number, message: string, hint: string): Mistake => ({
    severity: 'error',
    ...placeAt(offset),
    message,
    hint,
    path: '',
  });

  const { tokens, excess } = tokensOf(text, counter);
  if (excess !== undefined) return { mistakes: [fault(excess.offset, excess.message, excess.hint)] };
  const documents = composed(tokens, text.length);
  const faults = documents.flatMap((document) => withoutEchoes([...document.errors, ...document.warnings]));
  const mistakes = faults.map((error) => parserMistake(error, placeAt(error.pos[0])));
  const [first, second] = documents;
  if (second !== undefined) {
    const start = second.contents?.range?.[0] ?? second.range?.[0] ?? 0;
    mistakes.push(
      fault(
        start,
        'a second document begins here',
        'gates.yaml is one document: remove the `---` between them',
      ),
    );
  }
  if (first?.directives?.yaml.explicit === true && first.directives.yaml.version !== '1.2') {
    mistakes.push(
      fault(0, 'the file asks for another version of YAML', 'remove the %YAML line: gates.yaml is YAML 1.2'),
    );
  }
  if (mistakes.length > 0) return { mistakes: firstOfEachLine(mistakes) };
  if (first === undefined || first.contents === null || isEmpty(first.contents)) {
    return {
      mistakes: [
        fault(
          0,
          'the file is empty',
          'an empty file never removes anything: restore it, or begin with `version: 1`',
        ),
      ],
    };
  }
  return { document: new Reading(first, placeAt).read() };
}

/** Where the structure breaks, nothing that follows belongs where it stands: that is said once. */
function withoutEchoes(errors: readonly YAMLError[]): YAMLError[] {
  const sorted = [...errors].sort((a, b) => a.pos[0] - b.pos[0]);
  return sorted.filter(({ code }, index) => code !== 'UNEXPECTED_TOKEN' || sorted[index - 1]?.code !== code);
}

/** One mistake of the parser leads to others: on one line the first is the one to correct. */
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
 * Tokens of the text, read only as far as the file may still be of use: `excess` says where it is too deep or too long.
 * The cost of the parser grows with the square of the depth.
 */
function tokensOf(text: string, counter: LineCounter): { tokens: readonly CST.Token[]; excess?: Excess } {
  const tokens: CST.Token[] = [];
  const parser = new Parser(counter.addNewLine);
  counter.addNewLine(0);
  let costly = 0;
  let pieces = 0;
  for (const piece of new Lexer().lex(text)) {
    for (const token of parser.next(piece)) {
      tokens.push(token);
      if (token.type === 'error' || token.type === 'directive' || token.type === 'document') costly += 1;
    }
    pieces += 1;
    const { offset } = parser;
    if (parser.stack.length > MAX_DEPTH) return { tokens, excess: { ...tooDeep, offset } };
    if (pieces > MAX_PIECES) return { tokens, excess: { ...tooLong, offset } };
    if (costly > MAX_TOKENS) break;
  }
  return { tokens: [...tokens, ...parser.end()] };
}

/** Documents of the tokens. An error of the library has no use for its stack, which costs most of the time and memory. */
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

interface Entry {
  readonly key: Node;
  readonly value: Node | null;
}

/** One walk over the nodes of a document: values, mistakes, and what the way back to a place needs. */
class Reading {
  private readonly document: Document.Parsed<ParsedNode>;
  private readonly placeAt: (offset: number) => Place;
  private readonly mistakes: Mistake[] = [];
  private readonly anchors = new Map<string, Node>();
  private readonly targets = new WeakMap<Alias, Node>();
  private readonly open = new Set<Node>();
  private readonly entries = new WeakMap<YAMLMap, Map<string, Entry>>();
  private aliased = 0;

  constructor(document: Document.Parsed<ParsedNode>, placeAt: (offset: number) => Place) {
    this.document = document;
    this.placeAt = placeAt;
  }

  read(): YamlDocument {
    const value = this.valueOf(this.document.contents, [], 0);
    return { value, mistakes: this.mistakes, place: (path, part) => this.place(path, part) };
  }

  private valueOf(node: Node | null, path: Path, aliases: number): unknown {
    if (node === null) return null;
    if (aliases > 0) {
      this.aliased += 1;
      if (this.aliased > MAX_ALIASED)
        return this.refuse(
          node,
          path,
          'the aliases of this file stand for too much',
          'write out what they stand for',
        );
    }
    if (isAlias(node)) return this.aliasOf(node, path, aliases);
    if ('anchor' in node && typeof node.anchor === 'string') this.anchors.set(node.anchor, node);
    if (isScalar(node)) return node.value;
    if (path.length > MAX_DEPTH)
      return this.refuse(
        node,
        path,
        `nested more than ${MAX_DEPTH} levels deep`,
        'gates.yaml needs ten at most',
      );
    this.open.add(node);
    const value = isMap(node)
      ? this.mapOf(node, path, aliases)
      : isSeq(node)
        ? this.listOf(node.items, path, aliases)
        : null;
    this.open.delete(node);
    return value;
  }

  private aliasOf(alias: Alias, path: Path, aliases: number): unknown {
    const target = this.anchors.get(alias.source);
    if (target === undefined) {
      return this.refuse(
        alias,
        path,
        `no anchor ${quoted(alias.source)} before this alias`,
        `write &${alias.source.slice(0, 40)} where the value stands first`,
      );
    }
    if (this.open.has(target))
      return this.refuse(alias, path, 'an alias inside what it stands for', 'write out the value');
    this.targets.set(alias, target);
    // Past the budget every further alias would repeat the same refusal.
    return this.aliased > MAX_ALIASED ? null : this.valueOf(target, path, aliases + 1);
  }

  private listOf(items: readonly unknown[], path: Path, aliases: number): unknown[] {
    return items.map((item, index) => this.valueOf(item as Node, [...path, index], aliases));
  }

  private mapOf(map: YAMLMap, path: Path, aliases: number): Record<string, unknown> {
    const value: Record<string, unknown> = {};
    // A map that an alias stands for is read again, and its keys have been judged the first time.
    const again = this.entries.has(map);
    const entries = this.entries.get(map) ?? new Map<string, Entry>();
    this.entries.set(map, entries);
    for (const pair of map.items) {
      const key = pair.key as Node;
      const name = keyName(key);
      const first = name === undefined ? undefined : entries.get(name);
      if (name === undefined) {
        if (!again) this.refuse(key ?? map, path, 'a key is not plain text', 'write a word before the colon');
      } else if (first !== undefined && first.key !== key) {
        if (!again) this.duplicate(key, [...path, name], first);
      } else {
        entries.set(name, { key, value: pair.value as Node | null });
        // Assignment to __proto__ would set the prototype instead of a key.
        Object.defineProperty(value, name, {
          value: this.valueOf(pair.value as Node | null, [...path, name], aliases),
          configurable: true,
          enumerable: true,
          writable: true,
        });
      }
    }
    return value;
  }

  private duplicate(key: Node, path: Path, first: Entry): void {
    const { line } = this.placeAt(first.key.range?.[0] ?? 0);
    const code = path.at(-1) === 'gate' ? { code: 'G101' } : path.at(-2) === 'paths' ? { code: 'G108' } : {};
    const message = `the key ${quoted(path.at(-1))} stands twice in one map`;
    this.add(key, path, message, `keep one of them; the first is on line ${line}`, code);
  }

  private refuse(node: Node, path: Path, message: string, hint: string): null {
    if (this.aliased <= MAX_ALIASED + 1) this.add(node, path, message, hint, {});
    return null;
  }

  private add(node: Node, path: Path, message: string, hint: string, code: { code?: string }): void {
    const place = this.placeAt(node.range?.[0] ?? 0);
    this.mistakes.push({ severity: 'error', ...code, ...place, message, hint, path: pathText(path) });
  }

  /** The place of a value or key; of the nearest thing around it where the file has nothing there. */
  private place(path: Path, part?: 'key' | 'value'): Place {
    let node: Node | null = this.document.contents;
    let offset = node?.range?.[0] ?? 0;
    for (const [depth, step] of path.entries()) {
      const around = this.follow(node);
      if (isMap(around)) {
        const entry = this.entries.get(around)?.get(String(step));
        if (entry === undefined) break;
        node = entry.value;
        const last = depth === path.length - 1;
        const own = node?.range?.[0];
        const wantsKey = part === 'key' || (part === undefined && !isScalar(node)) || isEmptyScalar(node);
        offset = !last || wantsKey || own === undefined ? (entry.key.range?.[0] ?? offset) : own;
      } else if (isSeq(around)) {
        const item = around.items[Number(step)] as Node | undefined;
        if (item === undefined) break;
        node = item;
        offset = item?.range?.[0] ?? offset;
      } else break;
    }
    return this.placeAt(offset);
  }

  private follow(node: Node | null): Node | null {
    return isAlias(node) ? this.follow(this.targets.get(node) ?? null) : node;
  }
}

/** A value that is not written at all has no place of its own. */
function isEmptyScalar(node: Node | null): boolean {
  return isScalar(node) && node.value === null && (node.source ?? '') === '';
}

function keyName(key: Node | null): string | undefined {
  if (!isScalar(key)) return undefined;
  if (typeof key.value === 'string') return key.value;
  return key.source === undefined || key.source === '' ? undefined : key.source;
}
