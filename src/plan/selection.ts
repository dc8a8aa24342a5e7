import type { Change } from '../core/change.ts';
import { type AddressId, addressId } from '../core/objects/address.ts';
import type { Desired } from '../core/objects/object.ts';
import { referencesIn } from '../core/objects/reference.ts';
import type { PlanOptions } from './options.ts';

/** The part of a plan that a person asked for: one service, or adoption alone; else all of it. */
export function selected(
  changes: readonly Change[],
  desired: Pick<Desired, 'objects' | 'proofs'>,
  options: PlanOptions,
): readonly Change[] {
  const { service } = options;
  const ofService = service === undefined ? changes : onlyService(changes, service, desired);
  return options.adoptOnly === true ? onlyAdoption(ofService) : ofService;
}

/** The changes that one service asks for, and whatever they lean on. */
function onlyService(
  changes: readonly Change[],
  service: string,
  desired: Pick<Desired, 'objects' | 'proofs'>,
): readonly Change[] {
  const basis = basisOf(service, desired);
  const byId = new Map(changes.map((change) => [change.id, change]));
  const wanted = new Set<string>();
  const take = (change: Change): void => {
    if (wanted.has(change.id)) return;
    wanted.add(change.id);
    for (const need of change.needs) {
      const earlier = byId.get(need);
      if (earlier !== undefined) take(earlier);
    }
  };
  for (const change of changes) {
    if (asksFor(change, service) || basis.has(addressId(change.address))) take(change);
  }
  return changes.filter((change) => wanted.has(change.id));
}

/** Everything that the service's objects and its proof lean on, near or far: a client is no part of its service. */
function basisOf(
  service: string,
  { objects, proofs }: Pick<Desired, 'objects' | 'proofs'>,
): ReadonlySet<AddressId> {
  const wanted = new Map(objects.map((object) => [addressId(object.address), object]));
  const own = [...objects, ...proofs].filter((entry) => asksFor(entry, service));
  const found = new Set<AddressId>();
  const waiting = own.flatMap(leansOn);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    const object = wanted.get(next);
    if (object !== undefined) waiting.push(...leansOn(object));
  }
  return found;
}

function leansOn({
  spec,
  needs = [],
}: {
  readonly spec: unknown;
  readonly needs?: readonly AddressId[];
}): readonly AddressId[] {
  return [...referencesIn(spec), ...needs];
}

function asksFor({ because }: { readonly because?: string }, service: string): boolean {
  const entry = `services.${service}`;
  return because === entry || because?.startsWith(`${entry}.`) === true;
}

/** Adoptions that lean on nothing but other adoptions: the order of the rest would be lost without it. */
function onlyAdoption(changes: readonly Change[]): readonly Change[] {
  const left = new Set<string>();
  const kept: Change[] = [];
  for (const change of changes) {
    const adoptable = change.verb === 'adopt' && !change.needs.some((need) => left.has(need));
    if (adoptable || change.verb === 'keep') kept.push(change);
    else left.add(change.id);
  }
  return kept;
}
