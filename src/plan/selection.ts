import type { Change } from '../core/change.ts';
import { type AddressId, addressId } from '../core/objects/address.ts';
import type { Desired } from '../core/objects/object.ts';
import { referencesIn } from '../core/objects/reference.ts';
import type { PlanOptions } from './options.ts';

/** The part of a plan that a person asked for: one service, only adoptions, or everything. */
export function selected(
  changes: readonly Change[],
  desired: Pick<Desired, 'objects' | 'proofs'>,
  options: PlanOptions,
): readonly Change[] {
  const { service } = options;
  const ofService = service === undefined ? changes : onlyService(changes, service, desired);
  return options.adoptOnly === true ? onlyAdoption(ofService) : ofService;
}

/** The changes that one service asks for, and everything that they depend on. */
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

/** Everything that the service's objects and its check depend on: a client is not part of its service. */
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

/** Adoptions that depend only on other adoptions: without the changes that are left out, nothing orders the others. */
function onlyAdoption(changes: readonly Change[]): readonly Change[] {
  const leftOut = new Set<string>();
  const adoptions: Change[] = [];
  for (const change of changes) {
    const adoptable = change.verb === 'adopt' && !change.needs.some((need) => leftOut.has(need));
    if (adoptable || change.verb === 'keep') adoptions.push(change);
    else leftOut.add(change.id);
  }
  return adoptions;
}
