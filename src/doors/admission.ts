/**
 * Something that a visitor has and a layer asks for. One visitor may hold several together. A visitor has one identity at
 * Access, and one account at Authentik.
 */
export type Credential =
  /** The address, or the domain of the address (lower case), that Access knows the visitor by. */
  | { readonly has: 'email'; readonly address: string }
  | { readonly has: 'email-domain'; readonly domain: string }
  /** Logged in at Access, by any identity provider or by this one. */
  | { readonly has: 'identity' }
  | { readonly has: 'login'; readonly provider: string }
  | { readonly has: 'claim'; readonly provider: string; readonly name: string; readonly value: string }
  /** The visitor's address on the internet lies in this network, in CIDR notation, or in this country. */
  | { readonly has: 'network'; readonly range: string }
  | { readonly has: 'country'; readonly code: string }
  /** Id and secret of a valid service token: this one, or any of the account. */
  | { readonly has: 'service-token'; readonly id: string }
  | { readonly has: 'any-service-token' }
  /** A session of this Access application from before, which nobody has ended. */
  | { readonly has: 'session'; readonly application: string }
  /** An active account at Authentik, or one that is in this group (its parents included). */
  | { readonly has: 'account' }
  | { readonly has: 'group'; readonly id: string }
  /** A token that this configuration of API Shield accepts, and one for this audience. */
  | { readonly has: 'bearer'; readonly configuration: string }
  | { readonly has: 'audience'; readonly configuration: string; readonly audience: string };

/**
 * Who is admitted: a formula over credentials. `unknown` is a fact that gates cannot know, by its name: it is the same fact
 * wherever it stands.
 */
export type Admission =
  | { readonly any: readonly Admission[] }
  | { readonly all: readonly Admission[] }
  | { readonly not: Admission }
  | { readonly unknown: Unknown }
  | Credential;

/** A fact that gates does not know: why, in words of the docs, and about what. */
export interface Unknown {
  readonly reason: UnknownReason;
  /** The object or the place that it is about: two facts differ where this does. */
  readonly about: string;
}

/** Why gates cannot know; docs/doors.md has a line for each. */
export type UnknownReason = string;

export const everybody: Admission = { all: [] };
export const nobody: Admission = { any: [] };
