import type { Admitted, Guard } from '../moves/moves.ts';
import { certifiedGates } from './certified-gates.ts';
import { clientOf, clientSlugs, type Gate, hosts, plainHostOf, type RandomFile } from './file.ts';
import { type GroupParent, whomOf } from './login.ts';
import { ruledGates } from './ruled-gates.ts';

/**
 * The people of a door as the oracle takes them: `public` for everybody who can log in, at Access or at the application
 * itself, since it has no such word.
 */
export interface Whom extends Admitted {
  readonly loggedIn?: boolean;
}

/** The people at a host: one entry for each path with its own gate, and `''` for the host itself. */
type Doors = ReadonlyMap<string, Whom>;

/** The people of each host and of each client. A host or client without an entry admits nobody. */
export interface Admission {
  readonly hosts: ReadonlyMap<string, Doors>;
  readonly clients: ReadonlyMap<string, Whom>;
}

/** The admission by the file. */
export function admissionOf(file: RandomFile, parents = file.parents): Admission {
  const domain = whomOf(file.domain, parents);
  const admitted = (gate: Gate) => admittedBy(gate, domain, parents);
  const plain = plainHostOf(file);
  return {
    hosts: new Map([
      ...(plain === undefined ? [] : [[plain, new Map([['', everybody]])] as const]),
      ...file.services.map(({ host, gate, inside }): readonly [string, Doors] => [
        host,
        new Map([
          ['', admitted(gate)],
          ...inside.map(([path, own]): readonly [string, Whom] => [path, admitted(own)]),
        ]),
      ]),
    ]),
    clients: new Map([
      ...file.clients.map(({ slug, ...login }): readonly [string, Whom] => [slug, whomOf(login, parents)]),
      ...file.services.flatMap((service): readonly (readonly [string, Whom])[] =>
        service.gate.type === 'oidc' || service.gate.type === 'saml'
          ? [[clientOf(service), whomOf(service.gate, parents)]]
          : [],
      ),
    ]),
  };
}

export const everybody: Whom = { public: true };

function admittedBy(gate: Gate, domain: Whom, parents: readonly GroupParent[]): Whom {
  switch (gate.type) {
    case 'people':
      return { emails: gate.emails };
    case 'tokens':
      return { tokens: gate.tokens };
    case 'ruled':
      return { rules: ruledGates[gate.name].rules };
    case 'certified':
      return { rules: certifiedGates[gate.name].rules };
    case 'domain':
      return domain;
    case 'forwardAuth':
    case 'proxy':
      return whomOf(gate, parents);
    // With a client, the application itself decides, also while a change of its gate waits for another host.
    case 'everyone':
    case 'oidc':
    case 'saml':
      return { loggedIn: true };
    case 'public':
      return everybody;
  }
}

/** The people whom either admits. */
export function union(one: Admission, other: Admission): Admission {
  return {
    hosts: merged(one.hosts, other.hosts, (left, right) => unionAt(left, right, both)),
    clients: merged(one.clients, other.clients, (left = {}, right = {}) => both(left, right)),
  };
}

/**
 * The second admission, and at these hosts, and for the clients that log people in there, also the people of the first;
 * everybody only if the second says so. A formerly public path may now belong to the people whom the first admits
 * around it.
 */
export function lingering(before: Admission, now: Admission, at: ReadonlySet<string>): Admission {
  const known = (left: Whom, right: Whom): Whom => ({
    ...both(left, right),
    public: right.public === true,
  });
  const staying = new Map(
    [...before.hosts].filter(([host]) => at.has(host)).map(([host, doors]) => [host, fallen(doors)] as const),
  );
  const left = merged(staying, now.hosts, (left, right) => unionAt(left, right, known));
  const slugs = new Set([...at].map((host) => clientOf({ host })));
  const logins = new Map([...before.clients].filter(([slug]) => slugs.has(slug)));
  return {
    hosts: new Map([...now.hosts, ...[...left].filter(([host]) => at.has(host))]),
    clients: merged(logins, now.clients, (left = {}, right = {}) => both(left, right)),
  };
}

function fallen(doors: Doors): Doors {
  return new Map(
    [...doors].map(([path, whom]) => {
      const around = new Map([...doors].filter(([, { public: isOpen }]) => isOpen !== true));
      return [path, whom.public === true ? both(whom, admittedAt(around, path)) : whom] as const;
    }),
  );
}

