import { type Outline, outline } from '../../../schema/generated/validate.js';
import { plain, plainList, scalarText } from '../mistakes/plain-text.ts';
import { didYouMean } from '../mistakes/suggestion.ts';
import { addressHint, emailHint, hostHint } from './address-hints.ts';
import { cronHint, durationHint } from './time-hints.ts';

const { $defs } = outline;

/** A hint for a value of the wrong form; undefined if there is nothing to add to the expected form. */
export function valueHint(shape: Outline, value: unknown, around: Outline): string | undefined {
  if (shape.type === 'boolean') return booleanHint(value);
  if (shape.type === 'array') return listHint(value);
  if (Array.isArray(value) && value.length === 1 && typeof value[0] === 'string')
    return `write one, without [ ]: ${plain(value[0])}`;
  if (shape === $defs.sessionDuration && /^0+[a-z]?$/i.test(scalarText(value))) return 'write immediate';
  if (shape === $defs.duration || shape === $defs.tokenDuration || shape === $defs.sessionDuration)
    return durationHint(value);
  if (shape === $defs.percent) return percentHint(value);
  if (typeof value === 'string') return textHint(shape, value, around);
  const isQuotable = typeof value === 'number' || typeof value === 'boolean';
  if (isQuotable && shape.type === 'string' && hasForm(shape, String(value)))
    return 'put it in quotes to make it text';
  return undefined;
}

function textHint(shape: Outline, value: string, around: Outline): string | undefined {
  if (shape.enum !== undefined) return didYouMean(value, shape.enum.map(String));
  if (shape === $defs.host || shape === $defs.domain) return hostHint(shape, value);
  if (shape === $defs.serverUrl || shape === $defs.originUrl) return addressHint(shape, value);
  if (shape === $defs.email) return emailHint(shape, value, around);
  if (shape === $defs.cron) return cronHint(shape, value);
  if (shape === $defs.reason)
    return value.trim() === '' ? 'say why, in a few words' : 'say it in fewer words';
  if (shape === $defs.owner || shape === $defs.name || shape === $defs.actionName)
    return nameHint(shape, value);
  if (shape === $defs.access?.properties?.team) return teamHint(shape, value);
  if (shape === $defs.operation) return operationHint(shape, value);
  return undefined;
}

/** True if the value has the form that the schema asks for. */
export function hasForm({ pattern }: Outline, value: string): boolean {
  return pattern === undefined || new RegExp(pattern, 'u').test(value);
}

/** A name in the letters that names may have: `my-docs` for `My Docs`. */
export function nameHint(shape: Outline, value: string): string | undefined {
  const name = value
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  if (name !== value && hasForm(shape, name)) return `write ${name}`;
  return name.length > 16 && hasForm(shape, name.slice(0, 16)) ? 'choose a shorter name' : undefined;
}

function booleanHint(value: unknown): string | undefined {
  const text = scalarText(value);
  if (/^(?:yes|on|true|y|1)$/i.test(text)) return 'write true, without quotes';
  if (/^(?:no|off|false|n|0)$/i.test(text)) return 'write false, without quotes';
  return typeof value === 'string' ? 'write true or false, without quotes' : undefined;
}

function listHint(value: unknown): string | undefined {
  if (typeof value === 'string') {
    const hint = plainList(value);
    return hint.includes(', ') ? `a list is written ${hint}` : `a list of one is written ${hint}`;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const keys = Object.keys(value);
  const isOfNames = keys.every(
    (key) => Object.values(value)[keys.indexOf(key)] === null || isEmpty(value, key),
  );
  return isOfNames && keys.length > 0
    ? `a list is written ${plainList(keys)}`
    : 'begin each entry with a dash';
}

function isEmpty(map: object, key: string): boolean {
  const value = (map as Record<string, unknown>)[key];
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function percentHint(value: unknown): string | undefined {
  const text = scalarText(value).replace(/\s*%$/, '');
  const number = text === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(number) || number < 0) return undefined;
  const whole = number > 0 && number < 1 ? Math.round(number * 100) : Math.round(number);
  return whole <= 100 ? `write ${whole}%` : 'it is at most 100%';
}

function teamHint(shape: Outline, value: string): string | undefined {
  const team = value
    .replace(/^https?:\/\//, '')
    .replace(/\.cloudflareaccess\.com.*$/, '')
    .toLowerCase();
  return team !== value && hasForm(shape, team) ? `write ${team}` : undefined;
}

function operationHint(shape: Outline, value: string): string | undefined {
  if (value.startsWith('/')) return `write the method first: ${plain(`GET ${value}`)}`;
  const upper = value.replace(/^[a-z]+/, (method) => method.toUpperCase());
  return upper !== value && hasForm(shape, upper) ? `write ${plain(upper)}` : undefined;
}
