import pico from 'picocolors';

/** How parts of a text are set off; without colour every one of them leaves the text as it is. */
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
