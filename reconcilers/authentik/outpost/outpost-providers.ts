import { RejectedError } from '../../../src/core/errors.ts';
import type { Interference } from '../../../src/core/shared-documents.ts';
import type { World } from '../../../src/core/world.ts';
import { authentikOf } from '../reading/api.ts';
import { type OutpostReply, outposts } from './outpost.ts';

/** The most writes of one edit: somebody else may write between a read and its write. */
const mostMerges = 5;

/** Milliseconds between readings of a list that lacks providers, or of a log that lacks our write. */
const pause = 1_000;

/** The most readings of the log while gates waits for its own write to appear. */
const mostReadings = 3;

/** Remembers which providers an outpost has, for a later write of this run. */
export function rememberProviders({ shared }: World, id: string, providers: readonly number[]): void {
  const entries = providers.map(String);
  shared.seen.set(documentOf(id), { version: 0, entries, isRead: true });
}

/**
 * Reads, edits and writes the providers of an outpost, with nothing in between, and reads again: the API has neither
 * conditional writes nor a version. If the token may read Authentik's log, gates learns there whether somebody else
 * wrote meanwhile, whose providers are then lost, and reports it. An edit that changes nothing writes nothing.
 */
export async function editProviders(
  world: World,
  id: string,
  edit: (live: readonly number[]) => readonly number[],
): Promise<void> {
  await world.turn?.confirm(documentOf(id));
  const logged = await updatesOf(world, id);
  for (let attempt = 0; attempt <= mostMerges; attempt += 1) {
    const before = (world.shared.seen.get(documentOf(id))?.entries ?? []).map(Number);
    const { name, providers: live } = await readOutpost(world, id, before);
    const missing = before.filter((pk) => !live.includes(pk));
    if (missing.length > 0) world.shared.interferences.push(removed(name, missing));
    const edited = edit(live);
    rememberProviders(world, id, edited);
    if (sameSet(edited, live)) return;
    if (attempt === mostMerges) break;
    await authentikOf(world).patch(`${outposts}${id}/`, { providers: edited });
    const isNews = !sameSet(live, before);
    if (logged !== undefined && (await wasOverwritten(world, id, { logged, edited, isNews })))
      world.shared.interferences.push(overwritten(name));
  }
  throw new RejectedError('Somebody else keeps writing the providers of this outpost', {
    hint: 'Let one program at a time change its list',
  });
}

function documentOf(id: string): string {
  return `outpost ${id}`;
}

/** The outpost as it is now. A list without providers that this run has seen may lag behind: it is read again. */
async function readOutpost(world: World, id: string, before: readonly number[]): Promise<OutpostReply> {
  const lacks = ({ providers }: OutpostReply) => before.some((pk) => !providers.includes(pk));
  const first = await askOutpost(world, id);
  if (!lacks(first)) return first;
  await world.clock.sleep(pause, world.signal);
  return askOutpost(world, id);
}

async function askOutpost(world: World, id: string): Promise<OutpostReply> {
  const live = (await authentikOf(world).get(`${outposts}${id}/`)) as OutpostReply | undefined;
  if (live !== undefined) return live;
  throw new RejectedError('The outpost is gone', { hint: 'See `authentik.outpost`' });
}

/** Keys of the newest changes of the outpost in Authentik's log; undefined where the token may not read that. */
async function updatesOf(world: World, id: string): Promise<Set<string> | undefined> {
  const query = {
    action: 'model_updated',
    context_model_name: 'outpost',
    context_model_pk: id.replaceAll('-', ''),
    ordering: '-created',
    page_size: 20,
  };
  try {
    const reply = (await authentikOf(world).get('/events/events/', query)) as
      | { readonly results?: readonly { readonly pk: string }[] }
      | undefined;
    return new Set((reply?.results ?? []).map(({ pk }) => pk));
  } catch (error) {
    if (error instanceof RejectedError) return undefined;
    throw error;
  }
}

interface Written {
  /** Keys of the log entries from before the list was read. */
  readonly logged: Set<string>;
  readonly edited: readonly number[];
  /** The edited list differed from what this run had seen before: somebody else changed it. */
  readonly isNews: boolean;
}

/** True if somebody else changed the outpost after it was read, and before it was written. */
async function wasOverwritten(
  world: World,
  id: string,
  { logged, edited, isNews }: Written,
): Promise<boolean> {
  const fresh = await freshUpdates(world, id, logged);
  for (const pk of fresh) logged.add(pk);
  const others = fresh.length - 1;
  if (others < 1 || (others === 1 && isNews)) return false;
  // A foreign write after ours is not lost.
  const { providers } = await askOutpost(world, id);
  return sameSet(providers, edited);
}

/** The updates that are new in the log. Our own write may take a moment to appear. */
async function freshUpdates(
  world: World,
  id: string,
  logged: ReadonlySet<string>,
): Promise<readonly string[]> {
  for (let reading = 1; ; reading += 1) {
    const now = (await updatesOf(world, id)) ?? new Set();
    const fresh = [...now].filter((pk) => !logged.has(pk));
    if (fresh.length > 0 || reading === mostReadings) return fresh;
    await world.clock.sleep(pause, world.signal);
  }
}

function overwritten(name: string): Interference {
  return {
    severity: 'loss',
    what: `authentik/outpost:${name}`,
    text: 'Somebody else changed this outpost at the same moment as gates: a provider that they added may be missing from it now, and one that they took out may be back. See the outpost in Authentik, under Applications, Outposts, and have the change made again',
  };
}

function removed(name: string, missing: readonly number[]): Interference {
  return {
    severity: 'notice',
    what: `authentik/outpost:${name}`,
    text: `Somebody else took providers out of this outpost while gates was at work: ${missing.join(', ')}. The next run puts those back that the file asks for; others stay away`,
  };
}

function sameSet(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((pk) => right.includes(pk));
}
