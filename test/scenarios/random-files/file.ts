import fc from 'fast-check';
import type { CertifiedName } from './certified-gates.ts';
import type { GroupParent, Login } from './login.ts';
import { type RuledName, ruledGates } from './ruled-gates.ts';

/** The guard of a door, as data from which the words of the file and its admission follow. */
export type Gate =
  | { readonly type: 'people'; readonly emails: readonly string[] }
  | { readonly type: 'everyone' }
  | { readonly type: 'tokens'; readonly tokens: readonly string[] }
  | { readonly type: 'public' }
  | ({ readonly type: 'forwardAuth' | 'proxy' | 'oidc' | 'saml' } & Login)
  | { readonly type: 'domain' }
  | { readonly type: 'ruled'; readonly name: RuledName }
  | { readonly type: 'certified'; readonly name: CertifiedName };

export type OriginName = 'app' | 'box' | 'traefik';

export interface Service {
  readonly name: string;
  readonly host: string;
  readonly hostHeader?: string;
  readonly origin: OriginName;
  readonly gate: Gate;
  readonly inside: readonly (readonly [path: string, gate: Gate])[];
}

export interface Client extends Login {
  readonly slug: string;
  readonly settings: string;
}

/** A file, as data. */
export interface RandomFile {
  readonly services: readonly Service[];
  /** The clients that are not the gate of a service. */
  readonly clients: readonly Client[];
  readonly domain: Login;
  /** Of each group at most one. */
  readonly parents: readonly GroupParent[];
  /** The tunnel to each origin. */
  readonly tunnels: Readonly<Record<OriginName, 'homelab' | 'lab'>>;
  readonly noTlsVerify: boolean;
  readonly records: readonly string[];
  readonly prune: boolean;
}

export const zone = 'example.dev';
const slots = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k'] as const;

/** The two possible hosts of each service. */
const hostsOf = (slot: string) => [`${slot}.${zone}`, `${slot}2.${zone}`] as const;

/** The tokens of machines for the login host; its service is the twelfth. */
export const machineHost = `auth-api.${zone}`;

/** The possible hosts of all files. */
export const hosts: readonly string[] = [...slots.flatMap(hostsOf), machineHost];

/** A plain record of some files, at a host of a service in others. */
const [, plainHost] = hostsOf('j');
const plainRecord = '{ name: j2, type: A, content: 192.0.2.9 }';

const records = [
  '{ name: "@", type: MX, content: mx.example.net, priority: 10 }',
  '{ name: "@", type: TXT, content: "v=spf1 -all", comment: mail }',
  '{ name: "@", type: TXT, content: "v=spf1 ~all", comment: mail }',
  '{ name: a, type: TXT, content: beside a service }',
  '{ name: www, type: CNAME, content: example.net }',
  '{ name: host, type: A, content: 192.0.2.5, proxied: true }',
  '{ name: _imaps._tcp, type: SRV, data: { priority: 0, weight: 1, port: 993, target: imap.example.net } }',
];

type NewClient = Omit<Client, keyof Login>;

const standalone: readonly NewClient[] = [
  { slug: 'api', settings: 'grantTypes: [client_credentials], signingKey: own' },
  { slug: 'portal', settings: 'redirectUris: ["https://portal.example.net/callback"], type: public' },
];

/** A client without a host that speaks SAML. */
export const formsClient: NewClient = {
  slug: 'forms',
  settings: 'saml: { acsUrl: "https://forms.example.net/acs" }',
};

/** The slugs of the clients of all files. */
export const clientSlugs: readonly string[] = [
  ...slots,
  ...[...standalone, formsClient].map(({ slug }) => slug),
];

const some = <T>(values: readonly T[]) => fc.subarray([...values], { minLength: 1 });
const groups = fc.oneof(
  { weight: 5, arbitrary: some(['admins', 'family']) },
  { weight: 1, arbitrary: some(['admins', 'family', 'guests']) },
);
const emails = some(['me@example.dev', 'you@example.dev']);

