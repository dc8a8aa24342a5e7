import type { DoorEffect } from '../../core/objects/door.ts';
import { grouped } from '../../core/objects/grouped.ts';
import type { Observed } from '../../core/objects/object.ts';
import { referencesIn } from '../../core/objects/reference.ts';
import { type Draft, draftId, driftBetween, isClosing } from '../drafts/draft.ts';
import { type Known, standingDoors } from '../drafts/known.ts';
import { liesIn } from '../order/door-edges.ts';
import { routesTo, usedDoors } from './releases.ts';

/**
 * If a foreign object already serves a guarded host, the host is closed before anything else is done about it: its new
 * route is created closed and opened later. If the host is led elsewhere, by a wildcard or by its own name, its name follows at once,
 * because the closed route answers only where the name leads. Nobody gets in while the gate is built, and if the gate cannot be
 * built, the host stays closed. A name that comes back waits if the route of a path is open there and the plan changes whom a gate of the
 * host admits: the people of before would reach that path.
 */
export function closeFirst(known: Known, drafts: readonly Draft[]): readonly Draft[] {
  const targets = otherTargets(known, drafts);
  const closings = new Map<string, readonly string[]>();
  const stepped = drafts.flatMap((draft) => {
    const host = draft.doors.find(({ step, host }) => step === 'route' && known.guarded.has(host))?.host;
    const siblings = known.byKind.get(draft.address.kind) ?? [];
    if (draft.want === undefined || host === undefined) return [draft];
    const closed = draft.reconciler.route?.closedFirst?.(
      draft.want,
      siblings,
      known.owner,
      targets.get(host),
    );
    if (closed === undefined) return [draft];
    if (draft.verb !== 'create') {
      if (draft.verb === 'update' && isClosed(draft)) closings.set(host, []);
      return [draft];
    }
    const close = closing(draft, host, closed);
    closings.set(host, [close.id]);
    return [close, opening(draft, closed)];
  });
  const open = openRoutesByHost(known);
  const changed = new Set(
    drafts.flatMap(({ doors }) => doors.flatMap(({ step, host }) => (step === 'change' ? [host] : []))),
  );
  const reaches = ({ verb }: Draft, host: string) =>
    verb === 'update' && changed.has(host) && routesThere(known, host, open).length > 0;
  return stepped.map((draft) => {
    const host = nameIn(draft);
    const isFirst = host !== undefined && targets.has(host) && !reaches(draft, host);
    const needs = isFirst ? closings.get(host) : undefined;
    const because = draft.verb === 'create' ? 'a wildcard leads elsewhere' : 'it leads elsewhere';
    return needs === undefined ? draft : leadingBack(draft, needs, because);
  });
}

/**
 * If the name of a guarded host leads elsewhere through the edge and all routes to which it comes back are closed meanwhile, it comes back
 * at once: whom the gates of the host admit in between would reach the other place. Gates admit nobody to a name around the edge, and once
 * it comes back, there may be copies of what the gates of paths admitted to before.
 */
export function leadBackFirst(known: Known, drafts: readonly Draft[]): readonly Draft[] {
  const moved = new Map(drafts.flatMap((draft) => guardedNameThatMoves(known, draft)));
  if (moved.size === 0) return drafts;
  const open = openRoutesByHost(known);
  const closings = new Map(drafts.flatMap((draft) => (isClosing(draft) ? [[draft.have?.id, draft.id]] : [])));
  return drafts.map((draft) => {
    const host = moved.get(draft);
    const routes = host === undefined ? [] : (open.get(host) ?? []);
    const needs =
      host === undefined
        ? []
        : routesThere(known, host, open).flatMap(({ have }) => closings.get(have.id) ?? []);
    const isAll = needs.length > 0 && needs.length === routes.length;
    return isAll ? leadingBack(draft, needs, 'it leads elsewhere') : draft;
  });
}

function guardedNameThatMoves(known: Known, draft: Draft): readonly (readonly [Draft, string])[] {
  const { verb, doors, have } = draft;
  const host = verb === 'update' ? doors.find(({ step }) => step === 'publish')?.host : undefined;
  if (host === undefined || have === undefined || !known.guarded.has(host)) return [];
  return standingDoors(known, have).some(({ live }) => live === true) ? [[draft, host]] : [];
}

/** The open routes to which the name of a host comes back. */
function routesThere(known: Known, host: string, open: ReturnType<typeof openRoutesByHost>) {
  const carriers = known.routes.get(host);
  return (open.get(host) ?? []).filter(({ via }) => carriers?.has(via));
}

/** Our routes that let requests through, each with its carrier. */
function openRoutesByHost(known: Known) {
  const own = known.objects.filter(({ owner }) => owner === known.owner);
  const routes = own.flatMap((have) =>
    standingDoors(known, have).flatMap(({ host, step, live, via }) =>
      step === 'unroute' && live === true && via !== undefined ? [{ have, host, via }] : [],
    ),
  );
  return grouped(routes, ({ host }) => host);
}

/**
 * The route of a path demands the token of its own gate, and may match a little more than that gate's path (`/health/`), where the gate
 * of the host answers. If that still admits everybody, it issues no token, so people may send the one of the path themselves. Nobody got
 * in there if the route of the host demands a token by now, because a run ended before it changed the gate. So the route of the path
 * is created closed then, and opens with the other routes. It is not made in vain while these wait. So is a route below the path of a
 * gate that goes, if no route demands the token of that gate: the gate of the host takes what lies around the new path from it, and the
 * route of the host demands no token yet.
 */
