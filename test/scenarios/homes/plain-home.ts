import { type Admitted, type State, state } from '../moves/moves.ts';

const me = 'me@example.dev';
const you = 'you@example.dev';

const people = (...emails: readonly string[]) => `{ cloudflare: { emails: [${emails.join(', ')}] } }`;
const machines = (...tokens: readonly string[]) => `{ serviceToken: { tokens: [${tokens.join(', ')}] } }`;
const open = '{ public: { reason: open } }';
const all: Admitted = { public: true };

/** States of a host without Authentik, each with the gates of its paths. */
export const states: readonly State[] = [
  state('none', undefined, {}),
  state('me', people(me), { emails: [me] }),
  state('me and you', people(me, you), { emails: [me, you] }),
  state('you, on another tunnel', people(you), { emails: [you] }, {}, 'other'),
  state('you, at another origin of the tunnel', people(you), { emails: [you] }, {}, 'next'),
  state('ci', machines('ci'), { tokens: ['ci'] }),
  state('ci and backup', machines('ci', 'backup'), { tokens: ['ci', 'backup'] }),
  state('public', open, all),
  state('public, on another tunnel', open, all, {}, 'other'),
  state(
    'me, with open paths',
    people(me),
    { emails: [me] },
    { '/health': [open, all], '/open/**': [open, all] },
  ),
  state(
    'me, with the same paths the other way round',
    people(me),
    { emails: [me] },
    { '/health/**': [open, all], '/open': [open, all] },
  ),
  state(
    'ci, with one path for me',
    machines('ci'),
    { tokens: ['ci'] },
    { '/open': [people(me), { emails: [me] }] },
  ),
  state(
    'ci, with a path for me',
    machines('ci'),
    { tokens: ['ci'] },
    { '/admin/**': [people(me), { emails: [me] }] },
  ),
  state('public, with a path for me', open, all, { '/admin/**': [people(me), { emails: [me] }] }),
];

/** A home with the host in this state, and two tunnels. */
export function home(of: State): string {
  const beside =
    '  beside: { host: beside.example.dev, origin: app, gate: { serviceToken: { tokens: [ci, backup] } } }';
  return `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {}, second: { create: true } }
  access: { team: example }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
  next: { tunnel: homelab, url: "http://next.lan:80" }
  other: { tunnel: second, url: "http://other.lan:80" }
serviceTokens: { ci: {}, backup: {} }
services:
  anchor: { host: anchor.example.dev, origin: other, gate: { public: { reason: keeps the second tunnel in use } } }
${beside}
${of.service ?? ''}
`;
}
