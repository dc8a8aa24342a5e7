import type { Plan } from '../core/change.ts';
import { describeError } from '../core/errors.ts';
import { addressId } from '../core/objects/address.ts';
import type { AuthentikScope, Observation } from '../core/objects/object.ts';
import type { Outcome } from '../core/outcome.ts';
import type { World } from '../core/world.ts';

/** Notes: the address of Authentik and our objects there, by owner. */
const topic = 'authentik';

/** An Authentik that holds objects of ours, as the state folder remembers it. */
interface LeftAuthentik {
  readonly url: string;
  readonly outpost: string;
  /** Ids of the addresses of our objects. */
  readonly objects: readonly string[];
}

/** The scope to read in the Authentik that an earlier file named, if this file names none. */
export async function leftScope({ notes, scope }: World): Promise<AuthentikScope | undefined> {
  const left = await recalled({ notes, scope });
  if (left === undefined) return undefined;
  const prefix = 'authentik/application:';
  const applications = left.objects.flatMap((id) => (id.startsWith(prefix) ? [id.slice(prefix.length)] : []));
  return { url: left.url, outpost: left.outpost, applications, clients: false, idle: true };
}

/** The reason why Authentik could not be read; undefined if everything was read. */
export function unreadAuthentik(world: World, observed: readonly Observation[]): string | undefined {
  if (world.authentik === undefined) return 'AUTHENTIK_TOKEN is not set';
  for (const observation of observed) {
    if (isOfAuthentik(observation.kind) && observation.state === 'unknown')
      return describeError(observation.error);
  }
  return undefined;
}

/** The same observations, as if Authentik held nothing: nothing in the file depends on it. */
export function withoutAuthentik(observed: readonly Observation[]): readonly Observation[] {
  return observed.map((one) =>
    isOfAuthentik(one.kind) ? { kind: one.kind, state: 'known', objects: [] } : one,
  );
}

/** The warning of a plan when gates cannot look for our objects in an Authentik that the file no longer uses. */
export async function leftWarning(world: World, url: string, reason: string): Promise<string> {
  const objects = (await recalled(world))?.objects ?? [];
  const what =
    objects.length === 0
      ? 'objects of ours that may be there stay'
      : `these stay there: ${objects.join(', ')}`;
  return `the file uses nothing of Authentik at ${url}, and gates could not look for objects of ours there (${reason}); ${what}`;
}

/** Remembers, before the first write, which objects of ours are in Authentik or will be. */
export async function rememberAuthentik(
  world: World,
  observed: readonly Observation[],
  plan: Plan,
): Promise<void> {
  const { authentik, owner } = world.scope;
  if (world.authentik === undefined || authentik === undefined) return;
  const standing = observed.flatMap(({ kind, ...one }) =>
    isOfAuthentik(kind) && 'objects' in one ? one.objects.filter((have) => have.owner === owner) : [],
  );
  const added = plan.changes.filter(({ verb, address }) => verb === 'create' && isOfAuthentik(address.kind));
  const objects = [...standing, ...added].map(({ address }) => addressId(address));
  const isUnread = observed.some(({ kind, state }) => isOfAuthentik(kind) && state === 'unknown');
  const before = await world.notes.text(topic, owner);
  // An object that could not be read may still exist.
  const known = isUnread ? ((await recalled(world))?.objects ?? []) : [];
  const { url, outpost } = authentik;
  const left: LeftAuthentik = { url, outpost, objects: [...new Set([...objects, ...known])].sort() };
  const text = JSON.stringify(left);
  if (left.objects.length > 0 && text !== before) await world.notes.put(topic, owner, text);
}

/** Forgets an Authentik that the file no longer uses, once everything removable is removed. */
export async function forgetAuthentik(world: World, plan: Plan, outcomes: readonly Outcome[]): Promise<void> {
  if (world.authentik === undefined || world.scope.authentik?.idle !== true) return;
  const done = new Set(outcomes.flatMap(({ change, status }) => (status === 'done' ? [change] : [])));
  const isOver = plan.changes
    .filter(({ verb, address }) => verb !== 'keep' && isOfAuthentik(address.kind))
    .every(({ id }) => done.has(id));
  if (isOver) await world.notes.clear(topic, world.scope.owner);
}

async function recalled({
  notes,
  scope,
}: Pick<World, 'notes' | 'scope'>): Promise<LeftAuthentik | undefined> {
  const text = await notes.text(topic, scope.owner);
  return text === undefined ? undefined : (JSON.parse(text) as LeftAuthentik);
}

function isOfAuthentik(kind: string): boolean {
  return kind.startsWith('authentik/');
}
