import { describe, it } from 'vitest';
import { createSandbox } from '../../src/sandbox/index.ts';
import { thereAndBack } from './exploration.ts';
import { type Admitted, Moves, type State, state } from './moves.ts';
import { tallied } from './tally.ts';

const signed = (...tokens: readonly string[]) =>
  `{ webhook: { actions: [reconcile], secret: { env: GATES_ACTIONS_SECRET }, tokens: [${tokens.join(', ')}] } }`;
const open = '{ public: { reason: open } }';
const all: Admitted = { public: true };
const ci: Admitted = { tokens: ['ci'] };
const me: Admitted = { emails: ['me@example.dev'] };

const webhook = state('webhook', signed('ci'), ci);

const others: readonly State[] = [
  state('none', undefined, {}),
  state('me', '{ cloudflare: { emails: [me@example.dev] } }', me),
  state('ci', '{ serviceToken: { tokens: [ci] } }', ci),
  state('public', open, all),
  state('webhook of another token', signed('backup'), { tokens: ['backup'] }),
  state('public, with a path for calls', open, all, { '/admin/**': [signed('ci'), ci] }),
];

function file(of: State): string {
  return `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
serviceTokens: { ci: {}, backup: {} }
services:
  beside: { host: beside.example.dev, origin: app, gate: { serviceToken: { tokens: [ci, backup] } } }
${of.service ?? ''}
`;
}

const tally = tallied('moves of a webhook gate');

/** Only with tokens in front: without, the gate is refused, which test/desired/compile.test.ts holds. */
describe('a host for signed calls', () => {
  it.each(others)('there and back: $name', async (other) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
    await thereAndBack(new Moves(sandbox, file, [], tally), other, webhook);
  });
});
