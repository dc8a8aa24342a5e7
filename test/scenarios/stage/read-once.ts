import type { ParseResult } from '../../../src/config/parse-config.ts';
import { checkedConfig } from '../../../src/expect/checked-config.ts';

/** Enough for the files between which the processes of a test alternate. */
const mostFiles = 50;
const results = new Map<string, ParseResult>();

/** Reads a file as every command does, but the same text only once: most processes of a test run over the same file. */
export function readOnce(source: Uint8Array): ParseResult {
  const text = Buffer.from(source).toString('latin1');
  const known = results.get(text);
  if (known !== undefined) return known;
  if (results.size >= mostFiles) results.clear();
  const result = checkedConfig(source);
  results.set(text, result);
  return result;
}
