import schema from '../../../schema/gates.schema.json' with { type: 'json' };
import { SETTINGS } from '../../config/yaml/sections.ts';

/**
 * Prints the JSON Schema of gates.yaml, or of a file that it includes, for editors: `gates schema > gates.schema.json`.
 * It is not redacted: it is the same for everybody, and words of its descriptions would be mistaken for secrets.
 */
export function printSchema({ included }: { readonly included: boolean }): number {
  process.stdout.write(`${JSON.stringify(included ? includedSchema() : schema, undefined, 2)}\n`);
  return 0;
}

/** The schema without the sections that only gates.yaml may have. */
function includedSchema(): object {
  const { required: _, $id: __, properties, ...rest } = schema;
  const sections = Object.entries(properties).filter(([section]) => !SETTINGS.has(section));
  return { ...rest, title: 'A file that gates.yaml includes', properties: Object.fromEntries(sections) };
}
