import { type AddressId, addressId } from '../../core/objects/address.ts';
import { type DoorEffect, isAtHost } from '../../core/objects/door.ts';
import type { Observed } from '../../core/objects/object.ts';
import { type Draft, draftId, driftBetween, rewriting } from '../drafts/draft.ts';
import { type Known, standingDoors } from '../drafts/known.ts';
import type { StandingHosts } from '../drafts/standing-hosts.ts';
import { takesFromInner } from '../interim/around.ts';
import { takesFromEverybody } from '../order/door-edges.ts';

/** True if the gate comes to admit others, whom no route must lead to the old origin (0001). */
export function admitsOthers(known: Known, host: string, here: readonly Draft[]): boolean {
  const isChanged = here.some(({ doors }) =>
    doors.some((effect) => effect.step === 'change' && effect.host === host),
  );
  return (
    isChanged ||
    givesTokensAgain(known, host, here) ||
    here.some(
      (draft) =>
        takesFromInner(known, host, draft) ||
        takesFromOuter(known, host, draft) ||
        hidesAnother(known, host, draft),
    )
  );
}

/**
 * True if a gate admits everybody, because somebody changed it, while a live route demands a token, which such a gate gives to nobody. Its
 * repair lets the people of the gate through.
 */
function givesTokensAgain(known: Known, host: string, here: readonly Draft[]): boolean {
  const areWhole = (doors: readonly DoorEffect[]) =>
    doors.filter((effect) => effect.host === host).map(({ part }) => part === undefined);
  const repaired = areWhole(here.filter(takesFromEverybody).flatMap(({ doors }) => doors));
  if (repaired.length === 0) return false;
  const demanding = known.objects.filter(
    ({ address, owner, spec }) =>
      owner === known.owner && known.reconcilers.get(address.kind)?.route?.demands?.(spec) === true,
  );
  const demanded = new Set(areWhole(demanding.flatMap((have) => standingDoors(known, have))));
  return repaired.some((isWhole) => demanded.has(isWhole));
}

/** True if the gate of a path is made where a live one of ours guards the host, as a killed run may leave it before the host moves. */
function takesFromOuter(known: Known, host: string, draft: Draft): boolean {
  if (!makesInnerGate(draft) || !draft.doors.some((effect) => effect.host === host)) return false;
  return (known.byKind.get(draft.address.kind) ?? []).some(
    (outer) =>
      outer.owner === known.owner &&
      standingDoors(known, outer).some(
        (effect) => effect.host === host && effect.step === 'unguard' && effect.part === undefined,
      ),
  );
}

/** True if a new gate hides one of somebody else for all hosts of the domain, which asks other people. */
function hidesAnother(known: Known, host: string, { reconciler, verb, address, doors }: Draft): boolean {
  const guards = doors.some((effect) => effect.host === host && effect.step === 'guard');
  if (verb !== 'create' || !guards || reconciler.gate === undefined) return false;
  return (known.byKind.get(address.kind) ?? []).some(
    (other) =>
      other.owner !== known.owner &&
      standingDoors(known, other).some((effect) => effect.host !== host && isAtHost(effect.host, host)),
  );
}

/** Closings, and drafts of the plan by id with their replacements. */
export interface Closings {
  readonly added: readonly Draft[];
  readonly instead: ReadonlyMap<string, Draft>;
}

/**
 * Under a cover, routes by which another carrier still leads to the host are closed until the host has moved. With
 * pruning off, no plan removes such a route. It stays, closed: the cover may not be everywhere while the gate changes.
 */
