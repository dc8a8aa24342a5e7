import { type Admitted, type Moves, type State, state } from '../moves/moves.ts';

/** A state of the host, and whether Access logs people in through Authentik in its file. */
export interface Login extends State {
  readonly access: 'its own' | 'through Authentik' | 'through Authentik, with a way back in';
}

const me: Admitted = { emails: ['me@example.dev'] };
const open: Admitted = { public: true };
const admins: Admitted = { groups: ['admins'] };
const byPin = 'lost@example.dev';

const byEmail = '{ cloudflare: { emails: [me@example.dev] } }';
const byGroup = '{ cloudflare: { groups: [admins] } }';
const everyone = '{ cloudflare: { everyone: { reason: all } } }';

function login(access: Login['access'], name: string, ...[gate, admit, inside, origin]: Shape): Login {
  const asked = gate?.includes('cloudflare') === true && access.endsWith('back in');
  const whom = asked ? { ...admit, emails: [...(admit.emails ?? []), byPin] } : admit;
  return { ...state(`${name}, login ${access}`, gate, whom, inside, origin), access };
}

type Shape = [
  gate: string | undefined,
  admit: Admitted,
  inside?: Parameters<typeof state>[3],
  origin?: string,
];

/** Every gate, with the login methods that matter to it. */
export const loginStates: readonly Login[] = [
  login('its own', 'none', undefined, {}),
  login('its own', 'me', byEmail, me),
  login('through Authentik', 'me', byEmail, me),
  login('through Authentik', 'admins', byGroup, admins),
  login('through Authentik', 'family', '{ cloudflare: { groups: [family] } }', { groups: ['family'] }),
  login('through Authentik, with a way back in', 'admins', byGroup, admins),
  login('through Authentik', 'everyone', everyone, { people: true }),
  login('through Authentik', 'admins, with a path for me', byGroup, admins, { '/admin/**': [byEmail, me] }),
  login('through Authentik', 'ci', '{ serviceToken: { tokens: [ci] } }', { tokens: ['ci'] }),
  login(
    'through Authentik',
    'ci, with a path for admins',
    '{ serviceToken: { tokens: [ci] } }',
    { tokens: ['ci'] },
    {
      '/admin/**': [byGroup, admins],
    },
  ),
  login('its own', 'by the outpost', '{ authentik: { groups: [admins] } }', admins, {}, 'traefik'),
  login('its own', 'public', '{ public: { reason: open } }', open),
];

const accessOf: Readonly<Record<Login['access'], string>> = {
  'its own': 'team: example',
  'through Authentik': 'team: example, identityProvider: authentik',
  'through Authentik, with a way back in': `team: example, identityProvider: authentik, breakGlass: { emails: [${byPin}], reason: down }`,
};

/** A home with the host in this state, the login page and a machine's host, which no move changes. */
export function loginHome({ access, service }: Login): string {
  return `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { ${accessOf[access]} }
authentik: { url: "http://authentik.lan:9000", service: auth }
groups: { admins: {}, family: {} }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
serviceTokens: { ci: {} }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  machines: { host: machines.example.dev, origin: app, gate: { serviceToken: { tokens: [ci] } } }
${service ?? ''}
`;
}

/** People with accounts at Authentik: one in a group below `admins`, one in `family`, two in none. */
export async function settlePeople(moves: Moves): Promise<void> {
  const make = async (path: string, body: object) =>
    (await moves.byHand('POST', `/api/v3/core${path}`, body, 'authentik')) as { readonly pk: string };
  const admins = await make('/groups/', { name: 'admins' });
  const juniors = await make('/groups/', { name: 'juniors', parents: [admins.pk] });
  const family = await make('/groups/', { name: 'family' });
  const person = (username: string, groups: readonly string[]) =>
    make('/users/', { username, name: username, email: `${username}@example.dev`, groups });
  await person('june', [juniors.pk]);
  await person('fay', [family.pk]);
  for (const username of ['me', 'lost']) await person(username, []);
}
