import {
  type AddressId,
  addressId,
  parseAddressId,
  systemNames,
  systemOf,
} from '../../core/objects/address.ts';
import type { DoorEffect } from '../../core/objects/door.ts';
import type { GateCheck, Observed } from '../../core/objects/object.ts';
import { type Draft, draftId, refused } from '../drafts/draft.ts';
import type { Known } from '../drafts/known.ts';
import { StandingHosts } from '../drafts/standing-hosts.ts';
import { admitsMoreBy, type LeftoverEnlargement, leftoverEnlargements } from './enlargements.ts';

/**
 * The drafts, and a refusal for each part of a login that stays although the file does not name it, such as the binding of a
 * group while pruning is off, if the login is to ask for less or for something else (`LoginEffects.loosens`), or if a new
 * object enlarges what such a part uses (`LoginEffects.enlarges`). Also a refusal for each object that stays and enlarges what a new
 * object admits, or what such a login does. The change waits for these, and for parts whose removal is refused. What becomes good again
 * (`LoginEffects.enables`) waits for refused removals of what uses it.
 */
export function waitForParts(known: Known, drafts: readonly Draft[]): readonly Draft[] {
  const going = new Map(
    drafts.flatMap((draft) => (draft.have === undefined ? [] : [[draft.have.id, draft]])),
  );
  const held = new Map<string, Draft>();
  const enlargements = leftoverEnlargements(known);
  const waiting = drafts.map((draft): Draft => {
    const enlarging = enlargements
      .filter((each) => admitsMoreBy(each, draft) || asksFewer(known, draft, each))
      .map(({ have }) => have);
    const stays = [...stayingParts(known, draft), ...enlarging].flatMap((part): readonly Draft[] => {
      const removal = going.get(part.id) ?? held.get(part.id) ?? heldRemoval(known, part, unasked);
      if (removal === undefined || removal.verb === 'prune') return [];
      if (!going.has(part.id)) held.set(part.id, removal);
      return [removal];
    });
    stays.push(...usersEnabled(known, draft).flatMap(({ id }) => refusedRemoval(going.get(id))));
    return stays.length === 0 ? draft : { ...draft, needs: [...draft.needs, ...stays.map(({ id }) => id)] };
  });
  return [...waiting, ...held.values()];
}

/** The objects that admit people by what a draft makes good again, whether they name it or use another object that does. */
function usersEnabled(known: Known, { verb, reconciler, want, have }: Draft): readonly Observed[] {
  if (verb !== 'update' || want === undefined || have === undefined) return [];
  if (reconciler.login?.enables?.(want, have) !== true) return [];
  const users = new Set([have]);
  for (const { id } of users) for (const user of known.usersOf.get(id) ?? []) users.add(user);
  return [...users];
}

function refusedRemoval(draft: Draft | undefined): readonly Draft[] {
  return draft?.verb === 'refuse' && draft.want === undefined ? [draft] : [];
}

/** True if a draft loosens a login that admits the people whom an enlargement brings, by parts that the file may name. */
function asksFewer(known: Known, draft: Draft, { enlarged }: LeftoverEnlargement): boolean {
  const isAdmitting = draft.verb === 'create' ? undefined : admitsBy(known, draft);
  return (
    isAdmitting !== undefined &&
    known.objects.some(
      (part) =>
        part.partOf !== undefined &&
        part.uses.some((id) => enlarged.has(id)) &&
        isAdmitting(part, part.partOf),
    )
  );
}

/** The parts of logins that the file does not name, and by which the draft would admit people. */
function stayingParts(known: Known, draft: Draft): readonly Observed[] {
  const isAdmitting = admitsBy(known, draft);
  if (isAdmitting === undefined) return [];
  return known.objects.filter(
    (have) =>
      have.partOf !== undefined &&
      have.owner === known.owner &&
      !known.wanted.has(addressId(have.address)) &&
      isAdmitting(have, have.partOf),
  );
}

/** The parts by which a draft would admit people: those of the login that it loosens, or those that use what it enlarges. */
function admitsBy(
  known: Known,
  { verb, reconciler, want, have, leansOn = [] }: Draft,
): ((part: Observed, login: AddressId) => boolean) | undefined {
  const enlarges = reconciler.login?.enlarges;
  if (verb === 'create' && enlarges !== undefined) {
    const kinds = new Set(leansOn.map((id) => parseAddressId(id).kind));
    const enlarged = new Set([...kinds].flatMap((kind) => known.byKind.get(kind) ?? []).map(({ id }) => id));
    return (part) => enlarges.includes(part.address.kind) && part.uses.some((used) => enlarged.has(used));
  }
  if (want === undefined || have === undefined || !['update', 'adopt'].includes(verb)) return undefined;
  if (reconciler.login?.loosens?.(want, have) !== true) return undefined;
  const users = known.usersOf.get(have.id) ?? [];
  const logins = new Set([have, ...users].map(({ address }) => addressId(address)));
  return (_, login) => logins.has(login);
}

