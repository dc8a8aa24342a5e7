import { describe, it } from 'vitest';
import { createSandbox } from '../../src/sandbox/index.ts';
import { explore, isUncut } from './exploration.ts';
import { type Admitted, Moves, type State, state } from './moves.ts';
import { type Surroundings, surroundings, themElsewhere } from './surroundings.ts';
import { tallied } from './tally.ts';

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

/** One of each gate, and none, without a path that has a gate of its own. */
const bare = ['none', 'me', 'ci', 'public'];

/** Those that differ in more than whom a gate admits. */
const unlike = [...bare, 'me, with open paths', 'ci, with a path for me', 'public, with a path for me'];

const tally = tallied('moves without Authentik');

const starts = surroundings.flatMap((around) =>
  states
    .filter(({ name }) => isTried(name, around))
    .map((before) => ({ around, before, where: around.name, from: before.name })),
);

/** Others around do not ask whom a gate admits; a wildcard is in the way of a host that changes tunnels. */
function isTried(name: string, { name: around, serves }: Surroundings): boolean {
  if (around === 'alone' || unlike.includes(name)) return true;
  return serves && (isUncut || name.endsWith('on another tunnel'));
}

/**
 * Every state of one host to every other, with each write going wrong; between any two gates everything else besides,
 * alone and where a wildcard would serve the host.
 */
describe('a host without Authentik', () => {
  it.each(starts)('$where, from: $from', async ({ around, before }) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
    const moves = new Moves(sandbox, file, [themElsewhere], tally);
    await around.place(moves);
    const open = around.serves && before.service === undefined && { open: true as const };
    const scene = { ...(await moves.sceneOf(sandbox.snapshot(), before)), ...open };
    const others = starts.filter((start) => start.around === around).map((start) => start.before);
    const hasAll = (of: State) => bare.includes(of.name) && (around.serves || around.name === 'alone');
    for (const after of others) {
      const goesWrong = hasAll(before) && hasAll(after) ? 'all' : 'writes';
      if (after !== before) await explore(moves, { scene, before, after, goesWrong });
    }
  });
});