export function closePathsFirst(known: Known, drafts: readonly Draft[]): readonly Draft[] {
  const hosts = new Set(
    drafts.flatMap((draft) => [
      ...hostsWithoutToken(known, draft),
      ...hostsDividedInside(known, draft, drafts),
    ]),
  );
  return drafts.flatMap((draft) => {
    const { verb, reconciler, address, want, doors, because } = draft;
    const door = doors.find(
      ({ host, step, via }) => hosts.has(host) && step === 'divide' && via !== undefined,
    );
    if (verb !== 'create' || want === undefined || door === undefined) return [draft];
    const have: Observed = {
      address,
      id: draft.id,
      owner: known.owner,
      spec: want,
      attributes: {},
      uses: [],
    };
    const spec = reconciler.route?.closed?.(have, known.owner);
    if (spec === undefined) return [draft];
    const closed: Observed = { ...have, spec };
    const close = closing(draft, door.host, closed);
    const reason = 'answers 503 until the gate of its host asks for a login';
    // Only the API knows the id of the closed route. The run finds it by its address.
    const { have: _, ...open } = opening(draft, closed);
    const later = reconciler.doors?.(want, closed, address) ?? [];
    const id = draftId('update', { address });
    return [
      { ...close, reason, interim: door.host },
      { ...open, id, doors: later, ...(because !== undefined && { because }) },
    ];
  });
}

/** The hosts whose route demands a token of a gate that admits everybody, and that asks for more now. */
function hostsWithoutToken(known: Known, { verb, reconciler, address, have }: Draft): readonly string[] {
  if (verb !== 'update' || have === undefined) return [];
  const removal = reconciler.doors?.(undefined, have, address) ?? [];
  const hosts = removal.flatMap(({ host, step, part }) =>
    step === 'guard' && part === undefined ? [host] : [],
  );
  return hosts.length > 0 && routesTo(known, have).length > 0 ? hosts : [];
}

/** The hosts at which a path gets a gate of its own inside the path of a gate that goes and that has no route of its own. */
function hostsDividedInside(
  known: Known,
  { verb, reconciler, address, have }: Draft,
  drafts: readonly Draft[],
): readonly string[] {
  if (verb !== 'prune' || have === undefined) return [];
  const removal = (reconciler.doors?.(undefined, have, address) ?? []).filter(
    ({ step, part }) => step === 'unguard' && part !== undefined,
  );
  const isInside = ({ verb: made, doors }: Draft, { host, part }: DoorEffect) =>
    made === 'create' && doors.some((effect) => effect.host === host && liesIn(effect.part, part));
  const hosts = removal.flatMap((effect) =>
    drafts.some((draft) => isInside(draft, effect)) ? [effect.host] : [],
  );
  if (hosts.length === 0) return [];
  // A route of its own path is closed before all this.
  const used = routesTo(known, have).flatMap((route) => usedDoors(known, route));
  return used.some(({ part }) => part !== undefined) ? [] : hosts;
}

/** The other targets to which guarded hosts are led until their names are made or changed, by host. */
function otherTargets(known: Known, drafts: readonly Draft[]): ReadonlyMap<string, string> {
  const targets = new Map<string, string>();
  for (const draft of drafts) {
    const host = nameIn(draft);
    if (host === undefined || draft.want === undefined || !known.guarded.has(host)) continue;
    const siblings = known.byKind.get(draft.address.kind) ?? [];
    const target = draft.reconciler.route?.otherTarget?.(draft.want, siblings);
    if (target !== undefined) targets.set(host, target);
  }
  return targets;
}

/** The host of a name that is to be made or changed. */
function nameIn({ verb, doors }: Draft): string | undefined {
  return verb === 'create' || verb === 'update'
    ? doors.find(({ step }) => step === 'publish')?.host
    : undefined;
}

/** True if a live route is closed, because an earlier run ended before it opened the route. */
function isClosed({ reconciler, address, have }: Draft): boolean {
  const doors = have === undefined ? [] : (reconciler.doors?.(undefined, have, address) ?? []);
  return doors.some(({ step, live }) => step === 'unroute' && live !== true);
}

/** A name that leads its host to closed routes. */
function leadingBack(draft: Draft, needs: readonly string[], because: string): Draft {
  const doors = draft.doors.map(({ host }) => ({ host, step: 'close' as const }));
  const reason = `leads to a route that answers 503 until the gate exists: ${because}`;
  return { ...draft, doors, needs: [...draft.needs, ...needs], reason };
}

function closing(draft: Draft, host: string, closed: Observed): Draft {
  const { address } = draft;
  const reason = 'answers 503 until its gate exists: something else would answer in its place';
  const doors: readonly DoorEffect[] = [{ host, step: 'close' }];
  const leansOn = referencesIn(closed.spec);
  return { ...draft, id: draftId('close', { address }), want: closed.spec, doors, leansOn, reason };
}

function opening(draft: Draft, closed: Observed): Draft {
  const { address } = draft;
  // While its tunnel does not exist, nobody knows the id of the closed route. The run finds it by its address.
  const have = referencesIn(closed.spec).length === 0 ? { have: closed } : {};
  return {
    ...draft,
    ...have,
    id: draftId('update', { address, ...have }),
    verb: 'update',
    drift: driftBetween(draft.reconciler, draft.want, closed.spec),
    needs: [...draft.needs, draftId('close', { address })],
  };
}
