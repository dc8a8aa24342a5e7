import { visible } from '../../core/visible.ts';
import type { Rule } from './mistake-kinds.ts';

/** Keys and list indexes from the top of the file. */
export type Path = readonly (string | number)[];

/** A mistake, with the keys that lead to it; its place in the text is added later. */
export interface Finding {
  readonly severity: 'error' | 'warning';
  readonly rule: Rule;
  readonly path: Path;
  /** The wrong part. Default: the value, and the key of a map or list. */
  readonly part?: 'key' | 'value';
  /** The value may be a secret written where only its source belongs: neither it nor its line is shown. */
  readonly secret?: true;
  /** A key that is missing below the path. */
  readonly absent?: string;
  readonly message: string;
  /** The correction. */
  readonly hint?: string;
  /** Places about which nothing is known because of this finding: findings there follow from it. */
  readonly spoils?: readonly Path[];
  /** Places that this finding assumes to be right: if one has an error, this finding follows from it. */
  readonly restsOn?: readonly Path[];
  /** Findings with the same cause are one mistake, shown at the first place with the lines of the others. */
  readonly cause?: string;
}

/** Words for a value from the file: quoted, short, and without anything that a terminal would act on. */
export function quoted(value: unknown): string {
  const isPlain = typeof value !== 'string' && typeof value !== 'object';
  const text = isPlain ? String(value) : JSON.stringify(value);
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
