import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { list, type OfficialDocument, object, type Schema } from './schema-document.ts';

/** Rewrites one schema of the document on its way in; the name of a component, or null inside one. */
export type Repair = (schema: Schema, component: string | null) => Schema;

/** Compiles schemas of the document, with some repairs applied. */
export interface Compiler {
  compile(schema: Schema): ValidateFunction;
}

/**
 * A compiler that reads the document as JSON Schema 2020-12 and more strictly than it asks: where properties
 * are declared, no others may appear. OpenAPI says nothing of undeclared ones; here each is a finding.
 */
export function compilerFor(document: OfficialDocument, repairs: readonly Repair[]): Compiler {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });
  ajvFormats.default(ajv);
  ajv.addFormat('url-encoded-date-time', true);
  const convert = (schema: Schema, component: string | null, closed: boolean): Schema =>
    converted(schema, { document, repairs, component, closed });
  const components = Object.entries(document.components).map(([name, schema]) => [
    name,
    convert(schema, name, false),
  ]);
  ajv.addSchema({ $id: 'official', $defs: Object.fromEntries(components) });
  const compiled = new Map<Schema, ValidateFunction>();
  return {
    compile(schema) {
      const known = compiled.get(schema);
      if (known !== undefined) return known;
      const made = ajv.compile(convert(schema, null, true));
      compiled.set(schema, made);
      return made;
    },
  };
}

interface Conversion {
  document: OfficialDocument;
  repairs: readonly Repair[];
  component: string | null;
  /** Whether an instance stands here by itself: only there can it be told that nothing more may follow. */
  closed: boolean;
}

const COMPOSITIONS = ['allOf', 'anyOf', 'oneOf'];
const COPIED = [
  'type',
  'enum',
  'format',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'uniqueItems',
  'pattern',
];

function converted(given: Schema, how: Conversion): Schema {
  const schema = how.repairs.reduce((at, repair) => repair(at, how.component), given);
  const inner = (value: unknown, closed: boolean) =>
    converted(object(value), { ...how, component: null, closed });
  const out: Schema = {};
  if (typeof schema.$ref === 'string')
    out.$ref = schema.$ref.replace('#/components/schemas/', 'official#/$defs/');
  for (const keyword of COPIED) if (schema[keyword] !== undefined) out[keyword] = schema[keyword];
  // Some failure replies require "success" twice, having been merged from two schemas.
  if (schema.required !== undefined) out.required = [...new Set(list(schema.required))];
  if (schema.properties !== undefined) {
    const properties = Object.entries(object(schema.properties)).map(([name, value]) => [
      name,
      inner(value, true),
    ]);
    out.properties = Object.fromEntries(properties);
  }
  if (schema.items !== undefined) out.items = inner(schema.items, true);
  if (typeof schema.additionalProperties === 'object')
    out.additionalProperties = inner(schema.additionalProperties, true);
  for (const keyword of COMPOSITIONS) {
    if (schema[keyword] !== undefined)
      out[keyword] = list(schema[keyword]).map((value) => inner(value, false));
  }
  if (how.closed && declaresProperties(how.document, schema, 0)) out.unevaluatedProperties = false;
  return schema.nullable === true ? nullable(out) : out;
}

function nullable(schema: Schema): Schema {
  return { anyOf: [schema, { type: 'null' }] };
}

function declaresProperties(document: OfficialDocument, schema: Schema, depth: number): boolean {
  if (depth > 20 || schema.additionalProperties !== undefined) return false;
  if (typeof schema.$ref === 'string') {
    const name = schema.$ref.split('/').at(-1) ?? '';
    return declaresProperties(document, object(document.components[name]), depth + 1);
  }
  if (schema.properties !== undefined) return true;
  return COMPOSITIONS.some((keyword) =>
    list(schema[keyword]).some((value) => declaresProperties(document, object(value), depth + 1)),
  );
}