const people: fc.Arbitrary<Gate> = emails.map((list) => ({ type: 'people', emails: list }));
const tokens: fc.Arbitrary<Gate> = some(['ci', 'backup']).map((list) => ({ type: 'tokens', tokens: list }));
const open: fc.Arbitrary<Gate> = fc.constant({ type: 'public' });
const ruled: fc.Arbitrary<Gate> = fc
  .constantFrom(...(Object.keys(ruledGates) as RuledName[]))
  .map((name) => ({ type: 'ruled', name }));

const gate: fc.Arbitrary<Gate> = fc.oneof(
  { weight: 3, arbitrary: people },
  { weight: 3, arbitrary: tokens },
  { weight: 3, arbitrary: ruled },
  { weight: 3, arbitrary: open },
  { weight: 1, arbitrary: fc.constant<Gate>({ type: 'everyone' }) },
  ...(['forwardAuth', 'proxy', 'oidc'] as const).map((type) => ({
    weight: 3,
    arbitrary: groups.map((list): Gate => ({ type, groups: list })),
  })),
  { weight: 3, arbitrary: fc.constant<Gate>({ type: 'domain' }) },
);

const paths = [
  ...['/health', '/open', '/open/**', '/admin/**', '/api/v1/**', '/api/v1/status', '/api/**'],
  '/.well-known/a_b-c~d',
] as const;

const inside: fc.Arbitrary<Service['inside']> = fc.oneof(
  { weight: 4, arbitrary: fc.constant([]) },
  {
    weight: 3,
    arbitrary: fc.array(
      fc.tuple(
        fc.constantFrom(...paths),
        fc.oneof(
          { weight: 3, arbitrary: open },
          { weight: 2, arbitrary: people },
          { weight: 1, arbitrary: tokens },
          { weight: 1, arbitrary: ruled },
        ),
      ),
      { minLength: 1, maxLength: 3 },
    ),
  },
);

/** A service in its slot, before it is fitted to a file. */
export interface Draw {
  readonly gate: Gate;
  readonly inside: Service['inside'];
  readonly origin: OriginName;
  readonly renamed: boolean;
  /** Undefined: the host of the file before. */
  readonly otherHost: boolean | undefined;
}

const draw: fc.Arbitrary<Draw> = fc.record({
  gate,
  inside,
  origin: fc.constantFrom('app', 'box', 'traefik'),
  renamed: fc.boolean(),
  otherHost: fc.boolean(),
});

/** The change of a slot from one file to the next. `move`: to another origin. */
export type SlotChange = 'keep' | 'rename' | 'move' | 'none' | Draw;

const slotChange: fc.Arbitrary<SlotChange> = fc.oneof(
  { weight: 6, arbitrary: fc.constant('keep' as const) },
  { weight: 1, arbitrary: fc.constant('rename' as const) },
  { weight: 1, arbitrary: fc.constant('none' as const) },
  { weight: 4, arbitrary: draw },
);

/** The changes from one file to the next. */
export interface Revision {
  readonly slots: readonly SlotChange[];
  readonly machines: readonly string[];
  readonly clients: readonly Client[];
  readonly domain: Login;
  /** Undefined: those of the file before. */
  readonly parents?: readonly GroupParent[];
  readonly tunnels: RandomFile['tunnels'];
  readonly noTlsVerify: boolean;
  readonly records: readonly string[];
  readonly prune: boolean;
}

const often = <T>(usual: T, other: T, weight: number): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constant(other) });
const tunnel = often<'homelab' | 'lab'>('homelab', 'lab', 4);

export const revision: fc.Arbitrary<Revision> = fc.record({
  slots: fc.tuple(...slots.map(() => slotChange)),
  machines: fc.oneof(fc.constant([]), some(['ci', 'backup'])),
  clients: fc
    .tuple(...standalone.map((client) => fc.option(groups.map((list) => ({ ...client, groups: list })))))
    .map((list) => list.filter((client) => client !== null)),
  domain: groups.map((list) => ({ groups: list })),
  tunnels: fc.record({ app: tunnel, box: tunnel, traefik: tunnel }),
  noTlsVerify: fc.boolean(),
  records: fc.subarray([...records, plainRecord]),
  prune: often(true, false, 6),
});

