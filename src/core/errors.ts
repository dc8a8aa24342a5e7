import type { AddressId } from './objects/address.ts';

/** Facts of a failure, as fields: the message itself is static, so that equal failures group. */
export interface ErrorFacts {
  readonly address?: AddressId;
  readonly service?: string;
  /** The API's own code and text, `11010 access.api.error.application_already_exists`. */
  readonly code?: string;
  readonly detail?: string;
  readonly requestId?: string;
  readonly status?: number;
  /** The variable that holds the refused token, if it is not the usual one of the system. */
  readonly variable?: string;
  /** Milliseconds the API asked us to wait. */
  readonly retryAfter?: number;
  /** `no`: nothing was changed; `maybe`: the reply was lost, so look before doing it again. */
  readonly applied?: 'no' | 'maybe';
}

/** The base of all errors: a static message, what to do next, and the facts. */
export abstract class GatesError extends Error {
  readonly hint: string | undefined;
  readonly facts: ErrorFacts;

  constructor(message: string, options: { hint?: string; facts?: ErrorFacts; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.hint = options.hint;
    this.facts = options.facts ?? {};
  }
}

/** A mistake of the author: nothing is done until a new revision comes, and the last good one stays applied. */
export class ConfigError extends GatesError {}

/** The other side does not answer, or not now: wait and try again. */
export class UnreachableError extends GatesError {}

/** The API refused: report it, and do not try again until something changes. */
export class RejectedError extends GatesError {}

/** The API has no room for another object: a quota of the account, the zone or its plan is used up. */
export class QuotaError extends RejectedError {}

/** The API accepted a write, but its reply does not show the effect. `fields`: those of the spec without effect. */
export class IneffectiveError extends GatesError {
  readonly fields: readonly string[];

  constructor(fields: readonly string[]) {
    super('The write had no effect, by the reply to it', {
      hint: `gates does not write it again until the file or the object changes: ${fields.join(', ')}`,
      facts: { applied: 'no' },
    });
    this.fields = fields;
  }
}

/** Only a person can decide to continue. */
export class UnsafeError extends GatesError {}

/** One line for people: message, the API's own words, what to do. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!(error instanceof GatesError)) return error.message;
  const { code, detail, requestId } = error.facts;
  const apiText = [code, detail].filter((part) => part !== undefined && part !== '').join(' ');
  const parts = [error.message];
  if (apiText !== '') parts.push(`(${apiText})`);
  if (requestId !== undefined) parts.push(`[request ${requestId}]`);
  const text = parts.join(' ');
  return error.hint === undefined ? text : `${text}. ${error.hint}`;
}

/** The thrown value as an error: JavaScript can throw anything. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
