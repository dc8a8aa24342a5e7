import type { ReadyChange } from '../../../src/core/change.ts';
import { UnsafeError } from '../../../src/core/errors.ts';
import { equal } from '../../../src/core/objects/equal.ts';
import { everyHost, type IngressEntry, matchOf, placeFor, sameMatch, shadowOf } from './entry.ts';
import { settings } from './origin-request.ts';
import { mayBeOf } from './ownership.ts';
import type { IngressRuleSpec } from './rule-spec.ts';

/** The default answer of a tunnel without rules. */
const catchAll: IngressEntry = { service: 'http_status:404' };

/**
 * The list after the changes. Foreign entries keep content and order, ours keep their place unless an earlier entry takes
 * their requests, and the entry for all other requests stays last. A rule is the first of the entries for its requests, and
 * a change of it removes our later ones, which get none.
 * @throws UnsafeError if a different rule already exists where one is to be created.
 */
export function merge(
  entries: readonly IngressEntry[],
  changes: readonly ReadyChange<IngressRuleSpec>[],
  owner: string,
): readonly IngressEntry[] {
  const last = entries.at(-1);
  const complete = last !== undefined && isCatchAll(last) ? entries : [...entries, catchAll];
  return changes.reduce((list, change) => changed(list, change, owner), complete);
}

function changed(
  entries: readonly IngressEntry[],
  { verb, want, have }: ReadyChange<IngressRuleSpec>,
  owner: string,
): readonly IngressEntry[] {
  const match = matchOf(have?.spec ?? want ?? {});
  const isOne = (entry: IngressEntry) => sameMatch(matchOf(entry), match);
  const index = entries.findIndex(isOne);
  const there = entries[index];
  const others = entries.filter((entry) => !isOne(entry) || !mayBeOf(owner, entry));
  if (want === undefined) return others;
  const entry = written(want, there);
  if (there === undefined) return inserted(entries, entry);
  if (!mayBeOf(owner, there) || (verb === 'create' && !sameEntry(entry, there))) {
    throw new UnsafeError('Somebody else made another rule for this host meanwhile', {
      hint: 'Look at it with `gates plan`, and take it over or remove it',
    });
  }
  const replaced = others.toSpliced(index, 0, entry);
  if (shadowOf(replaced.map(matchOf), index) === undefined) return replaced;
  return inserted(others, entry);
}

function inserted(entries: readonly IngressEntry[], entry: IngressEntry): readonly IngressEntry[] {
  return entries.toSpliced(placeFor(entries.map(matchOf), matchOf(entry)), 0, entry);
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
