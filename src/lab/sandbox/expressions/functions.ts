import { isObject, type Json } from '../state/json.ts';
import type { Asked, Data, Dialect, FieldType } from './fields.ts';

/** A parameter of a function: a value of a type, or a literal. */
export type Parameter = FieldType | 'text' | 'number' | 'text or number' | 'list or map of text';

export interface RuleFunction {
  takes: readonly Parameter[];
  /** The last parameter may be repeated. */
  more?: true;
  gives: FieldType;
  /** The place where it is valid; absent: everywhere. */
  dialect?: Dialect;
  /** Its argument names a token configuration. */
  namesConfiguration?: true;
  /** Not called for a missing value, which gives a missing value. */
  call(asked: Asked, args: readonly Data[]): Data;
}

const truths: FieldType = { list: 'boolean' };

export const FUNCTIONS: { readonly [name: string]: RuleFunction } = {
  any: { takes: [truths], gives: 'boolean', call: (_, [list]) => listOf(list).includes(true) },
  all: {
    takes: [truths],
    gives: 'boolean',
    call: (_, [list]) => listOf(list).every((each) => each === true),
  },
  lower: { takes: ['string'], gives: 'string', call: (_, [text]) => String(text).toLowerCase() },
  upper: { takes: ['string'], gives: 'string', call: (_, [text]) => String(text).toUpperCase() },
  len: { takes: ['string'], gives: 'integer', call: (_, [text]) => Buffer.byteLength(String(text)) },
  url_decode: { takes: ['string'], gives: 'string', call: (_, [text]) => urlDecoded(String(text)) },
  starts_with: {
    takes: ['string', 'text'],
    gives: 'boolean',
    call: (_, [text, start]) => String(text).startsWith(String(start)),
  },
  ends_with: {
    takes: ['string', 'text'],
    gives: 'boolean',
    call: (_, [text, end]) => String(text).endsWith(String(end)),
  },
  has_key: {
    takes: [{ map: { list: 'string' } }, 'text'],
    gives: 'boolean',
    call: (_, [map, key]) => map instanceof Map && map.has(String(key)),
  },
  has_value: {
    takes: ['list or map of text', 'text'],
    gives: 'boolean',
    call: (_, [held, value]) =>
      (held instanceof Map ? [...held.values()].flat() : listOf(held)).includes(value),
  },
  lookup_json_string: {
    takes: ['string', 'text or number'],
    more: true,
    gives: 'string',
    call: (_, [text, ...path]) => {
      const found = lookUp(String(text), path);
      return typeof found === 'string' ? found : undefined;
    },
  },
  lookup_json_integer: {
    takes: ['string', 'text or number'],
    more: true,
    gives: 'integer',
    call: (_, [text, ...path]) => {
      const found = lookUp(String(text), path);
      return Number.isInteger(found) ? Number(found) : undefined;
    },
  },
  is_jwt_valid: {
    takes: ['text'],
    gives: 'boolean',
    dialect: 'token-rule',
    namesConfiguration: true,
    call: (asked, [id]) => asked.token(String(id)).claims !== null,
  },
  is_jwt_present: {
    takes: ['text'],
    gives: 'boolean',
    dialect: 'token-rule',
    namesConfiguration: true,
    call: (asked, [id]) => asked.token(String(id)).present,
  },
};

function listOf(data: Data): readonly Data[] {
  return Array.isArray(data) ? data : [];
}

function urlDecoded(text: string): string {
  const bytes = text
    .replaceAll('+', ' ')
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** A member of JSON by names and numbers; undefined if it does not exist. */
function lookUp(text: string, path: readonly Data[]): Json | undefined {
  let at: Json | undefined = parsed(text);
  for (const step of path) {
    if (typeof step === 'number') at = Array.isArray(at) ? at.at(step) : undefined;
    else at = isObject(at) && Object.hasOwn(at, String(step)) ? at[String(step)] : undefined;
  }
  return at;
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
