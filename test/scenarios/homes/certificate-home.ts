import { createHash, X509Certificate } from 'node:crypto';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { MACHINES, STRANGERS } from '../../lab/sandbox/cloudflare/access/authorities.ts';
import { type Inside, Moves, type State, state } from '../moves/moves.ts';
import type { Tally } from '../stage/tally.ts';

type AdmitRule = NonNullable<State['guards'][number]['admit']['rules']>[number];

const me = { emails: ['me@example.dev'] };
const you = { emails: ['you@example.net'] };

function fingerprintOf(pem: string): string {
  return createHash('md5').update(new X509Certificate(pem).raw).digest('hex');
}

/** Fingerprints of the authorities of the file. */
export const laptops = fingerprintOf(MACHINES);
export const phones = fingerprintOf(STRANGERS);

const ofLaptops = { authorities: [laptops] };
const ofPhones = { authorities: [phones] };
const ofEither = { authorities: [laptops, phones] };

/** A state whose gate has these settings, and admits the visitors of these rules. */
function ruled(name: string, settings: string, rules: readonly AdmitRule[], inside: Inside = {}): State {
  return state(name, `{ cloudflare: ${settings} }`, { rules }, inside);
}

const onlyLaptops = 'require: { certificateAuthorities: [laptops] }';
const onlyPhones = 'require: { certificateAuthorities: [phones] }';
const onlyEither = 'require: { certificateAuthorities: [laptops, phones] }';
const machine = { login: false, include: [{ tokens: ['ci'] }] };

/** States of a host whose gate asks for certificates, and of one whose gate asks for none. */
export const certificateStates = [
  ruled('me', '{ emails: [me@example.dev] }', [{ include: [me] }]),
  ruled('me, by a laptop', `{ emails: [me@example.dev], ${onlyLaptops} }`, [
    { include: [me], require: [ofLaptops] },
  ]),
  ruled('me, by a phone', `{ emails: [me@example.dev], ${onlyPhones} }`, [
    { include: [me], require: [ofPhones] },
  ]),
  ruled('me, by either', `{ emails: [me@example.dev], ${onlyEither} }`, [
    { include: [me], require: [ofEither] },
  ]),
  ruled('me and you, by a laptop', `{ emails: [me@example.dev, you@example.net], ${onlyLaptops} }`, [
    { include: [me, you], require: [ofLaptops] },
  ]),
  ruled('you, by a phone', `{ emails: [you@example.net], ${onlyPhones} }`, [
    { include: [you], require: [ofPhones] },
  ]),
  ruled('machines, by a laptop', `{ tokens: [ci], ${onlyLaptops} }`, [{ ...machine, require: [ofLaptops] }]),
  ruled(
    'me by a laptop, you anyhow',
    `{ anyOf: [{ emails: [me@example.dev], ${onlyLaptops} }, { emails: [you@example.net] }] }`,
    [{ include: [me], require: [ofLaptops] }, { include: [you] }],
  ),
  ruled('me, and you below a path by a phone', '{ emails: [me@example.dev] }', [{ include: [me] }], {
    '/admin/**': [
      `{ cloudflare: { emails: [you@example.net], ${onlyPhones} } }`,
      { rules: [{ include: [you], require: [ofPhones] }] },
    ],
  }),
  state('nothing', undefined, {}),
] as const;

function indented(pem: string): string {
  return pem.trimEnd().replaceAll('\n', '\n      ');
}

/** A home with the host in this state, and the authorities that the state names. */
function certificateHome({ service }: Pick<State, 'service'>): string {
  const authorities = Object.entries({ laptops: MACHINES, phones: STRANGERS });
  const named = authorities.filter(([name]) => service?.includes(name));
  return `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
${named.length === 0 ? '' : 'certificateAuthorities:'}
${named.map(([name, pem]) => `  ${name}:\n    pem: |\n      ${indented(pem)}\n`).join('')}
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
serviceTokens: { ci: {} }
services:
  anchor: { host: anchor.example.dev, origin: app, alias: { reason: another }, gate: { serviceToken: { tokens: [ci] } } }
${service ?? ''}
`;
}

/** Moves in such a home. */
export async function certificateMoves(tally?: Tally): Promise<Moves> {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
  return new Moves(sandbox, certificateHome, [], tally);
}

/** The state of this name; throws if there is none. */
export function certificateState(name: string): State {
  const found = certificateStates.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no state ${name}`);
  return found;
}
