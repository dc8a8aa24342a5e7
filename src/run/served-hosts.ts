import type { Plan } from '../core/change.ts';
import type { Outcome } from '../core/outcome.ts';
import type { World } from '../core/world.ts';

/** Notes: the hosts that runs served, by owner, as a JSON list. Cloudflare may store copies of their answers. */
const topic = 'served-hosts';

/** The hosts that earlier runs served, and of which none purged the copies since they left the file. */
export async function servedHosts({ notes, scope }: World): Promise<readonly string[]> {
  return JSON.parse((await notes.text(topic, scope.owner)) ?? '[]') as readonly string[];
}

/** Notes, before the first write, the hosts that this run serves or purges: if it ends early, the next one knows of their copies. */
export async function rememberServed(world: World, served: ReadonlySet<string>, plan: Plan): Promise<void> {
  const purged = plan.changes.flatMap((change) => purgedBy(change));
  await note(world, [...(await servedHosts(world)), ...served, ...purged]);
}

/** Forgets the hosts that a run has purged, but for those that it serves. */
export async function forgetPurged(
  world: World,
  served: ReadonlySet<string>,
  { changes }: Plan,
  outcomes: readonly Outcome[],
): Promise<void> {
  const done = new Set(outcomes.flatMap(({ change, status }) => (status === 'done' ? [change] : [])));
  const purged = new Set(changes.flatMap((change) => (done.has(change.id) ? purgedBy(change) : [])));
  const earlier = await servedHosts(world);
  await note(
    world,
    earlier.filter((host) => served.has(host) || !purged.has(host)),
  );
}

async function note(world: World, hosts: readonly string[]): Promise<void> {
  const text = JSON.stringify([...new Set(hosts)].sort());
  const { notes, scope } = world;
  if (text !== ((await notes.text(topic, scope.owner)) ?? '[]')) await notes.put(topic, scope.owner, text);
}

function purgedBy({ doors }: Pick<Plan['changes'][number], 'doors'>): readonly string[] {
  return doors.flatMap(({ host, step }) => (step === 'purge' ? [host] : []));
}
