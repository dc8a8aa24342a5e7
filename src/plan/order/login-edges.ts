import { type AddressId, addressId } from '../../core/objects/address.ts';
import { isGuarding, isLeading } from '../../core/objects/door.ts';
import { grouped } from '../../core/objects/grouped.ts';
import { referencesIn } from '../../core/objects/reference.ts';
import type { Draft } from '../drafts/draft.ts';
import type { NeedEdge } from './need-edge.ts';

/**
 * Repairing a login that someone disabled in the dashboard reactivates its bindings. So the plan first removes bindings
 * that someone added there and recreates bindings that someone deleted.
 */
export function* partEdges(drafts: readonly Draft[]): Generator<NeedEdge> {
  const updates = grouped(
    drafts.filter(({ verb }) => verb === 'update'),
    ({ have }) => have?.id,
  );
  if (updates.size === 0) return;
  const changesTo = (whole: Draft) =>
    (whole.have?.uses ?? [])
      .flatMap((used) => updates.get(used) ?? [])
      .filter((draft) => strictnessOf(draft) >= 0);
  const standing = new Map(
    drafts.flatMap((draft) =>
      draft.have !== undefined && (draft.verb === 'keep' || draft.verb === 'update')
        ? [[addressId(draft.address), draft]]
        : [],
    ),
  );
  const guards = ({ doors }: Draft) => doors.every(({ step }) => isGuarding(step));
  const makers = new Map(
    drafts.flatMap((draft) =>
      ['create', 'refuse'].includes(draft.verb) && draft.doors.length > 0 && guards(draft)
        ? [[addressId(draft.address), draft]]
        : [],
    ),
  );
  for (const draft of drafts) {
    const { id, verb, have } = draft;
    const isMended = (verb === 'prune' || verb === 'update') && guards(draft);
    const whole = isMended && have?.partOf !== undefined ? standing.get(have.partOf) : undefined;
    if (whole !== undefined) for (const change of changesTo(whole)) yield [change.id, id, 'revival'];
  }
  for (const whole of standing.values()) {
    const newParts = (whole.leansOn ?? []).flatMap((part) => makers.get(part) ?? []);
    for (const change of changesTo(whole)) {
      // A binding that is made of the changed object admits nobody before it is made.
      for (const part of newParts) if (!isMadeOf(part, change)) yield [change.id, part.id, 'revival'];
    }
  }
}

/**
 * A stricter login asks everybody for more before it admits somebody else, and a laxer one asks for less only when it
 * admits nobody else any more. So a laxer one also waits for what is refused.
 */
export function* strictnessEdges(drafts: readonly Draft[]): Generator<NeedEdge> {
  for (const draft of drafts) {
    const own = strictnessOf(draft);
    if (own === 0) continue;
    for (const other of besides(draft, drafts)) {
      if (other.verb === 'keep' || other.verb === 'verify') continue;
      const theirs = strictnessOf(other);
      // A removal does not wait for a refused change: it only takes something away.
      const isHeld = draft.verb !== 'refuse' || other.verb !== 'prune';
      if (own < theirs && isHeld) yield [other.id, draft.id, 'strictness'];
      // Before it asks for less, nobody gets in by an object that is only now made of it.
      if (own > theirs && !isMadeOf(other, draft)) yield [draft.id, other.id, 'strictness'];
    }
  }
}

/** The drafts of the objects that use the same login: the login itself, its parts, and those that it needs and that are made. */
function besides(draft: Draft, drafts: readonly Draft[]): ReadonlySet<Draft> {
  const { address, want, have, leansOn: own = [] } = draft;
  const id = addressId(address);
  const named = new Set(referencesIn(want));
  const users = drafts.filter(
    (other) =>
      addressId(other.address) === have?.partOf ||
      (have !== undefined && other.have?.uses.includes(have.id) === true) ||
      other.leansOn?.includes(id) === true,
  );
  const wholes = new Set([id, ...users.map((user) => addressId(user.address))]);
  const needed = new Set([...own, ...users.flatMap(({ leansOn = [] }) => leansOn)]);
  const parts = drafts.filter(({ verb, address: at, have: live }) => {
    const isMade = verb === 'create' || verb === 'refuse';
    const isNeeded = isMade && needed.has(addressId(at)) && !named.has(addressId(at));
    return isNeeded || (live?.partOf !== undefined && wholes.has(live.partOf));
  });
  return new Set([...users, ...parts]);
}

