import type { YAMLError } from 'yaml';
import type { Mistake } from '../../core/mistake.ts';

/** The place where the parser found a fault: lines of the text, which begin at 0 here, and the column from 0. */
export interface ParserPlace {
  readonly lines: readonly string[];
  readonly line: number;
  readonly column: number;
}

interface Words {
  readonly message?: string;
  readonly hint: string;
  /** Lines below the one where the parser noticed it. */
  readonly below?: number;
}

/** Hints for mistakes that people make. For others, the parser's own words are used. */
const WORDS: Readonly<Partial<Record<YAMLError['code'], Words>>> = {
  BAD_INDENT: {
    hint: 'keys of one map begin in the same column',
  },
  BAD_ALIAS: {
    message: 'this is not an alias or an anchor',
    hint: 'put text that begins with * or & in quotes',
  },
  BAD_SCALAR_START: {
    message: 'text cannot begin with this character',
    hint: 'put text that begins with @, ` or % in quotes',
  },
  BAD_DQ_ESCAPE: {
    message: 'not an escape that double quotes know',
    hint: 'write \\\\ for a backslash, or use single quotes',
  },
  BLOCK_IN_FLOW: {
    message: 'a block is not possible inside { } or [ ]',
    hint: 'close the bracket, or write all of it as a block',
  },
  MULTILINE_IMPLICIT_KEY: {
    message: 'a key goes over several lines',
    hint: 'is a colon, a quote or a bracket missing?',
  },
  MISSING_CHAR: {
    hint: 'look at the end of the text before it',
  },
  UNEXPECTED_TOKEN: {
    hint: 'is a quote, bracket, comma or colon missing before it?',
  },
  IMPOSSIBLE: { hint: 'is a bracket or quote missing before it?' },
  TAG_RESOLVE_FAILED: {
    message: 'gates.yaml has no tags of its own',
    hint: 'remove the word with the exclamation mark',
  },
  MULTIPLE_TAGS: { message: 'a value with two tags', hint: 'remove the words with exclamation marks' },
  MULTIPLE_ANCHORS: { message: 'a value with two anchors', hint: 'keep one of the words that begin with &' },
};

/** Faults after which the parser still recognizes the structure. */
const LOCAL: ReadonlySet<YAMLError['code']> = new Set([
  'BAD_ALIAS',
  'BAD_DQ_ESCAPE',
  'BAD_SCALAR_START',
  'MULTIPLE_ANCHORS',
  'MULTIPLE_TAGS',
  'TAG_RESOLVE_FAILED',
]);

/** The faults, in order, that follow from no other: after a broken structure, nothing is known. */
export function firstFaults(errors: readonly YAMLError[]): readonly YAMLError[] {
  const sorted = [...errors].sort((a, b) => a.pos[0] - b.pos[0]);
  const broken = sorted.findIndex(({ code }) => !LOCAL.has(code));
  return broken === -1 ? sorted : sorted.slice(0, broken + 1);
}

/** A fault that the YAML parser found. */
export function parserMistake(error: YAMLError, place: ParserPlace): Mistake {
  const firstLine = (error.message.split('\n')[0] ?? '').slice(0, 160);
  const words = wordsFor(error, firstLine, place) ?? WORDS[error.code];
  const below = words?.below ?? 0;
  const target = place.lines[place.line + below] ?? '';
  return {
    severity: 'error',
    rule: error.code === 'TAG_RESOLVE_FAILED' ? 'yaml-feature' : 'yaml-syntax',
    line: place.line + below + 1,
    column: below === 0 ? place.column + 1 : target.length - target.trimStart().length + 1,
    message: words?.message ?? `not YAML: ${firstLine}`,
    hint: words?.hint ?? 'see the YAML 1.2 rules for this line',
    path: '',
  };
}

/** Words for the text at the place, if the parser's code alone says too little. */
function wordsFor(
  { code }: YAMLError,
  firstLine: string,
  { lines, line, column }: ParserPlace,
): Words | undefined {
  const text = lines[line] ?? '';
  const rest = text.slice(column);
  if (code === 'TAB_AS_INDENT' || /^ *\t/.test(text)) return tabs(lines, line);
  // The parser only sees that the following text is not indented enough to be inside.
  if (code === 'MISSING_CHAR' && firstLine.includes('quote')) {
    return { message: 'a quote that is opened here is not closed', hint: 'close it at the end of the text' };
  }
  if (code === 'BAD_INDENT' && firstLine.startsWith('Flow ')) {
    return { message: 'a bracket that was opened before is not closed', hint: 'close it with ] or }' };
  }
  if (/^[^#]*(?::|-)\s+["']?\$?\$\{/.test(text))
    return { message: 'gates.yaml has no variables', hint: variables };
  if (code === 'UNEXPECTED_TOKEN' && /(?::|-|\[|,)\s+\*/.test(text.slice(0, column + 1))) {
    return { message: 'a value begins with *', hint: 'put it in quotes: `"*/5 * * * *"`' };
  }
  if (code === 'BLOCK_AS_IMPLICIT_KEY' || code === 'BLOCK_IN_FLOW') {
    if (/^[^#"'\]},]*:(?:\s|$)/.test(rest)) {
      return {
        message: 'a second colon on one line',
        hint: 'put the value in quotes, or write the inner map in { } or on its own lines',
      };
    }
    if (code === 'BLOCK_AS_IMPLICIT_KEY') return tooDeep(text);
  }
  const [, key, value] = /^\s*([\w-]+):([^\s:/][^\s]*)/.exec(text) ?? [];
  if (code === 'MULTILINE_IMPLICIT_KEY' && key !== undefined) {
    return { message: `no space after the colon of ${key}`, hint: `write \`${key}: ${value}\`` };
  }
  return undefined;
}

const variables = 'write the value out; for a secret write `{ env: NAME }`';

/** The key has a value already, and the line below is indented as if it were inside that value. */
function tooDeep(text: string): Words {
  const [key = 'the key'] = /[\w./"'-]+(?=:)/.exec(text) ?? [];
  return {
    message: `this line is indented further than \`${key}\` above it, which has a value already`,
    hint: `begin it in the column of \`${key}\``,
    below: 1,
  };
}

function tabs(lines: readonly string[], line: number): Words {
  const others = lines.slice(line + 1).filter((text) => /^ *\t/.test(text)).length;
  const more = others === 0 ? '' : ` (${others === 1 ? '1 line' : `${others} lines`} below, too)`;
  return { message: `the line is indented with a tab${more}`, hint: 'indent with spaces' };
}
