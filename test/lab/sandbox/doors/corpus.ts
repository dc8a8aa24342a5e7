import { PartStore } from '../../../../src/doors/state/part-store.ts';
import { personClaims } from '../../../../src/lab/sandbox/edge/access/access-token.ts';
import type { World } from '../../../../src/lab/sandbox/state/world.ts';
import { snapshotOf } from './reading.ts';
import { type Question, requestsIn } from './requests.ts';
import { asksAbout, withDemandingHost } from './sent-jwts.ts';
import { withWorkers } from './workers.ts';
import { worldsOf } from './worlds.ts';

const addresses = ['me@example.dev', 'you@example.dev', 'them@example.dev', 'outsider@example.net'] as const;

/** A world, the state that gates knows of it, and the questions about it. */
export interface Case {
  readonly world: World;
  readonly store: PartStore;
  readonly asked: readonly Question[];
  readonly story: readonly string[];
}

/** The cases of one seed. In one of eight worlds, nobody has checked the origins. */
export async function casesOf(seed: number, questions: number): Promise<readonly Case[]> {
  const pick = numbersFrom(seed);
  const pickWorkers = numbersFrom(seed + 1_000);
  const pickJwts = numbersFrom(seed + 2_000);
  const cases: Case[] = [];
  for (const { world: left, file, story } of await worldsOf(seed)) {
    const served = withWorkers(peopled(left, pick), file, pickWorkers);
    const demanding = withDemandingHost(served, pickJwts);
    const world = demanding?.world ?? served;
    const store = PartStore.of(await snapshotOf(world, file, { tellsOrigins: pick() % 8 !== 0 }));
    const asked = requestsIn(world, questions, pick).map((each) => ({ ...each, visitor: pick() }));
    const all = demanding === undefined ? asked : asksAbout(demanding.host, asked, pickJwts);
    cases.push({ world, store, asked: all, story });
  }
  return cases;
}

/** Random numbers that depend on the seed alone. */
function numbersFrom(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b9) >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}

/** The world with people: accounts in some of its groups, addresses, and earlier sessions. */
function peopled(world: World, pick: () => number): World {
  const { users, groups } = world.authentik;
  const model = users.find(({ is_active, superuser }) => is_active && superuser !== true) ?? users[0];
  if (model === undefined) return world;
  const some = () => groups.map(({ pk }) => pk).filter(() => pick() % 3 === 0);
  const accounts = addresses.slice(0, 3).map((email, index) => ({
    ...model,
    ...{ pk: 900 + index, uuid: `person-${index}`, username: email, name: email, email, groups: some() },
    ...{ is_active: pick() % 8 !== 0, superuser: false, roles: [] },
  }));
  const others = users.map((user) => ({ ...user, groups: [...new Set([...user.groups, ...some()])] }));
  const sessions = world.apps
    .filter(() => pick() % 4 === 0)
    .map((app) => personClaims(world, app, addresses[pick() % addresses.length] as string, null));
  return {
    ...world,
    authentik: { ...world.authentik, users: [...others, ...accounts] },
    sessions: [...world.sessions, ...sessions],
    guards: [{ host: 'nowhere.example.dev', admit: { emails: [...addresses] } }],
  };
}