/**
 * The drafts, and a refusal for each part of a shared login, such as that of a domain, that stays although the file does not
 * name it, if a host comes behind this login now: the people of the part never got in there. Everything that would open
 * the host to them, or take its gate away, waits for the refusal. So it does for an object that stays and enlarges what a part
 * of the login admits.
 */
export function waitForLeftovers(
  known: Known,
  proofs: readonly GateCheck[],
  drafts: readonly Draft[],
): readonly Draft[] {
  const going = new Map(
    drafts.flatMap((draft) => (draft.have && !draft.want ? [[draft.have.id, draft]] : [])),
  );
  const staying = admittingLeftovers(known).filter(({ have }) => going.get(have.id)?.verb !== 'prune');
  if (staying.length === 0) return drafts;
  const before = new StandingHosts(known);
  const exchanged = new Set(
    drafts.flatMap(({ verb, address }) => (verb === 'keep' ? [] : [addressId(address)])),
  );
  const coming = proofs.filter((proof) => proof.step === 'prove' && before.comesBehind(proof, exchanged));
  const held = new Map<string, Draft>();
  for (const { have, parts } of staying) {
    const own = new Set(parts.flatMap((part) => removalDoors(known, part)).map(({ host }) => host));
    const logins = new Set(parts.map(({ partOf }) => partOf));
    const hosts = coming.flatMap(({ host, needs }) =>
      needs.some((need) => logins.has(need)) && !own.has(host) ? [host] : [],
    );
    const where = `at ${hosts.join(', ')} whom no file has admitted there`;
    const removal = hosts.length === 0 ? undefined : (going.get(have.id) ?? heldRemoval(known, have, where));
    if (removal === undefined) continue;
    const doors = hosts.map((host): DoorEffect => ({ host, step: 'guard' }));
    held.set(removal.id, { ...removal, doors: [...removal.doors, ...doors] });
  }
  return [...drafts.filter(({ id }) => !held.has(id)), ...held.values()];
}

/** An object that stays although the file does not ask for it, and the parts of logins by which it admits people. */
interface AdmittingLeftover {
  readonly have: Observed;
  readonly parts: readonly Observed[];
}

function admittingLeftovers(known: Known): readonly AdmittingLeftover[] {
  const own = known.objects.filter((have) => admitsByItself(known, have));
  const enlarging = leftoverEnlargements(known).map(({ have, enlarged }) => ({
    have,
    parts: known.objects.filter(
      ({ partOf, uses }) => partOf !== undefined && uses.some((id) => enlarged.has(id)),
    ),
  }));
  return [...own.map((have) => ({ have, parts: [have] })), ...enlarging];
}

/**
 * True for a part of a login by which people get in, and that the file does not ask for. One that the login asks for besides others is no
 * exception: Authentik before 2026.2 took one for enough.
 */
function admitsByItself(known: Known, have: Observed): boolean {
  const { owner, address, partOf } = have;
  if (partOf === undefined || owner !== known.owner || known.wanted.has(addressId(address))) return false;
  return removalDoors(known, have).length > 0;
}

function removalDoors(known: Known, have: Observed): readonly DoorEffect[] {
  return known.reconcilers.get(have.address.kind)?.doors?.(undefined, have, have.address) ?? [];
}

const unasked = 'whom no file has admitted there';

/**
 * The refused removal of an object that stays. It closes and opens nothing, so it has no place in the order of the doors. `where` ends
 * the sentence about the people whom the object would admit.
 */
export function heldRemoval(known: Known, have: Observed, where: string): Draft | undefined {
  const { address } = have;
  const reconciler = known.reconcilers.get(address.kind);
  if (reconciler === undefined) return undefined;
  const id = draftId('prune', { address, have });
  // What it enlarges has these people already, so only what names this removal waits for it.
  const { login: _, ...alone } = reconciler;
  const removal: Draft = {
    id,
    verb: 'prune',
    reconciler: alone,
    address,
    have,
    drift: [],
    doors: [],
    needs: [],
  };
  const system = systemNames[systemOf(address.kind)];
  return refused(
    removal,
    `it stays, and would admit people ${where}: let gates remove it (\`reconcile.prune\`), or remove it in ${system}`,
  );
}
