import type { Verifier } from './edge/verifier.ts';
import { judgeAll } from './oracle/doubts.ts';
import { delayOf, type Lag } from './state/lag.ts';
import { type Lagging, lagging, type Row } from './state/lagging.ts';
import { now, type Pending, type World } from './state/world.ts';

/* Writes on their way to the edge: the API shows them at once, the edge uses the old state until they are due. */

/** The objects at the last noted write, as JSON by kind and id, for the world with this lag. */
const noted = new WeakMap<Lag, Map<string, string>>();

/** Notes the objects before a write. */
export function beforeWrite(world: World): void {
  const { lag } = world;
  if (lag !== undefined && !noted.has(lag)) noted.set(lag, objectsOf(world, lag));
}

/** Starts the way of a write's changes to the edge. Two changes of one object arrive in their order. */
export function noteWrite(world: World): void {
  const { lag } = world;
  const before = lag && noted.get(lag);
  if (lag === undefined || before === undefined) return;
  const after = objectsOf(world, lag);
  noted.set(lag, after);
  const pending: Pending[] = [...(world.pending ?? [])];
  for (const of of laggingBy(lag)) {
    const changed = changedIds(of, before, after);
    if (changed.length === 0) continue;
    const together = of.ordered === true ? delayOf(lag, of.kind) : undefined;
    for (const id of changed) {
      const due = now(world) + (together ?? delayOf(lag, of.kind));
      const until = Math.max(
        due,
        ...pending.filter((each) => isAbout(each, of, id)).map((each) => each.until),
      );
      if (until <= now(world)) continue;
      const was = before.get(keyOf(of, id));
      pending.push({ of: of.name, id, until, ...(was === undefined ? {} : { before: JSON.parse(was) }) });
    }
  }
  if (pending.length > 0) world.pending = pending;
}

/** The kinds with a delay: most worlds have few. */
function laggingBy({ delays }: Lag): readonly Lagging[] {
  return lagging.filter(({ kind }) => delays[kind] !== undefined);
}

function objectsOf(world: World, lag: Lag): Map<string, string> {
  // A row may lag at several places, but is written once.
  const written = new Map<Row, string>();
  const objects = new Map<string, string>();
  for (const of of laggingBy(lag)) {
    for (const row of of.rows(world)) {
      const text = written.get(row) ?? JSON.stringify(row);
      written.set(row, text);
      objects.set(keyOf(of, row.id), text);
    }
  }
  return objects;
}

function keyOf({ name }: Lagging, id: string): string {
  return `${name}/${id}`;
}

function changedIds(
  of: Lagging,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string[] {
  const prefix = keyOf(of, '');
  const keys = new Set([...before.keys(), ...after.keys()].filter((key) => key.startsWith(prefix)));
  return [...keys]
    .filter((key) => isOther(of, before.get(key), after.get(key)))
    .map((key) => key.slice(prefix.length));
}

function isOther({ without = [] }: Lagging, before: string | undefined, after: string | undefined): boolean {
  if (before === after) return false;
  if (before === undefined || after === undefined) return true;
  const [one, other] = [before, after].map((text) =>
    JSON.stringify(
      JSON.parse(text, (member, value: unknown) => (without.includes(member) ? undefined : value)),
    ),
  );
  return one !== other;
}

function isAbout(pending: Pending, of: Lagging, id: string): boolean {
  return pending.of === of.name && pending.id === id;
}

/** A place where time passes: a world, and the way to ask addresses outside it. */
interface Place {
  world: World;
  verifier?: Verifier;
}

/** Delivers every due change, one moment after the other, and judges at each. */
export async function letArrive(place: Place): Promise<void> {
  const { world } = place;
  for (let due = nextDue(world); due <= now(world); due = nextDue(world)) {
    const stillPending = (world.pending ?? []).filter(({ until }) => until > due);
    if (stillPending.length > 0) world.pending = stillPending;
    else delete world.pending;
    await judgeAll(world, world.calls.at(-1)?.n ?? 0, place.verifier);
  }
}

/** Advances time, and judges each change when it arrives. */
export async function advance(place: Place, milliseconds: number): Promise<void> {
  const { world } = place;
  const end = world.clockOffset + milliseconds;
  for (let due = nextDue(world); due <= now(world) + end - world.clockOffset; due = nextDue(world)) {
    world.clockOffset += Math.max(0, due - now(world));
    await letArrive(place);
  }
  world.clockOffset = Math.max(world.clockOffset, end);
}

/** Advances time until nothing is on its way. */
export async function letAllArrive(place: Place): Promise<void> {
  const last = Math.max(...(place.world.pending ?? []).map(({ until }) => until));
  if (Number.isFinite(last)) await advance(place, Math.max(0, last - now(place.world)));
}

/** The next due moment; infinite if nothing is on its way. */
function nextDue({ pending = [] }: World): number {
  return Math.min(...pending.map(({ until }) => until));
}
