import { type AddressId, addressId } from '../../core/objects/address.ts';
import { type DoorEffect, isLeading } from '../../core/objects/door.ts';
import type { DesiredObject, GateCheck, Observed } from '../../core/objects/object.ts';
import type { KnownAttributes } from '../decisions/wanted.ts';
import type { Draft } from '../drafts/draft.ts';
import type { Known } from '../drafts/known.ts';
import type { PlanOptions } from '../drafts/options.ts';
import type { StandingHosts } from '../drafts/standing-hosts.ts';
import { losesPeople } from '../interim/unlink-first.ts';
import {
  admitsOnlyProbe,
  type Besides,
  becoming,
  coverUp,
  demandCover,
  ownAt,
  takesFromLive,
  uncovering,
} from './cover.ts';
import {
  admitsOthers,
  type Closings,
  closeElsewhere,
  forNow,
  leadsOn,
  type Rerouted,
  reroutedAt,
  withRerouted,
} from './elsewhere.ts';
import { confirming, looking } from './look.ts';

/** The rest of the plan, as far as it matters to the check of a host. */
export interface HostPlan extends Besides {
  readonly options: PlanOptions;
  /** Drafts that wait for a person or for another read, by host. */
  readonly refused: ReadonlyMap<string, readonly Draft[]>;
  readonly moved: ReadonlySet<AddressId>;
  readonly made: ReadonlySet<AddressId>;
  readonly before: StandingHosts;
}

/** The steps around the check of a host. */
export interface HostSteps {
  readonly added: readonly Draft[];
  /** Drafts of the plan by id, and their replacements; undefined: the draft is dropped. */
  readonly instead: ReadonlyMap<string, Draft | undefined>;
}

/** The live objects of a host, and the changes of the plan there. */
interface Site {
  readonly here: readonly Draft[];
  readonly opens: boolean;
  /** A part of the gate is made anew. */
  readonly renewed: boolean;
  /** A Worker behind the gate changes for everybody who passes the gate, so they must not pass meanwhile. */
  readonly shuts: boolean;
  /** The draft of the object that the file asks for in the cover's place. */
  readonly own: Draft | undefined;
  /** The live object in the cover's place. */
  readonly standing: Observed | undefined;
  /**
   * If an object is to take the cover's place, a foreign one may stand before the host until then. An object that stays
   * for another reason, such as pruning that is off, is not exchanged, and hides the gate behind it.
   */
  readonly stays: boolean;
  /** The closings of routes by which another carrier leads to the host. */
  readonly leaving: Closings;
  readonly rerouted: readonly Rerouted[];
  readonly wasOpen: boolean;
}

/** The check of one host with the steps around it, under a cover if the host needs one. */
export function stepsFor(known: Known, proof: GateCheck, here: readonly Draft[], plan: HostPlan): HostSteps {
  const site = siteOf(known, proof, here, plan);
  const { cover } = proof;
  if (cover !== undefined && needsCover(site, proof, plan))
    return underCover(known, { ...proof, cover }, site, plan);
  return site.stays ? { added: [], instead: new Map() } : withoutCover(known, proof, site, plan);
}

function siteOf(
  known: Known,
  proof: GateCheck,
  here: readonly Draft[],
  { attributes, moved, made, prunes, wanted, before }: HostPlan,
): Site {
  const { host, cover, needs, inner } = proof;
  const own = cover === undefined ? undefined : wanted.get(addressId(cover.address));
  const adopted = own?.verb === 'adopt' ? own.have : undefined;
  const standing = cover === undefined ? undefined : (ownAt(known, cover) ?? adopted);
  const stays =
    own === undefined && standing !== undefined && !isGoing(known, proof, standing, attributes, prunes);
  const leaving = closeElsewhere(known, host, here);
  const rerouted = reroutedAt(known, host, here, wanted);
  return {
    ...{ here, own, standing, stays, leaving, rerouted },
    opens: leadsTo(host, here),
    renewed: needs.some((need) => made.has(need)),
    shuts: inner?.some((id) => moved.has(id)) === true,
    wasOpen: before.isOpen(host, here, leaving.added),
  };
}