/** The admission, with the people of each of these hosts also at each of its paths. */
export function wholeAt({ hosts: doorsAt, clients }: Admission, at: ReadonlySet<string>): Admission {
  const whole = (doors: Doors): Doors =>
    new Map([...doors].map(([path, whom]) => [path, both(whom, doors.get('') ?? {})]));
  return {
    hosts: new Map([...doorsAt].map(([host, doors]) => [host, at.has(host) ? whole(doors) : doors])),
    clients,
  };
}

/** The same people at each of these hosts. */
export function admissionAt(at: Iterable<string>, whom: Whom): Admission {
  const doors: Doors = new Map([['', whom]]);
  return { hosts: new Map([...at].map((host) => [host, doors])), clients: new Map() };
}

function unionAt(
  one: Doors = new Map(),
  other: Doors = new Map(),
  of: (one: Whom, other: Whom) => Whom,
): Doors {
  const patterns = new Set(['', ...one.keys(), ...other.keys()]);
  return new Map([...patterns].map((path) => [path, of(admittedAt(one, path), admittedAt(other, path))]));
}

function merged<T>(
  one: ReadonlyMap<string, T>,
  other: ReadonlyMap<string, T>,
  of: (one: T | undefined, other: T | undefined) => T,
): ReadonlyMap<string, T> {
  const keys = new Set([...one.keys(), ...other.keys()]);
  return new Map([...keys].map((key) => [key, of(one.get(key), other.get(key))]));
}

/** The people whom one of them admits. */
export function both(left: Whom, right: Whom): Whom {
  return {
    loggedIn: left.loggedIn === true || right.loggedIn === true,
    public: left.public === true || right.public === true,
    emails: [...new Set([...(left.emails ?? []), ...(right.emails ?? [])])],
    tokens: [...new Set([...(left.tokens ?? []), ...(right.tokens ?? [])])],
    members: [...new Set([...(left.members ?? []), ...(right.members ?? [])])],
    users: [...new Set([...(left.users ?? []), ...(right.users ?? [])])],
    rules: [...new Set([...(left.rules ?? []), ...(right.rules ?? [])])],
  };
}

/** The people whom these doors admit at a path of the other file, which may have its own door in only one of them. */
function admittedAt(doors: Doors, pattern: string): Whom {
  const inner = [...doors.keys()]
    .filter((path) => covers(path, pattern))
    .sort((left, right) => prefixOf(right).length - prefixOf(left).length || left.length - right.length)[0];
  return (inner === undefined ? undefined : doors.get(inner)) ?? {};
}

/** True if the door at `path` contains everything that the pattern matches, and no inner door does. */
function covers(path: string, pattern: string): boolean {
  if (path === '' || path === pattern) return true;
  if (!path.endsWith('/**')) return false;
  const root = prefixOf(path);
  return prefixOf(pattern) === root || pattern.startsWith(`${root}/`);
}

function prefixOf(path: string): string {
  return path.replace(/\/\*\*$/, '');
}

/** The people whom the origin at an address admits at a host that moves between two origins. */
export interface Served {
  readonly by: string;
  readonly doors: Doors;
}

/** The guards for the oracle, for every host and client of any file. `served` has the hosts that move. */
export function guardsOf(
  admission: Admission,
  served: ReadonlyMap<string, readonly Served[]> = new Map(),
): readonly Guard[] {
  return [
    ...hosts.flatMap((host): readonly Guard[] => {
      const doors = admission.hosts.get(host) ?? nobody;
      const origins = served.get(host);
      return [...doors].map(([path, whom]) => ({
        host,
        ...(path !== '' && { path }),
        admit: oracleWords(whom),
        ...(origins !== undefined && {
          served: origins.map((origin) => ({
            by: origin.by,
            admit: oracleWords(admittedAt(origin.doors, path)),
          })),
        }),
      }));
    }),
    ...clientSlugs.map((client) => ({
      host: loginHostOf(client),
      client,
      admit: admission.clients.get(client) ?? {},
    })),
  ];
}

/** The host for which the oracle reports people who log in to a client. */
export function loginHostOf(client: string): string {
  return `login-${client}.example.net`;
}

function oracleWords({ loggedIn, ...admit }: Whom): Admitted {
  return loggedIn === true ? { ...admit, public: true } : admit;
}

const nobody: Doors = new Map([['', {}]]);
