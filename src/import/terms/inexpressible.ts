/**
 * A property of a live object that the file cannot express. The entry that it belongs to is left out, with this reason.
 * Thrown instead of returned, because one such property anywhere below an entry leaves out the complete entry.
 */
export class Inexpressible extends Error {}

/** The value, or the reason why the file cannot express it. */
export type Expressed<T> = { readonly value: T } | { readonly reason: string };

export function expressed<T>(express: () => T): Expressed<T> {
  try {
    return { value: express() };
  } catch (error) {
    if (error instanceof Inexpressible) return { reason: error.message };
    throw error;
  }
}
