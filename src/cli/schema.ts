import schema from '../../schema/gates.schema.json' with { type: 'json' };
import { print } from './terminal.ts';

/** The JSON Schema of gates.yaml, for editors: `gates schema > gates.schema.json`. */
export function printSchema(): number {
  print(`${JSON.stringify(schema, undefined, 2)}\n`);
  return 0;
}
