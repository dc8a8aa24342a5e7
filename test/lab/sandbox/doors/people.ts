import { personClaims } from '../../../../src/lab/sandbox/edge/access/access-token.ts';
import type { World } from '../../../../src/lab/sandbox/state/world.ts';

const addresses = ['me@example.dev', 'you@example.dev', 'them@example.dev', 'outsider@example.net'] as const;

/** The world with people: accounts in some of its groups, addresses, and earlier sessions. */
export function peopled(world: World, pick: () => number): World {
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
