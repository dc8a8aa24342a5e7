import { addressId, type Kind, parseAddressId } from '../core/objects/address.ts';
import { type DoorEffect, isAtHost } from '../core/objects/door.ts';
import type { Observed } from '../core/objects/object.ts';
import { unprotecting } from '../core/objects/protection.ts';
import { type Draft, draftId, refused } from './draft.ts';
import { isWantedPart, type Known, standingDoors } from './known.ts';

/**
 * The decisions about live objects of ours that the file does not ask for:
 *
 * | object                                                              | decision                        |
 * | ------------------------------------------------------------------- | ------------------------------- |
 * | its kind says that it must stay (a wildcard would answer instead),   | close it if it is open, keep it |
 * | and nothing that the file asks for excludes it (an A its CNAME)      |                                 |
 * | removing it would take something from people (members of a group)    | keep, and warn                  |
 * | its host belongs to a refused service, and it is not a part of       | keep: open ones keep their gate |
 * | something that the file wants at other hosts too (a domain's group)  |                                 |
 * | one of our objects that stays needs it                               | keep                            |
 * | it is protected (keepProtected)                                     | refuse                          |
 * | a foreign object needs it                                            | refuse, and say which           |
 * | it guards or names a host that a foreign route still serves, and is  | refuse, and say which           |
 * | not a part of something that the file asks for                       |                                 |
 * | a kind that may need it could not be read                            | refuse, and say which           |
 * | it outlives an object that is refused, or could not be read          | refuse, and say which           |
 * | anything else                                                        | prune; an open route is closed first |
 *
 * Unfinished business is finished in any case, even with pruning off or at a host whose service is refused. With
 * pruning off, objects that stay under the cover of an earlier run ask everybody for a login once the cover is removed.
 */
export function draftPrunes(
  known: Known,
  wantedDrafts: readonly Draft[],
  options: {
    readonly frozen: ReadonlySet<string>;
    /** Hosts under a cover that an earlier run left. */
    readonly covered: ReadonlySet<string>;
    readonly prune: boolean;
  },
): readonly Draft[] {
  const closes: Draft[] = [];
  const held: Draft[] = [];
  let prunes: Draft[] = [];
  for (const have of known.objects) {
    const reconciler = known.reconcilers.get(have.address.kind);
    if (have.owner !== known.owner || known.wanted.has(addressId(have.address))) continue;
    if (reconciler?.write === undefined || have.staysBecause !== undefined) continue;
    const doors = standingDoors(known, have);
    const unfinished = reconciler.unfinished === true || have.unfinished === true;
    if (!(options.prune || unfinished)) {
      const host = doors.find((effect) => options.covered.has(effect.host))?.host;
      closes.push(...(host === undefined ? [] : uncovered(known, have, host)));
      continue;
    }
    const frozenHost = isWantedPart(known, have)
      ? undefined
      : [...options.frozen].find((host) => doors.some((effect) => isAtHost(effect.host, host)));
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
      if (reconciler.enlarges !== undefined) held.push(refused(prune, reason));
      continue;
    }
    const siblings = [...(known.byKind.get(have.address.kind) ?? []), ...created(known, have, wantedDrafts)];
    const stays = reconciler.retain?.(have, siblings) !== undefined && !isReplaced(known, have);
    const close = closeOf(known, have, doors, stays);
    if (close !== undefined) closes.push(close);
    if (stays) continue;
    prunes.push({ ...prune, needs: close === undefined ? [] : [close.id] });
  }
  prunes = refuseServed(known, keepProtected(known, prunes), [...wantedDrafts, ...closes]);
  const going = refuseBlind(known, keepUsed(known, prunes, wantedDrafts));
  return [...closes, ...refuseOutlived(known, going).map((draft) => firstIfItLeaves(known, draft)), ...held];
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
  const want = reconciler?.asking?.(have);
  if (reconciler === undefined || want === undefined) return [];
  return [
    {
      id: draftId('close', { address: have.address, have }),
      verb: 'update',
      reconciler,
      address: have.address,
      want,
      have,
      drift: changedFields(want as object, have.spec as object),
      doors: [{ host, step: 'unroute' }],
      needs: [],
      reason:
        'no longer admits anybody without a login: no file opens these paths, and gates removes the cover around them',
    },
  ];
}

