import { createRedactor } from '../../clients/redaction.ts';

/** The most bytes of an action's output that are kept: its end. */
export const MOST_OUTPUT = 64 * 1024;
/** Further bytes while the output still contains secrets: a secret that is cut in two would not be found. */
const MARGIN = 16 * 1024;

/** Collects bytes, and keeps only the last ones. */
export function keepTail(): { readonly add: (chunk: Buffer) => void; readonly bytes: () => Buffer } {
  let chunks: Buffer[] = [];
  let size = 0;
  const bytes = () => Buffer.concat(chunks).subarray(-(MOST_OUTPUT + MARGIN));
  return {
    add(chunk) {
      chunks.push(chunk);
      size += chunk.length;
      if (size < 4 * MOST_OUTPUT) return;
      chunks = [bytes()];
      size = MOST_OUTPUT + MARGIN;
    },
    bytes,
  };
}

/**
 * The output that gates may keep and show: without its own secrets, and without the values of the command's variables.
 */
export function cleanOutput(
  output: Buffer,
  redact: (text: string) => string,
  values: readonly string[],
): string {
  const own = createRedactor();
  for (const value of values) for (const line of [value, ...value.split('\n')]) own.register(line);
  const text = own.redact(redact(output.toString('utf8')));
  return Buffer.from(text).subarray(-MOST_OUTPUT).toString('utf8');
}
