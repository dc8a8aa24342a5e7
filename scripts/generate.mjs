// Generates files from schema/gates.schema.json: the types, the precompiled validator and the reference page. With
// --check it writes nothing, and fails if one of them is outdated.
import { readFile, writeFile } from 'node:fs/promises';
import Ajv2020 from 'ajv/dist/2020.js';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';
import { compile } from 'json-schema-to-typescript';
import { referencePage } from './reference-page.mjs';

const notice = 'Generated from schema/gates.schema.json by `npm run generate`; do not edit.';

/** @param {Record<string, any>} schema */
function types(schema) {
  const plain = structuredClone(schema);
  // The conditions by record type restrict content and data; as TypeScript they would only be noise.
  delete plain.$defs.dnsRecord.allOf;
  for (const part of partsOf(plain)) {
    // A title would become a name, and a description next to a reference a second copy of the referenced text.
    if (part !== plain) delete part.title;
    if (part.$ref !== undefined && !scalar(schema, part.$ref)) keepOnlyReference(part);
  }
  return compile(plain, 'GatesFile', {
    additionalProperties: false,
    ignoreMinAndMaxItems: true,
    bannerComment: `// ${notice}`,
    style: { singleQuote: true, printWidth: 110 },
  });
}

/** @param {Record<string, any>} schema @param {string} reference */
function scalar(schema, reference) {
  return schema.$defs[reference.replace('#/$defs/', '')].type === 'string';
}

/** @param {Record<string, any>} part */
function keepOnlyReference(part) {
  for (const key of Object.keys(part)) if (key !== '$ref') delete part[key];
}

/**
 * Every map inside a schema that may itself be a schema.
 * @param {any} node
 * @returns {Generator<Record<string, any>>}
 */
function* partsOf(node) {
  if (typeof node !== 'object' || node === null) return;
  if (!Array.isArray(node)) yield node;
  for (const [key, value] of Object.entries(node)) {
    if (!['default', 'examples', 'enum', 'const'].includes(key)) yield* partsOf(value);
  }
}

/**
 * Changes Ajv's code to append errors. For each entry of a map with another error, that code copies all errors so far:
 * 45,000 wrong services would take 20 seconds.
 * @param {string} code
 */
function appendingErrors(code) {
  const copying = /vErrors\.concat\((\w+\.errors)\)/g;
  if (!copying.test(code))
    throw new Error('Ajv joins errors in another way: see whether it still copies them');
  const append = 'function append(to,more){for(const error of more)to.push(error);return to}';
  return `${code.replace(copying, 'append(vErrors,$1)')}\n${append}\n`;
}

/** @param {Record<string, any>} schema */
async function validator(schema) {
  const bare = structuredClone(schema);
  for (const part of partsOf(bare)) {
    // `description` is a key of gates.yaml too: only its text form is an annotation.
    for (const key of ['title', 'description']) if (typeof part[key] === 'string') delete part[key];
    delete part.examples;
    delete part.default;
  }
  const ajv = new Ajv2020.default({
    allErrors: true,
    strict: true,
    allowUnionTypes: true,
    // `then: { required: ['content'] }` names a key that the map around it declares.
    strictRequired: false,
    strictTypes: false,
    // Functions instead of copies, and no English texts: half the size; src/config has the texts.
    inlineRefs: false,
    messages: false,
    code: { source: true, esm: true, lines: true },
  });
  ajv.addSchema(bare, 'gates');
  const bundled = await build({
    stdin: {
      contents: appendingErrors(standaloneCode.default(ajv, { validate: 'gates' })),
      resolveDir: process.cwd(),
      loader: 'js',
    },
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    legalComments: 'none',
    minifyWhitespace: true,
    minifySyntax: true,
    write: false,
  });
  const code = bundled.outputFiles[0]?.text ?? '';
  return `// ${notice}\n// @ts-nocheck\n${code}export const outline=${JSON.stringify(outline(schema))};\n`;
}

const outlined = [
  '$ref',
  'pattern',
  'title',
  'type',
  'enum',
  'const',
  'minimum',
  'maximum',
  'minProperties',
  'maxProperties',
];

/**
 * The schema without the parts that only the validator needs.
 * @param {Record<string, any>} node
 * @returns {Record<string, any>}
 */
function outline(node) {
  /** @type {Record<string, any>} */
  const result = {};
  for (const key of outlined) if (node[key] !== undefined) result[key] = node[key];
  for (const key of ['properties', '$defs']) {
    if (node[key] === undefined) continue;
    result[key] = Object.fromEntries(
      Object.entries(node[key]).map(([name, value]) => [name, outline(/** @type {any} */ (value))]),
    );
  }
  for (const key of ['items', 'additionalProperties']) {
    if (typeof node[key] === 'object') result[key] = outline(node[key]);
  }
  return result;
}

const declarations = `// ${notice}
import type { GatesFile } from './config.ts';

export interface ValidationError {
  /** JSON Pointer of the value. */
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** True if a value follows the schema; if not, \`validate.errors\` says everything that is wrong. */
export function validate(data: unknown): data is GatesFile;
export namespace validate {
  const errors: readonly ValidationError[] | null | undefined;
}

/** What the schema says about a place, as far as a message about a mistake there needs it. */
export interface Outline {
  readonly $ref?: string;
  readonly title?: string;
  readonly pattern?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly properties?: Readonly<Record<string, Outline>>;
  readonly additionalProperties?: Outline | boolean;
  readonly items?: Outline;
}

export const outline: Outline & { readonly $defs: Readonly<Record<string, Outline>> };
`;

/**
 * The schema of a file with one account: `src/config/accounts` splits a file with several into such files before they are judged.
 * @param {Record<string, any>} schema
 */
function ofOneAccount(schema) {
  const one = structuredClone(schema);
  for (const key of ['cloudflare', 'authentik']) {
    const { anyOf, description } = one.properties[key];
    one.properties[key] = { ...anyOf[0], description };
  }
  return one;
}

const schema = JSON.parse(await readFile('schema/gates.schema.json', 'utf8'));
const single = ofOneAccount(schema);
/** @type {readonly (readonly [string, string])[]} */
const outputs = [
  ['schema/generated/config.ts', await types(single)],
  ['schema/generated/validate.js', await validator(single)],
  ['schema/generated/validate.d.ts', declarations],
  ['docs/reference.md', referencePage(single, notice)],
];

const check = process.argv.includes('--check');
for (const [path, text] of outputs) {
  const present = await readFile(path, 'utf8').catch(() => undefined);
  if (present === text) continue;
  if (check) {
    process.stderr.write(`${path} is stale: run \`npm run generate\` and commit the result.\n`);
    process.exitCode = 1;
  } else {
    await writeFile(path, text);
    process.stderr.write(`wrote ${path}\n`);
  }
}
