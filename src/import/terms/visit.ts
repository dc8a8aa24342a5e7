import type { LiveObjects } from './live-objects.ts';

/**
 * The answer of a host to a stranger, where only that shows whether the origin asks Authentik:
 * - `asks`: it sent the stranger to log in at the provider with this client id.
 * - `open`: the origin answered, and asked nobody.
 * - `login page`: Authentik itself answered.
 * - `unclear`: something else answered, or nobody.
 */
export type Visit =
  | { readonly answer: 'asks'; readonly clientId: string }
  | { readonly answer: 'open' | 'login page' | 'unclear'; readonly seen: string };

/** The live objects, and the answers of the visited hosts. */
export interface LiveGround {
  readonly live: LiveObjects;
  readonly visits: ReadonlyMap<string, Visit>;
}
