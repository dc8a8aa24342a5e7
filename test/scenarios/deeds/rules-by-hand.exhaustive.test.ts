import { describe, expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { authentik, behind, home, plain } from '../homes/authentik-home.ts';
import { Moves, type State, state } from '../moves/moves.ts';
import type { Deed } from '../random-files/drift.ts';
import { settle } from '../random-files/neighbours.ts';
import { ChangedHome } from './changed-home.ts';

const ci = ['{ serviceToken: { tokens: [ci] } }', { tokens: ['ci'] }] as const;
const me = ['{ cloudflare: { emails: [me@example.dev] } }', { emails: ['me@example.dev'] }] as const;
const stateOf = (name: string) => [...plain, ...authentik].find((each) => each.name === name) as State;
const family = ['{ authentik: { mode: forwardAuth, groups: [family] } }', { groups: ['family'] }] as const;

/** The home in this state; a rule of somebody else's wildcard answers 404 to everybody. */
async function changedHome(before: State): Promise<ChangedHome> {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const moves = new Moves(sandbox, home);
  const others = { catchAll: 'closed', accessForAll: false, accessOn: 'none', guests: false } as const;
  await settle(sandbox, { wildcard: 'closed', ...others });
  await moves.sendThroughOutpost(behind);
  return ChangedHome.of(moves, before, ['family']);
}

const named = (deeds: readonly Deed[], name: string) => deeds.filter(({ what }) => what === name);

/** Nobody reaches a host whose own rule lies behind the one of the wildcard. */
describe('a rule that somebody put behind a closed one of others', () => {
  it('lets nobody through before its host has its new gate', async () => {
    const changed = await changedHome(state('me', ...me, {}, 'traefik'));
    const moved = named(changed.deeds, 'put a rule last');
    expect(moved.length).toBeGreaterThan(3);
    for (const deed of moved) await changed.play(deed, state('family', ...family, {}, 'traefik'));
  });

  it('leads nobody to its origin of before, although it demands no token any more', async () => {
    const changed = await changedHome(state('ci', ...ci, {}, 'app'));
    const pairs = named(changed.deeds, 'put a rule last').flatMap((moved) =>
      named(changed.deeds, 'ask for no token of Access').map((asked) => [asked, moved]),
    );
    expect(pairs.length).toBeGreaterThan(3);
    for (const pair of pairs) await changed.play(pair, state('ci, elsewhere', ...ci, {}, 'next'));
  });
});

it('a host whose rule somebody removed gets another one before its new gate, beside open rules of its paths', async () => {
  const changed = await changedHome(stateOf('me, with open paths'));
  const removed = named(changed.deeds, 'delete a rule');
  expect(removed.length).toBeGreaterThan(3);
  for (const deed of removed) await changed.play(deed, stateOf('admins'));
});

it('a cache rule that somebody removed is back before the login of its host admits others', async () => {
  const changed = await changedHome(stateOf('admins'));
  // Nobody whom this login admits has fetched a file, so Cloudflare has no copy yet.
  const removed = named(changed.deeds, 'delete a rule of the zone');
  expect(removed).toHaveLength(1);
  for (const deed of removed) await changed.play(deed, stateOf('family, with open paths'));
});

it('copies made without a cache rule go before the gates of a path and of an exact path within it', async () => {
  const you = ['{ cloudflare: { emails: [you@example.dev] } }', { emails: ['you@example.dev'] }] as const;
  const paths = { '/open/**': you, '/open/status': me };
  const changed = await changedHome(state('me, with two paths', ...me, paths));
  const removed = named(changed.deeds, 'delete a rule of the zone');
  expect(removed).toHaveLength(1);
  for (const deed of removed) await changed.play(deed, stateOf('ci'));
});