function needsCover(
  { here, opens, renewed, shuts, own, standing, stays }: Site,
  { host, needs }: GateCheck,
  { refused, moved, before }: HostPlan,
): boolean {
  // The route that the new gate belongs to is refused: the old one would lead to a gate that was not made for it.
  const torn = needs.some((need) => moved.has(need)) && leadsTo(host, refused.get(host) ?? []);
  const isAlike = own?.verb === 'keep' || (own?.verb === 'adopt' && own.doors.length === 0);
  const changesHands = own === undefined ? standing !== undefined && !stays : !isAlike;
  const isExchanged = changesHands || opens || torn || renewed || before.joinsLogin(host) || shuts;
  return isExchanged || leaves(host, here) || losesPeople(host, here);
}

function withoutCover(
  known: Known,
  proof: GateCheck,
  { here, opens, leaving, rerouted, wasOpen }: Site,
  { attributes, options }: HostPlan,
): HostSteps {
  const moving = withRerouted(leaving, rerouted);
  const closes = isSome(moving) && admitsOthers(known, proof.host, here);
  const { added, instead } = closes ? moving : { added: [], instead: new Map<string, Draft>() };
  const seen = { covered: false, opened: opens, stands: opens && wasOpen, changed: here.length > 0 };
  const look = looking(known, proof, { attributes, options, ...seen, up: [] });
  return { added: [look, ...(wasOpen ? forNow(added, proof.host) : added)], instead };
}

/** A check of a gate behind a cover. */
type Covered = GateCheck & { readonly cover: DesiredObject };

function underCover(known: Known, proof: Covered, site: Site, plan: HostPlan): HostSteps {
  const { host, cover, because } = proof;
  const { attributes, options, wanted, before } = plan;
  const { here, opens, shuts, standing, rerouted, wasOpen } = site;
  // The cover does not reach a path with a gate of its own.
  const paths = admitsOthers(known, host, here) ? rerouted.filter(({ isPath }) => isPath) : [];
  const leaving = withRerouted(site.leaving, paths);
  // By then, nobody of the old gate gets in. The cover must not admit them to the origin, which may be a different one.
  const isClosed =
    here.some(leftClosed) ||
    here.some(movesName) ||
    losesPeople(host, here) ||
    before.isClosed(host) ||
    !before.isLed(host) ||
    (standing !== undefined && here.some((draft) => keepsOutPeopleOf(standing, draft)));
  const takes = standing !== undefined && takesFromLive(known, cover, standing, plan);
  const isLedElsewhere = rerouted.length > 0 || leadsOn(here);
  const isShut = shuts || isSome(leaving) || isLedElsewhere || isClosed || takes;
  const up = coverUp(known, cover, standing, { ...plan, isShut });
  const changed = here.length > 0;
  const seen = { covered: true, opened: opens, stands: opens && wasOpen, changed };
  const look = looking(known, proof, { attributes, options, ...seen, up });
  const behind = demandCover(known, proof, { attributes, wanted }, options.adopt);
  const covers = [...up.map((draft) => ({ ...draft, because })), ...behind.first];
  const isGuarded = isGuardedUntilNow(proof, site, plan);
  const locksOut = (draft: Draft) =>
    isGuarded && (standing === undefined || isShut || leaving.added.includes(draft));
  const closing = [...covers, ...leaving.added].map((draft) =>
    locksOut(draft) ? { ...draft, interim: host } : draft,
  );
  const added = [...closing, look, ...behind.freed];
  const instead = new Map([...behind.instead, ...leaving.instead]);
  const end = endOfCover(known, proof, site, plan, { up, freed: behind.freed });
  if (end === undefined) return { added, instead };
  const plain = { covered: false, opened: false, stands: false, changed, up: [] };
  const unwatched = { ...options, watch: false };
  const confirmed = confirming(looking(known, proof, { attributes, options: unwatched, ...plain }));
  return { added: [...added, ...end.added, confirmed], instead: new Map([...instead, ...end.instead]) };
}

/** True if something is closed; a route that stays closed for good, as one before a foreign wildcard, only replaces a draft. */
function isSome({ added, instead }: Closings): boolean {
  return added.length > 0 || instead.size > 0;
}

