import { type Outline, outline } from '../../../schema/generated/validate.js';
import { quoted } from '../mistakes/finding.ts';

/** The schema of a key of a map, or of the entries of a list. */
export function shapeBelow(shape: Outline, key: string): Outline {
  const { additionalProperties, items, properties } = shape;
  const own = properties !== undefined && Object.hasOwn(properties, key) ? properties[key] : undefined;
  const other = typeof additionalProperties === 'object' ? additionalProperties : items;
  return resolved(own ?? other ?? {});
}

function resolved(shape: Outline): Outline {
  const name = shape.$ref?.replace('#/$defs/', '');
  return (name === undefined ? undefined : outline.$defs[name]) ?? shape;
}

/** The demand of the schema, as the end of a sentence that begins with "expected". */
export function words(shape: Outline): string {
  if (shape.title !== undefined && shape !== outline) return shape.title;
  if (shape.const !== undefined) return quoted(shape.const);
  if (shape.enum !== undefined)
    return `one of ${shape.enum
      .map(String)
      .filter((choice) => choice !== '')
      .join(', ')}`;
  const type = Array.isArray(shape.type) ? shape.type.find((one) => one === 'object') : shape.type;
  if (type === 'array') return `a list${listWords(shape.items)}`;
  if (type === 'integer') return `a whole number from ${shape.minimum} to ${shape.maximum}`;
  if (type === 'boolean') return 'true or false';
  if (type === 'string') return 'text';
  if (type === 'object')
    return shape.maxProperties === 1
      ? `a map with one of ${Object.keys(shape.properties ?? {}).join(', ')}`
      : 'a map';
  return 'text or a number';
}

function listWords(items: Outline | undefined): string {
  const item = resolved(items ?? {});
  if (item.title !== undefined || item.enum !== undefined) return `, each ${words(item)}`;
  return item.type === 'string' ? ' of text' : item.type === 'object' ? ' of maps' : '';
}

/** A value of the file, as the end of a sentence that begins with "found". */
export function found(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a map';
  if (value === '') return 'empty text';
  if (typeof value === 'string') return `the text ${quoted(value)}`;
  return typeof value === 'boolean' ? quoted(value) : `the number ${quoted(value)}`;
}
