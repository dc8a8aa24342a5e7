import { describe, it } from 'vitest';
import { createSandbox } from '../../src/sandbox/index.ts';
import { type Admitted, Moves, type State, state } from './moves.ts';

const me = 'me@example.dev';
const you = 'you@example.dev';

const people = (...emails: readonly string[]) => `{ cloudflare: { emails: [${emails.join(', ')}] } }`;
const machines = (...tokens: readonly string[]) => `{ serviceToken: { tokens: [${tokens.join(', ')}] } }`;
const open = '{ public: { reason: open } }';
const all: Admitted = { public: true };

const states: readonly State[] = [
  state('none', undefined, {}),
  state('me', people(me), { emails: [me] }),
  state('me and you', people(me, you), { emails: [me, you] }),
  state('you, on another tunnel', people(you), { emails: [you] }, {}, 'other'),
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

function file(of: State): string {
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
  other: { tunnel: second, url: "http://app.lan:80" }
serviceTokens: { ci: {}, backup: {} }
services:
  anchor: { host: anchor.example.dev, origin: other, gate: { public: { reason: keeps the second tunnel in use } } }
${beside}
${of.service ?? ''}
`;
}

let explored = 0;

/** A name and a rule of somebody else that would serve any host that has none of its own. */
async function placeWildcard(moves: Moves): Promise<void> {
  const { sandbox } = moves;
  const { tunnels } = JSON.parse(sandbox.snapshot()) as { tunnels: { id: string }[] };
  const tunnel = tunnels[0]?.id;
  const ingress = [
    { hostname: '*.example.dev', service: 'http://wild.lan:80' },
    { service: 'http_status:404' },
  ];
  await moves.byHand('PUT', `/accounts/${sandbox.accountId}/cfd_tunnel/${tunnel}/configurations`, {
    config: { ingress },
  });
  await moves.byHand('POST', moves.records, {
    type: 'CNAME',
    name: '*',
    content: `${tunnel}.cfargotunnel.com`,
    proxied: true,
    ttl: 1,
  });
}

/**
 * Every state of one host to every other, with every write of the way going wrong in every way. A host that was
 * not there before is left out below a wildcard: it is served by somebody else's rule until its gate stands.
 */
describe.each([{ where: 'alone' }, { where: 'below a wildcard' }])('a host, $where', ({ where }) => {
  it.each(states)('from: $name', async (before) => {
    const moves = new Moves(await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 }), file);
    if (where !== 'alone') {
      if (before.service === undefined) return;
      await placeWildcard(moves);
    }
    const scene = await moves.sceneOf(moves.sandbox.snapshot(), before);
    for (const after of states) if (after !== before) await moves.explore(scene, before, after);
    explored += moves.explored;
    process.stdout.write(
      `${where}, from ${before.name}: ${explored} interrupted moves so far, zero exposures\n`,
    );
  });
});
