import type { Mistake } from '../../src/core/mistake.ts';

/** The mistakes of a file, each as `place: message (hint)`. */
export function saidIn(
  read: { readonly ok: true } | { readonly ok: false; readonly mistakes: readonly Mistake[] },
): readonly string[] {
  return read.ok ? [] : read.mistakes.map(({ path, message, hint }) => `${path}: ${message} (${hint})`);
}
