import { type Outline, outline, type ValidationError, validate } from '../../../schema/generated/validate.js';
import { gateRowNamed } from '../../gates/index.ts';
import { type Finding, type Path, pathText, quoted } from '../mistakes/finding.ts';
import type { Rule } from '../mistakes/mistake-kinds.ts';
import { nearestOf } from '../mistakes/suggestion.ts';
import { formHint } from './form-hints.ts';
import { meaningOf, nameAmongKeys } from './other-words.ts';
import { found, shapeBelow, words } from './schema-words.ts';
import { nameHint, valueHint } from './value-hints.ts';

/**
 * The first `most` violations of the schema, in words for people; none if the values follow it. If there are `most` of
 * them, further ones are unknown.
 */
export function schemaFindings(value: unknown, most: number): Finding[] {
  if (validate(value)) return [];
  const errors = validate.errors ?? [];
  const choices = new Set(
    errors.filter(({ keyword }) => keyword === 'anyOf').map(({ instancePath }) => instancePath),
  );
  const judged = new Set<string>();
  const findings: Finding[] = [];
  for (const error of errors) {
    if (findings.length === most) break;
    // If a choice failed, report its own message, not those of every branch.
    const choice = choiceAround(error.instancePath, choices);
    if (choice !== undefined && !(choice === error.instancePath && error.keyword === 'anyOf')) continue;
    const located = new Located(error, value);
    const finding = findingOf(located);
    if (finding === undefined) continue;
    const key = `${located.pointer} ${SEPARATE.has(located.error.keyword) ? finding.message : ''}`;
    if (judged.has(key)) continue;
    judged.add(key);
    findings.push(located.secret ? { ...finding, secret: true } : finding);
  }
  return findings;
}

/** These are about one key of a map each. For all others, one message about each value suffices. */
const SEPARATE = new Set(['required', 'additionalProperties', 'propertyNames', 'false schema']);

function choiceAround(pointer: string, choices: ReadonlySet<string>): string | undefined {
  for (let end = pointer.length; end > 0; end = pointer.lastIndexOf('/', end - 1)) {
    const outer = pointer.slice(0, end);
    if (choices.has(outer)) return outer;
  }
  return undefined;
}

/** An error of the validator, with its value and the schema at that place. */
class Located {
  readonly error: ValidationError;
  readonly pointer: string;
  readonly path: Path;
  readonly value: unknown;
  readonly parent: unknown;
  readonly shape: Outline;
  /** The schema of the surrounding map; for an entry of a list, of the map around the list. */
  readonly around: Outline;
  /** True if the value is, or is inside, a place where people may have written a secret by mistake. */
  readonly secret: boolean;

  constructor(error: ValidationError, root: unknown) {
    this.error = error;
    this.pointer = error.instancePath;
    const path: (string | number)[] = [];
    let value = root;
    let parent: unknown;
    let shape: Outline = outline;
    let around: Outline = outline;
    let secret = false;
    for (const token of error.instancePath.split('/').slice(1)) {
      const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
      parent = value;
      path.push(Array.isArray(value) ? Number(key) : key);
      value = (value as Record<string, unknown>)[key];
      if (shape.type !== 'array') around = shape;
      shape = partsOfRecord(key, parent) ?? shapeBelow(shape, key);
      secret ||= shape === outline.$defs.secret || shape === outline.$defs.certificateAuthority;
    }
    this.path = path;
    this.value = value;
    this.parent = parent;
    this.shape = shape;
    this.around = around;
    this.secret = secret;
  }
}

/** The parts of a record depend on its type, which the schema expresses as a condition. */
function partsOfRecord(key: string, record: unknown): Outline | undefined {
  if (key !== 'data') return undefined;
  const type = typeOf(record)?.toLowerCase();
  return outline.$defs[type === 'https' ? 'svcbData' : `${type}Data`];
}