/** True if people pass a gate at the host until now, so that its closing locks them out. */
function isGuardedUntilNow(
  proof: GateCheck,
  { opens, renewed, wasOpen }: Site,
  { refused, before }: HostPlan,
): boolean {
  // The gate is made anew, without a new route or another gate, because somebody removed a part of it.
  const isLed = opens || leadsTo(proof.host, refused.get(proof.host) ?? []);
  const isWhole = !renewed || isLed || before.hasOtherGate(proof);
  return wasOpen && isWhole && before.isGuarded(proof.host);
}

/** The last step of a cover, after the check; undefined if none is due. */
function endOfCover(
  known: Known,
  proof: Covered,
  { own, standing }: Site,
  { attributes, prunes }: HostPlan,
  { up, freed }: { up: readonly Draft[]; freed: readonly Draft[] },
): HostSteps | undefined {
  const { host, cover, because } = proof;
  // The earlier form, which may have admitted everybody, does not count: only the form under the cover does.
  const spec = up[0]?.want ?? standing?.spec;
  const alone = standing !== undefined && admitsOnlyProbe(known, cover, { spec }, attributes);
  const end = (draft: Draft): Draft =>
    draft.verb === 'refuse' ? draft : { ...draft, needs: [...draft.needs, ...freed.map(({ id }) => id)] };
  const prune = standing === undefined ? undefined : prunes.get(standing.id);
  const successor = prune ?? own;
  // A cover that stands alone has released what the object used, so nothing of that waits for the cover's removal.
  const old = standing && alone && up.length > 0 ? { ...standing, uses: [] } : standing;
  if (successor !== undefined) {
    const last = end(
      prune === undefined
        ? becoming(successor, host, { standing: old, alone })
        : { ...prune, ...(old && { have: old }), doors: uncoveringDoors(prune, alone), because },
    );
    return { added: [], instead: new Map([[successor.id, last]]) };
  }
  // An object that stays for another reason, such as pruning that is off, keeps the probe's way in along with its own.
  if (standing !== undefined && !alone) return undefined;
  return { added: [end(uncovering(known, proof, { cover, standing: old }))], instead: new Map() };
}

/** True if the name of a host comes to lead elsewhere. */
function movesName({ verb, doors }: Draft): boolean {
  return verb === 'update' && doors.some(({ step }) => step === 'publish');
}

/** True for a route to a whole host that somebody changed so that it demands another token than that of the gate. */
function keepsOutPeopleOf(gate: Observed, { reconciler: { route }, have, doors }: Draft): boolean {
  return (
    have !== undefined &&
    doors.some(({ step, part }) => step === 'route' && part === undefined) &&
    route?.demands?.(have.spec) === true &&
    route.passes?.(have.spec, gate) === false
  );
}

/** True for the removal of a route to a whole host that an earlier run has closed. */
function leftClosed({ verb, doors }: Draft): boolean {
  return (
    verb === 'prune' &&
    doors.some(
      ({ step, via, part, live }) =>
        step === 'unroute' && via !== undefined && part === undefined && live !== true,
    )
  );
}

/** True if the object in the cover's place is a cover, or is removed. */
function isGoing(
  known: Known,
  { cover }: GateCheck,
  standing: Observed,
  attributes: KnownAttributes,
  prunes: Besides['prunes'],
): boolean {
  return (
    prunes.has(standing.id) || (cover !== undefined && admitsOnlyProbe(known, cover, standing, attributes))
  );
}

function uncoveringDoors({ doors }: Draft, alone: boolean): readonly DoorEffect[] {
  return doors.map((effect) => ({ ...effect, step: 'unguard', ...(alone && { cover: true }) }));
}

/** True if any of these drafts opens a way to the host. */
function leadsTo(host: string, drafts: readonly Draft[]): boolean {
  return drafts.some(({ doors }) => doors.some((effect) => effect.host === host && isLeading(effect)));
}

/** True if an object that guarded the whole host is removed, even if it guarded it well. What goes last, such as a cache rule, is no gate. */
function leaves(host: string, drafts: readonly Draft[]): boolean {
  const isGate = (effect: DoorEffect) =>
    effect.host === host &&
    (effect.step === 'unguard' || effect.step === 'vacate') &&
    effect.part === undefined &&
    effect.last !== true;
  return drafts.some(({ verb, doors }) => verb === 'prune' && doors.some(isGate));
}
