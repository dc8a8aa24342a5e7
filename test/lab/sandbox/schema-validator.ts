import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { list, type OfficialDocument, object, type Schema } from './schema-document.ts';

/** Rewrites a schema of the document before its compilation; `component` is its name, or null inside a component. */
export type Repair = (schema: Schema, component: string | null) => Schema;

/** Compiles schemas of the document with some repairs. */
export interface Compiler {
  compile(schema: Schema): ValidateFunction;
}

/** The compilers of each document. Contracts of a process share them, since compiling costs more than most tests. */
const compilers = new WeakMap<
  OfficialDocument,
  { readonly repairs: readonly Repair[]; readonly compiler: Compiler }[]
>();

/** Returns the compiler of a document with these repairs, in this order: the same one each time. */
export function compilerFor(document: OfficialDocument, repairs: readonly Repair[]): Compiler {
  const known = compilers.get(document) ?? [];
  compilers.set(document, known);
  const same = known.find((made) => sameRepairs(made.repairs, repairs));
  if (same !== undefined) return same.compiler;
  const compiler = newCompiler(document, repairs);
  known.push({ repairs, compiler });
  return compiler;
}

/**
 * A compiler that reads the document as JSON Schema 2020-12, and more strictly: where properties are declared, no
 * others may appear. OpenAPI allows undeclared ones; here each is a finding.
 */
function newCompiler(document: OfficialDocument, repairs: readonly Repair[]): Compiler {
  // Optimizing a schema's code takes longer than all its validations.
  const ajv = new Ajv2020({
    strict: false,
    allErrors: true,
    validateFormats: true,
    code: { optimize: false },
  });
  ajvFormats.default(ajv);
  ajv.addFormat('url-encoded-date-time', true);
  const convert = (schema: Schema, component: string | null, closed: boolean): Schema =>
    converted(schema, { document, repairs, component, closed });
  const added = new Set<string>();
  /** Adds the components to which a converted schema refers; the document has many times as many. */
  const addComponentsOf = (schema: unknown): void => {
    for (const name of componentsIn(schema)) {
      // The validator itself reports a reference to a missing component.
      if (added.has(name) || document.components[name] === undefined) continue;
      added.add(name);
      const component = convert(object(document.components[name]), name, false);
      ajv.addSchema(component, `${ID_PREFIX}${name}`);
      addComponentsOf(component);
    }
  };
  const compiled = new Map<Schema, ValidateFunction>();
  return {
    compile(schema) {
      const known = compiled.get(schema);
      if (known !== undefined) return known;
      const whole = convert(schema, null, true);
      addComponentsOf(whole);
      const made = ajv.compile(whole);
      compiled.set(schema, made);
      return made;
    },
  };
}

function sameRepairs(some: readonly Repair[], others: readonly Repair[]): boolean {
  return some.length === others.length && some.every((repair, at) => repair === others[at]);
}

/** Yields the name of each component to which a converted schema refers. */
function* componentsIn(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [keyword, member] of Object.entries(value)) {
    if (keyword === '$ref' && typeof member === 'string') yield member.slice(ID_PREFIX.length);
    else yield* componentsIn(member);
  }
}

interface Conversion {
  document: OfficialDocument;
  repairs: readonly Repair[];
  component: string | null;
  /** True if an instance is complete here: only then can further members be rejected. */
  closed: boolean;
}

const COMPONENTS = '#/components/schemas/';
/** The prefix of component names in schema ids, absolute so that each schema can refer to them. */
const ID_PREFIX = 'official:';
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
  if (typeof schema.$ref === 'string') out.$ref = schema.$ref.replace(COMPONENTS, ID_PREFIX);
  for (const keyword of COPIED) if (schema[keyword] !== undefined) out[keyword] = schema[keyword];
  // Some failure replies require "success" twice, because they merge two schemas.
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
