import {
  type Admission,
  admissionAt,
  admissionOf,
  both,
  everybody,
  lingering,
  union,
  type Whom,
} from '../admission.ts';
import { emptyFile, type RandomFile } from '../file.ts';
import { whomOf } from '../login.ts';
import { hasPlainRecord, isUnlinked, loginOfDomain, parentsIn } from '../neighbours.ts';
import type { Allowances, Files } from './allowances.ts';
import type { PlayedWorld } from './played-world.ts';

/** The people whom the world may admit. Plain data, which can be copied. */
export interface Admitted {
  /** The people whom the current world may admit. */
  admission: Admission;
  /** The people who log in at the domain, and its hosts. */
  domain: { people: Whom; hosts: ReadonlySet<string> };
}

export function nobodyAdmitted(): Admitted {
  return { admission: admissionOf(emptyFile), domain: { people: {}, hosts: new Set() } };
}

/**
 * The people of the file. Without pruning, the domain's people, the hosts behind its login, and the parents of groups
 * accumulate; people of before, and those of parents of before, do not get in at hosts that only this file puts behind a login.
 */
export function askedOf(admitted: Admitted, { before, file }: Files, world: PlayedWorld): Admission {
  const { prune, domain, services } = file;
  const earlier = prune ? { people: {}, hosts: [] } : admitted.domain;
  const parents = [...(prune ? [] : parentsIn(world.state())), ...file.parents];
  const standing = prune ? {} : whomOf(loginOfDomain(world.state()), parents);
  const people = both(earlier.people, both(standing, whomOf(domain, parents)));
  const behind = (all: RandomFile['services']) =>
    all.flatMap(({ host, gate }) => (gate.type === 'domain' ? [host] : []));
  const standingHosts = [...earlier.hosts, ...(prune ? [] : behind(before.services))];
  admitted.domain = { people, hosts: new Set([...standingHosts, ...behind(services)]) };
  return union(admissionOf(file), admissionAt(standingHosts, people));
}

/**
 * The people at hosts whose own login a person removed: the outpost uses the login of the domain there, until the
 * host gets the gate of the new file.
 */
export function orphansOf({ domain }: Admitted, { before }: Files, world: PlayedWorld): Admission {
  const state = world.state();
  const orphans = before.services.filter(
    ({ host, gate }) => gate.type === 'forwardAuth' && isUnlinked(state, host),
  );
  return admissionAt(
    orphans.map(({ host }) => host),
    domain.people,
  );
}

/** The people whom the world admits once the file has been applied as far as possible. */
export function admissionLeft(
  { admission: before }: Admitted,
  asked: Admission,
  { file: { prune, services, parents }, unchanged }: Pick<Files, 'file'> & Pick<Allowances, 'unchanged'>,
  world: PlayedWorld,
): Admission {
  if (!prune) return union(before, asked);
  const state = world.state();
  // The name of a waiting host may still be a plain record of an earlier file, with its old target.
  const plain = [...unchanged].filter((host) => hasPlainRecord(state, host));
  const behind = services.flatMap(({ host, gate }) => (gate.type === 'domain' ? [host] : []));
  // The login of a domain changes for all its hosts at once, or waits for one of them.
  const domain = unchanged.has('*.example.dev') ? whomOf(loginOfDomain(state), parents) : {};
  const besides = union(admissionAt(behind, domain), admissionAt(plain, everybody));
  return lingering(before, union(asked, besides), unchanged);
}
