import { createRedactor } from '../../clients/redaction.ts';

/** The most that is kept of what an action said, in bytes: its end. */
export const MOST_OUTPUT = 64 * 1024;
/** Beyond that while it is not clean yet: a secret that is cut in two would not be found. */
const MARGIN = 16 * 1024;

/** Collects bytes, and keeps the last of them. */
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
 * The output that may be kept and shown: without secrets of gates, and without the values of the variables that the
 * command got.
 */
export function cleanOutput(
  output: Buffer,
  redact: (text: string) => string,
  given: readonly string[],
): string {
  const own = createRedactor();
  for (const value of given) for (const line of [value, ...value.split('\n')]) own.register(line);
  const text = own.redact(redact(output.toString('utf8')));
  return Buffer.from(text).subarray(-MOST_OUTPUT).toString('utf8');
}
