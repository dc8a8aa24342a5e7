import { diffArrays } from 'diff';
import type { Difference } from '../../core/change.ts';
import { parseAddressId } from '../../core/objects/address.ts';
import { isReference } from '../../core/objects/reference.ts';

/** A value of a spec on one line, as people would write it. */
export function formatValue(value: unknown): string {
  if (value === undefined || value === null) return '(none)';
  if (isReference(value)) {
    const { kind, key } = parseAddressId(value.$ref);
    const what = `${kind.split('/')[1]} ${key}`;
    return value.template === '{id}'
      ? `<known after apply: ${what}>`
      : `<${value.template} of ${what}, known after apply>`;
  }
  if (typeof value === 'string') return value === '' ? '""' : value.replaceAll('\n', ' ⏎ ');
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[${value.map(formatValue).join(', ')}]`;
  if (typeof value !== 'object') return String(value);
  const fields = Object.entries(value).filter(([, item]) => item !== undefined);
  if (fields.length === 0) return '{}';
  return `{ ${fields.map(([field, item]) => `${field}: ${formatValue(item)}`).join(', ')} }`;
}

/** One line of a difference: the old value, the new one, or both on one line if they are short. */
export interface DifferenceLine {
  readonly sign: '-' | '+' | '~';
  readonly text: string;
}

/** Before → after of one field; lists item by item, objects field by field, long values on lines of their own. */
export function formatDifference({ field, before, after }: Difference): readonly DifferenceLine[] {
  if (Array.isArray(before) && Array.isArray(after)) return listLines(field, before, after);
  if (isPlainObject(before) && isPlainObject(after)) {
    const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return fields
      .filter((name) => formatValue(before[name]) !== formatValue(after[name]))
      .flatMap((name) =>
        formatDifference({ field: `${field}.${name}`, before: before[name], after: after[name] }),
      );
  }
  const [was, is] = [formatValue(before), formatValue(after)];
  if (was.length + is.length <= 80) return [{ sign: '~', text: `${field}: ${was} → ${is}` }];
  return [
    { sign: '-', text: `${field}: ${was}` },
    { sign: '+', text: `${field}: ${is}` },
  ];
}

function listLines(
  field: string,
  before: readonly unknown[],
  after: readonly unknown[],
): readonly DifferenceLine[] {
  return diffArrays(before.map(formatValue), after.map(formatValue)).flatMap((part) =>
    part.added || part.removed
      ? part.value.map((item) => ({
          sign: part.added ? ('+' as const) : ('-' as const),
          text: `${field}: ${item}`,
        }))
      : [],
  );
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isReference(value);
}
