import type { LiveObjects } from './live-objects.ts';
import type { LabelSource } from './resource-label.ts';

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

/** The live objects, the answers of the visited hosts, and the labels that a Terraform state has for the objects. */
export interface LiveGround {
  readonly live: LiveObjects;
  readonly visits: ReadonlyMap<string, Visit>;
  readonly labels?: LabelSource;
}
