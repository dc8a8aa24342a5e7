import type { AuthentikState } from '../../state/authentik-state.ts';
import { type AuthentikVersion, isAtLeast } from '../../state/authentik-version.ts';
import { isObject, type Json, type JsonObject } from '../../state/json.ts';
import { isDuration } from './duration.ts';

/** The facts that a field may need in addition to its value. */
export interface Surroundings {
  state: AuthentikState;
  /** The row in a change; null on create. */
  row: object | null;
}

/** Django REST framework's messages about one field, usually a list of sentences; thrown by `read`. */
export class FieldError extends Error {
  readonly told: Json;

  constructor(messages: Json) {
    super(JSON.stringify(messages));
    this.told = messages;
  }
}

/** A writable field of a serializer. */
export interface SerializerField {
  /** Returns the value as it is stored; throws `FieldError`. Never called with null unless `nullable`. */
  read(value: unknown, around: Surroundings): Json;
  required: boolean;
  nullable: boolean;
  /** The value after a PUT without this field (facts §1.2, §2.5). */
  resetByPut?: Json;
  since?: AuthentikVersion;
  until?: AuthentikVersion;
}

export type Fields = { readonly [name: string]: SerializerField };

export function wrong(message: string): FieldError {
  return new FieldError([message]);
}

/** True if this release has the field. */
export function exists(field: SerializerField, version: AuthentikVersion): boolean {
  if (field.since !== undefined && !isAtLeast(version, field.since)) return false;
  return field.until === undefined || !isAtLeast(version, field.until);
}

export function required(field: SerializerField): SerializerField {
  return { ...field, required: true };
}

export function nullable(field: SerializerField): SerializerField {
  return { ...field, nullable: true };
}

export function since(version: AuthentikVersion, field: SerializerField): SerializerField {
  return { ...field, since: version };
}

/** A field that this release no longer has. */
export function until(version: AuthentikVersion, field: SerializerField): SerializerField {
  return { ...field, until: version };
}

/** The field with one more condition; `mistake` returns the sentence, or null. */
export function checked(
  field: SerializerField,
  mistake: (value: Json, around: Surroundings) => string | null,
): SerializerField {
  return {
    ...field,
    read(value, around) {
      const read = field.read(value, around);
      const sentence = mistake(read, around);
      if (sentence !== null) throw wrong(sentence);
      return read;
    },
  };
}

/** Requires that no other row has this value; the sentence names the model as Django does. */
export function unique<Row extends object>(
  field: SerializerField,
  member: keyof Row & string,
  rows: (state: AuthentikState) => readonly Row[],
  message: string,
): SerializerField {
  return checked(field, (value, { state, row }) => {
    if (value === null) return null;
    return rows(state).some((other) => other !== row && other[member] === value) ? message : null;
  });
}

function fieldOf(read: SerializerField['read']): SerializerField {
  return { read, required: false, nullable: false };
}

export function textField(rule: { blank?: boolean; max?: number } = {}): SerializerField {
  return fieldOf((value) => {
    if (typeof value !== 'string' && typeof value !== 'number') throw wrong('Not a valid string.');
    const trimmed = String(value).trim();
    if (trimmed === '' && rule.blank !== true) throw wrong('This field may not be blank.');
    if (rule.max !== undefined && trimmed.length > rule.max) {
      throw wrong(`Ensure this field has no more than ${rule.max} characters.`);
    }
    return trimmed;
  });
}

export const flagField: SerializerField = fieldOf((value) => {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw wrong('Must be a valid boolean.');
});

export function integerField(min: number, max: number): SerializerField {
  return fieldOf((value) => {
    const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isInteger(number)) throw wrong('A valid integer is required.');
    if (number < min) throw wrong(`Ensure this value is greater than or equal to ${min}.`);
    if (number > max) throw wrong(`Ensure this value is less than or equal to ${max}.`);
    return number;
  });
}

export function choiceOf(...choices: readonly string[]): SerializerField {
  return fieldOf((value) => {
    if (typeof value === 'string' && choices.includes(value)) return value;
    throw wrong(`"${typeof value === 'string' ? value : JSON.stringify(value)}" is not a valid choice.`);
  });
}

const URL_FORM = /^https?:\/\/[^\s/?#@:]+(:\d{1,5})?([/?#]\S*)?$/i;

/** A URL as it was sent: Authentik normalizes nothing (facts §2.2). */
export function url(rule: { blank?: boolean } = {}): SerializerField {
  return checked(textField(rule), (value) =>
    value === '' || URL_FORM.test(String(value)) ? null : 'Enter a valid URL.',
  );
}

const SLUG_FORM = /^[-a-zA-Z0-9_]+$/;
const SLUG_WORDS = 'Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.';

export const slug: SerializerField = checked(textField(), (value) =>
  SLUG_FORM.test(String(value)) ? null : SLUG_WORDS,
);

export const dictionary: SerializerField = fieldOf((value) => {
  if (!isObject(value)) throw wrong('Value must be a dictionary, and not have any duplicate keys.');
  return value;
});

export const duration: SerializerField = checked(textField(), (value) =>
  isDuration(value) ? null : `${String(value)} is not in the correct format of 'hours=3;minutes=1'.`,
);

export function listOf(item: SerializerField): SerializerField {
  return fieldOf((value, around) => {
    const mistakes: JsonObject = {};
    const read = itemsOf(value).map((each, at) => {
      try {
        return item.read(each, around);
      } catch (error) {
        if (!(error instanceof FieldError)) throw error;
        mistakes[String(at)] = error.told;
        return null;
      }
    });
    if (Object.keys(mistakes).length > 0) throw new FieldError(mistakes);
    return read;
  });
}

export function itemsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw wrong(`Expected a list of items but got type "${pythonType(value)}".`);
}

function pythonType(value: unknown): string {
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return value === null ? 'NoneType' : Array.isArray(value) ? 'list' : 'dict';
}

const UUID_FORM = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && UUID_FORM.test(value);
}

/** The UUID with dashes and in lower case. */
export function canonicalUuid(value: string): string {
  const hex = value.replaceAll('-', '').toLowerCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** A reference to a row with a UUID as its key. */
export function uuidOf(isThere: (state: AuthentikState, pk: string) => boolean): SerializerField {
  return fieldOf((value, { state }) => {
    if (typeof value === 'boolean' || typeof value === 'object') {
      throw wrong(`Incorrect type. Expected pk value, received ${pythonType(value)}.`);
    }
    if (!isUuid(value)) throw wrong(`“${String(value)}” is not a valid UUID.`);
    const pk = canonicalUuid(value);
    if (!isThere(state, pk)) throw wrong(`Invalid pk "${value}" - object does not exist.`);
    return pk;
  });
}

/** A reference to a row with an integer as its key. */
export function integerOf(isThere: (state: AuthentikState, pk: number) => boolean): SerializerField {
  return fieldOf((value, { state }) => {
    const pk = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
    if (typeof pk !== 'number' || !Number.isInteger(pk)) {
      throw wrong(`Incorrect type. Expected pk value, received ${pythonType(value)}.`);
    }
    if (!isThere(state, pk)) throw wrong(`Invalid pk "${pk}" - object does not exist.`);
    return pk;
  });
}

/** References as a set: repeated ones count once, and the first wrong one is reported without its place. */
export function setOf(reference: SerializerField): SerializerField {
  return fieldOf((value, around) => [...new Set(itemsOf(value).map((each) => reference.read(each, around)))]);
}
