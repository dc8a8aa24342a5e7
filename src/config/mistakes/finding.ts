import { visible } from '../../core/visible.ts';
import type { Rule } from './mistake-kinds.ts';

/** Keys and list indexes from the top of the file. */
export type Path = readonly (string | number)[];

/** Something that is wrong, with the keys that lead to it; its place in the text comes later. */
export interface Finding {
  readonly severity: 'error' | 'warning';
  readonly rule: Rule;
  readonly path: Path;
  /** Whether the key or the value is wrong; by default the value, and the key of a map or list. */
  readonly part?: 'key' | 'value';
  /** The value may be a secret written where only its source belongs: neither it nor its line is shown. */
  readonly secret?: true;
  /** A key that should stand below the path and does not. */
  readonly absent?: string;
  readonly message: string;
  /** The correction. */
  readonly hint?: string;
  /** Places of which nothing is known because of this one: what was found there follows from it. */
  readonly spoils?: readonly Path[];
  /** Places that this one takes for right: with an error there, it follows from that error. */
  readonly restsOn?: readonly Path[];
  /** Findings with the same cause are one mistake, shown at the first place with the lines of the others. */
  readonly cause?: string;
}

/** Words for a value out of the file: quoted, short, and without anything a terminal would act on. */
export function quoted(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return visible(text.length > 80 ? `${text.slice(0, 77)}…` : text);
}

/** `services.grafana.paths["/api/health"]`. */
export function pathText(path: Path): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else if (/^[A-Za-z_][\w-]*$/.test(key)) text += text === '' ? key : `.${key}`;
    else text += `[${quoted(key)}]`;
  }
  return text;
}
