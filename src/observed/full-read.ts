import type { Plan } from '../core/change.ts';
import type { Kind } from '../core/objects/address.ts';
import type { Desired, Observation } from '../core/objects/object.ts';
import type { AnyReconciler } from '../core/reconciler.ts';
import type { World } from '../core/world.ts';

/** Topic of notes: the last full read, by owner. */
const topic = 'full-read';

/** Milliseconds for which a full read counts: what another machine makes with our mark is found within a day. */
const longest = 24 * 60 * 60 * 1000;

/** The desired objects of a run, its world, and what it read. */
interface Read {
  readonly asked: Desired;
  readonly world: World;
  readonly observed: readonly Observation[];
}

/** The last run that read every kind, as recorded in the state folder. */
interface FullRead {
  /** RFC 3339. */
  readonly at: string;
  /** The scope of the read, as JSON: another account, zone, tunnel or Authentik has other objects. */
  readonly scope: string;
  /** Kinds without objects of ours that the run did not write. */
  readonly empty: readonly Kind[];
}

/**
 * Kinds that a run can leave unread (decision 30): none of them had objects of ours at the last full read, less than a
 * day ago, and the file asks only for objects that no other kind decides about. A run that finds anything to do reads
 * them after all.
 */
export async function kindsToLeave(
  asked: Desired,
  reconcilers: readonly AnyReconciler[],
  world: World,
): Promise<ReadonlySet<Kind>> {
  if (!isPlain(asked, reconcilers)) return new Set();
  const last = await lastFullRead(world);
  if (last === undefined || last.scope !== scopeText(world)) return new Set();
  const age = world.clock.now().getTime() - Date.parse(last.at);
  // The clock of a machine may have been set back since.
  if (!(age >= 0 && age < longest)) return new Set();
  const wanted = new Set(asked.objects.map(({ address }) => address.kind));
  return new Set(last.empty.filter((kind) => !wanted.has(kind)));
}

/** True if the file asks only for objects that no other kind decides about: it has no host to guard. */
function isPlain({ objects, proofs, refusals }: Desired, reconcilers: readonly AnyReconciler[]): boolean {
  const plain = new Set(reconcilers.filter(({ traits }) => traits?.plain === true).map(({ kind }) => kind));
  return (
    proofs.length === 0 && refusals.length === 0 && objects.every(({ address }) => plain.has(address.kind))
  );
}

/** Called before the first write of a run: if the run is killed, the next one reads everything. */
export async function forgetFullRead({ notes, scope }: World): Promise<void> {
  if ((await notes.text(topic, scope.owner)) !== undefined) await notes.clear(topic, scope.owner);
}

/**
 * Records a full read at the end of its run. Kinds that the plan was to change are not recorded, whatever happened to
 * the changes. A read that failed in part does not count.
 */
export async function rememberFullRead(
  reconcilers: readonly AnyReconciler[],
  { asked, world, observed }: Read,
  plan: Plan,
): Promise<void> {
  if (!isPlain(asked, reconcilers)) return;
  const { owner } = world.scope;
  const changed = new Set(
    plan.changes.flatMap(({ verb, address }) => (verb === 'keep' ? [] : [address.kind])),
  );
  const empty: Kind[] = [];
  for (const { kind, ...read } of observed) {
    if (!('objects' in read)) return;
    if (!changed.has(kind) && !read.objects.some((have) => have.owner === owner)) empty.push(kind);
  }
  const note: FullRead = { at: world.clock.now().toISOString(), scope: scopeText(world), empty };
  await world.notes.put(topic, owner, JSON.stringify(note));
}

function scopeText({ scope }: World): string {
  return JSON.stringify(scope);
}

async function lastFullRead({ notes, scope }: World): Promise<FullRead | undefined> {
  const text = await notes.text(topic, scope.owner);
  return text === undefined ? undefined : (JSON.parse(text) as FullRead);
}