export function closeElsewhere(known: Known, host: string, here: readonly Draft[]): Closings {
  const added: Draft[] = [];
  const instead = new Map<string, Draft>();
  for (const draft of here) {
    const { doors, have, verb } = draft;
    const open = doors.find(({ step, live }) => step === 'unroute' && live === true);
    const staying =
      verb === 'update' && doors.find(({ step, via }) => step === 'unroute' && via !== undefined);
    if (staying) instead.set(draft.id, { ...draft, doors: [{ host: staying.host, step: 'close' }] });
    if (open === undefined || have === undefined || verb !== 'prune' || draft.needs.length > 0) continue;
    const close = closing(known, have, open.host, 'answers 503 before it is taken away');
    if (close === undefined) continue;
    added.push(close);
    instead.set(draft.id, { ...draft, needs: [close.id] });
  }
  const open = routesLeft(known, host, here);
  const reason = 'answers 503: its host is reached by another tunnel now';
  return { added: [...added, ...open.flatMap((have) => closing(known, have, host, reason) ?? [])], instead };
}

function makesInnerGate({ verb, reconciler, doors }: Draft): boolean {
  return verb === 'create' && reconciler.gate !== undefined && doors.some(({ part }) => part !== undefined);
}

/** A route that is closed until the gate of its host admits the new people. */
export interface Rerouted {
  readonly close: Draft;
  /** The id of the draft in place of which the route is opened. */
  readonly replaces: string;
  /** The change of the route, after its closing. */
  readonly open: Draft;
  /** True for the route of a path. */
  readonly isPath: boolean;
}

/**
 * The routes of a host that come to lead to another origin: themselves, or those of its paths because Authentik leads on to another one.
 * All of them if new gates of the host and of its paths hide a foreign one: the first of these would admit its people at the place of
 * the next.
 */
export function reroutedAt(
  known: Known,
  host: string,
  here: readonly Draft[],
  wanted: ReadonlyMap<AddressId, Draft>,
): readonly Rerouted[] {
  const hides = here.some((draft) => hidesAnother(known, host, draft)) && here.some(makesInnerGate);
  const isLedOn = leadsOn(here);
  const kept = isLedOn ? keptPathRoutes(known, host, wanted) : [];
  return [...here, ...kept].flatMap((draft): readonly Rerouted[] => {
    const { reconciler, verb, want, have, doors } = draft;
    const route = doors.find((effect) => effect.host === host && effect.step === 'route');
    if (verb !== 'update' || route === undefined || have === undefined || want === undefined) return [];
    const isPath = route.part !== undefined;
    if (!hides && !(isLedOn && isPath) && !leadsElsewhere(draft)) return [];
    const close = closing(known, have, host, 'answers 503 until its gate admits its new people');
    if (close?.want === undefined) return [];
    const closed = { ...have, spec: close.want };
    const drift = driftBetween(reconciler, want, closed.spec);
    const id = draftId('update', draft);
    const open = { ...draft, id, have: closed, drift, needs: [...draft.needs, close.id] };
    return [{ close, replaces: draft.id, open, isPath }];
  });
}

/**
 * True if Authentik comes to send the host's requests to another origin, or to one at all after somebody deleted the provider. The
 * routes of the host need not change then.
 */
export function leadsOn(here: readonly Draft[]): boolean {
  return here.some(
    (draft) => (leadsElsewhere(draft) && !isClosable(draft)) || (draft.verb === 'create' && sendsOn(draft)),
  );
}

function sendsOn({ reconciler, want }: Draft): boolean {
  return want !== undefined && reconciler.route?.leadsOn?.(want) === true;
}

function leadsElsewhere({ reconciler, want, have }: Draft): boolean {
  if (want === undefined || have === undefined) return false;
  return reconciler.route?.leadsElsewhere?.(have.spec, want) === true;
}

/** True for a route that can answer 503 itself; Authentik, which leads on behind one, cannot. */
function isClosable({ reconciler }: Draft): boolean {
  return reconciler.route?.closed !== undefined;
}

