import type { Change, Plan } from '../core/change.ts';
import { type AddressId, addressId } from '../core/objects/address.ts';
import { isLeading } from '../core/objects/door.ts';
import { grouped } from '../core/objects/grouped.ts';
import type { Desired } from '../core/objects/object.ts';
import { referencesIn } from '../core/objects/reference.ts';
import type { PlanOptions } from './drafts/options.ts';

/** The part of a plan that a person asked for: one service, only adoptions, or everything. */
export function selected(
  changes: readonly Change[],
  desired: Pick<Desired, 'objects' | 'proofs'>,
  options: PlanOptions,
): readonly Change[] {
  const { service } = options;
  const ofService = service === undefined ? changes : onlyService(changes, service, desired);
  return options.adoptOnly === true ? onlyAdoption(ofService, desired, service) : ofService;
}

/** The changes that one service asks for, and everything that they depend on. */
function onlyService(
  changes: readonly Change[],
  service: string,
  desired: Pick<Desired, 'objects' | 'proofs'>,
): readonly Change[] {
  const basis = dependencies(desired)(service);
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
    if (serviceOf(change.because) === service || basis.has(addressId(change.address))) take(change);
  }
  return changes.filter((change) => wanted.has(change.id));
}

/**
 * Returns a function that gives everything on which a service's objects and its check depend: a client is not part of its
 * service.
 */
export function dependencies({
  objects,
  proofs,
}: Pick<Desired, 'objects' | 'proofs'>): (service: string) => ReadonlySet<AddressId> {
  const wanted = new Map(objects.map((object) => [addressId(object.address), object]));
  const own = grouped([...objects, ...proofs], ({ because }) => serviceOf(because));
  return (service) => {
    const found = new Set<AddressId>();
    const waiting = (own.get(service) ?? []).flatMap(leansOn);
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (found.has(next)) continue;
      found.add(next);
      const object = wanted.get(next);
      if (object !== undefined) waiting.push(...leansOn(object));
    }
    return found;
  };
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

/**
 * The adoptions, what their services need besides, and everything that must come before. A host that the plan opens is
 * left to `gates apply`. If anything changes at another host, its steps are taken together, or a host that is closed for
 * one of them would stay closed.
 */
function onlyAdoption(
  changes: readonly Change[],
  desired: Pick<Desired, 'objects' | 'proofs'>,
  service: string | undefined,
): readonly Change[] {
  const adoptions = changes.filter(({ verb }) => verb === 'adopt');
  // A run that was killed may have taken over everything that the named service has, and made nothing yet.
  const named = [service, ...adoptions.map(({ because }) => serviceOf(because))];
  const services = new Set(named.flatMap((name) => name ?? []));
  const neededBy = dependencies(desired);
  const basis = new Set([...services].flatMap((name) => [...neededBy(name)]));
  const opened = new Set(changes.filter(({ verb }) => verb === 'create').flatMap(leadsTo));
  const isBeside = ({ verb, doors, because, address }: Change) =>
    // A setting that all services share, such as the address of the login page: without it their checks would fail.
    (verb === 'update' &&
      because !== undefined &&
      serviceOf(because) === undefined &&
      basis.has(addressId(address))) ||
    (verb === 'create' &&
      !doors.some(({ host }) => opened.has(host)) &&
      (services.has(serviceOf(because) ?? '') ||
        basis.has(addressId(address)) ||
        (because === shared && services.size > 0)));
  const byId = new Map(changes.map((change) => [change.id, change]));
  const byHost = new Map<string, Change[]>();
  for (const change of changes)
    for (const { host } of change.doors) byHost.set(host, [...(byHost.get(host) ?? []), change]);
  const taken = new Set<Change>();
  const isRefused = ({ verb, because }: Change) =>
    verb === 'refuse' && service !== undefined && serviceOf(because) === service;
  const waiting = [...adoptions, ...changes.filter((change) => isBeside(change) || isRefused(change))];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (taken.has(next)) continue;
    taken.add(next);
    waiting.push(...next.needs.flatMap((need) => byId.get(need) ?? []));
    const hosts = next.doors.map(({ host }) => host).filter((host) => !opened.has(host));
    waiting.push(...hosts.flatMap((host) => byHost.get(host) ?? []));
  }
  return changes.filter((change) => taken.has(change) || change.verb === 'keep');
}

/** The hosts to which a change leads. A rule for a path of a host leads nobody to it whom the host's own rule does not. */
function leadsTo({ doors }: Change): readonly string[] {
  return doors.filter((effect) => isLeading(effect) && effect.part === undefined).map(({ host }) => host);
}

/** The entry of objects that all services share, such as the token of gates' own probe. */
const shared = 'services';

/** The service of an entry of the file, `services.grafana.paths./api`. */
export function serviceOf(because: string | undefined): string | undefined {
  const [section, name] = because?.split('.') ?? [];
  return section === 'services' ? name : undefined;
}

/**
 * The plan of a run that changes nothing and only checks: the checks of hosts that do not change. Checks through a
 * cover, or of a host that the plan opens, are left out, because neither exists.
 */
export function checksAlone(plan: Plan): Plan {
  const changes = plan.changes.filter(({ verb, want = {}, doors }) => {
    const { covered, opened } = want as { readonly covered?: boolean; readonly opened?: boolean };
    const isUncovered = doors.some(({ step }) => step === 'confirm');
    return verb === 'verify' && covered === false && opened === false && !isUncovered;
  });
  return { ...plan, changes };
}
