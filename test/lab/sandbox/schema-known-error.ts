import { list, object, type Schema } from './schema-document.ts';
import type { Repair } from './schema-validator.ts';

/** A message, with the call that it belongs to. */
export interface Message {
  side: 'request' | 'reply';
  body: unknown;
  /** The reply's body, in both directions, since it can complete a partial request. */
  reply: unknown;
}

/**
 * A place where the official document does not describe the real API. For these operations only, either `mend` changes
 * the message into the document's form, or `repair` corrects the document.
 */
export interface KnownError {
  id: string;
  reason: string;
  side: Message['side'];
  /** Matches `METHOD pattern`, with the path as in the document. */
  operations: RegExp;
  mend?: (message: Message) => unknown;
  repair?: Repair;
}

/** A copy of the value without these members; a path is dotted, and `*` matches each item. */
export function without(value: unknown, paths: readonly string[]): unknown {
  const copy: unknown = structuredClone(value);
  for (const path of paths) at(copy, path.split('.'), (holder, key) => delete holder[key]);
  return copy;
}

/** A copy with a filling for each missing member at this path. */
export function withMissing(value: unknown, path: string, filling: unknown): unknown {
  const copy: unknown = structuredClone(value);
  at(copy, path.split('.'), (holder, key) => {
    holder[key] ??= filling;
  });
  return copy;
}

export function at(
  value: unknown,
  path: readonly string[],
  act: (holder: Schema, key: string) => void,
): void {
  const [key = '', ...rest] = path;
  if (key === '*') {
    for (const item of list(value)) at(item, rest, act);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (rest.length === 0) act(value as Schema, key);
  else at(object(value)[key], rest, act);
}
