import { type Fault, isWorld, now, type World } from './state/world.ts';

const NOT_KEPT = { calls: [], exposures: [], audit: [], faults: [] };

/** Stores the state that a write is about to end, while a fault may still ask for it. */
export function keepPast(world: World): void {
  const stale = world.faults.filter(({ fault, times }) => fault === 'stale' && times !== 0);
  if (stale.length === 0) {
    delete world.past;
    return;
  }
  const { past = [], edgeCache, ...state } = world;
  const at = now(world);
  const most = Math.max(...stale.map(({ writes = 0 }) => writes));
  const oldest = at - Math.max(...stale.map(({ ms = 0 }) => ms));
  const all = [...past, { until: at, state: JSON.stringify({ ...state, ...NOT_KEPT }) }];
  world.past = all.filter(({ until }, index) => index >= all.length - most || until >= oldest);
}

/** The world so many writes or milliseconds ago, or the oldest known one; itself if nothing changed since. */
export function pastOf(world: World, { writes, ms = 0 }: Fault): World {
  const { past = [] } = world;
  const found =
    writes === undefined
      ? past.find(({ until }) => until > now(world) - ms)
      : (past.at(-writes) ?? (writes > 0 ? past[0] : undefined));
  if (found === undefined) return world;
  const state: unknown = JSON.parse(found.state);
  if (!isWorld(state)) throw new TypeError('this is no state of a sandbox');
  // Time and the budget of calls continue.
  return { ...state, clockOffset: world.clockOffset, budget: world.budget, apiTokens: world.apiTokens };
}
