/** Kinds of mistakes that are not invariants, each with a line for tools that list rules. The names are public. */
export const mistakeKinds = {
  'file-unreadable': 'The file cannot be read: it is not UTF-8 text of at most 1 MiB.',
  'file-empty': 'The file is empty.',
  'yaml-syntax': 'The file is not YAML.',
  'yaml-feature': 'The file uses a part of YAML that gates.yaml does not have.',
  'duplicate-key': 'A key occurs twice in one map.',
  'unknown-key': 'A key has no meaning at this place.',
  'missing-key': 'A required key is missing.',
  'wrong-name': 'A name has characters that names here cannot have.',
  'wrong-value': 'A value does not have the form that its key needs.',
  'one-key': 'A map needs exactly one of its keys.',
  'undeclared-name': 'A name is used and declared nowhere.',
  'reserved-name': 'A name is taken already.',
  'conflicting-keys': 'Two keys do not go together.',
  'dns-record': 'Cloudflare would refuse a DNS record, or gates must not write it.',
  schedule: 'No time matches a schedule.',
  'include-refused': 'An entry of `include` names no file that can be included.',
  'not-included': 'An included file has a section that only gates.yaml may have.',
  account: 'The file has several accounts, and none of them, or one that it lacks, is asked for.',
  'too-many-mistakes': 'The file has more mistakes than are shown.',
} as const;

/** A kind, or the code of an invariant. */
export type Rule = keyof typeof mistakeKinds | `G${number}`;