/** A file with only the login page. */
export const emptyFile: RandomFile = {
  services: [],
  clients: [],
  domain: { groups: ['family'] },
  parents: [],
  tunnels: { app: 'homelab', box: 'homelab', traefik: 'homelab' },
  noTlsVerify: true,
  records: [],
  prune: true,
};

/** Makes the next file from the one before, by a revision. */
export function revised(before: RandomFile, change: Revision): RandomFile {
  const { machines, slots: changes, prune, ...others } = change;
  const services = slots.flatMap((slot, index): readonly Service[] => {
    const was = before.services.find(({ host }) => (hostsOf(slot) as readonly string[]).includes(host));
    const is = changes[index] ?? 'keep';
    if (is === 'keep') return was === undefined ? [] : [was];
    if (is === 'rename') return was === undefined ? [] : [{ ...was, name: otherName(slot, was.name) }];
    if (is === 'move') return was === undefined ? [] : [{ ...was, origin: otherOrigin(was) }];
    return is === 'none' ? [] : [fitted(slot, is, was)];
  });
  // One name leads to a plain server or to a service; without pruning, the earlier one would have to go first.
  const kept = services.filter(({ host }) => prune || host !== plainHost);
  const isFree = prune && kept.every(({ host }) => host !== plainHost);
  return {
    ...others,
    prune,
    parents: others.parents ?? before.parents,
    services: [...kept, ...machineService(machines)],
    records: others.records.filter((record) => isFree || record !== plainRecord),
  };
}

function machineService(tokens: readonly string[]): readonly Service[] {
  if (tokens.length === 0) return [];
  const hostHeader = `auth.${zone}`;
  return [
    {
      ...{ name: 'auth-api', host: machineHost, hostHeader, origin: 'traefik' },
      ...{ gate: { type: 'tokens', tokens }, inside: [] },
    },
  ];
}

function otherName(slot: string, name: string): string {
  return name === slot ? `${slot}-app` : slot;
}

const nextOrigin = { app: 'box', box: 'traefik', traefik: 'app' } as const;

function otherOrigin(service: Service): OriginName {
  return leansOnOrigin(service) ? service.origin : nextOrigin[service.origin];
}

function fitted(slot: string, draw: Draw, before: Service | undefined): Service {
  const { gate: own, inside: drawn, origin, renamed, otherHost } = draw;
  const asks = own.type === 'forwardAuth' || own.type === 'domain';
  const outposts = asks || own.type === 'proxy';
  const seen = new Set<string>();
  const doors = drawn.filter(([path, { type }]) => {
    const prefix = path.replace(/\/\*\*$/, '');
    if (seen.has(prefix)) return false;
    seen.add(prefix);
    // Access cannot guard an exact path on a host of the outpost.
    return type === 'public' || path.endsWith('/**') || !outposts;
  });
  return {
    name: renamed ? `${slot}-app` : slot,
    host: (otherHost === undefined && before?.host) || hostsOf(slot)[otherHost ? 1 : 0],
    origin: asks ? 'traefik' : origin,
    gate: own,
    inside: doors,
  };
}

/** True if the origin must ask the outpost about this host. */
export function leansOnOrigin({ gate: { type } }: Service): boolean {
  return type === 'forwardAuth' || type === 'domain';
}

/** The slug of the client that logs people in at this host. */
export function clientOf({ host }: Pick<Service, 'host'>): string {
  return host.slice(0, 1);
}

/** True if the name leads to a plain server. */
export function plainHostOf({ records: listed }: RandomFile): string | undefined {
  return listed.includes(plainRecord) ? plainHost : undefined;
}
