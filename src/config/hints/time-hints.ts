import type { Outline } from '../../../schema/generated/validate.js';
import { scalarText } from '../mistakes/plain-text.ts';
import { secondsOf } from '../model/duration.ts';

const units: readonly (readonly [words: RegExp, unit: 's' | 'm' | 'h' | 'd', times: number])[] = [
  [/^(?:s|secs?|seconds?)$/i, 's', 1],
  [/^(?:m|mins?|minutes?)$/i, 'm', 1],
  [/^(?:h|hrs?|hours?)$/i, 'h', 1],
  [/^(?:d|days?)$/i, 'd', 1],
  [/^(?:w|weeks?)$/i, 'd', 7],
];

/** A hint for a duration without a unit (`24`), with another unit (`1w`), or of several parts (`1h30m`). */
export function durationHint(value: unknown): string | undefined {
  const text = scalarText(value).trim();
  if (/^[1-9]\d{0,8}$/.test(text)) return `write the unit too: ${text}s, ${text}m, ${text}h or ${text}d`;
  if (/^0+[a-z]?$/i.test(text)) return 'a duration is longer than 0';
  const parts = [...text.matchAll(/(\d{1,8})\s*([a-z]+)\s*/gi)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return undefined;
  const known = parts.map(([, number, word = '']) => {
    const found = units.find(([words]) => words.test(word));
    return found === undefined ? undefined : `${Number(number) * found[2]}${found[1]}`;
  });
  const [first] = known;
  if (first === undefined || known.includes(undefined)) return undefined;
  if (known.length === 1) return `write ${first}`;
  const seconds = known.reduce((sum, part) => sum + secondsOf(part ?? '0s'), 0);
  const unit = seconds % 3600 === 0 ? 'h' : seconds % 60 === 0 ? 'm' : 's';
  return `write one number with one unit: ${seconds / secondsOf(`1${unit}`)}${unit}`;
}

const macros: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};

/** A hint for a schedule that has seconds, uses another program's words, or is a duration. */
export function cronHint({ pattern = '' }: Outline, value: string): string | undefined {
  const isCron = (text: string) => new RegExp(pattern, 'u').test(text);
  const macro = macros[value.trim().toLowerCase()];
  if (macro !== undefined) return `write "${macro}"`;
  const fields = value.trim().split(/\s+/);
  const last = fields.slice(-5).join(' ');
  if (fields.length === 6 && isCron(last)) return `leave out the seconds: "${last}"`;
  const [, number, unit] = /^(?:every\s+)?(\d+)\s*(m|h)[a-z]*$/i.exec(value.trim()) ?? [];
  if (unit?.toLowerCase() === 'm' && Number(number) < 60) return `write "*/${Number(number)} * * * *"`;
  if (unit?.toLowerCase() === 'h' && Number(number) < 24) {
    return `write "0 ${Number(number) === 1 ? '*' : `*/${Number(number)}`} * * *"`;
  }
  if (fields.length !== 5) {
    return 'the fields are minute, hour, day of the month, month, day of the week';
  }
  return isCron(last.toLowerCase()) ? `write "${last.toLowerCase()}"` : undefined;
}
