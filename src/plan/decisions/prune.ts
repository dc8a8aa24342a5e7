import { type AddressId, addressId } from '../../core/objects/address.ts';
import { type DoorEffect, isAtHost } from '../../core/objects/door.ts';
import { grouped } from '../../core/objects/grouped.ts';
import type { Observed } from '../../core/objects/object.ts';
import { type Draft, draftId, refused, rewriting } from '../drafts/draft.ts';
import { isPartOfStaying, isWantedPart, type Known, standingDoors } from '../drafts/known.ts';
import { keepOrRefuse } from './kept.ts';

/**
 * The decisions about live objects of ours that the file does not ask for:
 *
 * | object                                                              | decision                        |
 * | ------------------------------------------------------------------- | ------------------------------- |
 * | its kind says that it must stay (a wildcard would answer instead),   | close it if it is open, keep it |
 * | and nothing that the file asks for excludes it (an A its CNAME)      |                                 |
 * | removing it would take something from people (members of a group)    | keep, and warn                  |
 * | its host belongs to a refused service, and it is not a part of       | keep: open ones keep their gate |
 * | something that the file wants at other hosts too (a domain's group), |                                 |
 * | or of a login of a domain that stays                                 |                                 |
 * | one of our objects that stays needs it                               | keep                            |
 * | it is protected (keepProtected)                                     | refuse                          |
 * | a foreign object needs it                                            | refuse, and say which           |
 * | it guards or names a host that a foreign route still serves, and is  | refuse, and say which           |
 * | not a part of something that the file asks for, or of a login of a   |                                 |
 * | domain that stays                                                    |                                 |
 * | a kind that may need it could not be read                            | refuse, and say which           |
 * | it outlives an object that is refused, or could not be read          | refuse, and say which           |
 * | anything else                                                        | prune; an open route is closed first |
 *
 * Unfinished business is finished in any case, even with pruning off or at a host whose service is refused. With
 * pruning off, objects that stay under the cover of an earlier run ask everybody for a login once the cover is removed.
 */
export function draftPrunes(
  known: Known,
  { wanted, duplicates }: { readonly wanted: readonly Draft[]; readonly duplicates: readonly Draft[] },
  options: {
    readonly frozen: ReadonlySet<string>;
    /** Hosts under a cover that an earlier run left. */
    readonly covered: ReadonlySet<string>;
    readonly prune: boolean;
  },
): readonly Draft[] {
  const closes: Draft[] = [];
  const held: Draft[] = [];
  const prunes: Draft[] = [];
  const siblingsOf = grouped([...known.objects, ...created(known, wanted)], ({ address }) => address.kind);
  for (const have of known.objects) {
    const reconciler = known.reconcilers.get(have.address.kind);
    if (have.owner !== known.owner || known.wanted.has(addressId(have.address))) continue;
    if (reconciler?.write === undefined || have.staysBecause !== undefined) continue;
    const doors = standingDoors(known, have);
    const isReplacing = have.replacedBy !== undefined && known.wanted.has(have.replacedBy);
    const unfinished = reconciler.traits?.unfinished === true || have.unfinished === true || isReplacing;
    if (!(options.prune || unfinished)) {
      const host = doors.find((effect) => options.covered.has(effect.host))?.host;
      closes.push(...(host === undefined ? [] : uncovered(known, have, host)));
      continue;
    }
    const frozenHost = isWantedPart(known, have)
      ? undefined
      : [...options.frozen].find((host) =>
          doors.some((effect) => isAtHost(effect.host, host) && !isPartOfStaying(known, effect)),
        );
    const prune: Draft = {
      id: draftId('prune', { address: have.address, have }),
      verb: 'prune',
      reconciler,
      address: have.address,
      have,
      drift: [],
      doors,
      needs: [],
    };
    if (frozenHost !== undefined && !unfinished) {
      // As long as it stays, nothing may admit the group that it enlarges.
      const reason = `it stays as long as gates changes nothing at ${frozenHost}`;
      if (reconciler.login?.enlarges !== undefined) held.push(refused(prune, reason));
      continue;
    }
    const siblings = siblingsOf.get(have.address.kind) ?? [];
    const stays = reconciler.siblings?.retain?.(have, siblings) !== undefined && !isReplaced(known, have);
    const close = closeOf(known, have, doors, stays);
    if (close !== undefined) closes.push(close);
    if (stays) continue;
    prunes.push({ ...prune, needs: close === undefined ? [] : [close.id] });
  }
  const decided = keepOrRefuse(known, prunes, { wanted, duplicates, closes });
  const leaving = decided.map((draft) => firstIfItLeaves(known, draft));
  return [...closes, ...afterClosing(known, leaving), ...held];
}

