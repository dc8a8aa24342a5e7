import type { Attributes, AuthentikState } from '../../state/authentik-state.ts';
import { isObject, type Json, type JsonObject } from '../../state/json.ts';
import { exists, FieldError, type Fields, type SerializerField, type Surroundings } from './field.ts';
import { invalid } from './reply.ts';

export type WriteMode = 'create' | 'put' | 'patch';

/**
 * Reads a body like a serializer: drops unknown members and reports every mistake of every field at once (400). A PUT
 * keeps the values that it omits, so it is no full replacement (facts §1.2).
 */
export function readBody(fields: Fields, body: unknown, mode: WriteMode, context: Surroundings): Attributes {
  if (!isObject(body)) {
    const got = Array.isArray(body) ? 'list' : typeof body === 'string' ? 'str' : 'int';
    throw invalid({ non_field_errors: [`Invalid data. Expected a dictionary, but got ${got}.`] });
  }
  const attributes: Attributes = {};
  const mistakes: JsonObject = {};
  for (const [name, field] of Object.entries(fields)) {
    if (!isKnown(name, field, context.state)) continue;
    if (context.row !== null && context.state.ignoredFields?.[name] === 'kept') continue;
    const value = body[name];
    if (value === undefined) {
      if (field.required && mode !== 'patch') mistakes[name] = ['This field is required.'];
      else if (field.resetByPut !== undefined && mode === 'put') attributes[name] = field.resetByPut;
      continue;
    }
    if (value === null) {
      if (field.nullable) attributes[name] = null;
      else mistakes[name] = ['This field may not be null.'];
      continue;
    }
    try {
      attributes[name] = field.read(value, context);
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      mistakes[name] = error.told;
    }
  }
  if (Object.keys(mistakes).length > 0) throw invalid(mistakes);
  return attributes;
}

/** The members that this server has. */
export function shown(fields: Fields, state: AuthentikState, row: object): JsonObject {
  const view: JsonObject = {};
  for (const [name, field] of Object.entries(fields)) {
    if (isKnown(name, field, state)) view[name] = (row as { [name: string]: Json })[name] ?? null;
  }
  return view;
}

function isKnown(name: string, field: SerializerField, { version, ignoredFields }: AuthentikState): boolean {
  return exists(field, version) && ignoredFields?.[name] !== 'absent';
}