function findingOf(located: Located): Finding | undefined {
  const { error, path, shape, value } = located;
  const at = { severity: 'error', rule: ruleOf(path, 'wrong-value'), path } as const;
  switch (error.keyword) {
    // These only repeat another error.
    case 'if':
      return undefined;
    case 'required':
      return missingKey(located, String(error.params.missingProperty));
    case 'additionalProperties':
      return unknownKey(located, String(error.params.additionalProperty));
    case 'propertyNames':
      return badName(located, String(error.params.propertyName));
    case 'false schema':
      return uselessKey(located);
    case 'minProperties':
    case 'maxProperties':
      return wrongCount(located);
    case 'minItems':
      return { ...at, message: 'the list is empty', hint: `expected ${words(shape)}` };
    case 'maxItems':
      return { ...at, message: `the list has more than ${error.params.limit} entries` };
    case 'uniqueItems':
      return { ...at, path: [...path, Number(error.params.i)], message: 'an entry occurs twice in the list' };
    case 'pattern':
    case 'maxLength':
      // The same keywords judge the names of a map, and report again as propertyNames.
      return typeof value === 'string' ? wrongValue(located) : undefined;
    default:
      return wrongValue(located);
  }
}

function wrongValue({ around, error, parent, path, secret, shape, value }: Located): Finding {
  const at = { severity: 'error', rule: ruleOf(path, 'wrong-value'), path } as const;
  if (secret) {
    const isVariable = path.at(-1) === 'env' && typeof value === 'string' && /^\$\{?\w+\}?$/.test(value);
    const hint = isVariable
      ? 'write the name of the variable alone, without `$` and braces'
      : 'a secret is never in the file: write `{ env: NAME }` or `{ file: PATH }`';
    return { ...at, message: `expected ${words(shape)}`, hint };
  }
  if (path.at(-1) === 'proxied' && error.keyword === 'const' && value === true) {
    return {
      ...at,
      message: `${typeOf(parent)} records cannot be proxied`,
      hint: 'only A, AAAA and CNAME can',
      restsOn: [typePath(path)],
    };
  }
  const message = `expected ${words(shape)}, found ${found(value)}`;
  const hint = formHint(shape, path, value) ?? valueHint(shape, value, around);
  return { ...at, message, ...(hint === undefined ? {} : { hint }) };
}

function missingKey({ path, shape }: Located, key: string): Finding {
  const expected = words(shapeBelow(shape, key));
  const where = path.length === 0 ? 'the file' : pathText(path);
  return {
    severity: 'error',
    rule: ruleOf([...path, key], 'missing-key'),
    path,
    part: 'key',
    absent: key,
    message: `${where} has no ${quoted(key)}`,
    hint: `add \`${key}:\` with ${expected}`,
    // A record has the keys of its type, so the type may be the mistake.
    ...(path[0] === 'dns' && key !== 'type' ? { restsOn: [[...path, 'type']] } : {}),
  };
}

function unknownKey({ path, shape, value }: Located, key: string): Finding {
  const known = Object.keys(shape.properties ?? {});
  const at: Finding = {
    ...{ severity: 'error', rule: 'unknown-key', path: [...path, key], part: 'key' },
    message: `unknown key ${quoted(key)}`,
  };
  if (key === '<<') {
    return { ...at, hint: noMergeKeys, spoils: known.map((name) => [...path, name]) };
  }
  if (path.length === 0 && key.startsWith('x-')) {
    return { ...at, hint: 'there are no keys of your own: write an anchor where its value is used first' };
  }
  const given = (value as Record<string, unknown>)[key];
  const among = nameAmongKeys(shape, given);
  if (among !== undefined) return { ...at, ...among, spoils: known.map((name) => [...path, name]) };
  const meaning = meaningOf(shape, key, given);
  if (meaning !== undefined) {
    const { hint, isFromTop, means } = meaning;
    return { ...at, hint, spoils: [isFromTop ? means : [...path, ...means]] };
  }
  const word = key.trim();
  const near = known.find((name) => name === word) ?? nearestOf(word, known);
  if (near !== undefined) {
    const hint = near === word ? 'remove the invisible space beside it' : `did you mean ${quoted(near)}?`;
    return { ...at, hint, spoils: [[...path, near]] };
  }
  return {
    ...at,
    hint: known.length === 0 ? 'no key is possible here' : `possible keys: ${known.join(', ')}`,
  };
}