/**
 * The removals, where the parts of a login that closes its hosts by its own removal only wait for that: afterwards they decide about
 * nobody. Otherwise a part would wait for what the login does not wait for, and the next run would remove it.
 */
function afterClosing({ wanted }: Known, removals: readonly Draft[]): readonly Draft[] {
  const closing = new Map(
    removals
      .filter(({ verb, doors }) => verb === 'prune' && doors.some(({ step }) => step === 'close'))
      .map(({ address, id }): [AddressId, string] => [addressId(address), id])
      .filter(([address]) => !wanted.has(address)),
  );
  return removals.map((draft) => {
    const whole = draft.have?.partOf;
    const first = whole === undefined ? undefined : closing.get(whole);
    if (draft.verb !== 'prune' || first === undefined) return draft;
    return { ...draft, doors: [], needs: [...draft.needs, first] };
  });
}

/**
 * The removal of a name, with its final step. If the file leads the name nowhere, nobody may get in by it any more. So
 * it closes the host and waits for no gate, least of all for one at another host: somebody may have led it elsewhere.
 */
function firstIfItLeaves({ routes }: Known, draft: Draft): Draft {
  if (draft.verb !== 'prune') return draft;
  const doors = draft.doors.map((effect): DoorEffect => {
    const leaves = effect.step === 'publish' && !routes.has(effect.host);
    return leaves ? { ...effect, step: 'close' } : effect;
  });
  return { ...draft, doors };
}

/** After the check, so that nothing is changed while the host waits, and before the cover is removed. */
function uncovered(known: Known, have: Observed, host: string): readonly Draft[] {
  const reconciler = known.reconcilers.get(have.address.kind);
  const want = reconciler?.gate?.asking?.(have);
  if (reconciler === undefined || want === undefined) return [];
  return [
    rewriting('close', {
      reconciler,
      have,
      want,
      drift: changedFields(want as object, have.spec as object),
      doors: [{ host, step: 'unroute' }],
      reason:
        'no longer admits anybody without a login: no file opens these paths, and gates removes the cover around them',
    }),
  ];
}

/** The siblings that this run makes, as they will be observed. Removals come after they are made. */
function created(known: Known, drafts: readonly Draft[]): readonly Observed[] {
  return drafts
    .filter(({ verb }) => verb === 'create')
    .map((draft) => ({
      address: draft.address,
      id: draft.id,
      owner: known.owner,
      spec: draft.want,
      attributes: {},
      uses: [],
    }));
}

/** True if a wanted object replaces it, because both cannot exist: that one then answers, and nothing behind it. */
function isReplaced(known: Known, have: Observed): boolean {
  const obstacle = known.reconcilers.get(have.address.kind)?.siblings?.obstacle;
  return [...known.wanted.values()].some(
    ({ address, spec }) =>
      address.kind === have.address.kind && obstacle?.(spec, address, [have]) !== undefined,
  );
}

/**
 * The closing step before one of our routes is removed. A host that moves to another carrier is not closed in between:
 * its old route is just removed or, if it has to stay, closed once its name leads elsewhere.
 */
function closeOf(
  known: Known,
  have: Observed,
  doors: readonly DoorEffect[],
  stays: boolean,
): Draft | undefined {
  const reconciler = known.reconcilers.get(have.address.kind);
  const open = doors.find((effect) => effect.step === 'unroute' && effect.live === true);
  if (open === undefined || reconciler?.route?.closed === undefined) return undefined;
  const carriers = known.routes.get(open.host) ?? new Set();
  const moves = carriers.size > 0 && open.via !== undefined && !carriers.has(open.via);
  if (moves && !stays) return undefined;
  const effect: DoorEffect = moves
    ? { host: open.host, step: 'unroute', ...(open.via !== undefined && { via: open.via }) }
    : { host: open.host, step: 'close' };
  const want = reconciler.route?.closed(have, known.owner);
  return rewriting('close', {
    reconciler,
    have,
    want,
    drift: changedFields(want as object, have.spec as object),
    doors: [effect],
    reason: stays
      ? 'answers 503 for good: what stands behind it would answer instead'
      : 'answers 503 before it is taken away',
  });
}

function changedFields(want: object, have: object): readonly string[] {
  const before = have as Record<string, unknown>;
  return Object.entries(want)
    .filter(([field, value]) => JSON.stringify(value) !== JSON.stringify(before[field]))
    .map(([field]) => field);
}
