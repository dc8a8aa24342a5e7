import type { YAMLError } from 'yaml';
import type { Mistake, Place } from './mistake.ts';

/** What to do about the faults that people make; the parser's own words say what is wrong in the others. */
const WORDS: Readonly<Partial<Record<YAMLError['code'], { message?: string; hint: string }>>> = {
  TAB_AS_INDENT: { message: 'a tab stands where the line is indented', hint: 'indent with spaces' },
  BAD_INDENT: {
    hint: 'keys of one map begin in the same column',
  },
  BAD_ALIAS: {
    message: 'an alias or anchor that is none',
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
    message: 'a block cannot stand inside { } or [ ]',
    hint: 'close the bracket, or write all of it as a block',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'a second colon on one line',
    hint: 'put the value in quotes, or write the inner map in { } or on its own lines',
  },
  MULTILINE_IMPLICIT_KEY: {
    message: 'a key goes over several lines',
    hint: 'is a colon, a quote or a bracket missing?',
  },
  MISSING_CHAR: {
    hint: 'look at the end of what stands before',
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

const UNCLOSED = {
  message: 'a bracket that was opened before is not closed',
  hint: 'close it with ] or }',
};

/** A fault that the YAML parser found. */
export function parserMistake(error: YAMLError, place: Place): Mistake {
  const said = (error.message.split('\n')[0] ?? '').slice(0, 160);
  // The parser only sees that what follows is not indented enough to be inside.
  const open = error.code === 'BAD_INDENT' && said.startsWith('Flow ');
  const words = open ? UNCLOSED : WORDS[error.code];
  const message = words?.message ?? `not YAML: ${said}`;
  return {
    severity: 'error',
    ...place,
    message,
    hint: words?.hint ?? 'see the YAML 1.2 rules for this line',
    path: '',
  };
}
