import { type Guard, host, type State, state } from '../moves/moves.ts';

/** A state of a host, of a client without a host, and of the groups that lie in each other. */
interface Hierarchy {
  readonly name: string;
  /** The groups that the gate of the host admits, and those that may log in at the client. */
  readonly admits: readonly string[];
  readonly client: readonly string[];
  /** Each group with the one in which it lies. */
  readonly parents: Readonly<Record<string, string>>;
}

const groups = ['admins', 'staff', 'all'] as const;

const hierarchies: readonly Hierarchy[] = [
  { name: 'the staff', admits: ['staff'], client: ['all'], parents: {} },
  { name: 'the staff with the admins', admits: ['staff'], client: ['all'], parents: { admins: 'staff' } },
  {
    name: 'the staff, and the admins elsewhere',
    admits: ['staff'],
    client: ['staff'],
    parents: { admins: 'all' },
  },
  {
    name: 'all, and the admins in the staff',
    admits: ['all'],
    client: ['all'],
    parents: { admins: 'staff' },
  },
  {
    name: 'all, with the staff and the admins',
    admits: ['all'],
    client: ['staff'],
    parents: { admins: 'staff', staff: 'all' },
  },
  {
    name: 'all, and the staff in the admins',
    admits: ['all'],
    client: ['admins'],
    parents: { staff: 'admins' },
  },
];

/** The gates of the host: each way in which groups admit. */
const gates = {
  forwardAuth: { gate: (names: string) => `{ authentik: { groups: [${names}] } }`, origin: 'traefik' },
  domain: { gate: () => '{ authentik: { mode: domain } }', origin: 'traefik' },
  proxy: { gate: (names: string) => `{ authentik: { mode: proxy, groups: [${names}] } }`, origin: 'app' },
  access: { gate: (names: string) => `{ cloudflare: { groups: [${names}] } }`, origin: 'app' },
} as const;

export type HierarchyGate = keyof typeof gates;

/** The groups of a file whose members these groups admit: they, and those that lie in them. */
function membersOf(names: readonly string[], { parents }: Hierarchy): readonly string[] {
  const found = new Set(names);
  for (const each of found)
    for (const [group, parent] of Object.entries(parents)) if (parent === each) found.add(group);
  return [...found];
}

function stateOf(hierarchy: Hierarchy, gate: HierarchyGate): State {
  const { gate: text, origin } = gates[gate];
  const { name, admits, client } = hierarchy;
  const made = state(name, text(admits.join(', ')), { members: membersOf(admits, hierarchy) }, {}, origin);
  const guard: Guard = {
    host: 'auth.example.dev',
    client: 'vault',
    admit: { members: membersOf(client, hierarchy) },
  };
  return { ...made, guards: [...made.guards, guard] };
}

export function hierarchyStates(gate: HierarchyGate): readonly State[] {
  return hierarchies.map((each) => stateOf(each, gate));
}

/** The file of a state. */
export function hierarchyHome(of: State): string {
  const found = hierarchies.find(({ name }) => name === of.name);
  if (found === undefined) throw new Error(`There is no state ${of.name}`);
  const isDomain = of.service?.includes('mode: domain');
  const entries = groups.map((name) => {
    const parent = found.parents[name];
    return `${name}: ${parent === undefined ? '{}' : `{ parent: ${parent} }`}`;
  });
  return `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example, identityProvider: authentik }
authentik: { url: "http://authentik.lan:9000", service: auth${isDomain ? `, domains: { example.dev: { groups: [${found.admits.join(', ')}] } }` : ''} }
groups: { ${entries.join(', ')} }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
clients:
  vault: { redirectUris: ["https://vault.example.net/callback"], groups: [${found.client.join(', ')}] }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
${of.service ?? ''}
`;
}

/** The hosts that Traefik sends through the outpost. */
export const hierarchyBehind = [host] as const;