/** The siblings that this run makes, as they will be observed. Removals come after they are made. */
function created(known: Known, { address }: Observed, drafts: readonly Draft[]): readonly Observed[] {
  return drafts
    .filter((draft) => draft.verb === 'create' && draft.address.kind === address.kind)
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
  const obstacle = known.reconcilers.get(have.address.kind)?.obstacle;
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
  if (open === undefined || reconciler?.closed === undefined) return undefined;
  const carriers = known.routes.get(open.host) ?? new Set();
  const moves = carriers.size > 0 && open.via !== undefined && !carriers.has(open.via);
  if (moves && !stays) return undefined;
  const effect: DoorEffect = moves
    ? { host: open.host, step: 'unroute', ...(open.via !== undefined && { via: open.via }) }
    : { host: open.host, step: 'close' };
  const want = reconciler.closed(have, known.owner);
  return {
    id: draftId('close', { address: have.address, have }),
    verb: 'update',
    reconciler,
    address: have.address,
    want,
    have,
    drift: changedFields(want as object, have.spec as object),
    doors: [effect],
    needs: [],
    reason: stays
      ? 'answers 503 for good: what stands behind it would answer instead'
      : 'answers 503 before it is taken away',
  };
}

function changedFields(want: object, have: object): readonly string[] {
  const before = have as Record<string, unknown>;
  return Object.entries(want)
    .filter(([field, value]) => JSON.stringify(value) !== JSON.stringify(before[field]))
    .map(([field]) => field);
}

/**
 * Refuses to remove protected objects, whatever limits are lifted: those that carry a mark, and the parts of those.
 *
 * | protected object                                          | decision                                    |
 * | --------------------------------------------------------- | ------------------------------------------- |
 * | the file asks for the carrier of the mark                 | the removal is a change of an entry: allowed |
 * | a record to whose name the file leads a service           | allowed: the name gets a gate                |
 * | unfinished business of an earlier run                     | allowed: what replaces it exists             |
 * | a part of a carrier that stays                            | keep                                        |
 * | the carrier itself                                        | refuse                                      |
 */
function keepProtected(known: Known, prunes: readonly Draft[]): Draft[] {
  return prunes.flatMap((draft) => {
    const { have } = draft;
    const { protection } = have ?? {};
    if (draft.verb !== 'prune' || have === undefined || protection === undefined) return [draft];
    const { entry, carrier } = protection;
    if (known.wanted.has(carrier) || have.unfinished === true || givesWay(known, have)) return [draft];
    if (carrier !== addressId(have.address)) return [];
    const reason = `the file no longer has this ${entry}, and it is protected: ${unprotecting}`;
    return [refused({ ...draft, needs: [] }, reason)];
  });
}

/** True for a record in whose place the file has a host with a route, and so with a gate. */
function givesWay(known: Known, have: Observed): boolean {
  const { obstacle } = known.reconcilers.get(have.address.kind) ?? {};
  return [...known.wanted.values()].some(({ address, spec, mustExist }) => {
    const isInPlace = address.kind === have.address.kind && obstacle?.(spec, address, [have]) !== undefined;
    return isInPlace && mustExist === undefined;
  });
}