/**
 * True if a login that stands comes to ask for more before it gets the part: until then, the part would admit people
 * without it. The parts that it has make it work.
 */
export function comesBeforePart(draft: Draft, part: AddressId): boolean {
  return strictnessOf(draft) < 0 && !referencesIn(draft.want).includes(part);
}

/** The strictness of a change (`LoginEffects`), or 0. A refused change without a live object may ask for more: gates could not read the object. */
function strictnessOf({ verb, reconciler, want, have }: Draft): number {
  const strictness = reconciler.login?.strictness;
  const isChange = ['update', 'adopt', 'prune'].includes(verb) || (verb === 'refuse' && want !== undefined);
  if (strictness === undefined || !isChange) return 0;
  if (have === undefined) return verb === 'refuse' ? -1 : 0;
  return strictness(want, have);
}

/** True if the first is only now made of the second, or gets it as a part that it had before somebody removed it. */
function isMadeOf({ verb, address: made, leansOn }: Draft, { address, have }: Draft): boolean {
  return verb === 'create' && (leansOn?.includes(addressId(address)) || have?.partOf === addressId(made));
}

/**
 * Somebody may have led the host of a login elsewhere, where others say who has logged in. So the plan repairs the name and the routes of
 * that host before a gate of another host comes to use the login.
 */
export function* loginHostEdges(drafts: readonly Draft[]): Generator<NeedEdge> {
  const hostOf = new Map(
    drafts.flatMap(({ reconciler, address, want }) => {
      const host = want === undefined ? undefined : reconciler.login?.servedAt?.(want);
      return host === undefined ? [] : [[addressId(address), host] as const];
    }),
  );
  if (hostOf.size === 0) return;
  const repairs = drafts.filter(({ verb }) => verb === 'update');
  for (const { id, verb, leansOn = [], doors } of drafts) {
    if (verb !== 'create' && verb !== 'update') continue;
    const hosts = new Set(leansOn.flatMap((login) => hostOf.get(login) ?? []));
    for (const host of hosts) {
      if (doors.some((effect) => effect.host === host)) continue;
      for (const repair of repairs)
        if (repair.doors.some((effect) => effect.host === host && isLeading(effect)))
          yield [id, repair.id, 'door'];
    }
  }
}

/**
 * See `LoginEffects.enlarges`. A closing waits for nothing, nor does what it needs, such as the policy of a cover, and no
 * removal lets anybody in. If a removal is refused, what waits for it waits for a later run.
 */
export function* enlargingEdges(drafts: readonly Draft[]): Generator<NeedEdge> {
  const closings = closingsIn(drafts);
  for (const enlarging of drafts) {
    const enlarges = enlarging.reconciler.login?.enlarges;
    if (enlarges === undefined) continue;
    for (const draft of drafts) {
      const isAlike = draft.address.kind === enlarging.address.kind;
      if (!isAlike && !enlarges.includes(draft.address.kind)) continue;
      // The closing of a login for which the removal waits (`unlinkFirst`).
      if (enlarging.needs.includes(draft.id)) continue;
      if (enlarging.want === undefined) {
        if (draft.want !== undefined && !closings.has(draft)) yield [draft.id, enlarging.id, 'door'];
      } else if (!isAlike) yield [enlarging.id, draft.id, 'door'];
    }
  }
}

/** The closings, and everything that has to be made for them or before them. */
function closingsIn(drafts: readonly Draft[]): ReadonlySet<Draft> {
  const made = drafts.filter(({ verb }) => verb === 'create');
  const byAddress = new Map(made.map((draft) => [addressId(draft.address), draft]));
  const byId = new Map(drafts.map((draft) => [draft.id, draft]));
  const found = new Set(drafts.filter(({ doors }) => doors.some(({ step }) => step === 'close')));
  for (const { leansOn = [], needs } of found) {
    const earlier = [...leansOn.map((id) => byAddress.get(id)), ...needs.map((id) => byId.get(id))];
    for (const draft of earlier) if (draft !== undefined) found.add(draft);
  }
  return found;
}
