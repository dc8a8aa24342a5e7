import { plainList } from '../../config/mistakes/plain-text.ts';

/** The hint for a list or single text in place of the settings, as `written` has it; undefined for other values. */
export function listHint(value: unknown, written: (list: string) => string): string | undefined {
  const isList = Array.isArray(value) && value.some((one) => typeof one === 'string');
  return isText(value) || isList ? `write \`${written(plainList(value))}\`` : undefined;
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}
