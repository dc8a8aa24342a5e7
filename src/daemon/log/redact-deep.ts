import { describeError } from '../../core/errors.ts';

/**
 * Plain data with every text redacted, and errors as one line. It works on the data, not on its JSON: there a secret
 * with a quote looks different, and a removal could break the escapes.
 */
export function redactDeep<T>(value: T, redact: (text: string) => string): T {
  return clean(value, redact) as T;
}

function clean(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value);
  if (value instanceof Error) return redact(describeError(value));
  if (Array.isArray(value)) return value.map((item) => clean(item, redact));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, clean(item, redact)]));
}