const noMergeKeys = 'YAML 1.2 has no merge keys: write the keys out';

function badName({ path, value }: Located, key: string): Finding {
  const rule =
    NAMES[String(path[0])] ??
    NAMES[String(path.at(-1))] ??
    'a name of lower-case letters, digits and hyphens';
  const known = Object.keys(value as object).filter((name) => name !== key);
  const { name } = outline.$defs;
  const isOfNames = name !== undefined && NAMES[String(path.at(-1))] === undefined;
  return {
    severity: 'error',
    rule: 'wrong-name',
    path: [...path, key],
    part: 'key',
    message: `${quoted(key)} cannot be a name here`,
    hint:
      key === '<<' && known.length > 0
        ? noMergeKeys
        : ((isOfNames ? nameHint(name, key) : undefined) ?? `expected ${rule}`),
  };
}

const NAMES: Readonly<Record<string, string>> = {
  dns: 'the name of a zone such as example.dev',
  domains: 'a domain name such as example.dev',
  groups: 'the name of a group, at most 150 characters',
  tunnels: 'the name of a tunnel: letters, digits, spaces and . _ -, at most 100',
};

function uselessKey({ parent, path }: Located): Finding {
  const key = String(path.at(-1));
  const hint =
    key === 'content'
      ? 'this type is written in parts, as `data`'
      : key === 'data'
        ? 'this type is written as `content`'
        : 'remove it';
  return {
    severity: 'error',
    rule: 'unknown-key',
    path,
    part: 'key',
    message: `${typeOf(parent)} records have no ${quoted(key)}`,
    hint,
    restsOn: [typePath(path)],
  };
}

/** Maps with exactly one key: a gate, a secret, the source of a token. Meaningless keys do not count. */
function wrongCount({ path, shape, value }: Located): Finding | undefined {
  const known = Object.keys(shape.properties ?? {});
  const all = Object.keys(value as object);
  if (all.length === 0) {
    const message = shape === outline.$defs.gate ? 'there is no gate here' : 'the map is empty';
    const hint = `write one of: ${known.join(', ') || 'its keys'}`;
    return { severity: 'error', rule: 'one-key', path, message, hint };
  }
  const present = all.filter((key) => known.length === 0 || known.includes(key));
  const second = present[1];
  if (second === undefined) return undefined;
  const at = { severity: 'error', rule: 'one-key', path: [...path, second], part: 'key' } as const;
  if (shape === outline.$defs.gate) {
    return {
      ...at,
      rule: 'G101',
      message: `two gates on one door: ${present.map(quoted).join(' and ')}`,
      hint: 'keep the one that decides',
    };
  }
  return {
    ...at,
    message: `only one key is possible here, found ${present.map(quoted).join(' and ')}`,
    hint: `keep one of: ${known.join(', ')}`,
  };
}

/** The invariant that the schema itself enforces at a place, or the kind of mistake. */
function ruleOf(path: Path, kind: Rule): Rule {
  const gate = path.findIndex((_, index) => isGate(path.slice(0, index)));
  const row = gate === -1 ? undefined : gateRowNamed(String(path[gate]));
  return row?.schemaRule?.(path.slice(gate + 1)) ?? kind;
}

/** The path of the type of the record that contains a key. */
function typePath(path: Path): Path {
  return [...path.slice(0, 3), 'type'];
}

function isGate(path: Path): boolean {
  return (
    path[0] === 'services' &&
    ((path.length === 3 && path[2] === 'gate') || (path.length === 4 && path[2] === 'paths'))
  );
}

function typeOf(record: unknown): string {
  const type = (record as { type?: unknown }).type;
  return typeof type === 'string' ? type : 'DNS';
}
