import type { ReadyChange } from '../../../src/core/change.ts';
import { UnsafeError } from '../../../src/core/errors.ts';
import { equal } from '../../../src/core/objects/equal.ts';
import { everyHost, type IngressEntry, type Match, matchOf, placeFor, sameMatch, shadowOf } from './entry.ts';
import { settings } from './origin-request.ts';
import type { IngressRuleSpec } from './rule-spec.ts';

/** One rule to add to a tunnel's list, or to remove from it. */
export interface Edit {
  readonly change: ReadyChange<IngressRuleSpec>;
  readonly match: Match;
  /** Selects one of several entries for the same requests, from 0. */
  readonly ordinal: number;
}

/** The default answer of a tunnel without rules. */
const catchAll: IngressEntry = { service: 'http_status:404' };

/**
 * The list after the edits. Foreign entries keep content and order, ours keep their place unless an earlier entry takes
 * their requests, and the entry for all other requests stays last.
 * @throws UnsafeError if a different rule already exists where one is to be created.
 */
export function merge(entries: readonly IngressEntry[], edits: readonly Edit[]): readonly IngressEntry[] {
  const last = entries.at(-1);
  const complete = last !== undefined && isCatchAll(last) ? entries : [...entries, catchAll];
  return inOrder(edits).reduce(apply, complete);
}

/** Sorts edits so that a removal does not change which of several equal entries the others select: the last first. */
function inOrder(edits: readonly Edit[]): readonly Edit[] {
  return [...edits].sort((left, right) => right.ordinal - left.ordinal);
}

function apply(entries: readonly IngressEntry[], { change, match, ordinal }: Edit): readonly IngressEntry[] {
  const index = indexOf(entries, match, ordinal);
  const there = entries[index];
  if (change.want === undefined) return there === undefined ? entries : entries.toSpliced(index, 1);
  const entry = written(change.want, there);
  if (there === undefined) return inserted(entries, entry);
  if (change.verb === 'create' && !sameEntry(entry, there)) {
    throw new UnsafeError('Somebody else made another rule for this host meanwhile', {
      hint: 'Look at it with `gates plan`, and take it over or remove it',
    });
  }
  const replaced = entries.with(index, entry);
  if (shadowOf(replaced.map(matchOf), index) === undefined) return replaced;
  return inserted(entries.toSpliced(index, 1), entry);
}

function inserted(entries: readonly IngressEntry[], entry: IngressEntry): readonly IngressEntry[] {
  return entries.toSpliced(placeFor(entries.map(matchOf), matchOf(entry)), 0, entry);
}

function indexOf(entries: readonly IngressEntry[], match: Match, ordinal: number): number {
  const indices = entries.flatMap((entry, index) => (sameMatch(matchOf(entry), match) ? [index] : []));
  return indices[ordinal] ?? -1;
}

/** The entry for a spec, without an empty originRequest. */
function written(want: IngressRuleSpec, there: IngressEntry | undefined): IngressEntry {
  const { originRequest: _, ...others } = there ?? { service: '' };
  const originRequest = settings(want.originRequest);
  return {
    ...others,
    hostname: want.hostname,
    ...(want.path !== undefined && { path: want.path }),
    service: want.service,
    ...(Object.keys(originRequest).length > 0 && { originRequest }),
  };
}

function sameEntry(left: IngressEntry, right: IngressEntry): boolean {
  const requests = [left, right].map(({ originRequest }) => settings(originRequest));
  return left.service === right.service && equal(requests[0], requests[1]);
}

function isCatchAll(entry: IngressEntry): boolean {
  const match = matchOf(entry);
  return match.hostname === everyHost && match.path === undefined;
}
