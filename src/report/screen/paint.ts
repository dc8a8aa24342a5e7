import pico from 'picocolors';

/** The styles of parts of a text; without color, each of them returns the text unchanged. */
export interface Paint {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly quiet: (text: string) => string;
  readonly strong: (text: string) => string;
}

export function makePaint(color: boolean): Paint {
  const colors = pico.createColors(color);
  return { good: colors.green, bad: colors.red, warn: colors.yellow, quiet: colors.dim, strong: colors.bold };
}
