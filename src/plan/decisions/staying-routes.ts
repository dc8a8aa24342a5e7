import { addressId } from '../../core/objects/address.ts';
import type { DoorEffect, DoorStep } from '../../core/objects/door.ts';
import type { DesiredObject, Observed } from '../../core/objects/object.ts';
import type { Draft } from '../drafts/draft.ts';
import { type Known, standingDoors } from '../drafts/known.ts';
import { StandingHosts } from '../drafts/standing-hosts.ts';
import { heldRemoval } from './staying-parts.ts';

/**
 * The drafts, and a refusal for each route of ours that stays although the file does not name it, if it lets the people of a gate through
 * to another origin than the file, and this gate comes to admit others; or if the name of its host comes to lead to its tunnel. Also one
 * for each gate that stays and admits everybody, if its host comes to lead somewhere. All other changes of the host wait for it.
 */
export function waitForRoutes(known: Known, drafts: readonly Draft[]): readonly Draft[] {
  const staying = stayingObjects(known, drafts);
  if (staying.length === 0) return drafts;
  const reached = newlyLed(known, drafts);
  const held = staying.flatMap((have): readonly Draft[] => {
    const places = standingDoors(known, have);
    const admits = drafts.some((draft) => leadsTo(known, draft, have)) || admitsAt(known, have, reached);
    const where = admits
      ? `at ${places.map(({ host, part = '' }) => host + part).join(', ')} whom the file does not admit`
      : atOtherOrigin(known, have, drafts);
    const removal = where === undefined ? undefined : heldRemoval(known, have, where);
    const doors = places.map(({ host }): DoorEffect => ({ host, step: 'close' }));
    return removal === undefined ? [] : [{ ...removal, doors }];
  });
  return held.length === 0 ? drafts : [...drafts, ...held];
}

/** True if a draft changes a name so that it leads to the tunnel of this open route of its host. Until then, nobody gets in by the route. */
function leadsTo(known: Known, { verb, reconciler, doors, have }: Draft, route: Observed): boolean {
  const target = known.reconcilers.get(route.address.kind)?.route?.target?.(route.spec);
  if (verb !== 'update' || have === undefined || target === undefined) return false;
  const names = hostsWith('publish', doors);
  const isLeftFor = ({ host, via, live }: DoorEffect) =>
    live === true && via !== undefined && names.has(host) && known.routes.get(host)?.has(via) === true;
  return target !== reconciler.route?.target?.(have.spec) && standingDoors(known, route).some(isLeftFor);
}

/** Hosts that lead nowhere now, and whose names the drafts make or change. */
function newlyLed(known: Known, drafts: readonly Draft[]): ReadonlySet<string> {
  const before = new StandingHosts(known);
  const doors = drafts.flatMap((draft) => (draft.verb === 'refuse' ? [] : draft.doors));
  const isLed = (host: string) => before.mayOpen(host) && before.isLed(host);
  return new Set([...hostsWith('publish', doors)].filter((host) => !isLed(host)));
}

/** True for a gate that admits everybody at one of these hosts, if the file guards the host by another of its kind. */
function admitsAt(known: Known, have: Observed, hosts: ReadonlySet<string>): boolean {
  if (have.partOf !== undefined) return false;
  // Where such a gate goes, the host is guarded.
  const open = [...hostsWith('guard', standingDoors(known, have))].filter((host) => hosts.has(host));
  if (open.length === 0) return false;
  const { kind } = have.address;
  const wanted = [...known.wanted.values()].filter(({ address }) => address.kind === kind);
  const guarded = hostsWith(
    'guard',
    wanted.flatMap((want) => doorsOf(known, want)),
  );
  return open.some((host) => guarded.has(host));
}

function hostsWith(wanted: DoorStep, doors: readonly DoorEffect[]): ReadonlySet<string> {
  return new Set(doors.flatMap(({ step, host }) => (step === wanted ? [host] : [])));
}

function doorsOf(known: Known, { address, spec }: DesiredObject): readonly DoorEffect[] {
  return known.reconcilers.get(address.kind)?.doors?.(spec, undefined, address) ?? [];
}

/**
 * The end of the sentence about the people whom a route admits: those of each gate whose token it takes, if one of these gates comes to
 * admit others, and the file leads nobody to the origin of the route. Otherwise undefined.
 */
function atOtherOrigin(known: Known, route: Observed, drafts: readonly Draft[]): string | undefined {
  const gates = gatesOf(known, route);
  const admitsOthers = drafts.some((draft) => gates.some((gate) => changesPeople(draft, gate)));
  if (!admitsOthers || !leadsElsewhere(known, route)) return undefined;
  return `of ${gates.map(({ address }) => address.key).join(' and ')} at an origin to which the file does not lead them`;
}

/** Objects of ours that the plan leaves as they are, and that the file does not ask for. */
function stayingObjects(known: Known, drafts: readonly Draft[]): readonly Observed[] {
  const handled = new Set(drafts.flatMap(({ have }) => (have === undefined ? [] : [have.id])));
  return known.objects.filter(
    ({ id, owner, address }) =>
      owner === known.owner && !handled.has(id) && !known.wanted.has(addressId(address)),
  );
}

/** The gates of ours whose token a route takes. */
function gatesOf(known: Known, { address, spec }: Observed): readonly Observed[] {
  const passes = known.reconcilers.get(address.kind)?.route?.passes;
  return known.objects.filter((gate) => gate.owner === known.owner && passes?.(spec, gate) === true);
}

/** True if a draft changes a gate, or a policy that it uses, so that it admits others. */
function changesPeople({ have, doors }: Draft, gate: Observed): boolean {
  const isOf = have !== undefined && (have.id === gate.id || gate.uses.includes(have.id));
  return isOf && doors.some(({ step }) => step === 'change' || step === 'unguard');
}

/** True if the file leads neither the host nor a path of it to the origin of a route. */
function leadsElsewhere(known: Known, route: Observed): boolean {
  const { kind } = route.address;
  const reconciler = known.reconcilers.get(kind);
  const hosts = new Set(standingDoors(known, route).map(({ host }) => host));
  const isHere = (want: DesiredObject) =>
    want.address.kind === kind && doorsOf(known, want).some(({ host }) => hosts.has(host));
  return [...known.wanted.values()]
    .filter(isHere)
    .every(({ spec }) => reconciler?.route?.leadsElsewhere?.(route.spec, spec) === true);
}
