import type { Guard, Moves } from '../moves/moves.ts';

/** The foreign objects around the host. */
export interface Surroundings {
  readonly name: string;
  /** True if they serve any host that has no objects of its own. */
  readonly serves: boolean;
  place(moves: Moves): Promise<void>;
}

/** Adds a suspect for the oracle: a person whom a foreign policy admits. */
export const themElsewhere: Guard = {
  host: 'theirs.example.net',
  admit: { emails: ['them@example.dev'] },
};

const wild = 'http://wild.lan:80';

export const surroundings: readonly Surroundings[] = [
  { name: 'alone', serves: false, place: async () => {} },
  {
    name: 'below a wildcard name and rule',
    serves: true,
    place: async (moves) => {
      await placeRules(moves, [{ hostname: '*.example.dev', service: wild }, { service: 'http_status:404' }]);
      const content = `${tunnelOf(moves)}.cfargotunnel.com`;
      const record = { type: 'CNAME', name: '*', content, proxied: true, ttl: 1 };
      await moves.byHand('POST', moves.records, record);
    },
  },
  {
    name: 'above an open catch-all',
    serves: false,
    place: (moves) => placeRules(moves, [{ service: wild }]),
  },
  {
    name: 'below an Access application for every host',
    serves: false,
    place: async (moves) => {
      await moves.byHand('POST', `/accounts/${moves.sandbox.accountId}/access/apps`, {
        name: 'theirs',
        type: 'self_hosted',
        domain: '*.example.dev',
        destinations: [{ type: 'public', uri: '*.example.dev' }],
        policies: [{ name: 'them', decision: 'allow', include: [{ email: { email: 'them@example.dev' } }] }],
      });
    },
  },
];

function tunnelOf({ sandbox }: Moves): string {
  const { tunnels } = JSON.parse(sandbox.snapshot()) as {
    readonly tunnels: readonly { readonly id: string }[];
  };
  const [tunnel] = tunnels;
  if (tunnel === undefined) throw new Error('there is no tunnel');
  return tunnel.id;
}

async function placeRules(moves: Moves, ingress: readonly object[]): Promise<void> {
  const path = `/accounts/${moves.sandbox.accountId}/cfd_tunnel/${tunnelOf(moves)}/configurations`;
  await moves.byHand('PUT', path, { config: { ingress } });
}
