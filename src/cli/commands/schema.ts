import schema from '../../../schema/gates.schema.json' with { type: 'json' };

/**
 * The JSON Schema of gates.yaml, for editors: `gates schema > gates.schema.json`. As it is: the same for everybody, with
 * words in its descriptions that would be taken for secrets elsewhere.
 */
export function printSchema(): number {
  process.stdout.write(`${JSON.stringify(schema, undefined, 2)}\n`);
  return 0;
}