/** Refuses to remove a name or a gate of a host that a route outside this plan still serves. */
function refuseServed(known: Known, prunes: readonly Draft[], others: readonly Draft[]): Draft[] {
  const handled = new Set(
    [...prunes, ...others].map((draft) => draft.have?.id).filter((id) => id !== undefined),
  );
  const served = new Map<string, string>();
  for (const have of known.objects) {
    if (handled.has(have.id)) continue;
    for (const effect of standingDoors(known, have)) {
      if (effect.step === 'unroute' && effect.live === true) served.set(effect.host, addressId(have.address));
    }
  }
  const blind = [...known.unknown.keys()].find((kind) => known.reconcilers.get(kind)?.closed !== undefined);
  return prunes.map((draft) => {
    const leaving = draft.doors.find(
      (effect) => (effect.step === 'publish' || effect.step === 'unguard') && !known.routes.has(effect.host),
    );
    // Removing a part does not remove the rest.
    if (leaving === undefined || (draft.have !== undefined && isWantedPart(known, draft.have))) return draft;
    if (blind !== undefined)
      return refused(draft, `${blind} could not be read: something may still serve ${leaving.host}`);
    const route = served.get(leaving.host);
    if (route === undefined) return draft;
    return refused(draft, `${route} is not ours and still serves ${leaving.host}: remove it first`);
  });
}

/** Drops the prune of an object that one of ours still needs, and refuses it if a foreign one does. */
function keepUsed(known: Known, prunes: readonly Draft[], wantedDrafts: readonly Draft[]): readonly Draft[] {
  const rewritten = new Set(
    wantedDrafts
      .filter((draft) => ['update', 'replace', 'adopt', 'prune'].includes(draft.verb))
      .map((draft) => draft.have?.id),
  );
  let remaining = prunes;
  for (;;) {
    const going = new Set(remaining.filter((draft) => draft.verb === 'prune').map((draft) => draft.have?.id));
    const next: Draft[] = [];
    for (const draft of remaining) {
      const user =
        draft.verb === 'prune' ? userOf(known, draft, (id) => going.has(id) || rewritten.has(id)) : undefined;
      if (user === undefined) next.push(draft);
      else if (user.owner !== known.owner)
        next.push(refused(draft, `${addressId(user.address)} is not ours and still uses it`));
    }
    const settled = next.filter((draft) => draft.verb === 'prune').length === going.size;
    remaining = next;
    if (settled) return remaining;
  }
}

/**
 * Refuses to remove an object while a kind that may use it could not be read. Objects of doors exist by themselves: their system refuses
 * to remove one that is used, unless it takes along what uses it.
 */
function refuseBlind(known: Known, prunes: readonly Draft[]): readonly Draft[] {
  const blind = [...known.unknown.keys()].filter((kind) => {
    const { write, usesNothing } = known.reconcilers.get(kind) ?? {};
    return write !== undefined && usesNothing === undefined;
  });
  return prunes.map((draft) => {
    const { kind: own, counted, unfinished, takesAlong } = draft.reconciler;
    const isOfDoors = draft.doors.length > 0;
    if (draft.verb !== 'prune' || counted || unfinished || (isOfDoors && takesAlong === undefined))
      return draft;
    const mayUse = (kind: Kind) => kind !== own && (!isOfDoors || kind.split('/')[0] === own.split('/')[0]);
    const unseen = blind.find(mayUse);
    return unseen === undefined ? draft : refused(draft, `${unseen} could not be read: one may still use it`);
  });
}

/** Refuses to remove an object before what it outlives, if that stays or could not be read: a later run does. */
function refuseOutlived({ unknown }: Known, prunes: readonly Draft[]): readonly Draft[] {
  const stay = new Set(
    prunes.filter(({ verb }) => verb === 'refuse').map(({ address }) => addressId(address)),
  );
  return prunes.map((draft) => {
    if (draft.verb !== 'prune') return draft;
    const outlived = draft.have?.outlives?.find((id) => stay.has(id) || unknown.has(parseAddressId(id).kind));
    return outlived === undefined ? draft : refused(draft, `it goes once ${outlived} is seen to be gone`);
  });
}

function userOf(known: Known, draft: Draft, letsGo: (id: string) => boolean): Observed | undefined {
  const id = draft.have?.id;
  if (id === undefined) return undefined;
  return known.objects.find((object) => object.id !== id && object.uses.includes(id) && !letsGo(object.id));
}
