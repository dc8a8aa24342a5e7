import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { MACHINES } from '../../lab/sandbox/cloudflare/access/authorities.ts';
import { Moves, type State, state } from '../moves/moves.ts';
import type { Tally } from '../stage/tally.ts';

type AdmitRule = NonNullable<State['guards'][number]['admit']['rules']>[number];

/** A state whose gate has these settings, and admits the visitors of these rules. */
function ruled(name: string, settings: string, ...rules: readonly AdmitRule[]): State {
  return state(name, `{ cloudflare: ${settings} }`, { rules });
}

const me = { emails: ['me@example.dev'] };
const inFrance = { countries: ['FR'] };
const atHome = { networks: ['203.0.113.0/24', '2001:db8:1::/48'] };

/** One state for each key of a gate of Access, and for the ways in which keys go together. */
export const ruleStates = [
  ruled('me', '{ emails: [me@example.dev] }', { include: [me] }),
  ruled('a mail domain', '{ domains: [example.dev] }', { include: [{ domains: ['example.dev'] }] }),
  ruled('friends', '{ people: [friends] }', {
    include: [{ emails: ['you@example.net'], domains: ['example.org'] }],
  }),
  ruled(
    'me and machines',
    '{ emails: [me@example.dev], tokens: [ci] }',
    { include: [me] },
    {
      login: false,
      include: [{ tokens: ['ci'] }],
    },
  ),
  ruled('me, in France', '{ emails: [me@example.dev], require: { countries: [FR] } }', {
    include: [me],
    require: [inFrance],
  }),
  ruled('me, not in France', '{ emails: [me@example.dev], exclude: { countries: [FR] } }', {
    include: [me],
    exclude: [inFrance],
  }),
  ruled('everybody at home', '{ everyone: { reason: home }, require: { networks: [home] } }', {
    include: [{ everyone: true }],
    require: [atHome],
  }),
  ruled('machines at home', '{ tokens: [ci], require: { networks: [home] } }', {
    login: false,
    include: [{ tokens: ['ci'] }],
    require: [atHome],
  }),
  ruled('me, with a second factor', '{ emails: [me@example.dev], require: { authenticationMethod: mfa } }', {
    include: [me],
    require: [{ authenticationMethods: ['mfa'] }],
  }),
  ruled('me, by GitHub', '{ emails: [me@example.dev], require: { identityProviders: [GitHub] } }', {
    include: [me],
    require: [{ identityProviders: ['GitHub'] }],
  }),
  ruled(
    'me, with an encrypted disk',
    '{ emails: [me@example.dev], require: { devicePosture: [Disk], warp: true } }',
    {
      include: [me],
      require: [{ postures: ['Disk'] }, { warp: true }],
    },
  ),
  ruled('me, with a certificate', '{ emails: [me@example.dev], require: { commonNames: [laptop] } }', {
    include: [me],
    require: [{ commonNames: ['laptop'] }],
  }),
  ruled(
    'friends, in two countries, by two networks',
    '{ people: [friends], require: { countries: [FR, BE], networks: [home] } }',
    {
      include: [{ emails: ['you@example.net'], domains: ['example.org'] }],
      require: [{ countries: ['FR', 'BE'] }, atHome],
    },
  ),
  ruled('me, with approval', '{ emails: [me@example.dev], approval: { approvers: [you@example.net] } }', {
    include: [me],
    require: [{ approved: true }],
  }),
  ruled(
    'me, isolated, for one request with a reason',
    '{ emails: [me@example.dev], justification: { prompt: Why? }, isolate: true, session: immediate, appearance: { tags: [media] } }',
    { include: [me] },
  ),
  ruled(
    'friends, and everybody with approval',
    '{ anyOf: [{ everyone: { reason: all }, approval: { approvers: [me@example.dev, you@example.net], needed: 2 } }, { people: [friends] }] }',
    { include: [{ emails: ['you@example.net'], domains: ['example.org'] }] },
    { include: [{ everyone: true }], require: [{ approved: true }] },
  ),
  ruled(
    'one of three rules',
    '{ anyOf: [{ emails: [me@example.dev] }, { people: [friends], require: { countries: [FR] } }, { tokens: [ci], exclude: { networks: [home] } }] }',
    { include: [me] },
    { include: [{ emails: ['you@example.net'], domains: ['example.org'] }], require: [inFrance] },
    { login: false, include: [{ tokens: ['ci'] }], exclude: [atHome] },
  ),
] as const;

/** A home with the host in this state, whose Access asks the login methods of the account. */
function ruleHome({ service }: Pick<State, 'service'>): string {
  return `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
people:
  friends: { emails: [you@example.net], domains: [example.org] }
networks:
  home: [203.0.113.0/24, "2001:db8:1::/48"]
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
serviceTokens: { ci: {} }
services:
  anchor: { host: anchor.example.dev, origin: app, alias: { reason: another }, gate: { serviceToken: { tokens: [ci] } } }
${service ?? ''}
`;
}

/** Moves in such a home. The account has a login method, posture checks and a certificate authority of somebody else. */
export async function ruleMoves(tally?: Tally): Promise<Moves> {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
  const moves = new Moves(sandbox, ruleHome, [], tally);

  for (const [path, body] of [
    [
      'access/identity_providers',
      { name: 'GitHub', type: 'github', config: { client_id: 'c', client_secret: 's' } },
    ],
    ['access/tags', { name: 'media' }],
    ['devices/posture', { name: 'Disk', type: 'disk_encryption' }],
    ['devices/posture', { name: 'In WARP', type: 'warp' }],
    [
      'access/certificates',
      { name: 'ours', certificate: MACHINES, associated_hostnames: ['app.example.dev'] },
    ],
  ] as const) {
    await moves.byHand('POST', `/accounts/${sandbox.accountId}/${path}`, body);
  }
  await moves.admin('PUT', '/entitlements', {
    entitlements: ['approval', 'certificates', 'isolation', 'justification'],
  });
  return moves;
}
