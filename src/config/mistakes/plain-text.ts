import { visible } from '../../core/visible.ts';

/** Longer texts are cut in a hint. */
const LONGEST = 60;

/** A text of the file as people write it inside of `{ }`, for a hint: quoted only if YAML requires it. */
export function plain(text: string): string {
  const shown = visible(text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);
  const isPlain = /^[\w./](?:[\w./:@+-]*[\w./@+-])?(?: [\w./@+-]+)*$/.test(shown);
  const isOfAnotherType = /^(?:true|false|null)$/i.test(shown) || Number.isFinite(Number(shown));
  return isPlain && !isOfAnotherType ? shown : JSON.stringify(shown);
}

/** A list as people write it; a single text is a list of one. */
export function plainList(value: unknown): string {
  const texts = (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string');
  const parts = texts.length === 1 ? (texts[0] ?? '').split(/\s*,\s*/) : texts;
  const shown = parts.slice(0, 4).map(plain);
  return `[${[...shown, ...(parts.length > shown.length ? ['…'] : [])].join(', ')}]`;
}

/** A single value as text; empty for a list or a map, which may have a key `toString` that is no function. */
export function scalarText(value: unknown): string {
  return typeof value === 'object' && value !== null ? '' : String(value);
}
