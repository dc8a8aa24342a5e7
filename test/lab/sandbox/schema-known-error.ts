import { list, object, type Schema } from './schema-document.ts';
import type { Repair } from './schema-validator.ts';

/** What a message said and what it belongs to. */
export interface Message {
  side: 'request' | 'reply';
  body: unknown;
  /** The reply's body, on both sides: a partial request can be completed from it. */
  reply: unknown;
}

/**
 * A place where the official document does not describe the API as it is. Either the message is brought into
 * the shape that the document knows (`mend`) or the document is corrected (`repair`), for these operations only.
 */
export interface KnownError {
  id: string;
  reason: string;
  side: Message['side'];
  /** `METHOD pattern`, as the document writes the path. */
  operations: RegExp;
  mend?: (message: Message) => unknown;
  repair?: Repair;
}

/** A copy of the value without these members; a path is dotted, `*` stands for each item. */
export function without(value: unknown, paths: readonly string[]): unknown {
  const copy: unknown = structuredClone(value);
  for (const path of paths) at(copy, path.split('.'), (holder, key) => delete holder[key]);
  return copy;
}

/** A copy in which these members are filled in where they are missing. */
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
