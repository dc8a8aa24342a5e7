import schema from '../../../schema/gates.schema.json' with { type: 'json' };

/**
 * Prints the JSON Schema of gates.yaml for editors: `gates schema > gates.schema.json`. It is not redacted: it is the
 * same for everybody, and words of its descriptions would be mistaken for secrets.
 */
export function printSchema(): number {
  process.stdout.write(`${JSON.stringify(schema, undefined, 2)}\n`);
  return 0;
}
