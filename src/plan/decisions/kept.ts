import { addressId, type Kind, parseAddressId } from '../../core/objects/address.ts';
import { isAtHost } from '../../core/objects/door.ts';
import { grouped } from '../../core/objects/grouped.ts';
import type { Observed } from '../../core/objects/object.ts';
import { unprotecting } from '../../core/objects/protection.ts';
import { type Draft, refused } from '../drafts/draft.ts';
import { isPartOfStaying, isWantedPart, type Known, standingDoors } from '../drafts/known.ts';

/** The removals without those of objects that stay. Some of these are refused, so that people learn of them. */
export function keepOrRefuse(
  known: Known,
  prunes: readonly Draft[],
  others: {
    readonly wanted: readonly Draft[];
    readonly closes: readonly Draft[];
    /** Removals of what exists several times. These only wait for what uses them. */
    readonly duplicates: readonly Draft[];
  },
): readonly Draft[] {
  const { wanted, closes, duplicates } = others;
  const served = refuseServed(known, keepProtected(known, prunes), [...wanted, ...duplicates, ...closes]);
  const unused = keepUsed(known, [...served, ...duplicates], wanted);
  return refuseOutlived(known, refuseBlind(known, unused));
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
  const { obstacle } = known.reconcilers.get(have.address.kind)?.siblings ?? {};
  return [...known.wanted.values()].some(({ address, spec, mustExist }) => {
    const isInPlace = address.kind === have.address.kind && obstacle?.(spec, address, [have]) !== undefined;
    return isInPlace && mustExist === undefined;
  });
}

/**
 * Refuses to remove a name or a gate of a host that a route outside this plan still serves, unless the gate is a part of one that stays. A
 * wildcard serves a host whose name stays, leads to its tunnel, and has no route of ours there, such as after somebody has removed that.
 */
function refuseServed(known: Known, prunes: readonly Draft[], others: readonly Draft[]): Draft[] {
  const handled = new Set(
    [...prunes, ...others].map((draft) => draft.have?.id).filter((id) => id !== undefined),
  );
  const pruned = new Set(prunes.map(({ have }) => have?.id));
  const served: Place[] = [];
  const routed: Place[] = [];
  const named: Place[] = [];
  for (const have of known.objects) {
    if (pruned.has(have.id)) continue;
    for (const { step, host, live, part } of standingDoors(known, have)) {
      if (step === 'unroute' && live === true && !handled.has(have.id)) served.push({ host, have });
      if (step === 'unroute' && part === undefined) routed.push({ host, have });
      if (step === 'publish') named.push({ host, have });
    }
  }
  const routeAt = (host: string) => {
    const isHere = (place: Place) => place.host === host;
    const isLed = ({ have }: Place) => named.some((name) => isHere(name) && mayLead(known, name.have, have));
    if (served.some(isHere) || routed.some((place) => isHere(place) && isLed(place)))
      return served.find(isHere);
    return served.find((place) => isAtHost(place.host, host) && isLed(place));
  };
  const blind = [...known.unknown.keys()].find(
    (kind) => known.reconcilers.get(kind)?.route?.closed !== undefined,
  );
  return prunes.map((draft) => {
    const leaving = draft.doors.find(
      (effect) => (effect.step === 'publish' || effect.step === 'unguard') && !known.routes.has(effect.host),
    );
    // Removing a part does not remove the rest.
    if (leaving === undefined || (draft.have !== undefined && isWantedPart(known, draft.have))) return draft;
    if (blind !== undefined)
      return refused(draft, `${blind} could not be read: something may still serve ${leaving.host}`);
    const route = routeAt(leaving.host)?.have;
    if (route === undefined || isPartOfStaying(known, leaving)) return draft;
    const id = addressId(route.address);
    return refused(draft, `${id} is not ours and still serves ${leaving.host}: remove it first`);
  });
}

/** A live object that serves or names a host, or all hosts below a domain. */
interface Place {
  readonly host: string;
  readonly have: Observed;
}

/** False if the name leads to another tunnel than that of the route. */
function mayLead({ reconcilers }: Known, name: Observed, route: Observed): boolean {
  const [to, there] = [name, route].map(({ address: { kind }, spec }) =>
    reconcilers.get(kind)?.route?.target?.(spec),
  );
  return to === undefined || there === undefined || to === there;
}

/**
 * Drops the prune of an object that one of ours still needs, and refuses it if a foreign one does. Nothing of ours needs an object whose
 * work a new one takes over.
 */
function keepUsed(known: Known, prunes: readonly Draft[], wantedDrafts: readonly Draft[]): readonly Draft[] {
  const rewritten = new Set(
    wantedDrafts
      .filter((draft) => ['update', 'replace', 'adopt'].includes(draft.verb))
      .map((draft) => draft.have?.id),
  );
  const made = grouped(
    wantedDrafts.filter(({ verb }) => verb === 'create'),
    ({ address }) => address.kind,
  );
  const isTakenOver = ({ reconciler, have, address: { kind } }: Draft) =>
    have !== undefined &&
    (made.get(kind) ?? []).some(
      ({ want }) => want !== undefined && reconciler.siblings?.recognizes?.(want, have) === true,
    );
  let remaining = prunes;
  for (;;) {
    const going = new Set(remaining.filter((draft) => draft.verb === 'prune').map((draft) => draft.have?.id));
    const next: Draft[] = [];
    for (const draft of remaining) {
      const user =
        draft.verb === 'prune' ? userOf(known, draft, (id) => going.has(id) || rewritten.has(id)) : undefined;
      if (user === undefined || (user.owner === known.owner && isTakenOver(draft))) next.push(draft);
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
    const { write, traits } = known.reconcilers.get(kind) ?? {};
    return write !== undefined && traits?.usesNothing === undefined;
  });
  return prunes.map((draft) => {
    const { kind: own, traits: { counted, unfinished, takesAlong } = {} } = draft.reconciler;
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
  return known.usersOf.get(id)?.find((object) => object.id !== id && !letsGo(object.id));
}
