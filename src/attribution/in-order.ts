import { createHash } from 'node:crypto';
import type { Plan } from '../core/change.ts';
import { type AddressId, addressId } from '../core/objects/address.ts';
import type { Desired, DesiredObject } from '../core/objects/object.ts';
import type { Outcome } from '../core/outcome.ts';
import type { World } from '../core/world.ts';
import { type LogIds, logIds } from './log-ids.ts';

/** Topic of notes: the objects that the last run found or left as the file asks for them, by owner. */
const topic = 'in-order';

/** An object in the file and in the live system when a run last found them equal, or made them so. */
export interface InOrder extends LogIds {
  /** Digest of the object in the file. If it differs, the file has changed, so a difference is nobody's change. */
  readonly digest: string;
  /** RFC 3339: the time when that run began to read. */
  readonly at: string;
}

/** All of these objects, and the time of the last run that checked the complete file. */
export interface InOrderNote {
  readonly at: string;
  readonly objects: ReadonlyMap<AddressId, InOrder>;
}

/** One object in the note. Without a time, it has that of the note. */
type Row = readonly [digest: string, own: readonly string[], documents: readonly string[], at?: string];

/** The parts of a run that show which objects are in order at its end. */
interface Ended {
  readonly world: World;
  readonly desired: Desired;
  readonly readAt: Date;
  readonly plan: Plan;
  readonly outcomes: readonly Outcome[];
}

/** Undefined before the first run that wrote it, and for another account or another Authentik. */
export async function inOrderNote({
  notes,
  scope,
}: Pick<World, 'notes' | 'scope'>): Promise<InOrderNote | undefined> {
  const { owner } = scope;
  const [time, text] = [await notes.text(topic, timeOf(owner)), await notes.text(topic, owner)];
  if (time === undefined || text === undefined) return undefined;
  try {
    const [at = '', place] = JSON.parse(time) as readonly string[];
    return place === placeOf(scope) ? { at, objects: objectsIn(text, at) } : undefined;
  } catch {
    // A damaged note costs names of people, but never stops a run.
    return undefined;
  }
}

function objectsIn(text: string, at: string): InOrderNote['objects'] {
  const rows = Object.entries(JSON.parse(text) as Readonly<Record<AddressId, Row>>);
  return new Map(
    rows.map(([id, [digest, own, documents, since = at]]) => {
      return [id as AddressId, { digest, own, documents, at: since }] as const;
    }),
  );
}

/**
 * Records, at the end of a run that applied its plan, which objects are in order. The others keep their earlier record,
 * with its time. Most runs change only the time, which is a note of its own.
 */
export async function rememberInOrder({ world, desired, readAt, plan, outcomes }: Ended): Promise<void> {
  const { notes, scope } = world;
  const at = readAt.toISOString();
  const done = new Map(outcomes.map((outcome) => [outcome.change, outcome]));
  const wanted = new Map(desired.objects.map((object) => [addressId(object.address), object]));
  const unsettled = new Set<AddressId>();
  // Objects that the run itself made, although the file asks for none of them: covers that are still up.
  const coverKeys = new Set<AddressId>();
  const settled = new Map<AddressId, LogIds>();
  for (const { id, verb, address, have, want } of plan.changes) {
    const key = addressId(address);
    const outcome = done.get(id);
    if (verb === 'verify') continue;
    const isDone = outcome?.status === 'done';
    if (verb !== 'keep' && !isDone) unsettled.add(key);
    else if (verb === 'prune') coverKeys.delete(key);
    else if (verb !== 'keep' && !wanted.has(key)) coverKeys.add(key);
    const { kind } = address;
    const had = have && logIds({ kind, id: have.id, document: have.document, spec: have.spec });
    const isKept = verb === 'keep' && had !== undefined;
    settled.set(key, isKept ? had : merged(logIds({ kind, spec: want, id: outcome?.attributes?.id }), had));
  }
  // Most runs leave everything in order, so they need no earlier note.
  const isWhole = unsettled.size === 0 && [...wanted.keys()].every((key) => settled.has(key));
  const before = isWhole ? undefined : await inOrderNote(world);
  const rows: Record<AddressId, Row> = {};
  for (const [key, object] of wanted) {
    const ids = settled.get(key);
    const known = before?.objects.get(key);
    if (ids !== undefined && !unsettled.has(key)) rows[key] = [digestOf(object), ids.own, ids.documents];
    else if (known !== undefined) rows[key] = [known.digest, known.own, known.documents, known.at];
  }
  for (const key of coverKeys) {
    const { own = [], documents = [] } = settled.get(key) ?? {};
    rows[key] = ['', own, documents];
  }
  // Objects that still exist although the file no longer asks for them.
  for (const key of unsettled) {
    const known = before?.objects.get(key);
    if (known !== undefined && !wanted.has(key))
      rows[key] = [known.digest, known.own, known.documents, known.at];
  }
  const text = JSON.stringify(rows);
  if ((await notes.text(topic, scope.owner)) !== text) await notes.put(topic, scope.owner, text);
  await notes.put(topic, timeOf(scope.owner), JSON.stringify([at, placeOf(scope)]));
}

/** Digest of an object in the file. Fields in another order give another digest, which costs one name of a person. */
export function digestOf({ spec }: DesiredObject): string {
  return createHash('sha256').update(JSON.stringify(spec)).digest('base64url').slice(0, 12);
}

function merged(ids: LogIds, earlierIds: LogIds | undefined): LogIds {
  const both = (part: keyof LogIds) => [...new Set([...ids[part], ...(earlierIds?.[part] ?? [])])];
  return { own: both('own'), documents: both('documents') };
}

function timeOf(owner: string): string {
  return `${owner} time`;
}

/** The account and the Authentik: others have other ids and other logs. */
function placeOf({ account, authentik }: World['scope']): string {
  return `${account} ${authentik?.url ?? ''}`;
}
