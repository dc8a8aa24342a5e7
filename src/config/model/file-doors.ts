import type { AuthentikGate, Config, Gate, GateType, Service } from './config.ts';
import { zoneOf } from './host.ts';

/** A host, or a path of it, as people are shown it: its gate, and who gets in. */
export interface FileDoor {
  readonly service: string;
  readonly host: string;
  /** The zone of the file that the host is in. */
  readonly zone: string;
  /** As written, `/api/**`; absent for the host itself. */
  readonly path?: string;
  readonly gate: DoorGate;
  readonly admits: readonly Admitted[];
  /** Nobody is asked: the file admits everyone, on purpose. */
  readonly isOpen: boolean;
  /** Why everyone gets in, as the file says. */
  readonly reason?: string;
}

/** The mechanism that decides: `{ name: 'Authentik', how: 'asked by the origin' }`. */
export interface DoorGate {
  readonly name: string;
  readonly how?: string;
}

/** One sort of who gets in, with the names that the file gives. */
export interface Admitted {
  readonly sort: 'everyone' | 'group' | 'person' | 'emergency' | 'token' | 'caller';
  /** Groups, email addresses, service tokens; for `everyone` and `caller` one phrase. */
  readonly names: readonly string[];
}

/** Every door of a file, each host before its paths. */
export function fileDoors(config: Config): readonly FileDoor[] {
  return [...config.services.values()].flatMap((service) => [
    doorOf(service, service.gate, config),
    ...service.paths.map(({ gate, path }) => ({ ...doorOf(service, gate, config), path })),
  ]);
}

function doorOf(service: Service, gate: Gate, config: Config): FileDoor {
  const everyone = reasonOf(gate, service, config);
  return {
    service: service.name,
    host: service.host,
    zone: service.zone,
    gate: gateOf(gate),
    admits: admittedAt(gate, service, config).filter(({ names }) => names.length > 0),
    isOpen: gate.type === 'public' || gate.type === 'identityProvider' || isOnlyLogged(gate),
    ...(everyone !== undefined && { reason: everyone }),
  };
}

function isOnlyLogged(gate: Gate): boolean {
  return gate.type === 'jwt' && gate.action === 'log';
}

function gateOf(gate: Gate): DoorGate {
  if (gate.type === 'authentik') return { name: 'Authentik', how: authentikModes[gate.mode] };
  if (gate.type !== 'jwt') return gates[gate.type];
  return { name: 'JWT', how: `${isOnlyLogged(gate) ? 'only logged' : 'checked'} at the ${gate.at}` };
}

const authentikModes: Readonly<Record<AuthentikGate['mode'], string>> = {
  forwardAuth: 'asked by the origin',
  domain: 'one login for the domain',
  proxy: 'through its outpost',
  oidc: 'asked by the application',
};

const gates: Readonly<Record<Exclude<GateType, 'authentik' | 'jwt'>, DoorGate>> = {
  cloudflare: { name: 'Cloudflare Access', how: 'login' },
  serviceToken: { name: 'Cloudflare Access', how: 'service token' },
  webhook: { name: 'Webhook', how: 'signed calls' },
  public: { name: 'None', how: 'public' },
  identityProvider: { name: 'None', how: 'login page' },
};

function admittedAt(gate: Gate, service: Service, config: Config): readonly Admitted[] {
  switch (gate.type) {
    case 'authentik': {
      const { groups, everyone } = withShared(gate, service, config);
      return [
        group(groups),
        ...(everyone === undefined ? [] : [phrase('everyone', 'everyone who can log in')]),
      ];
    }
    case 'cloudflare': {
      const { identityProvider, breakGlass } = config.cloudflare.access;
      const emergency = identityProvider === undefined ? [] : (breakGlass?.emails ?? []);
      return [
        { sort: 'person', names: gate.emails },
        group(gate.groups),
        ...(gate.everyone === undefined ? [] : [phrase('everyone', 'everyone who can log in')]),
        { sort: 'emergency', names: emergency },
      ];
    }
    case 'serviceToken':
      return [{ sort: 'token', names: gate.tokens }];
    case 'jwt':
      return [
        isOnlyLogged(gate)
          ? phrase('everyone', 'everyone: bad tokens are only logged')
          : phrase('caller', `callers with a token for ${gate.audience}`),
      ];
    case 'webhook':
      return [
        phrase('caller', `callers who sign with the secret, for ${gate.actions.join(', ')}`),
        { sort: 'token', names: gate.tokens },
      ];
    case 'public':
    case 'identityProvider':
      return [phrase('everyone', 'everyone')];
  }
}

function group(names: readonly string[]): Admitted {
  return { sort: 'group', names };
}

function phrase(sort: 'everyone' | 'caller', text: string): Admitted {
  return { sort, names: [text] };
}

function reasonOf(gate: Gate, service: Service, config: Config): string | undefined {
  if (gate.type === 'public' || gate.type === 'jwt') return gate.reason;
  if (gate.type === 'cloudflare') return gate.everyone?.reason;
  return gate.type === 'authentik' ? withShared(gate, service, config).everyone?.reason : undefined;
}

/** The people whom the gate admits, together with its client or its domain: their groups count as well. */
function withShared(
  gate: AuthentikGate,
  { host }: Service,
  { authentik, clients }: Config,
): Pick<AuthentikGate, 'groups' | 'everyone'> {
  const domains = authentik?.domains;
  const shared = {
    forwardAuth: undefined,
    proxy: undefined,
    oidc: clients.get(gate.client ?? ''),
    domain: domains?.get(zoneOf(host, domains) ?? ''),
  }[gate.mode];
  const groups = [...new Set([...gate.groups, ...(shared?.groups ?? [])])];
  return { groups, everyone: gate.everyone ?? shared?.everyone };
}

/** The people who get in, in words: `group admins`, `3 people`; addresses only if they are asked for. */
export function admittedTexts(
  admits: readonly Admitted[],
  { addresses }: { readonly addresses: boolean },
): readonly string[] {
  return admits.map(({ sort, names }) => admittedText[sort](names, addresses));
}

const admittedText: Readonly<
  Record<Admitted['sort'], (names: readonly string[], addresses: boolean) => string>
> = {
  everyone: (names) => names.join(', '),
  caller: (names) => names.join(', '),
  group: (names) => `${names.length === 1 ? 'group' : 'groups'} ${names.join(', ')}`,
  token: (names) => `${names.length === 1 ? 'service token' : 'service tokens'} ${names.join(', ')}`,
  person: people,
  emergency: (names, addresses) => `${people(names, addresses)} in an emergency`,
};

function people(names: readonly string[], addresses: boolean): string {
  if (addresses) return names.join(', ');
  return names.length === 1 ? '1 person' : `${names.length} people`;
}