/** The open routes of a host's paths that the plan keeps, as changes that open them. */
function keptPathRoutes(known: Known, host: string, wanted: ReadonlyMap<AddressId, Draft>): readonly Draft[] {
  return [...wanted.values()].flatMap((draft): readonly Draft[] => {
    const { verb, have } = draft;
    if (verb !== 'keep' || have === undefined || !isClosable(draft)) return [];
    const doors = standingDoors(known, have).filter(
      (effect) => effect.host === host && effect.part !== undefined && effect.live === true,
    );
    if (doors.length === 0) return [];
    const opened = doors.map(({ live: _, ...effect }): DoorEffect => ({ ...effect, step: 'route' }));
    return [{ ...draft, verb: 'update', doors: opened }];
  });
}

/**
 * The closings at a host of the file that is not checked, because everybody gets in, or because a person vouches for its gate. The
 * people of a gate must not reach the origin of before there either, nor those of before the new one.
 */
export function closeUnchecked(
  known: Known,
  host: string,
  here: readonly Draft[],
  { wanted, before }: { readonly wanted: ReadonlyMap<AddressId, Draft>; readonly before: StandingHosts },
): Closings {
  if (!known.routes.has(host) || !admitsOthers(known, host, here)) return { added: [], instead: new Map() };
  const rerouted = reroutedAt(known, host, here, wanted);
  const guarded = rerouted.filter(({ isPath }) => isPath || known.guarded.has(host));
  const leaving = closeElsewhere(known, host, here);
  const { added, instead } = withRerouted(leaving, guarded);
  return { added: before.isOpen(host, here, leaving.added) ? forNow(added, host) : added, instead };
}

/** The same closings, which the run undoes if later steps are not made. */
export function forNow(closings: readonly Draft[], host: string): readonly Draft[] {
  return closings.map((draft) => ({ ...draft, interim: host }));
}

/**
 * The refused routes of a host that could not be read. They close the host if its gate comes to admit others, so that the gate waits until
 * gates can read where the host leads: it may be another origin than that of the file.
 */
export function closeUnread(
  known: Known,
  host: string,
  { here, refused }: { readonly here: readonly Draft[]; readonly refused: readonly Draft[] },
): readonly Draft[] {
  const unread = refused.filter(
    ({ address, doors }) =>
      known.unknown.has(address.kind) &&
      doors.some((effect) => effect.host === host && effect.step === 'route'),
  );
  if (unread.length === 0 || !admitsOthers(known, host, here)) return [];
  return unread.map((draft) => ({ ...draft, doors: [...draft.doors, { host, step: 'close' }] }));
}

/** All of these closings. */
export function withRerouted({ added, instead }: Closings, rerouted: readonly Rerouted[]): Closings {
  return {
    added: [...added, ...rerouted.map(({ close }) => close)],
    instead: new Map([...instead, ...rerouted.map(({ replaces, open }) => [replaces, open] as const)]),
  };
}

/** Our open routes by another carrier for which the plan has no draft. */
function routesLeft(known: Known, host: string, here: readonly Draft[]): readonly Observed[] {
  const handled = new Set(here.map(({ have }) => have?.id));
  const carriers = known.routes.get(host) ?? new Set();
  const closable = [...known.reconcilers.values()].filter(({ route }) => route?.closed !== undefined);
  const routes = closable.flatMap(({ kind }) => known.byKind.get(kind) ?? []);
  return routes.filter(
    (have) =>
      have.owner === known.owner &&
      !handled.has(have.id) &&
      !known.wanted.has(addressId(have.address)) &&
      standingDoors(known, have).some(
        ({ host: at, step, live, via }) =>
          at === host && step === 'unroute' && live === true && via !== undefined && !carriers.has(via),
      ),
  );
}

/** The closing of a route; undefined if an earlier run has closed it. */
function closing(known: Known, have: Observed, host: string, reason: string): Draft | undefined {
  const reconciler = known.reconcilers.get(have.address.kind);
  const want = reconciler?.route?.closed?.(have, known.owner);
  if (reconciler === undefined || want === undefined) return undefined;
  if (driftBetween(reconciler, want, have.spec).length === 0) return undefined;
  return rewriting('close', { reconciler, have, want, doors: [{ host, step: 'close' }], reason });
}
